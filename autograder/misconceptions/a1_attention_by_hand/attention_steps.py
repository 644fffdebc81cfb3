# %% wrong scaled
# Title: scores divided by √n_q
# Hint: This assignment works with the plain products of queries and keys; the scale comes later, in masked_attention.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong zeros_as_masked_scores
# Title: masked scores set to 0
# Hint: exp(0) is 1, so a score of 0 still gets weight. np.tril leaves zeros; a masked score is -inf.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.tril(scores)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong mask_without_self
# Title: the mask j < i, so that a token does not see itself
# Hint: Token i sees j ≤ i, itself included. Otherwise the first row has nothing to attend to and becomes NaN.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape), k=-1) == 1, scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong softmax_over_columns
# Title: softmax along the columns
# Hint: Each query shares out its own weight: the rows of weights sum to 1, so the softmax runs along axis 1.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=0, keepdims=True))
    weights = weights / weights.sum(axis=0, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: The softmax saw the future and gave it weight; cutting it off later leaves rows that do not sum to 1. Take the softmax of masked.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    allowed = np.tril(np.ones(scores.shape, dtype=bool))
    masked = np.where(allowed, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights * allowed

# %% wrong weights_of_all_scores
# Title: weights from the scores without the mask
# Hint: The softmax is taken of scores; take it of masked, so that later letters get no weight.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong only_weights
# Title: only the weights are returned
# Hint: Return all five steps in the order Q, K, scores, masked, weights.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)

# %% wrong columns_are_tokens
# Title: columns as tokens
# Hint: Q and K have a column for each token here. Rows are tokens: Q has shape (T, n_q).
def attention_steps(X, W_q, W_k):
    Q, K = W_q @ X.T, W_k @ X.T
    scores = Q.T @ K
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong no_transpose_of_keys
# Title: Q @ K without a transpose
# Hint: Q and K both have shape (T, n_q). Transpose K, so that the products run over the n_q numbers.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong no_transpose_of_weights
# Title: X @ W_q without a transpose
# Hint: W_q has shape (n_q, d), with one column for each number of the embedding. So X (T, d) meets its transpose.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q, X @ W_k
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong keys_ask
# Title: scores with a row for each key
# Hint: K @ Q.T lets the keys ask. Row i of the scores belongs to query i.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = K @ Q.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong past_masked
# Title: the past is masked and the future is kept
# Hint: 1 and 0 are exchanged in the mask: np.tril is 1 where a token may look.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.triu(np.ones(scores.shape)) == 1, scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong large_negative_number
# Title: -1e9 instead of -inf
# Hint: A large negative number is not a mask: it shows in masked, and it fails where scores are lower still. Use -np.inf.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -1e9)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong infinity_times_zero
# Title: NaN from -inf times 0
# Hint: A mask of zeros and ones multiplied with -inf makes NaN where the zeros are. Choose with np.where, or assign -np.inf to the future.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    future = np.triu(np.ones(scores.shape), k=1)
    masked = scores + future * -np.inf
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong overflow
# Title: an exp that overflows for large scores
# Hint: exp(710) is already inf, and inf / inf is NaN. Subtract the largest score of each row first.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong one_maximum
# Title: one maximum subtracted from all rows
# Hint: Where one row's scores are much larger, all of exp is 0 in the others, and 0 / 0 is NaN. Each row needs its own maximum.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max())
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong scores_overwritten
# Title: the mask written into the scores
# Hint: masked = scores is a second name for the same array. Work on scores.copy(), or use np.where.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = scores
    masked[np.triu_indices(len(X), k=1)] = -np.inf
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong no_keepdims
# Title: sums of rows used for columns
# Hint: The sums have shape (T,) and broadcast along columns. keepdims=True makes them (T, 1), one for each row.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1)
    return Q, K, scores, masked, weights

# %% wrong exp_not_divided
# Title: exp without division by the row's sum
# Hint: Weights are shares: divide each row by its sum.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    return Q, K, scores, masked, weights

# %% wrong zero_scores_masked
# Title: every score of 0 masked
# Hint: After np.tril a zero may be hidden or a score that is 0. Choose by position: np.where with a mask of True and False.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.tril(scores)
    masked[masked == 0] = -np.inf
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong keys_from_W_q
# Title: keys made with W_q
# Hint: Both lines use the same matrix here. Keys have one of their own: K = X @ W_k.T.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_q.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong softmax_over_everything
# Title: one softmax over all scores together
# Hint: Each row sums to 1 by itself: give the sum axis=1 and keepdims=True.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked)
    return Q, K, scores, masked, weights / weights.sum()

# %% wrong maximum_with_the_future
# Title: the maximum taken before the mask
# Hint: Where the largest score of a row is a hidden one, exp of all the others can be 0, and 0 / 0 is NaN. Take the maximum of masked.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    visible = np.tril(np.ones(scores.shape, dtype=bool))
    masked = np.where(visible, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True)) * visible
    return Q, K, scores, masked, weights / weights.sum(axis=-1, keepdims=True)

# %% wrong a_generator
# Title: a generator instead of five arrays
# Hint: With yield the caller gets a generator, which has no last element. End with return Q, K, scores, masked, weights.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    yield Q
    yield K
    scores = Q @ K.T
    yield scores
    masked = np.where(np.tri(len(X), dtype=bool), scores, -np.inf)
    yield masked
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    yield weights / weights.sum(axis=-1, keepdims=True)

# %% wrong no_keepdims_plain_exp
# Title: sums of rows used for columns
# Hint: The sums have shape (T,) and broadcast along columns. keepdims=True makes them (T, 1), one for each row.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(masked) / np.exp(masked).sum(axis=1)
    return Q, K, scores, masked, weights

# %% wrong clipped
# Title: scores clipped before exp
# Hint: Scores beyond the bound become equal, and share the weight that the largest should have. Subtract the row's maximum.
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    masked = np.where(np.tril(np.ones(scores.shape, dtype=bool)), scores, -np.inf)
    weights = np.exp(np.minimum(masked, 500))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% wrong mask_of_the_first_call
# Title: a mask that is made once, for the first string
# Hint: The next string has another length. Make the mask in each call, from the number of rows of X.
once = {}
def attention_steps(X, W_q, W_k):
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    visible = once.setdefault("visible", np.tril(np.ones(scores.shape, dtype=bool)))
    masked = np.where(visible, scores, -np.inf)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return Q, K, scores, masked, weights

# %% right loops
def attention_steps(X, W_q, W_k):
    T = len(X)
    Q = np.stack([W_q @ x for x in X])
    K = np.stack([W_k @ x for x in X])
    scores, masked, weights = np.zeros((T, T)), np.full((T, T), -np.inf), np.zeros((T, T))
    for i in range(T):
        for j in range(T):
            scores[i, j] = Q[i] @ K[j]
            if j <= i:
                masked[i, j] = scores[i, j]
        e = np.exp(scores[i, : i + 1] - scores[i, : i + 1].max())
        weights[i, : i + 1] = e / e.sum()
    return Q, K, scores, masked, weights

# %% right added_mask
def attention_steps(X, W_q, W_k):
    Q = np.einsum("td,qd->tq", X, W_q)
    K = np.einsum("td,qd->tq", X, W_k)
    scores = np.einsum("iq,jq->ij", Q, K)
    masked = scores + np.triu(np.full(scores.shape, -np.inf), 1)
    logs = masked - np.logaddexp.reduce(masked, axis=1)[:, None]
    return [Q, K, scores, masked, np.exp(logs)]

# %% right torch_softmax
import torch
def attention_steps(X, W_q, W_k):
    X, W_q, W_k = (torch.as_tensor(np.asarray(a)) for a in (X, W_q, W_k))
    Q, K = X @ W_q.T, X @ W_k.T
    scores = Q @ K.T
    mask = torch.ones_like(scores).tril() == 0
    masked = scores.masked_fill(mask, float("-inf"))
    return Q, K, scores, masked, masked.softmax(dim=1)

# %% right copy_and_helper
def softmax(x):
    e = np.exp(x - np.max(x, axis=1)[:, np.newaxis])
    return e / np.sum(e, axis=1)[:, np.newaxis]

def attention_steps(X, W_q, W_k):
    Q = np.dot(X, np.transpose(W_q))
    K = np.dot(X, np.transpose(W_k))
    scores = np.dot(Q, np.transpose(K))
    masked = scores.copy()
    i, j = np.indices(masked.shape)
    masked[j > i] = float("-inf")
    return Q, K, scores, masked, softmax(masked)

# %% right row_by_row
def attention_steps(X, W_q, W_k):
    X, W_q, W_k = np.asarray(X), np.asarray(W_q), np.asarray(W_k)
    Q, K = np.matmul(X, W_q.T), np.matmul(X, W_k.T)
    scores = np.inner(Q, K)
    masked = scores.copy()
    masked[np.triu_indices_from(masked, k=1)] = -np.inf
    weights = np.apply_along_axis(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), 1, masked)
    return Q, K, scores, masked, weights

# %% right python_lists
def attention_steps(X, W_q, W_k):
    def dot(a, b):
        return sum(x * y for x, y in zip(a, b))

    Q = [[dot(w, x) for w in W_q] for x in X]
    K = [[dot(w, x) for w in W_k] for x in X]
    scores = [[dot(q, k) for k in K] for q in Q]
    masked = [[s if j <= i else float("-inf") for j, s in enumerate(row)] for i, row in enumerate(scores)]
    weights = []
    for row in masked:
        e = [np.exp(s - max(row)) for s in row]
        weights.append([a / sum(e) for a in e])
    return Q, K, scores, masked, weights

# %% right named_tuple
from collections import namedtuple

Steps = namedtuple("Steps", "Q K scores masked weights")

def attention_steps(X, W_q, W_k):
    Q, K = X.dot(W_q.T), X.dot(W_k.T)
    scores = np.inner(Q, K)
    masked = np.where(np.tri(len(X)) > 0, scores, -np.inf)
    e = np.exp(masked - masked.max(1)[:, None])
    return Steps(Q, K, scores, masked, weights=e / e.sum(1)[:, None])
