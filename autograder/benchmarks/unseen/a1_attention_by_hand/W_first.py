# %% wrong consonants_answer_a_little
# Title: consonants score 1, so a first vowel leads by 4 alone
# Kind: other
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 1.0, 5.0]])
W_first = W_q, W_k

# %% wrong only_vowels_ask
# Title: the query of a consonant is zero
# Kind: other
W_q = np.array([[1.0, 0.0, 0.0]])
W_k = np.array([[0.0, 0.0, 9.0]])
W_first = W_q, W_k

# %% wrong first_letter_looks_away
# Title: the first column of W_k is meant as position 1
# Kind: sizes_exchanged
W_q = np.array([[1.0, 1.0, 1.0]])
W_k = np.array([[6.0, 0.0, 0.0]])
W_first = W_q, W_k

# %% right others_are_pushed_down
W_q = np.array([[-1.0, -1.0, 0.0]])
W_k = np.array([[1.0, 1.0, -9.0]])
W_first = W_q, W_k

# %% right three_queries
W_q = np.ones((3, 3))
W_k = np.diag([0, 0, 6])
W_first = (W_q, W_k)
