# %% wrong identity_like
# Title: the identity for the first two columns
# Hint: It hands on the letter's own embedding, [1, 0] for a vowel. Follow an embedding by hand: W_v times (0, 1, 1) should be [1, 0].
W_v_first = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

# %% wrong rows_swapped
# Title: the rows exchanged
# Hint: The answer stands in the second number of the output. The first row of W_v makes the first number.
W_v_first = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

# %% wrong always_one
# Title: yes, whatever the first letter is
# Hint: Every first letter is at position 1, and every letter is a vowel or a consonant. Read the column of consonants alone.
W_v_first = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])

# %% wrong vowel_column
# Title: reads the vowel column
# Hint: It says yes when the first letter is a vowel. The columns are vowel, consonant, is position 1.
W_v_first = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])

# %% wrong second_number_for_vowels
# Title: [0, 1] instead of [0, 0] for a vowel
# Hint: The second number stays 0, whatever the first letter is: the second row of W_v is zero.
W_v_first = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])

# %% wrong second_number_always
# Title: a second number that is always 1
# Hint: The second number of the output is 0 in both cases; here its row reads the position.
W_v_first = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

# %% wrong position_added
# Title: the position added to the answer
# Hint: The third column adds 1 whenever the weight is on the first letter: a consonant gives 2 and a vowel 1. Read one column only.
W_v_first = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])

# %% wrong both_rows
# Title: both rows read the consonant
# Hint: The output for a consonant is [1, 1] here. Its second number should stay 0.
W_v_first = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])

# %% wrong scaled
# Title: the answer multiplied by the score
# Hint: The weights sum to one whatever the scores are, so the value itself should be 1, not 5.
W_v_first = np.array([[0.0, 5.0, 0.0], [0.0, 0.0, 0.0]])

# %% wrong zeros
# Title: a value of zero for every letter
# Hint: The output is [0, 0] for consonants as well. Some entry of the first row has to read the consonant column.
W_v_first = np.zeros((2, 3))

# %% wrong transposed
# Title: W_v lies on its side
# Hint: Rows are tokens, V = X @ W_v.T: a row for each number of the output and a column for each of the embedding, so shape (2, 3).
W_v_first = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])

# %% wrong two_columns
# Title: W_v with two columns, as in problem 1
# Hint: The embedding has three numbers now, so W_v has shape (2, 3).
W_v_first = np.array([[0.0, 1.0], [0.0, 0.0]])

# %% wrong one_row
# Title: W_v with a single row
# Hint: The output has two numbers, so W_v has two rows; the second may be zero.
W_v_first = np.array([[0.0, 1.0, 0.0]])

# %% wrong identity_of_three
# Title: the identity, three numbers of output
# Hint: The output has two numbers, so W_v has two rows, and the first of them answers.
W_v_first = np.eye(3)

# %% right lists
W_v_first = [[0, 1, 0], [0, 0, 0]]

# %% right vowels_subtracted
# Position 1 gives 1 and a vowel takes it away.
W_v_first = np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])

# %% right both_rows_cancel
W_v_first = np.array([[-0.5, 0.5, 0.5], [-2.0, -2.0, 2.0]], dtype=np.float32)

# %% right filled
W_v_first = np.zeros((2, 3), dtype=int)
W_v_first[0, 1] = 1
