# %% wrong targets_equal_inputs
# Title: targets equal to the inputs
# Hint: y starts one token later than x: data[i+1 : i+1+block_size].
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i:i + block_size] for i in ix])
    return x, y

# %% wrong shifted_twice
# Title: targets shifted twice
# Hint: y starts one token later than x, not two.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size - 1, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 2:i + 2 + block_size] for i in ix])
    return x, y

# %% wrong shifted_back
# Title: targets one token earlier instead of later
# Hint: The target is the next token: y starts at i + 1 where x starts at i.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    y = torch.stack([data[i:i + block_size] for i in ix])
    return x, y

# %% wrong last_window_missing
# Title: the last window never drawn
# Hint: There are len(data) - block_size windows, and randint already leaves out its upper end.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size - 1, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong first_window_missing
# Title: the first window never drawn
# Hint: The first start is 0: let randint begin there.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(1, len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong one_start_too_many
# Title: a start from which the targets run over the end
# Hint: y needs one token more than x, so the last start is len(data) - block_size - 1.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size + 1, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong starts_anywhere
# Title: starts drawn from the whole data, so that windows run over the end
# Hint: A window needs block_size tokens and one more after them: draw from len(data) - block_size starts.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data), (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong clamped
# Title: starts from the whole data, those near the end moved to the last window
# Hint: The last window is then far too likely; draw from the len(data) - block_size possible starts, without clamp or min.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data), (batch_size,)).clamp(max=len(data) - block_size - 1)
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong wraps_around
# Title: windows that wrap around from the end to the beginning
# Hint: Nothing follows the last token; a window that needs more must not be drawn, so leave out roll and %.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data), (batch_size, 1)) + torch.arange(block_size)
    return data[ix % len(data)], data.roll(-1)[ix % len(data)]

# %% wrong rolled_targets
# Title: the last target of each row taken from its own beginning
# Hint: roll brings the first token of the row to its end; cut y from the data, starting one token later.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    return x, x.roll(-1, dims=1)

# %% wrong same_window
# Title: one window for all rows of the batch
# Hint: Draw batch_size starts, one for each row.
def get_batch(data, batch_size, block_size):
    i = int(torch.randint(len(data) - block_size, (1,)))
    x = torch.stack([data[i:i + block_size] for _ in range(batch_size)])
    y = torch.stack([data[i + 1:i + 1 + block_size] for _ in range(batch_size)])
    return x, y

# %% wrong one_stretch
# Title: one random stretch of text cut into the rows
# Hint: The rows of a batch are drawn independently: batch_size random starts.
def get_batch(data, batch_size, block_size):
    first = int(torch.randint(len(data) - batch_size * block_size, (1,)))
    x = data[first:first + batch_size * block_size].view(batch_size, block_size)
    y = data[first + 1:first + 1 + batch_size * block_size].view(batch_size, block_size)
    return x, y

# %% wrong not_random
# Title: the same first windows in each call
# Hint: Draw the starts at random, afresh in each call.
def get_batch(data, batch_size, block_size):
    ix = [row % (len(data) - block_size) for row in range(batch_size)]
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong seed_inside
# Title: a seed inside, so that each call gives the same batch
# Hint: Set a seed once, at the top of the notebook; inside get_batch it stops the randomness.
def get_batch(data, batch_size, block_size):
    torch.manual_seed(1337)
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong non_overlapping
# Title: starts only at multiples of block_size
# Hint: A window may start at any token; otherwise the model sees each token at one place of the block only.
def get_batch(data, batch_size, block_size):
    ix = torch.randint((len(data) - 1) // block_size, (batch_size,)) * block_size
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong time_first
# Title: shape (T, B) instead of (B, T)
# Hint: Rows are sequences: stack the windows along dimension 0.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix], dim=1)
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix], dim=1)
    return x, y

# %% wrong concatenated
# Title: windows put one behind the other in a single row
# Hint: torch.cat makes one long row of them; torch.stack makes a row of each window.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.cat([data[i:i + block_size] for i in ix])
    y = torch.cat([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% wrong last_target_only
# Title: only the token after the window as the target
# Hint: Every position of the window has a target: y has the shape of x.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + block_size] for i in ix])
    return x, y

# %% wrong independent_targets
# Title: targets from other windows than the inputs
# Hint: Draw the starts once and use the same ones for x and y.
def get_batch(data, batch_size, block_size):
    def windows(shift):
        ix = torch.randint(len(data) - block_size, (batch_size,)) + shift
        return torch.stack([data[i:i + block_size] for i in ix])
    return windows(0), windows(1)

# %% wrong random_tokens
# Title: single random tokens instead of windows
# Hint: A row is a stretch of the data: draw its start, then take block_size tokens in order.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - 1, (batch_size, block_size))
    return data[ix], data[ix + 1]

# %% wrong targets_longer
# Title: targets one token longer than the inputs
# Hint: y has the shape of x: it starts one token later and ends one token later.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i:i + block_size + 1] for i in ix])
    return x, y

# %% wrong targets_shorter
# Title: targets one token shorter than the inputs
# Hint: The last position has a target too, the token after the window: data[i+1 : i+1+block_size].
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + block_size] for i in ix])
    return x, y

# %% wrong floats
# Title: ids turned into floats
# Hint: torch.zeros makes floats; ids must stay integers, so pass dtype=torch.long or stack slices of data.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x, y = torch.zeros(batch_size, block_size), torch.zeros(batch_size, block_size)
    for row, i in enumerate(ix):
        x[row], y[row] = data[i:i + block_size], data[i + 1:i + 1 + block_size]
    return x, y

# %% wrong not_stacked
# Title: lists of windows instead of tensors
# Hint: A model takes one tensor of shape (B, T): torch.stack makes it from the list.
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    return [data[i:i + block_size] for i in ix], [data[i + 1:i + 1 + block_size] for i in ix]

# %% wrong numpy_arrays
# Title: NumPy arrays instead of tensors
# Hint: PyTorch's layers take tensors: use torch.stack, or torch.from_numpy at the end.
def get_batch(data, batch_size, block_size):
    ix = np.random.randint(0, len(data) - block_size, batch_size)
    x = np.stack([data[i:i + block_size].numpy() for i in ix])
    return x, np.stack([data[i + 1:i + 1 + block_size].numpy() for i in ix])

# %% wrong narrow_integers
# Title: int32 instead of int64
# Hint: cross_entropy asks for int64 targets. Leave the ids in the type of data, without .int().
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix]).int()
    return x, torch.stack([data[i + 1:i + 1 + block_size] for i in ix]).int()

# %% wrong each_start_once
# Title: no start drawn twice
# Hint: A text with fewer windows than batch_size then gives too few rows. torch.randint draws each row for itself.
def get_batch(data, batch_size, block_size):
    ix = torch.randperm(len(data) - block_size)[:batch_size]
    return (torch.stack([data[i:i + block_size] for i in ix]),
            torch.stack([data[i + 1:i + block_size + 1] for i in ix]))

# %% right stack
def get_batch(data, batch_size, block_size):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i:i + block_size] for i in ix])
    y = torch.stack([data[i + 1:i + 1 + block_size] for i in ix])
    return x, y

# %% right broadcast
def get_batch(data, batch_size, block_size):
    at = torch.randint(0, data.shape[0] - block_size, (batch_size, 1)) + torch.arange(block_size + 1)
    blocks = data[at]
    return blocks[:, :-1], blocks[:, 1:]

# %% right unfold
def get_batch(data, batch_size, block_size):
    windows = data.unfold(0, block_size + 1, 1)
    chosen = windows[torch.randint(len(windows), (batch_size,))]
    return chosen[:, :block_size].clone(), chosen[:, 1:].clone()

# %% right numpy
def get_batch(data, batch_size, block_size):
    values = np.asarray(data)
    starts = np.random.randint(0, len(values) - block_size, size=batch_size)
    x = np.stack([values[s:s + block_size] for s in starts])
    y = np.stack([values[s + 1:s + block_size + 1] for s in starts])
    return torch.from_numpy(x), torch.from_numpy(y)

# %% right python_random
import random
def get_batch(data, batch_size, block_size):
    x = torch.empty(batch_size, block_size, dtype=torch.int64)
    y = torch.empty_like(x)
    for b in range(batch_size):
        i = random.randrange(len(data) - block_size)
        x[b], y[b] = data[i:i + block_size], data[i + 1:i + block_size + 1]
    return x, y

# %% right unfolded
def get_batch(data, batch_size, block_size):
    windows = data.unfold(0, block_size + 1, 1)
    windows = windows[torch.randint(len(windows), (batch_size,))]
    return windows[:, :-1], windows[:, 1:]

# %% right filled_row_by_row
import random

def get_batch(data, batch_size, block_size):
    x = torch.zeros(batch_size, block_size, dtype=torch.long)
    y = torch.zeros_like(x)
    for row in range(batch_size):
        start = random.randint(0, len(data) - block_size - 1)
        x[row] = data[start : start + block_size]
        y[row] = data[start + 1 : start + block_size + 1]
    return [x, y]
