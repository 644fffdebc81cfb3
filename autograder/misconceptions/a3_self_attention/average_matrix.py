# %% wrong not_divided
# Title: a triangle of ones that was not divided
# Hint: Each row of weights has to sum to 1: divide it by its own sum.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T))
    return wei @ x

# %% wrong divided_by_length
# Title: every row divided by T
# Hint: Row t has t + 1 ones. Divide each row by its own sum, sum(dim=1, keepdim=True).
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T)) / T
    return wei @ x

# %% wrong sums_without_keepdim
# Title: sums of rows used for columns
# Hint: Without keepdim=True the sums form a row and divide the columns. Keep the dimension.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1)
    return wei @ x

# %% wrong columns_sum_to_one
# Title: columns that sum to 1 instead of rows
# Hint: Row t of the matrix holds the weights of position t: sum along dimension 1, not 0.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(0, keepdim=True)
    return wei @ x

# %% wrong upper_triangle
# Title: the upper triangle, which is the future
# Hint: Row t may see columns up to t: the lower triangle, torch.tril.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.triu(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% wrong without_diagonal
# Title: a triangle without its diagonal
# Hint: Each row sees itself, j ≤ t. Without the diagonal the first row sums to 0 and becomes NaN.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T), diagonal=-1)
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% wrong triangle_of_a_vector
# Title: torch.tril of a vector
# Hint: A triangle needs a square: torch.ones(T, T), not torch.ones(T).
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T))
    wei = wei / wei.sum(0, keepdim=True)
    return wei @ x

# %% wrong no_mask
# Title: every row sees the whole sequence
# Hint: Cut the square of ones down to its lower triangle with torch.tril, before you divide.
def average_matrix(x):
    T = x.shape[0]
    wei = torch.ones(T, T)
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% wrong square_of_features
# Title: a triangle as wide as the features
# Hint: Weights are shared among positions: the square is (T, T), and T is the first dimension of x.
def average_matrix(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% wrong one_row_ahead
# Title: a triangle that reaches one row into the future
# Hint: diagonal=1 keeps one more diagonal, so that row t sees row t + 1. Leave it out: torch.tril keeps the main diagonal.
def average_matrix(x):
    T = x.shape[0]
    w = torch.tril(torch.ones(T, T), diagonal=1)
    return w / w.sum(1, keepdim=True) @ x

# %% wrong transposed
# Title: the triangle turned round, after it was divided
# Hint: Row t of the weights belongs to position t: multiply the lower triangle as it stands, without .T.
def average_matrix(x):
    T = x.shape[0]
    w = torch.tril(torch.ones(T, T))
    w = w / w.sum(1, keepdim=True)
    return w.T @ x

# %% right lecture
def average_matrix(x):
    T = x.shape[0]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x

# %% right counts
def average_matrix(x):
    T, C = x.shape
    counts = torch.arange(1, T + 1, dtype=x.dtype).unsqueeze(1)
    return torch.tril(torch.ones(T, T, dtype=x.dtype)) @ x / counts

# %% right einsum
def average_matrix(x):
    n = len(x)
    lower = (torch.arange(n)[:, None] >= torch.arange(n)[None, :]).float()
    return torch.einsum("ij,jc->ic", lower / lower.sum(-1, keepdim=True), x)

# %% right normalize
def average_matrix(x):
    lower = torch.ones(x.size(0), x.size(0)).tril()
    return torch.matmul(F.normalize(lower, p=1, dim=1), x)
