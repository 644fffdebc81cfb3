# %% wrong squeezed
# Title: dimensions of size 1 are squeezed away
# Kind: batch_of_one
def average_batched(x):
    T = x.shape[1]
    weights = torch.tril(torch.ones(T, T)) / torch.arange(1, T + 1)[:, None]
    return (weights @ x).squeeze()

# %% wrong loop_over_sequences
# Title: a loop over the sequences
# Kind: other
def average_batched(x):
    return torch.stack([average_matrix(sequence) for sequence in x])

# %% wrong averages_over_the_batch
# Title: the running average goes over the sequences instead of the positions
# Kind: rows_mix
def average_batched(x):
    counts = torch.arange(1, x.shape[0] + 1).view(-1, 1, 1)
    return torch.cumsum(x, dim=0) / counts

# %% right batch_of_matrices
def average_batched(x):
    B, T, C = x.shape
    future = torch.ones(T, T, dtype=torch.bool).triu(diagonal=1)
    weights = torch.zeros(B, T, T).masked_fill(future, -torch.inf).softmax(dim=2)
    return torch.bmm(weights, x)
