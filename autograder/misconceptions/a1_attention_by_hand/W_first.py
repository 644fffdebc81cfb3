# %% wrong consonants_again
# Title: still looks for consonants and not for the first position
# Hint: The third column of W_k is the one that tells the first position from the others, and here it is zero.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 5.0, 0.0]])
W_first = W_q, W_k

# %% wrong vowels_first
# Title: looks for vowels and not for the first position
# Hint: The first column of W_k belongs to vowels. "Is position 1" is the third column.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[5.0, 0.0, 0.0]])
W_first = W_q, W_k

# %% wrong own_kind
# Title: each letter attends to its own kind
# Hint: With the identity, a later letter's query has a zero where the first position's key has its one. Let vowels and consonants ask for position 1.
W_q = np.eye(3)
W_k = 5 * np.eye(3)
W_first = W_q, W_k

# %% wrong only_the_first_asks
# Title: only the first letter asks for the first position
# Hint: The third column of W_q is the query of the first letter alone. The others ask through the first two columns, vowel and consonant.
W_q = np.array([[0.0, 0.0, 1.0]])
W_k = np.array([[0.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong swapped
# Title: W_q and W_k exchanged
# Hint: Here the first letter asks and all answer alike. The key tells the first position, the query is the same for every letter.
W_q = np.array([[0.0, 0.0, 5.0]])
W_k = np.array([[1.0, 1.0, 0.0]])
W_first = W_q, W_k

# %% wrong uniform
# Title: all letters score alike
# Hint: Every key is the same here, so every letter gets the same weight. Let only the first position answer: the third column of W_k.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[1.0, 1.0, 0.0]])
W_first = W_q, W_k

# %% wrong only_vowels_ask
# Title: only vowels look for the first position
# Hint: A consonant's query is zero here. Give the first two columns of W_q a number each, so that both kinds ask.
W_q = np.array([[1.0, 0.0, 0.0]])
W_k = np.array([[0.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong only_consonants_ask
# Title: only consonants look for the first position
# Hint: A vowel's query is zero here. Give the first two columns of W_q a number each, so that both kinds ask.
W_q = np.array([[0.0, 1.0, 0.0]])
W_k = np.array([[0.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong avoids_the_first
# Title: attends to all letters but the first
# Hint: The score of the first position is below that of the others: query and key have opposite signs. Make their product positive.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 0.0, -5.0]])
W_first = W_q, W_k

# %% wrong opposite_queries
# Title: consonants avoid the first position
# Hint: The query of consonants has the other sign. Both kinds of letter should ask alike.
W_q = np.array([[1.0, -1.0, 0.0]])
W_k = np.array([[0.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong vowels_avoid
# Title: vowels avoid the first position
# Hint: The query of vowels has the other sign. Both kinds of letter should ask alike.
W_q = np.array([[-1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong too_weak
# Title: a score for the first position that a few letters outweigh
# Hint: With a score of s, the first letter weighs as much as e^s others. Make the product of query and key larger.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 0.0, 1.0]])
W_first = W_q, W_k

# %% wrong margin_too_small
# Title: a margin that is lost in long strings
# Hint: With a score of s, the first letter weighs as much as e^s others. It should still win against 63 of them.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 0.0, 3.0]])
W_first = W_q, W_k

# %% wrong consonants_compete
# Title: consonants compete with the first position
# Hint: The second column of W_k is still there from problem 1, so later consonants score as well. Only position 1 should answer.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[0.0, 5.0, 5.0]])
W_first = W_q, W_k

# %% wrong vowels_compete
# Title: vowels compete with the first position
# Hint: The first column of W_k lets later vowels score as well. Only position 1 should answer.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[5.0, 0.0, 5.0]])
W_first = W_q, W_k

# %% wrong two_columns
# Title: matrices with two columns, as in problem 1
# Hint: The embedding has three numbers now: vowel, consonant, is position 1. So W_q and W_k have shape (n_q, 3).
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 5.0]])
W_first = W_q, W_k

# %% wrong transposed
# Title: the matrices lie on their side
# Hint: Rows are tokens, Q = X @ W_q.T: W_q has one column for each number of the embedding, so shape (n_q, 3).
W_q = np.array([[1.0], [1.0], [0.0]])
W_k = np.array([[0.0], [0.0], [5.0]])
W_first = W_q, W_k

# %% wrong one_dimensional
# Title: a list of numbers instead of a matrix
# Hint: A matrix with a single row has two pairs of brackets: [[1, 1, 0]] has shape (1, 3), [1, 1, 0] has shape (3,).
W_q = np.array([1.0, 1.0, 0.0])
W_k = np.array([0.0, 0.0, 5.0])
W_first = W_q, W_k

# %% right all_columns_ask
W_q = np.array([[1, 1, 1]])
W_k = np.array([[0, 0, 6]])
W_first = W_q, W_k

# %% right keys_with_a_constant
# All letters score alike, and the first position a lot more.
W_q = np.array([[1.0, 1.0, 0.0]])
W_k = np.array([[1.0, 1.0, 8.0]])
W_first = W_q, W_k

# %% right strong_enough_to_win
# Consonants score more than vowels, and still far less than the first position.
W_q = [[2.0, 2.0, -1.0], [0.0, 1.0, 0.0]]
W_k = [[0.0, 1.0, 20.0], [0.0, 0.5, 3.0]]
W_first = [W_q, W_k]

# %% right others_pushed_away
# Letters push away and position 1 cancels it.
W_q = np.array([[-1.0, -1.0, 0.0]], dtype=np.float32)
W_k = np.array([[30.0, 30.0, -30.0]], dtype=np.float32)
W_first = W_q, W_k

# %% right just_enough
W_first = (np.array([[1.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 4.15]]))
