# %% wrong rounded_down
# Title: a score of 4.14, which 63 vowels outweigh
# Kind: off_by_one_end
# ln 63 = 4.1431
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 4.14]])
W_consonant = W_q, W_k

# %% wrong consonants_ask_too_softly
# Title: a margin of 4 for consonants that ask, of 5 for vowels that ask
# Kind: other
W_q = np.array([[1.0, 0.0], [0.0, 1.0]])
W_k = np.array([[0.0, 5.0], [0.0, 4.0]])
W_consonant = W_q, W_k

# %% wrong infinite_key
# Title: an infinite key, which makes 0 · ∞ for vowels
# Kind: other
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, np.inf]])
W_consonant = W_q, W_k

# %% wrong vowels_do_not_ask
# Title: the query of a vowel is zero
# Kind: other
W_q = np.array([[0.0, 3.0]])
W_k = np.array([[0.0, 3.0]])
W_consonant = W_q, W_k

# %% right integers_of_both_signs
W_q = np.array([[-3, -3]])
W_k = np.array([[1, -1]])
W_consonant = W_q, W_k

# %% right one_query_for_each_kind
asks = np.eye(2)
answers = np.zeros((2, 2))
answers[:, 1] = 50.0
W_consonant = (asks, answers)
