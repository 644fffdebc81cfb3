# %% wrong no_scale
# Title: no 1/√d scale
# Hint: Divide the scores by the square root of the head size d, the last dimension of Q, before the softmax.
def masked_attention(Q, K, V):
    scores = Q @ np.swapaxes(K, -1, -2)
    T = scores.shape[-1]
    scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ V

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: Mask first, then softmax: otherwise each row has already shared its weight with the future and no longer sums to one.
def masked_attention(Q, K, V):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    T = scores.shape[-1]
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    return np.where(np.tril(np.ones((T, T), dtype=bool)), weights, 0.0) @ V

# %% right einsum
def masked_attention(Q, K, V):
    scores = np.einsum("...td,...sd->...ts", Q, K) * Q.shape[-1] ** -0.5
    T = Q.shape[-2]
    future = np.triu(np.full((T, T), -np.inf), k=1)
    scores = scores + future
    scores -= scores.max(axis=-1, keepdims=True)
    e = np.exp(scores)
    return np.einsum("...ts,...sv->...tv", e / e.sum(axis=-1, keepdims=True), V)
