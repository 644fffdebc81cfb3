# %% wrong targets_rolled_round
# Title: the targets are the window rolled round: the last target is the window's first element
# Kind: off_by_one_end
def get_batch(data, batch_size, block_size):
    starts = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[s : s + block_size] for s in starts])
    y = torch.roll(x, shifts=-1, dims=1)
    return x, y

# %% wrong each_start_once
# Title: no start is drawn twice, so a batch has no more rows than there are windows
# Kind: other
def get_batch(data, batch_size, block_size):
    starts = torch.randperm(len(data) - block_size)[:batch_size]
    x = torch.stack([data[s : s + block_size] for s in starts])
    y = torch.stack([data[s + 1 : s + block_size + 1] for s in starts])
    return x, y

# %% wrong same_seed_each_time
# Title: the seed is set inside, so each batch is the same
# Kind: keeps_state
def get_batch(data, batch_size, block_size):
    torch.manual_seed(1337)
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y

# %% wrong pushed_back_at_the_end
# Title: starts beyond the end become the last window, which is drawn too often
# Kind: off_by_one_end
def get_batch(data, batch_size, block_size):
    starts = torch.randint(len(data), (batch_size,)).clamp(max=len(data) - block_size - 1)
    x = torch.stack([data[s : s + block_size] for s in starts])
    y = torch.stack([data[s + 1 : s + block_size + 1] for s in starts])
    return x, y

# %% right unfolded
def get_batch(data, batch_size, block_size):
    windows = data.unfold(0, block_size + 1, 1)  # (n - T, T + 1)
    drawn = windows[torch.randint(windows.shape[0], (batch_size,))]
    return drawn[:, :-1], drawn[:, 1:]

# %% right python_random
import random

def get_batch(data, batch_size, block_size):
    last = data.size(0) - block_size - 1
    rows = torch.tensor([list(range(s, s + block_size)) for s in (random.randint(0, last) for _ in range(batch_size))])
    return torch.take(data, rows), torch.take(data, rows + 1)
