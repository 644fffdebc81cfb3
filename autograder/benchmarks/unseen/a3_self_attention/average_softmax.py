# %% wrong minus_ten
# Title: hidden scores are −10 instead of −∞
# Kind: future_visible
def average_softmax(x):
    T = x.shape[0]
    scores = torch.zeros(T, T).masked_fill(torch.ones(T, T).triu(1).bool(), -10.0)
    return F.softmax(scores, dim=-1) @ x

# %% wrong scores_from_x
# Title: scores are x xᵀ instead of zero
# Kind: other
def average_softmax(x):
    T = x.shape[0]
    past = torch.tril(torch.ones(T, T, dtype=torch.bool))
    scores = (x @ x.T).masked_fill(~past, float("-inf"))
    return F.softmax(scores, dim=-1) @ x

# %% right logarithm_of_the_triangle
def average_softmax(x):
    T, _ = x.size()
    scores = torch.ones(T, T).tril().log()  # 0 on and below the diagonal, −∞ above
    return torch.mm(torch.softmax(scores, 1), x)
