# %% wrong not_flattened
# Title: 3-D logits passed to cross-entropy as they are
# Hint: cross_entropy takes dimension 1 for the classes; flatten logits to (B*T, C) and targets to (B*T), or move the classes to dimension 1.
def sequence_loss(logits, targets):
    return F.cross_entropy(logits, targets)

# %% wrong view_for_transpose
# Title: view to (B, C, T), which mixes classes and time
# Hint: view keeps the numbers in their order and only cuts them differently; transpose(1, 2) moves the classes to dimension 1.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.view(B, C, T), targets)

# %% wrong transposed_then_flattened
# Title: classes and time swapped before flattening
# Hint: Flatten the logits as they are, (B, T, C) to (B*T, C): each row must stay the logits of one token.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.transpose(1, 2).reshape(B * T, C), targets.reshape(B * T))

# %% wrong targets_transposed
# Title: targets flattened in another order than the logits
# Hint: Flatten both in the same order, batch first, then time.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.T.reshape(B * T))

# %% wrong summed
# Title: the sum instead of the mean
# Hint: Leave reduction at "mean", so that losses of batches of different sizes compare.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T), reduction="sum")

# %% wrong summed_over_time
# Title: summed over time, averaged over the batch only
# Hint: Divide by the number of tokens, B*T, not by the number of rows.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T), reduction="sum") / B

# %% wrong summed_over_batch
# Title: summed over the batch, averaged over time only
# Hint: Divide by the number of tokens, B*T, not by the length of a row.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T), reduction="sum") / T

# %% wrong softmax_first
# Title: softmax applied before cross-entropy
# Hint: cross_entropy takes raw logits and applies log-softmax itself; give it the logits as they are.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(F.softmax(logits, dim=-1).reshape(B * T, C), targets.reshape(B * T))

# %% wrong nll_of_logits
# Title: negative log-likelihood of raw logits, without log-softmax
# Hint: nll_loss expects log-probabilities; cross_entropy takes the logits.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.nll_loss(logits.reshape(B * T, C), targets.reshape(B * T))

# %% wrong nll_of_probabilities
# Title: negative log-likelihood of probabilities, without the logarithm
# Hint: nll_loss expects log-probabilities; cross_entropy takes the logits and does both.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.nll_loss(F.softmax(logits, -1).reshape(B * T, C), targets.reshape(B * T))

# %% wrong sign
# Title: the sign forgotten
# Hint: The loss is minus the mean log-probability, a number that is never below zero.
def sequence_loss(logits, targets):
    return F.log_softmax(logits, dim=-1).gather(-1, targets[..., None]).mean()

# %% wrong softmax_over_time
# Title: softmax over time instead of the classes
# Hint: At each position the probabilities of all symbols sum to one: softmax over the last dimension.
def sequence_loss(logits, targets):
    return -F.log_softmax(logits, dim=1).gather(-1, targets[..., None]).mean()

# %% wrong log_of_mean
# Title: the logarithm of the mean probability
# Hint: Take the logarithm for each token, then the mean.
def sequence_loss(logits, targets):
    return -torch.log(F.softmax(logits, dim=-1).gather(-1, targets[..., None]).mean())

# %% wrong shifted_again
# Title: targets shifted again
# Hint: get_batch has already shifted the targets: position t of logits belongs to position t of targets.
def sequence_loss(logits, targets):
    logits, targets = logits[:, :-1], targets[:, 1:]
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T))

# %% wrong last_position_only
# Title: only the last position counted
# Hint: Each position is a prediction of its own: all B*T of them count.
def sequence_loss(logits, targets):
    return F.cross_entropy(logits[:, -1, :], targets[:, -1])

# %% wrong first_row_only
# Title: only the first row of the batch counted
# Hint: All B rows count; flatten batch and time together.
def sequence_loss(logits, targets):
    return F.cross_entropy(logits[0], targets[0])

# %% wrong unreduced
# Title: one loss for each token instead of their mean
# Hint: Return a single number, the mean over all tokens, from which backward can start.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T), reduction="none").reshape(B, T)

# %% wrong cut_off
# Title: a plain number from which nothing can be learnt
# Hint: Return the tensor itself; item() cuts it off from the logits, so that backward is impossible.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T)).item()

# %% wrong bits
# Title: bits instead of nats
# Hint: Use the natural logarithm, so that equal logits cost ln C.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T)) / np.log(2)

# %% wrong squared_error
# Title: squared error against one-hot targets
# Hint: The loss is minus the mean log-probability of the target: cross-entropy.
def sequence_loss(logits, targets):
    return F.mse_loss(F.softmax(logits, -1), F.one_hot(targets, logits.shape[-1]).float())

# %% wrong view
# Title: .view, which refuses tensors that do not lie in one piece
# Hint: Slices and transposes do not. .reshape does the same as .view, and copies where it must.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong softened
# Title: a small number added before the logarithm
# Hint: It hides the zeros that the softmax makes of large logits, and caps the loss. Cross-entropy takes the logits and needs no such help.
def sequence_loss(logits, targets):
    probabilities = F.softmax(logits, dim=-1)
    return -torch.log(probabilities.gather(2, targets[:, :, None]) + 1e-12).mean()

# %% wrong log_of_softmax
# Title: the logarithm of a softmax
# Hint: The softmax of large logits is exactly 0 in places, and the loss infinite. F.cross_entropy, or log_softmax, does both at once.
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.nll_loss(torch.log(F.softmax(logits.reshape(B * T, C), dim=-1)), targets.reshape(B * T))

# %% right flattened
def sequence_loss(logits, targets):
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T))

# %% right classes_to_dimension_one
def sequence_loss(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets)

# %% right gather
def sequence_loss(logits, targets):
    log_p = logits - logits.logsumexp(dim=-1, keepdim=True)
    return -log_p.gather(2, targets.unsqueeze(2)).mean()

# %% right loop
def sequence_loss(logits, targets):
    total = 0.0
    for b in range(logits.shape[0]):
        for t in range(logits.shape[1]):
            total = total - torch.log_softmax(logits[b, t], dim=0)[targets[b, t]]
    return total / targets.numel()

# %% right module
def sequence_loss(logits, targets):
    criterion = nn.CrossEntropyLoss()
    return criterion(logits.flatten(end_dim=1), targets.flatten())

# %% right one_hot
def sequence_loss(logits, targets):
    wanted = F.one_hot(targets, num_classes=logits.size(-1)).to(logits.dtype)
    return -(wanted * F.log_softmax(logits, dim=-1)).sum(dim=-1).mean()
