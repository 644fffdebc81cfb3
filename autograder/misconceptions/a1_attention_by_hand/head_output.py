# %% wrong no_values
# Title: averages the embeddings and not the values
# Hint: What is averaged are the values V = X @ W_v.T; here W_v is never used.
def head_output(X, W_q, W_k, W_v):
    return attention_steps(X, W_q, W_k)[-1] @ X

# %% wrong weights_transposed
# Title: the weights transposed
# Hint: Row i of the weights belongs to query i, so that weights @ V is right as it stands.
def head_output(X, W_q, W_k, W_v):
    return attention_steps(X, W_q, W_k)[-1].T @ (X @ W_v.T)

# %% wrong no_transpose_of_W_v
# Title: X @ W_v without a transpose
# Hint: W_v has shape (d_v, d), with one column for each number of the embedding. So X (T, d) meets its transpose.
def head_output(X, W_q, W_k, W_v):
    return attention_steps(X, W_q, W_k)[-1] @ (X @ W_v)

# %% wrong no_mask
# Title: no causal mask
# Hint: Every letter sees the whole string here. Use the weights of the masked scores.
def head_output(X, W_q, W_k, W_v):
    scores = (X @ W_q.T) @ (X @ W_k.T).T
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ (X @ W_v.T)

# %% wrong keys_as_values
# Title: the keys averaged instead of the values
# Hint: Keys decide who is looked at, values what is read there: V = X @ W_v.T.
def head_output(X, W_q, W_k, W_v):
    Q, K, scores, masked, weights = attention_steps(X, W_q, W_k)
    return weights @ K

# %% wrong output_transposed
# Title: the output transposed
# Hint: Rows are tokens: the output has shape (T, d_v).
def head_output(X, W_q, W_k, W_v):
    return (attention_steps(X, W_q, W_k)[-1] @ (X @ W_v.T)).T

# %% wrong scaled
# Title: scores divided by √n_q
# Hint: This assignment works with the plain products of queries and keys, as in attention_steps.
def head_output(X, W_q, W_k, W_v):
    Q, K, V = X @ W_q.T, X @ W_k.T, X @ W_v.T
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    scores = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ V

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: The softmax gave weight to the future; cutting it off later leaves rows that do not sum to 1. Mask first.
def head_output(X, W_q, W_k, W_v):
    scores = (X @ W_q.T) @ (X @ W_k.T).T
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return np.tril(weights) @ (X @ W_v.T)

# %% wrong scores_as_weights
# Title: scores used as weights, without a softmax
# Hint: attention_steps returns five arrays and the weights are the last of them; rows of weights sum to 1.
def head_output(X, W_q, W_k, W_v):
    Q, K, scores, masked, weights = attention_steps(X, W_q, W_k)
    return np.tril(scores) @ (X @ W_v.T)

# %% wrong star_product
# Title: the weights multiplied number by number
# Hint: A weighted average is a matrix product: weights (T, T) @ V (T, d_v). The star multiplies number by number.
def head_output(X, W_q, W_k, W_v):
    weights = attention_steps(X, W_q, W_k)[-1]
    V = X @ W_v.T
    return weights.sum(axis=1, keepdims=True) * V

# %% wrong overflow
# Title: an exp that overflows for large scores
# Hint: exp(710) is already inf, and inf / inf is NaN. Subtract the largest score of each row first, or use attention_steps.
def head_output(X, W_q, W_k, W_v):
    scores = (X @ W_q.T) @ (X @ W_k.T).T
    weights = np.tril(np.exp(scores))
    return weights / weights.sum(axis=-1, keepdims=True) @ (X @ W_v.T)

# %% wrong last_row_only
# Title: the output of the last letter only
# Hint: Each letter has an output: return all rows, shape (T, d_v).
def head_output(X, W_q, W_k, W_v):
    return (attention_steps(X, W_q, W_k)[-1] @ (X @ W_v.T))[-1]

# %% wrong queries_and_keys_exchanged
# Title: W_q and W_k exchanged
# Hint: attention_steps takes X, then W_q, then W_k. The other way round the keys ask and the queries answer.
def head_output(X, W_q, W_k, W_v):
    return attention_steps(X, W_k, W_q)[-1] @ (X @ W_v.T)

# %% wrong plain_average
# Title: a plain average of the values so far
# Hint: Each value counts by its weight, the last array of attention_steps, and not equally.
def head_output(X, W_q, W_k, W_v):
    V = X @ W_v.T
    return np.array([V[: i + 1].mean(axis=0) for i in range(len(X))])

# %% wrong output_and_weights
# Title: the weights returned beside the output
# Hint: Return the output alone, one array of shape (T, d_v).
def head_output(X, W_q, W_k, W_v):
    weights = attention_steps(X, W_q, W_k)[-1]
    return weights @ (X @ W_v.T), weights

# %% wrong one_letter_squeezed
# Title: a squeeze that loses a dimension
# Hint: For a single letter the output has shape (1, d_v). squeeze removes the 1; leave it out.
def head_output(X, W_q, W_k, W_v):
    return (attention_steps(X, W_q, W_k)[-1] @ (X @ W_v.T)).squeeze()

# %% wrong the_third_step
# Title: the scores taken instead of the weights
# Hint: attention_steps returns Q, K, scores, masked, weights: the weights are the last of the five.
def head_output(X, W_q, W_k, W_v):
    return attention_steps(X, W_q, W_k)[2] @ (X @ W_v.T)

# %% right with_attention_steps
def head_output(X, W_q, W_k, W_v):
    *_, weights = attention_steps(X, W_q, W_k)
    return weights @ X @ W_v.T

# %% right alone
def head_output(X, W_q, W_k, W_v):
    Q, K, V = (X @ W.T for W in (W_q, W_k, W_v))
    s = Q @ K.T
    s = np.where(np.arange(len(X))[:, None] >= np.arange(len(X)), s, -np.inf)
    e = np.exp(s - s.max(1, keepdims=True))
    return (e @ V) / e.sum(1, keepdims=True)

# %% right loop
def head_output(X, W_q, W_k, W_v):
    out = []
    for i in range(len(X)):
        q = W_q @ X[i]
        s = np.array([q @ (W_k @ X[j]) for j in range(i + 1)])
        w = np.exp(s - s.max())
        w /= w.sum()
        out.append(sum(w[j] * (W_v @ X[j]) for j in range(i + 1)))
    return np.array(out)

# %% right torch_sdpa
import torch
import torch.nn.functional as F
def head_output(X, W_q, W_k, W_v):
    X, W_q, W_k, W_v = map(torch.as_tensor, (X, W_q, W_k, W_v))
    return F.scaled_dot_product_attention(X @ W_q.T, X @ W_k.T, X @ W_v.T, is_causal=True, scale=1.0)

# %% right letter_by_letter_backwards
def head_output(X, W_q, W_k, W_v):
    if len(X) == 0:
        return np.zeros((0, len(W_v)))
    scores = (X @ W_k.T) @ (W_q @ X[-1])
    e = np.exp(scores - scores.max())
    return np.vstack([head_output(X[:-1], W_q, W_k, W_v), (e / e.sum()) @ X @ W_v.T])
