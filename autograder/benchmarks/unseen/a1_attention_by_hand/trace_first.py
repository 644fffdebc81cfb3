# %% wrong of_another_string
# Title: the steps belong to another string than the one kept
# Kind: other
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position("basic"), *W_first)
string = "bas"
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong rounded
# Title: the steps are rounded to two decimals
# Kind: half_precision
string = "cabin"
Q, K, scores, masked, weights = (np.round(step, 2) for step in attention_steps(letters.embed_with_position(string), *W_first))
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% wrong scores_already_masked
# Title: scores is masked as well
# Kind: other
string = "cabin"
Q, K, scores, masked, weights = attention_steps(letters.embed_with_position(string), *W_first)
scores = masked
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}

# %% right spelled_out
string = "".join(chr(ord("a") + i) for i in range(26))
X = letters.embed_with_position(string)
query_matrix, key_matrix = W_first
Q = np.stack([query_matrix @ x for x in X])
K = np.stack([key_matrix @ x for x in X])
scores = np.array([[q @ k for k in K] for q in Q])
masked = scores.copy()
for i in range(len(string)):
    masked[i, i + 1 :] = float("-inf")
weights = np.exp(masked)
weights = weights / weights.sum(axis=1).reshape(-1, 1)
trace_first = {"string": string, "Q": Q, "K": K, "scores": scores, "masked": masked, "weights": weights}
