# %% wrong half_old_half_new
# Title: each row is the mean of the average so far and the new vector
# Kind: other
def average_loop(x):
    average = x[0]
    rows = [average]
    for t in range(1, len(x)):
        average = (average + x[t]) / 2
        rows.append(average)
    return torch.stack(rows)

# %% wrong last_eight
# Title: only the last eight positions are averaged
# Kind: fixed_length
def average_loop(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[0]):
        out[t] = x[max(0, t - 7) : t + 1].mean(dim=0)
    return out

# %% wrong total_is_the_first_row
# Title: the running total is row 0 of x itself, which grows with it
# Kind: changes_input
def average_loop(x):
    out = torch.zeros_like(x)
    total = x[0]
    out[0] = total
    for t in range(1, len(x)):
        total += x[t]
        out[t] = total / (t + 1)
    return out

# %% right running_mean
def average_loop(x: torch.Tensor) -> torch.Tensor:
    mean = torch.zeros(x.shape[1])
    result = []
    for count, row in enumerate(x, start=1):
        mean = mean + (row - mean) / count
        result.append(mean)
    return torch.stack(result, dim=0)

# %% right recursion
def average_loop(x):
    if len(x) == 1:
        return x.clone()
    earlier = average_loop(x[:-1])
    return torch.cat([earlier, x.mean(0, keepdim=True)])
