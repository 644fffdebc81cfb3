# %% wrong half_kind_half_position
# Title: position and consonant count half each, so a first vowel says one half
# Kind: other
W_v_first = np.array([[0.0, 0.5, 0.5], [0.0, 0.0, 0.0]])

# %% wrong vowels_subtract
# Title: a vowel says −1 instead of 0
# Kind: other
W_v_first = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])

# %% wrong answer_in_the_second_row
# Title: the rows of W_v are exchanged: the answer stands in the second number
# Kind: sizes_exchanged
W_v_first = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

# %% right position_less_vowel
W_v_first = np.zeros((2, 3))
W_v_first[0] = -1, 0, 1
