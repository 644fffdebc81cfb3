# %% wrong triangle_of_eight
# Title: the triangle has eight rows, whatever the length
# Kind: fixed_length
triangle = torch.tril(torch.ones(8, 8))

def average_matrix(x):
    T = x.shape[0]
    weights = triangle[:T, :T]
    return weights / weights.sum(1, keepdim=True) @ x

# %% wrong rows_of_length_1
# Title: rows are brought to length 1 (F.normalize) instead of sum 1
# Kind: other
def average_matrix(x):
    T = x.shape[0]
    weights = F.normalize(torch.tril(torch.ones(T, T)), dim=1)
    return weights @ x

# %% wrong without_gradients
# Title: computed under no_grad: no gradient reaches x
# Kind: gradient_cut
@torch.no_grad()
def average_matrix(x):
    T = x.shape[0]
    weights = torch.tril(torch.ones(T, T))
    weights /= weights.sum(dim=1, keepdim=True)
    return weights @ x

# %% right numpy_triangle
def average_matrix(x):
    T = len(x)
    shares = np.tri(T) / np.arange(1, T + 1).reshape(T, 1)
    return torch.einsum("ij,jc->ic", torch.from_numpy(shares).to(x.dtype), x)
