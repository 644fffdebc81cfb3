# %% wrong whole_root
# Title: the root is rounded down to a whole number
# Kind: other
def scaled_scores(q, k):
    return q @ k.transpose(-2, -1) / math.isqrt(q.shape[-1])

# %% wrong scaled_in_place
# Title: the queries are scaled in place
# Kind: changes_input
def scaled_scores(q, k):
    q *= q.shape[-1] ** -0.5
    return q @ k.mT

# %% wrong keys_of_all_sequences
# Title: an einsum that sums over the sequences of the keys
# Kind: rows_mix
def scaled_scores(q, k):
    return torch.einsum("btd,csd->bts", q, k) / math.sqrt(q.shape[-1])

# %% right fourth_roots
def scaled_scores(q, k):
    soft = q.size(2) ** 0.25
    return torch.einsum("bid, bjd -> bij", q / soft, k / soft)

# %% right baddbmm
def scaled_scores(q, k):
    B, T, head_size = q.shape
    return torch.baddbmm(torch.zeros(1, 1, 1), q, k.permute(0, 2, 1), beta=0.0, alpha=1 / math.sqrt(head_size))
