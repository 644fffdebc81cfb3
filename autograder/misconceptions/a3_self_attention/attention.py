# %% wrong no_scale
# Title: no 1/√d scale
# Hint: Divide the scores by √d, the square root of the last dimension of q, before the softmax.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong scaled_by_values
# Title: scores divided by the square root of the width of v
# Hint: d is the size of queries and keys, q.shape[-1]. The width of v may be another one.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(v.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong scaled_by_keys
# Title: scores divided by the square root of the number of keys
# Hint: The scale is √d, the root of the last dimension of q, not of the number of tokens.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong scaled_by_queries
# Title: scores divided by the square root of the number of queries
# Hint: The scale is √d, the root of the last dimension of q, not of the number of tokens.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong scaled_by_d
# Title: scores divided by d instead of √d
# Hint: A sum of d products has a standard deviation of √d: divide by the square root.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1]
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong multiplied_by_root
# Title: scores multiplied by √d
# Hint: The scale makes scores smaller: divide by √d, or multiply by d ** -0.5.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) * math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong scale_after_softmax
# Title: the weights divided by √d, after the softmax
# Hint: The scale belongs to the scores, before the softmax. Rows of weights sum to 1.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1) / math.sqrt(q.shape[-1])
    return weights @ v, weights

# %% wrong mask_inverted
# Title: the mask taken the other way round
# Hint: Here True means may attend: -inf goes where the mask is False, masked_fill(~mask, …).
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: Mask first, then softmax: otherwise each row has already shared its weight with hidden keys and no longer sums to 1.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v, weights

# %% wrong mask_ignored
# Title: a mask that is never used
# Hint: Where the mask is False the score becomes -inf. masked_fill returns a new tensor: keep its result.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong zeros_as_masked_scores
# Title: masked scores set to 0
# Hint: exp(0) is 1, so a score of 0 still gets weight. A masked score is -inf.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores * mask
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong infinity_times_zero
# Title: NaN from -inf times 0
# Hint: A product with -inf makes NaN where the other factor is 0. Choose with masked_fill instead.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + (~mask).float() * float("-inf")
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong mask_added
# Title: a boolean mask added to the scores
# Hint: Adding True adds 1, and hides nothing. Put -inf where the mask is False.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + mask
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong softmax_over_queries
# Title: softmax over the queries
# Hint: Each query shares out its own weight over the keys: the softmax runs along the last dimension.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-2)
    return weights @ v, weights

# %% wrong softmax_over_batch
# Title: softmax over the batch
# Hint: Each query shares out its own weight over the keys: dim=-1.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=0)
    return weights @ v, weights

# %% wrong no_softmax
# Title: scores used as weights
# Hint: Softmax turns a row of scores into weights that are positive and sum to 1.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, 0.0)
    return scores @ v, scores

# %% wrong always_causal
# Title: a causal mask that is always there
# Hint: attention takes its mask from outside; without one, every query sees every key.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    causal = torch.ones_like(scores, dtype=torch.bool).tril()
    scores = scores.masked_fill(~causal, float("-inf"))
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong mask_required
# Title: a mask that cannot be left out
# Hint: mask=None means that every query sees every key. Ask `if mask is not None` before you use it.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong causal_without_mask
# Title: a causal mask when none is given
# Hint: mask=None means that every query sees every key, not that the future is hidden.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong output_only
# Title: the output without the weights
# Hint: Return both: output, weights.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return F.softmax(scores, dim=-1) @ v

# %% wrong weights_first
# Title: weights and output in the wrong order
# Hint: The output comes first, the weights second.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights, weights @ v

# %% wrong scores_for_weights
# Title: scores returned in place of the weights
# Hint: The second result is what softmax makes of the scores.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return F.softmax(scores, dim=-1) @ v, scores

# %% wrong overflow
# Title: an exp that overflows for large scores
# Hint: exp(89) is already inf in float32, and inf / inf is NaN. F.softmax subtracts the largest score of each row first.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.exp(scores)
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ v, weights

# %% wrong keys_ask
# Title: queries and keys exchanged
# Hint: Row i of the scores belongs to query i: q times k transposed. Your rows belong to keys.
def attention(q, k, v, mask=None):
    scores = k @ q.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong detached
# Title: weights through which no gradient flows
# Hint: detach, item and numpy cut the weights off from q and k, so that these can never learn. Stay with torch operations.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1).detach()
    return weights @ v, weights

# %% wrong truth_of_a_mask
# Title: `if mask` instead of `if mask is not None`
# Hint: A tensor of many truth values is neither true nor false: write `if mask is not None`.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong infinity_after_softmax
# Title: weights of -inf
# Hint: -inf belongs among the scores, before the softmax; after it, a hidden weight is 0 by itself.
def attention(q, k, v, mask=None):
    weights = F.softmax(scaled_scores(q, k), dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, float("-inf"))
    return weights @ v, weights

# %% wrong reshaped_keys
# Title: keys reshaped instead of transposed
# Hint: view and reshape keep the order of the numbers and tear vectors apart: k.transpose(-2, -1).
def attention(q, k, v, mask=None):
    scores = q @ k.view(k.shape[0], k.shape[2], k.shape[1]) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong transposes_everything
# Title: .T on a batch
# Hint: .T turns all three dimensions round: k.transpose(-2, -1) leaves the batch alone.
def attention(q, k, v, mask=None):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong keys_as_values
# Title: keys used as values
# Hint: What a query takes home are values: weights @ v.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ k, weights

# %% wrong mask_as_index
# Title: scores[~mask], which fits a mask of the same shape only
# Hint: The mask is broadcast to (B, T, S): masked_fill and torch.where do that, indexing does not.
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores[~mask] = float("-inf")
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong finite_mask
# Title: a finite number in place of -inf
# Hint: Such a score hides the future only while all others are larger: where they are lower still, the future wins. Write float("-inf").
def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% right lecture
def attention(q, k, v, mask=None):
    wei = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    if mask is not None:
        wei = wei.masked_fill(mask == 0, float("-inf"))
    wei = F.softmax(wei, dim=-1)
    out = wei @ v
    return out, wei

# %% right library_and_weights
def attention(q, k, v, mask=None):
    eye = torch.eye(k.shape[1]).expand(k.shape[0], -1, -1)
    weights = F.scaled_dot_product_attention(q, k, eye, attn_mask=mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask), weights

# %% right einsum
def attention(q, k, v, mask=None):
    scores = torch.einsum("btd,bsd->bts", q, k) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    weights = scores.softmax(-1)
    return torch.einsum("bts,bse->bte", weights, v), weights

# %% right lists
def attention(q, k, v, mask=None):
    B, T, d = q.shape
    scores = torch.bmm(q, k.permute(0, 2, 1)) / d**0.5
    if mask is not None:
        scores = scores.masked_fill(torch.logical_not(mask), -math.inf)
    attn = torch.softmax(scores, dim=2)
    return [torch.bmm(attn, v), attn]

# %% right by_hand
def attention(q, k, v, mask=None):
    if mask is None:
        mask = torch.ones(q.shape[1], k.shape[1], dtype=torch.bool)
    scores = (q[:, :, None, :] * k[:, None, :, :]).sum(-1) / math.sqrt(k.shape[-1])
    scores = torch.where(mask, scores, float("-inf"))
    scores = scores - scores.max(dim=-1, keepdim=True).values
    weights = torch.exp(scores)
    weights = weights / weights.sum(-1, keepdim=True)
    return weights @ v, weights

# %% right renormalised
def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.size(-1))
    weights = F.softmax(scores.double(), dim=-1)
    if mask is not None:
        bias = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -torch.inf)
        weights = F.softmax((scores + bias).double(), dim=-1)
    weights = weights.to(v.dtype)
    return weights.matmul(v), weights

# %% right one_sequence_at_a_time
def attention(q, k, v, mask=None):
    B, T, d = q.shape
    S = k.shape[1]
    full = torch.ones(B, T, S, dtype=torch.bool) if mask is None else mask.broadcast_to(B, T, S)
    outs, ws = [], []
    for b in range(B):
        s = q[b] @ k[b].T / math.sqrt(d)
        s[~full[b]] = float("-inf")
        w = torch.softmax(s, dim=1)
        ws.append(w)
        outs.append(w @ v[b])
    return torch.stack(outs), torch.stack(ws)
