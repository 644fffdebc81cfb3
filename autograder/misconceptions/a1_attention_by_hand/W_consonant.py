# %% wrong attends_to_vowels
# Title: attends to vowels
# Hint: The first column of W_k is for vowels, the second for consonants: the larger score belongs to consonants.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[5.0, 0.0]])
W_consonant = W_q, W_k

# %% wrong only_vowels_ask
# Title: only vowels look for consonants
# Hint: A consonant's query is zero here, so all its scores are equal. Every letter asks: give both columns of W_q a number.
W_q = np.array([[1.0, 0.0]])
W_k = np.array([[0.0, 5.0]])
W_consonant = W_q, W_k

# %% wrong only_consonants_ask
# Title: only consonants look for consonants
# Hint: A vowel's query is zero here, so all its scores are equal. Every letter asks: give both columns of W_q a number.
W_q = np.array([[0.0, 1.0]])
W_k = np.array([[0.0, 5.0]])
W_consonant = W_q, W_k

# %% wrong scores_too_small
# Title: scores too small, so that several vowels outweigh one consonant
# Hint: With a score of s, one consonant weighs as much as e^s vowels. Make the product of query and key larger.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 1.0]])
W_consonant = W_q, W_k

# %% wrong margin_too_small
# Title: a margin that is lost in long strings
# Hint: With a score of s, one consonant weighs as much as e^s vowels. It should still win against 63 of them.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 3.0]])
W_consonant = W_q, W_k

# %% wrong uniform
# Title: all letters score alike
# Hint: Vowels and consonants have the same key here, so every letter gets the same weight. Let only consonants answer.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[1.0, 1.0]])
W_consonant = W_q, W_k

# %% wrong swapped
# Title: W_q and W_k exchanged
# Hint: Only consonants ask here and every letter answers alike. It is the key that tells a consonant, not the query.
W_q = np.array([[0.0, 5.0]])
W_k = np.array([[1.0, 1.0]])
W_consonant = W_q, W_k

# %% wrong own_kind
# Title: each letter attends to its own kind
# Hint: With the identity a vowel's query meets vowels. All queries should be alike, whatever the letter.
W_q = np.eye(2)
W_k = 5 * np.eye(2)
W_consonant = W_q, W_k

# %% wrong other_kind
# Title: each letter attends to the other kind
# Hint: Vowels find consonants, and consonants turn to vowels: the query changes its sign. Let both kinds ask alike.
W_q = np.array([[1.0, -1.0]])
W_k = np.array([[0.0, 5.0]])
W_consonant = W_q, W_k

# %% wrong vowels_ask_for_vowels
# Title: vowels attend to vowels, and consonants ask for nothing
# Hint: Both matrices speak of vowels here. Let both kinds ask (W_q), and consonants answer (second column of W_k).
W_q = np.array([[1.0, 0.0]])
W_k = np.array([[5.0, 0.0]])
W_consonant = W_q, W_k

# %% wrong consonants_ask_for_vowels
# Title: consonants attend to vowels, and vowels ask for nothing
# Hint: The kinds are crossed and vowels never ask. Let both kinds ask (W_q), and consonants answer (second column of W_k).
W_q = np.array([[0.0, 1.0]])
W_k = np.array([[5.0, 0.0]])
W_consonant = W_q, W_k

# %% wrong transposed
# Title: the matrices lie on their side
# Hint: Rows are tokens, Q = X @ W_q.T: W_q has one column for each number of the embedding, so shape (n_q, 2).
W_q = np.array([[1.0], [1.0]])
W_k = np.array([[0.0], [5.0]])
W_consonant = W_q, W_k

# %% wrong one_dimensional
# Title: a list of numbers instead of a matrix
# Hint: A matrix with a single row has two pairs of brackets: [[1, 1]] has shape (1, 2), [1, 1] has shape (2,).
W_q = np.array([1.0, 1.0])
W_k = np.array([0.0, 5.0])
W_consonant = W_q, W_k

# %% wrong a_column_for_each_letter
# Title: a column for each of the 26 letters
# Hint: W_q and W_k act on the embedding (is a vowel, is a consonant), which has two numbers; W_E has done the rest.
W_q = np.ones((1, 26))
W_k = np.array([[0.0 if letter in "aeiou" else 5.0 for letter in "abcdefghijklmnopqrstuvwxyz"]])
W_consonant = W_q, W_k

# %% wrong different_n_q
# Title: W_q and W_k with different numbers of rows
# Hint: A query and a key meet number by number, so W_q and W_k need the same n_q.
W_q = np.array([[1.0, 1.0]])
W_k = np.array([[0.0, 5.0], [0.0, 5.0]])
W_consonant = W_q, W_k

# %% right larger_score
W_q = np.array([[1, 1]])
W_k = np.array([[0, 10]])
W_consonant = W_q, W_k

# %% right negative_signs
# A negative query meets a negative key; vowels are pushed away instead.
W_q = np.array([[-2.0, -3.0]], dtype=np.float32)
W_k = np.array([[1.0, -4.0]], dtype=np.float32)
W_consonant = (W_q, W_k)

# %% right two_queries
W_q = np.eye(2)
W_k = np.array([[-3.0, 3.0], [-2.0, 7.5]])
W_consonant = [W_q, W_k]

# %% right lists
W_q = [[1, 1], [0, 0], [2, 0]]
W_k = [[0, 50], [9, 9], [0, 3]]
W_consonant = W_q, W_k

# %% right just_enough
# ln 63 = 4.143 is the smallest margin that wins against 63 vowels.
W_q = np.ones((1, 2))
W_k = np.array([[0.0, 4.15]])
W_consonant = W_q, W_k

# %% right stacked
W_consonant = np.stack([np.array([[0.5, 0.5]]), np.array([[0.0, 1000.0]])])

# %% right tensors
import torch
W_consonant = torch.tensor([[1.0, 1.0]]), torch.tensor([[-8.0, 0.0]], requires_grad=True)
