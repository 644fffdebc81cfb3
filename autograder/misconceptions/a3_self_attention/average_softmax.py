# %% wrong nothing_hidden
# Title: a future that is not hidden
# Hint: A masked score is -inf: a score of 0 gets a full share, since exp(0) is 1. masked_fill returns a new tensor, so keep its result.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(tril == 0, 0.0)
    return F.softmax(wei, dim=-1) @ x

# %% wrong triangle_as_scores
# Title: softmax of the triangle itself
# Hint: The ones and zeros of the triangle are scores here, and exp(0) is not 0. Put -inf where the triangle is 0, and 0 elsewhere.
def average_softmax(x):
    T = x.shape[0]
    return F.softmax(torch.tril(torch.ones(T, T)), dim=-1) @ x

# %% wrong softmax_over_queries
# Title: softmax along the columns
# Hint: Each row shares out a weight of 1: dim=-1.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(tril == 0, float("-inf"))
    return F.softmax(wei, dim=0) @ x

# %% wrong hides_the_past
# Title: the past hidden instead of the future
# Hint: masked_fill writes where its condition is true: that must be where the triangle is 0.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(tril == 1, float("-inf"))
    return F.softmax(wei, dim=-1) @ x

# %% wrong without_itself
# Title: the mask j < t, so that a row does not see itself
# Hint: Keep the diagonal. A row that sees nothing has nothing to share and becomes NaN.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T), diagonal=-1)
    wei = torch.zeros(T, T).masked_fill(tril == 0, float("-inf"))
    return F.softmax(wei, dim=-1) @ x

# %% wrong upper_triangle
# Title: the upper triangle, which is the future
# Hint: Row t may see columns up to t: the lower triangle, torch.tril.
def average_softmax(x):
    T = x.shape[0]
    triu = torch.triu(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(triu == 0, float("-inf"))
    return F.softmax(wei, dim=-1) @ x

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: Mask first, then softmax: otherwise each row has already shared its weight with the future and no longer sums to 1.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = F.softmax(torch.zeros(T, T), dim=-1)
    return wei.masked_fill(tril == 0, 0.0) @ x

# %% wrong infinity_times_zero
# Title: NaN from -inf times 0
# Hint: A product with -inf makes NaN where the other factor is 0. Choose with masked_fill instead.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = (1 - tril) * float("-inf")
    return F.softmax(wei, dim=-1) @ x

# %% wrong not_multiplied
# Title: the weights returned instead of the averages
# Hint: The weights are half the way; multiply them by x.
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros(T, T).masked_fill(tril == 0, float("-inf"))
    return F.softmax(wei, dim=-1)

# %% wrong one_row_ahead
# Title: a mask that lets one row of the future through
# Hint: diagonal=1 keeps one more diagonal, so that row t sees row t + 1. Leave it out: torch.tril keeps the main diagonal.
def average_softmax(x):
    T = x.shape[0]
    s = torch.zeros(T, T).masked_fill(torch.tril(torch.ones(T, T), diagonal=1) == 0, float("-inf"))
    return F.softmax(s, dim=-1) @ x

# %% wrong scores_from_x
# Title: scores computed from x
# Hint: Here all scores are zero, so that everyone in the past counts the same: torch.zeros(T, T).
def average_softmax(x):
    T = x.shape[0]
    s = (x @ x.T).masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
    return F.softmax(s, dim=-1) @ x

# %% wrong finite_mask
# Title: a finite number in place of -inf
# Hint: e^-20 is small and not 0: the future has a little weight, which shows where it is large. Write float("-inf").
def average_softmax(x):
    T = x.shape[0]
    wei = torch.zeros(T, T).masked_fill(torch.tril(torch.ones(T, T)) == 0, -20.0)
    return F.softmax(wei, dim=-1) @ x

# %% right lecture
def average_softmax(x):
    T = x.shape[0]
    tril = torch.tril(torch.ones(T, T))
    wei = torch.zeros((T, T))
    wei = wei.masked_fill(tril == 0, float("-inf"))
    wei = F.softmax(wei, dim=-1)
    return wei @ x

# %% right triu_full
def average_softmax(x):
    scores = torch.full((len(x), len(x)), -torch.inf).triu(diagonal=1)
    return scores.softmax(dim=1).matmul(x)

# %% right where
def average_softmax(x):
    i = torch.arange(x.size(0))
    wei = torch.where(i[None] <= i[:, None], 0.0, -1e9)
    return torch.softmax(wei, -1) @ x

# %% right by_hand
def average_softmax(x):
    T = x.shape[0]
    scores = torch.zeros(T, T)
    for t in range(T):
        scores[t, t + 1:] = -math.inf
    weights = torch.exp(scores)
    return weights / weights.sum(1, keepdim=True) @ x
