# %% wrong causal_without_a_mask
# Title: without a mask it hides the future
# Kind: other
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong exponentials_overflow
# Title: a softmax of its own that overflows for large scores
# Kind: other
def attention(q, k, v, mask=None):
    scores = q @ k.mT / k.shape[-1] ** 0.5
    e = torch.exp(scores)
    if mask is not None:
        e = e * mask
    weights = e / e.sum(dim=-1, keepdim=True)
    return weights @ v, weights

# %% wrong weights_without_gradient
# Title: the weights come out detached
# Kind: gradient_cut
def attention(q, k, v, mask=None):
    scores = torch.matmul(q, k.transpose(1, 2)) / math.sqrt(k.shape[2])
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not(), -math.inf)
    weights = scores.softmax(dim=2)
    return torch.matmul(weights, v), weights.detach()

# %% wrong mask_of_the_first_sequence
# Title: the mask of the first sequence is used for all
# Kind: first_row_for_all
def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(k.shape[-1])
    if mask is not None:
        if mask.dim() == 3:
            mask = mask[0]
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong mask_turned_round_in_place
# Title: the mask is turned round in place
# Kind: changes_input
def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(k.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not_(), float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% wrong root_of_the_value_width
# Title: scores are divided by the root of the values' width
# Kind: sizes_exchanged
def attention(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(v.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ v, weights

# %% right library_with_identity_values
def attention(q, k, v, mask=None):
    B, S = k.shape[:2]
    one_hot = torch.eye(S).expand(B, S, S)
    weights = F.scaled_dot_product_attention(q, k, one_hot, attn_mask=mask)
    return weights @ v, weights

# %% right sequence_by_sequence
def attention(q, k, v, mask=None):
    B, T, d = q.shape
    S = k.shape[1]
    visible = torch.ones(B, T, S, dtype=torch.bool) if mask is None else mask.expand(B, T, S)
    outputs, shares = [], []
    for b in range(B):
        scores = torch.where(visible[b], q[b] @ k[b].t() * d**-0.5, torch.tensor(-torch.inf))
        log_shares = scores - scores.logsumexp(dim=1, keepdim=True)
        shares.append(log_shares.exp())
        outputs.append(shares[-1] @ v[b])
    return torch.stack(outputs), torch.stack(shares)
