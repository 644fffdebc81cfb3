# %% wrong one_maximum_for_the_batch
# Title: the largest score of the whole batch is subtracted
# Kind: rows_mix
def masked_attention(Q, K, V):
    T, d = Q.shape[-2], Q.shape[-1]
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - np.max(scores))
    return weights / weights.sum(axis=-1, keepdims=True) @ V

# %% wrong minus_ten_thousand
# Title: hidden scores are −10,000 instead of −∞
# Kind: future_visible
def masked_attention(Q, K, V):
    T, d = Q.shape[-2:]
    scores = Q @ K.swapaxes(-1, -2) / d**0.5
    future = np.triu(np.ones((T, T), dtype=bool), k=1)
    scores[..., future] = -1e4
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) @ V

# %% wrong queries_scaled_in_place
# Title: the queries are divided in place
# Kind: changes_input
def masked_attention(Q, K, V):
    Q /= np.sqrt(Q.shape[-1])
    scores = Q @ np.swapaxes(K, -2, -1)
    T = scores.shape[-1]
    scores = np.where(np.tri(T) == 1, scores, -np.inf)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)) @ V

# %% wrong axis_1
# Title: the softmax runs along axis 1, which in a batch are the queries
# Kind: sizes_exchanged
def masked_attention(Q, K, V):
    T, d = Q.shape[-2:]
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 0, -np.inf, scores)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) @ V

# %% wrong leading_dimensions_merged
# Title: the leading dimensions come out merged into one
# Kind: other
def masked_attention(Q, K, V):
    T, d = Q.shape[-2:]
    q, k, v = Q.reshape(-1, T, d), K.reshape(-1, T, d), V.reshape(-1, T, V.shape[-1])
    out = []
    for one_q, one_k, one_v in zip(q, k, v):
        scores = one_q @ one_k.T / np.sqrt(d)
        scores[np.triu_indices(T, 1)] = -np.inf
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        out.append(e / e.sum(axis=1, keepdims=True) @ one_v)
    return np.array(out) if Q.ndim > 2 else out[0]

# %% wrong two_or_three_dimensions
# Title: it takes a sequence or a batch, but no batch of heads
# Kind: other
def masked_attention(Q, K, V):
    T, d = Q.shape[-2:]
    turned = K.transpose(0, 2, 1) if K.ndim == 3 else K.T
    scores = Q @ turned / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) @ V

# %% wrong root_after_the_softmax
# Title: the weights are divided by √d instead of the scores
# Kind: other
def masked_attention(Q, K, V):
    T, d = Q.shape[-2:]
    scores = Q @ np.swapaxes(K, -1, -2)
    scores = np.where(np.tril(np.ones((T, T), dtype=bool)), scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True) / np.sqrt(d)
    return weights @ V

# %% right recursion_over_leading_dimensions
def masked_attention(Q, K, V):
    if Q.ndim > 2:
        return np.stack([masked_attention(q, k, v) for q, k, v in zip(Q, K, V)])
    T, d = Q.shape
    rows = []
    for t in range(T):
        s = K[: t + 1] @ Q[t] / d**0.5
        w = np.exp(s - s.max())
        rows.append(w @ V[: t + 1] / w.sum())
    return np.stack(rows)

# %% right the_library_does_it
import torch

def masked_attention(Q, K, V):
    q, k, v = (torch.from_numpy(np.array(a, dtype=np.float64)) for a in (Q, K, V))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True).numpy()

# %% right vectorised_signature
def one_sequence(Q, K, V):
    scores = np.inner(Q, K) / np.sqrt(Q.shape[1])
    seen = np.tri(*scores.shape, dtype=bool)
    top = np.max(scores, axis=1, where=seen, initial=-np.inf)[:, np.newaxis]
    e = np.exp(scores - top, where=seen, out=np.zeros_like(scores, dtype=float))
    return (e @ V) / e.sum(axis=1, keepdims=True)

masked_attention = np.vectorize(one_sequence, signature="(t,d),(t,d),(t,e)->(t,e)")
