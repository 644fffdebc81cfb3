# %% wrong without_itself
# Title: the past without the row itself
# Hint: Row t is part of its own past: the slice is x[:t + 1]. Without it the first row has nothing to average and becomes NaN.
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[:t].mean(0)
    return out

# %% wrong only_itself
# Title: a slice that holds one row, x[t:t + 1]
# Hint: The past begins at the start: x[:t + 1], with nothing before the colon.
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[t:t + 1].mean(0)
    return out

# %% wrong divided_by_length
# Title: every sum divided by T
# Hint: Row t has t + 1 terms; divide by t + 1, not by the length of the whole sequence.
def average_loop(x):
    T = x.shape[0]
    out = torch.zeros_like(x)
    for t in range(T):
        out[t] = x[:t + 1].sum(0) / T
    return out

# %% wrong sum_not_mean
# Title: sums instead of means
# Hint: Divide each sum by the number of its terms, or use mean(dim=0).
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[:t + 1].sum(0)
    return out

# %% wrong divided_by_t
# Title: a sum of t + 1 rows divided by t
# Hint: Counting starts at 0, so rows 0 to t are t + 1 rows.
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[:t + 1].sum(0) / t
    return out

# %% wrong over_everything
# Title: one number for the whole past
# Hint: mean() without a dimension averages over features, too. Average over rows: mean(dim=0).
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[:t + 1].mean()
    return out

# %% wrong whole_sequence
# Title: the mean of the whole sequence in every row
# Hint: Row t must not see later rows: take the slice x[:t + 1].
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x.mean(0)
    return out

# %% wrong the_future
# Title: the future averaged instead of the past
# Hint: x[t:] begins at row t. The past of row t ends there: x[:t + 1].
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[t:].mean(0)
    return out

# %% wrong overwrites_x
# Title: averages written over x while it is still needed
# Hint: Later rows need the original rows. Put the averages into a new tensor.
def average_loop(x):
    for t in range(x.shape[0]):
        x[t] = x[:t + 1].mean(0)
    return x

# %% wrong running_half
# Title: each row averaged with the average before it
# Hint: The mean of a mean and a new row is not the mean of all rows, because the new row would count half. Go back to x[:t + 1].
def average_loop(x):
    rows = [x[0]]
    for t in range(1, x.shape[0]):
        rows.append((rows[-1] + x[t]) / 2)
    return torch.stack(rows)

# %% wrong zeros_in_the_first_row
# Title: the past without the row itself, and zeros in the first row
# Hint: Row t is part of its own past: the slice is x[:t + 1], and the loop begins at 0. The first row is its own average.
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(1, len(x)):
        out[t] = x[:t].mean(dim=0)
    return out

# %% wrong list_of_rows
# Title: a list of rows instead of a tensor
# Hint: Join the rows to one tensor: torch.stack(rows).
def average_loop(x):
    return [x[:t+1].mean(0) for t in range(x.shape[0])]

# %% wrong writes_into_x
# Title: averages written into x itself
# Hint: x still belongs to whoever called: write into a new tensor, such as torch.zeros_like(x).
def average_loop(x):
    orig = x.clone()
    for t in range(x.shape[0]):
        x[t] = orig[:t+1].mean(0)
    return x

# %% right zeros
def average_loop(x):
    T, C = x.shape
    out = torch.zeros((T, C))
    for t in range(T):
        out[t] = torch.mean(x[:t + 1], 0)
    return out

# %% right running_sum
def average_loop(x):
    total = torch.zeros(x.shape[1])
    rows = []
    for t, row in enumerate(x):
        total = total + row
        rows.append(total / (t + 1))
    return torch.stack(rows)

# %% right pure_python
def average_loop(x):
    T, C = x.shape
    out = torch.empty(T, C)
    for t in range(T):
        for c in range(C):
            out[t, c] = sum(float(x[i, c]) for i in range(t + 1)) / (t + 1)
    return out

# %% right comprehension
def average_loop(x):
    return torch.stack([x[:n].sum(0) / n for n in range(1, len(x) + 1)])

# %% right update
def average_loop(x):
    out = x.clone()
    for t in range(1, len(x)):
        out[t] = out[t - 1] + (x[t] - out[t - 1]) / (t + 1)
    return out
