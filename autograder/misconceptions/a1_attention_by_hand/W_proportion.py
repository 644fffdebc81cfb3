# %% wrong left_the_five
# Title: still the head that answers yes or no
# Hint: Consonants score more than vowels here, so they take nearly all of the weight. For a proportion all letters need the same weight.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 5.0]])
W_proportion = W_q, W_k

# %% wrong smaller_preference
# Title: consonants still score a little more than vowels
# Hint: A smaller score makes the answer softer, but it is a proportion only when vowels and consonants score exactly alike.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 1.0]])
W_proportion = W_q, W_k

# %% wrong prefers_vowels
# Title: vowels score more than consonants
# Hint: A proportion counts every letter once, so vowels and consonants need the same score.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[1.0, 0.0]])
W_proportion = W_q, W_k

# %% wrong only_consonants_count_evenly
# Title: vowels still look for consonants
# Hint: Only the query of consonants was set to zero. For every letter, vowel or consonant, all scores should be alike.
W_q = np.array([[1.0, 0.0]])
W_k = np.array([[0.0, 5.0]])
W_proportion = W_q, W_k

# %% wrong only_vowels_count_evenly
# Title: consonants still look for consonants
# Hint: Only the query of vowels was set to zero. For every letter, vowel or consonant, all scores should be alike.
W_q = np.array([[0.0, 1.0]])
W_k = np.array([[0.0, 5.0]])
W_proportion = W_q, W_k

# %% wrong own_kind
# Title: each letter attends to its own kind
# Hint: With the identity, vowels meet vowels and consonants meet consonants. For a proportion all keys should be alike.
W_q = np.eye(2)
W_k = np.eye(2)
W_proportion = W_q, W_k

# %% wrong other_kind
# Title: each letter attends to the other kind
# Hint: The sign of the query depends on the letter here. For a proportion all keys should be alike.
W_q = np.array([[1.0, -1.0]])
W_k = np.array([[-1.0, 1.0]])
W_proportion = W_q, W_k

# %% wrong vowels_prefer_vowels
# Title: vowels attend to vowels
# Hint: For a proportion every letter counts once, whoever asks: make the keys of vowels and consonants alike.
W_q = np.array([[1.0, 0.0]])
W_k = np.array([[1.0, 0.0]])
W_proportion = W_q, W_k

# %% wrong consonants_prefer_vowels
# Title: consonants attend to vowels
# Hint: For a proportion every letter counts once, whoever asks: make the keys of vowels and consonants alike.
W_q = np.array([[0.0, 1.0]])
W_k = np.array([[1.0, 0.0]])
W_proportion = W_q, W_k

# %% wrong transposed
# Title: the matrices lie on their side
# Hint: Rows are tokens, Q = X @ W_q.T: W_q has one column for each number of the embedding, so shape (n_q, 2).
W_q = np.array([[1.0], [1.0]])
W_k = np.array([[1.0], [1.0]])
W_proportion = W_q, W_k

# %% wrong one_dimensional
# Title: a list of numbers instead of a matrix
# Hint: A matrix with a single row has two pairs of brackets: [[1, 1]] has shape (1, 2), [1, 1] has shape (2,).
W_q = np.array([1.0, 1.0])
W_k = np.array([1.0, 1.0])
W_proportion = W_q, W_k

# %% wrong one_matrix
# Title: one matrix instead of two
# Hint: The answer is the pair W_q, W_k, even where only one of them had to change.
W_k = np.array([[1.0, 1.0]])
W_proportion = W_k

# %% right zero_keys
W_q = np.array([[1.0, 1.0]])
W_k = np.zeros((1, 2))
W_proportion = W_q, W_k

# %% right zero_queries
W_q = np.zeros((3, 2))
W_k = np.array([[0.0, 5.0], [2.0, 1.0], [-7.0, 0.0]])
W_proportion = W_q, W_k

# %% right different_queries
# Who asks does not matter, as long as all keys are alike.
W_q = np.array([[3, -2]])
W_k = np.array([[4, 4]])
W_proportion = W_q, W_k

# %% right cancelling
W_q = np.array([[1.0, 1.0], [1.0, 1.0]])
W_k = np.array([[0.1 + 0.2, 5.0], [0.0, 0.3 - 5.0]])
W_proportion = [W_q.tolist(), W_k.tolist()]

# %% right exchanged
W_q = np.array([[0.0, 5.0]], dtype=np.float32)
W_k = np.array([[1.0, 1.0]], dtype=np.float32)
W_proportion = W_q, W_k
