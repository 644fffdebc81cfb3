# %% wrong masked_after_the_softmax
# Title: softmax over all letters, then the future set to zero and rows divided again
# Kind: future_visible
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    visible = np.tril(np.ones(scores.shape, dtype=bool))
    masked = np.where(visible, scores, -np.inf)
    everyone = np.exp(scores - scores.max(axis=1, keepdims=True))
    everyone = everyone / everyone.sum(axis=1, keepdims=True)
    weights = np.where(visible, everyone, 0.0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong one_maximum_for_all_rows
# Title: the largest score of the whole matrix is subtracted, not that of the row
# Kind: first_row_for_all
def attention_steps(X, W_q, W_k):
    Q = X @ W_q.T
    K = X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tri(len(X), dtype=bool), scores, -np.inf)
    e = np.exp(masked - masked.max())
    return Q, K, scores, masked, e / e.sum(axis=-1, keepdims=True)

# %% wrong masked_is_shifted
# Title: the row's maximum is subtracted in place, so `masked` comes out shifted
# Kind: other
def attention_steps(X, W_q, W_k):
    Q = X @ W_q.T
    K = X @ W_k.T
    scores = Q @ K.T
    masked = scores.copy()
    masked[np.triu_indices(len(X), k=1)] = -np.inf
    masked -= masked.max(axis=1, keepdims=True)
    weights = np.exp(masked)
    weights /= weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong float16
# Title: queries and keys in half precision
# Kind: half_precision
def attention_steps(X, W_q, W_k):
    Q = (X @ W_q.T).astype(np.float16)
    K = (X @ W_k.T).astype(np.float16)
    scores = Q @ K.T
    visible = np.tril(np.ones(scores.shape, dtype=bool))
    masked = np.where(visible, scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong clipped_scores
# Title: scores are clipped at 700 before the exponential
# Kind: other
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    hidden = np.triu(np.ones_like(scores), k=1) == 1
    masked = scores.copy()
    masked[hidden] = -np.inf
    weights = np.exp(np.clip(masked, None, 700.0))  # np.exp overflows above 709
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong mask_of_the_first_call
# Title: the mask is made at the first call and kept
# Kind: keeps_state
visible = None

def attention_steps(X, W_q, W_k):
    global visible
    T = X.shape[0]
    if visible is None:
        visible = np.tril(np.ones((T, T), dtype=bool))
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(visible[:T, :T], scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong rounded_weights
# Title: the weights are rounded to four decimals
# Kind: half_precision
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape)) > 0, scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = np.round(weights / weights.sum(axis=1, keepdims=True), 4)
    return Q, K, scores, masked, weights

# %% wrong smallest_float
# Title: hidden scores are the smallest finite float instead of −∞
# Kind: other
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape)) > 0, scores, np.finfo(float).min)
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong one_hidden_letter_too_many_at_the_end
# Title: the last letter sees itself only
# Kind: off_by_one_end
def attention_steps(X, W_q, W_k):
    T = X.shape[0]
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.full((T, T), -np.inf)
    for i in range(T - 1):
        masked[i, : i + 1] = scores[i, : i + 1]
    masked[-1, -1] = scores[-1, -1]
    weights = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights

# %% right plain_loops
import math

def attention_steps(X: np.ndarray, W_q: np.ndarray, W_k: np.ndarray) -> tuple[np.ndarray, ...]:
    T, d = X.shape
    n_q = W_q.shape[0]
    Q, K = np.zeros((T, n_q)), np.zeros((T, n_q))
    for t in range(T):
        for row in range(n_q):
            for column in range(d):
                Q[t, row] += W_q[row, column] * X[t, column]
                K[t, row] += W_k[row, column] * X[t, column]
    scores = np.zeros((T, T))
    masked = np.zeros((T, T))
    weights = np.zeros((T, T))
    for i in range(T):
        for j in range(T):
            scores[i, j] = sum(Q[i, r] * K[j, r] for r in range(n_q))
            masked[i, j] = scores[i, j] if j <= i else -math.inf
        largest = max(masked[i, j] for j in range(i + 1))
        shares = [math.exp(masked[i, j] - largest) for j in range(i + 1)]
        for j in range(i + 1):
            weights[i, j] = shares[j] / math.fsum(shares)
    return Q, K, scores, masked, weights

# %% right by_torch
import torch

def attention_steps(X, W_q, W_k):
    x, w_q, w_k = (torch.tensor(np.asarray(a), dtype=torch.float64) for a in (X, W_q, W_k))
    q, k = torch.nn.functional.linear(x, w_q), torch.nn.functional.linear(x, w_k)
    scores = q.mm(k.t())
    future = torch.ones_like(scores).triu(diagonal=1).bool()
    masked = scores.masked_fill(future, -torch.inf)
    return tuple(step.numpy() for step in (q, k, scores, masked, masked.softmax(-1)))

# %% right logaddexp
def attention_steps(X, W_q, W_k):
    Q = np.einsum("td,qd->tq", X, W_q)
    K = np.einsum("td,qd->tq", X, W_k)
    scores = np.einsum("iq,jq->ij", Q, K)
    with np.errstate(divide="ignore"):
        masked = scores + np.log(np.tri(*scores.shape))  # ln 1 = 0, ln 0 = −∞
    weights = np.exp(masked - np.logaddexp.reduce(masked, axis=1)[:, None])
    return [Q, K, scores, masked, weights]
