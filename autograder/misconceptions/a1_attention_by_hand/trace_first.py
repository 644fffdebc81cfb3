# %% wrong scaled
# Title: scores divided by the square root of the embedding's width
# Hint: This assignment works with the plain products of queries and keys: scores = Q @ K.T.
string = "cabin"
X = letters.embed_with_position(string)
Q, K = X @ W_first[0].T, X @ W_first[1].T
scores = Q @ K.T / np.sqrt(X.shape[1])
masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
weights = np.exp(masked) / np.exp(masked).sum(axis=1, keepdims=True)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong matrices_of_problem_one
# Title: problem 1's letters and matrices, without positions
# Hint: Problem 2 has a third column, is position 1. Take X from letters.embed_with_position and the matrices from W_first.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed(string), *W_consonant)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong other_matrices
# Title: matrices that do not look for the first letter
# Hint: The weights are not on the first letter here. Use the two matrices of your W_first, as they passed their check.
string = "abide"
Q, K, scores, masked, weights = attention_steps(
    letters.embed_with_position(string), np.array([[1.0, 2.0, 0.0]]), np.array([[1.0, 3.0, -2.0]])
)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: The softmax gave weight to later letters; cutting it off afterwards leaves rows that do not sum to 1. Take the softmax of masked.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
weights = np.tril(weights)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong weights_of_all_scores
# Title: weights from the scores without the mask
# Hint: Later letters have weight here. Take the softmax of masked, not of scores.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong softmax_over_columns
# Title: softmax along the columns
# Hint: Each query shares out its own weight: the rows of weights sum to 1.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
weights = np.exp(masked) / np.exp(masked).sum(axis=0, keepdims=True)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong zeros_as_masked_scores
# Title: 0 instead of -inf above the diagonal
# Hint: exp(0) is 1, so a score of 0 still gets weight. Later letters need a score of -inf in masked.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
masked = np.tril(scores)
weights = np.exp(masked) / np.exp(masked).sum(axis=1, keepdims=True)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong columns_are_tokens
# Title: columns as tokens
# Hint: Q and K have a column for each letter here. Rows are tokens: Q has shape (T, n_q).
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
trace_first = {"string": string, "Q": Q.T, "K": K.T, "scores": scores, "masked": masked, "weights": weights}

# %% wrong other_string
# Title: a string that does not belong to the matrices
# Hint: The arrays have another number of rows than the string has letters. After a new choice of string, run all steps again.
string = "abcce"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
string = "cabin crew".replace(" ", "")
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong short_string
# Title: a string of fewer than three letters
# Hint: Two letters show too little of the mask. Choose a string of at least three.
string = "it"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong capital_letter
# Title: a string with characters other than a to z
# Hint: The tokens are the 26 small letters: choose a string without capitals, spaces and accents.
string = "Cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string.lower()), *W_first)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong rows_of_another_string
# Title: Q and K that no single matrix makes from this string
# Hint: Letters of the same kind at later positions have the same query. The rows belong to another string of the same length.
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position("abide")[::-1], *W_first)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong masked_and_weights_exchanged
# Title: masked and weights exchanged
# Hint: attention_steps returns Q, K, scores, masked, weights, in this order.
string = "cabin"
Q, K, scores, weights, masked = attention_steps(letters.embed_with_position(string), *W_first)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% right by_hand
string = "banana"
X = letters.embed_with_position(string)
Q = X @ np.asarray(W_first[0]).T
K = X @ np.asarray(W_first[1]).T
scores = Q @ K.T
masked = scores + np.triu(np.full(scores.shape, -np.inf), k=1)
weights = np.exp(masked - masked.max(axis=1, keepdims=True))
weights = weights / weights.sum(axis=1, keepdims=True)
trace_first = dict(string=string, Q=Q, K=K, scores=scores, masked=masked, weights=weights)

# %% right lists_and_more_keys
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position("aaa"), *W_first)
trace_first = {
    "string": "aaa", "X": letters.embed_with_position("aaa"), "Q": Q.tolist(), "K": K.tolist(),
    "scores": scores.tolist(), "masked": masked.tolist(), "weights": weights.tolist(),
}

# %% right single_precision
string = "mississippiriver"
names = ["Q", "K", "scores", "masked", "weights"]
steps = attention_steps(letters.embed_with_position(string), *W_first)
trace_first = {"string": string} | {name: np.asarray(step, dtype=np.float32) for name, step in zip(names, steps)}

# %% right own_embedding
string = "eel"
X = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 0]])
Q, K, scores, masked, weights = attention_steps(X, W_first[0], W_first[1])
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}
