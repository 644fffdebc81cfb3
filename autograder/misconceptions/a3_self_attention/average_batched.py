# %% wrong divided_by_length
# Title: every row divided by T
# Hint: Row t has t + 1 terms. Divide each row of the triangle by its own sum.
def average_batched(x):
    B, T, C = x.shape
    return torch.tril(torch.ones(T, T)) / T @ x

# %% wrong over_sequences
# Title: averages over the sequences of the batch
# Hint: Time is dimension 1 of (B, T, C); dimension 0 counts sequences, which have nothing to do with one another.
def average_batched(x):
    B, T, C = x.shape
    return x.cumsum(0) / torch.arange(1, B + 1)[:, None, None]

# %% wrong over_features
# Title: averages over the features
# Hint: Time is dimension 1 of (B, T, C); the last dimension holds the features of one token.
def average_batched(x):
    B, T, C = x.shape
    return x.cumsum(2) / torch.arange(1, C + 1)

# %% wrong batch_size_for_T
# Title: B taken for T
# Hint: x.shape is (B, T, C): T is x.shape[1].
def average_batched(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% wrong one_long_sequence
# Title: all sequences averaged as one long sequence
# Hint: Each sequence has a past of its own. Do not flatten B and T: @ repeats a (T, T) matrix for every sequence by itself.
def average_batched(x):
    B, T, C = x.shape
    flat = x.reshape(B * T, C)
    wei = torch.tril(torch.ones(B * T, B * T))
    wei = wei / wei.sum(1, keepdim=True)
    return (wei @ flat).view(B, T, C)

# %% wrong whole_sequence
# Title: the mean of the whole sequence in every row
# Hint: A row must not see later rows. Use the triangle, or a running sum.
def average_batched(x):
    return x.mean(1, keepdim=True).expand_as(x)

# %% wrong first_sequence
# Title: the first sequence alone
# Hint: Return all B sequences; @ takes a batch as it is, without indexing.
def average_batched(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return (wei @ x[0]).unsqueeze(0)

# %% wrong sums_without_keepdim
# Title: sums of rows used for columns
# Hint: Without keepdim=True the sums form a row and divide the columns. Keep the dimension.
def average_batched(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1)
    return wei @ x

# %% wrong loop_over_sequences
# Title: a loop over the sequences
# Hint: No loop is needed: (T, T) @ (B, T, C) multiplies the last two dimensions and repeats the rest.
def average_batched(x):
    return torch.stack([average_matrix(s) for s in x])

# %% wrong loop_over_positions
# Title: a loop over the positions
# Hint: No loop is needed: (T, T) @ (B, T, C) averages all positions of all sequences at once.
def average_batched(x):
    return torch.stack([x[:, :t + 1].mean(1) for t in range(x.shape[1])], dim=1)

# %% wrong not_divided
# Title: a triangle of ones that was not divided
# Hint: Divide each row of the triangle by its own sum, so that its weights sum to 1.
def average_batched(x):
    T = x.shape[1]
    return torch.tril(torch.ones(T, T)) @ x

# %% wrong softmax_over_queries
# Title: softmax along the columns
# Hint: Each row shares out a weight of 1: the softmax runs along the last dimension.
def average_batched(x):
    T = x.shape[1]
    w = torch.zeros(T, T).masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf")).softmax(0)
    return w @ x

# %% right cumsum
def average_batched(x):
    B, T, C = x.shape
    return torch.cumsum(x, dim=1) / torch.arange(1, T + 1).view(1, T, 1)

# %% right softmax
def average_batched(x):
    B, T, C = x.shape
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros((B, T, T)).masked_fill(tril == 0, float("-inf"))
    return F.softmax(wei, dim=-1) @ x

# %% right einsum
def average_batched(x):
    T = x.size(-2)
    lower = torch.ones(T, T).tril()
    lower /= lower.sum(-1, keepdim=True)
    return torch.einsum("ts,bsc->btc", lower, x)

# %% right bmm
def average_batched(x):
    B, T, _ = x.shape
    lower = torch.tril(torch.ones(T, T))
    lower = (lower / torch.sum(lower, 1, keepdim=True)).unsqueeze(0).repeat(B, 1, 1)
    return torch.bmm(lower, x)

# %% right vmap
def average_batched(x):
    return torch.vmap(average_matrix)(x)

# %% right folded_into_features
def average_batched(x):
    B, T, C = x.shape
    flat = x.permute(1, 0, 2).reshape(T, B * C)
    return average_softmax(flat).reshape(T, B, C).permute(1, 0, 2)
