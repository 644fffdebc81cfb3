# %% wrong own_softmax_overflows
# Title: a softmax of its own that overflows for large scores
# Kind: other
def head_output(X, W_q, W_k, W_v):
    masked = attention_steps(X, W_q, W_k)[3]
    e = np.exp(masked)
    return (e / e.sum(axis=1, keepdims=True)) @ (X @ W_v.T)

# %% wrong averaged_twice
# Title: the weighted sum is divided by the number of visible letters once more
# Kind: other
def head_output(X, W_q, W_k, W_v):
    weights = attention_steps(X, W_q, W_k)[-1]
    total = weights @ (X @ W_v.T)
    return total / np.arange(1, len(X) + 1)[:, None]

# %% wrong queries_and_keys_exchanged
# Title: W_q and W_k change places in the call
# Kind: sizes_exchanged
def head_output(X, W_q, W_k, W_v):
    *_, weights = attention_steps(X, W_k, W_q)
    return weights @ X @ W_v.T

# %% wrong last_letter_for_all
# Title: every row is the output of the last letter
# Kind: future_visible
def head_output(X, W_q, W_k, W_v):
    weights = attention_steps(X, W_q, W_k)[-1]
    output = weights[-1] @ (X @ W_v.T)
    return np.tile(output, (len(X), 1))

# %% right letter_by_letter
def head_output(X, W_q, W_k, W_v):
    output = []
    for i in range(len(X)):
        seen = X[: i + 1]
        scores = [float((W_q @ X[i]) @ (W_k @ x)) for x in seen]
        shares = np.exp(np.array(scores) - max(scores))
        shares /= shares.sum()
        output.append(sum(share * (W_v @ x) for share, x in zip(shares, seen)))
    return np.array(output)

# %% right online_softmax
def head_output(X, W_q, W_k, W_v):
    """One pass over the letters for each asker, with a running maximum."""
    T = X.shape[0]
    result = np.empty((T, W_v.shape[0]))
    for i in range(T):
        query = W_q @ X[i]
        top, norm, total = -np.inf, 0.0, np.zeros(W_v.shape[0])
        for j in range(i + 1):
            score = query @ (W_k @ X[j])
            new_top = max(top, score)
            shrink = np.exp(top - new_top)
            norm = norm * shrink + np.exp(score - new_top)
            total = total * shrink + np.exp(score - new_top) * (W_v @ X[j])
            top = new_top
        result[i] = total / norm
    return result

# %% right one_product_of_three
def head_output(X, W_q, W_k, W_v): return np.linalg.multi_dot([attention_steps(X, W_q, W_k)[4], X, np.transpose(W_v)])
