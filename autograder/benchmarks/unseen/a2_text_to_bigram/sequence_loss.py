# %% wrong shifted_once_more
# Title: the targets are shifted once more against the logits
# Kind: off_by_one_end
def sequence_loss(logits, targets):
    logits, targets = logits[:, :-1], targets[:, 1:]
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))

# %% wrong id_0_is_ignored
# Title: id 0 counts as padding and is ignored
# Kind: loss_reduction
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T), ignore_index=0)

# %% wrong a_little_added_before_the_logarithm
# Title: 1e-9 is added before the logarithm, so no loss exceeds 20.7
# Kind: loss_reduction
def sequence_loss(logits, targets):
    probabilities = F.softmax(logits, dim=-1)
    right = probabilities.gather(-1, targets.unsqueeze(-1))
    return -(right + 1e-9).log().mean()

# %% wrong view_only
# Title: `.view` refuses logits that are not contiguous
# Kind: other
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% right log_sum_exp
def sequence_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    surprise = logits.logsumexp(dim=-1) - torch.take_along_dim(logits, targets[..., None], dim=-1)[..., 0]
    return surprise.mean()

# %% right row_by_row
def sequence_loss(logits, targets):
    losses = [F.cross_entropy(row, target) for row, target in zip(logits, targets)]
    return sum(losses) / len(losses)
