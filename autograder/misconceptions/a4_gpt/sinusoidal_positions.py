# %% wrong sine_and_cosine_exchanged
# Title: sines and cosines exchanged
# Hint: Even columns are sines, odd columns cosines.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.cos(position * div_term)
    pe[:, 1::2] = torch.sin(position * div_term)
    return pe

# %% wrong halves
# Title: sines in the first half, cosines in the second
# Hint: They alternate: column 2i is a sine, column 2i + 1 a cosine.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, : n_embd // 2] = torch.sin(position * div_term)
    pe[:, n_embd // 2 :] = torch.cos(position * div_term)
    return pe

# %% wrong angles_not_paired
# Title: another angle for the cosine than for the sine
# Hint: Columns 2i and 2i + 1 share their angle, position / 10000^(2i / n_embd).
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position / 10000 ** (torch.arange(1, n_embd, 2) / n_embd))
    return pe

# %% wrong exponent_doubled
# Title: the exponent doubled
# Hint: torch.arange(0, n_embd, 2) already is 2i.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(2 * torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong exponent_halved
# Title: the exponent i / n_embd in place of 2i / n_embd
# Hint: With i = 0, 1, 2, … the exponent is 2i / n_embd.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(n_embd // 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong multiplied
# Title: positions multiplied by 10000^… instead of divided
# Hint: The angle is position / 10000^(2i / n_embd): later columns turn more slowly.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong base_1000
# Title: 1000 in place of 10000
# Hint: The base is 10000.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(1000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong base_e
# Title: no base: exp(-2i / n_embd)
# Hint: The base is 10000: 10000^(2i / n_embd) = exp(ln 10000 · 2i / n_embd).
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-1.0 / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong positions_from_one
# Title: positions that start at 1
# Hint: The first position is 0: torch.arange(block_size).
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(1, block_size + 1).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong sines_only
# Title: sines in every column
# Hint: Odd columns are cosines.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.sin(position * div_term)
    return pe

# %% wrong transposed
# Title: positions across, features down
# Hint: A row for each position: shape (block_size, n_embd).
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe.T

# %% wrong last_exponent_one
# Title: the exponents stretched to reach 1
# Hint: The exponent of column 2i is 2i / n_embd; it never reaches 1.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = 10000.0 ** -torch.linspace(0, 1, n_embd // 2)
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% wrong numpy_array
# Title: a NumPy array in place of a tensor
# Hint: A model needs a tensor: torch.from_numpy, or torch functions from the start.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe.numpy()

# %% wrong half_the_columns
# Title: n_embd frequencies, twice the columns
# Hint: Each frequency fills two columns: there are n_embd / 2 of them.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    angles = position / 10000 ** (torch.arange(n_embd) / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)

# %% wrong trainable
# Title: a table that is trained
# Hint: These positions are fixed: return the table itself, without nn.Parameter and requires_grad.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return nn.Parameter(pe)

# %% wrong batch_axis
# Title: an axis for the batch in front
# Hint: Return (block_size, n_embd); adding it to (B, T, C) broadcasts by itself.
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe.unsqueeze(0)

# %% wrong list_of_lists
# Title: a list in place of a tensor
# Hint: A model needs a tensor: torch.tensor(rows).
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe.tolist()

# %% wrong doubled_and_not_paired
# Title: the step of 2 counted twice, and the cosine one further
# Hint: 2i already runs through 0, 2, 4, …: both columns of a pair have the angle position / 10000^(2i / n_embd).
def sinusoidal_positions(block_size, n_embd):
    pe = torch.zeros(block_size, n_embd)
    for position in range(block_size):
        for i in range(0, n_embd, 2):
            pe[position, i] = math.sin(position / 10000 ** (2 * i / n_embd))
            pe[position, i + 1] = math.cos(position / 10000 ** (2 * (i + 1) / n_embd))
    return pe

# %% right annotated
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size).float().unsqueeze(1)
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(10000.0) / n_embd))
    pe = torch.zeros(block_size, n_embd)
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe

# %% right loops
def sinusoidal_positions(block_size, n_embd):
    table = torch.zeros(block_size, n_embd)
    for pos in range(block_size):
        for i in range(n_embd // 2):
            angle = pos / 10000 ** (2 * i / n_embd)
            table[pos, 2 * i] = math.sin(angle)
            table[pos, 2 * i + 1] = math.cos(angle)
    return table

# %% right phase
def sinusoidal_positions(block_size, n_embd):
    column = torch.arange(n_embd)
    angle = torch.arange(block_size)[:, None] / torch.pow(10000, (column - column % 2) / n_embd)
    return torch.where(column % 2 == 0, torch.sin(angle), torch.cos(angle))

# %% right double_numpy
def sinusoidal_positions(block_size, n_embd):
    angle = np.arange(block_size)[:, None] * 10000.0 ** (-np.arange(0, n_embd, 2) / n_embd)
    out = np.empty((block_size, n_embd))
    out[:, ::2], out[:, 1::2] = np.sin(angle), np.cos(angle)
    return torch.from_numpy(out)

# %% right outer
def sinusoidal_positions(block_size, n_embd):
    freq = 1.0 / (10000.0 ** (torch.arange(0, n_embd, 2) / n_embd))
    angles = torch.outer(torch.arange(block_size, dtype=torch.float32), freq)
    return torch.cat([angles.sin().unsqueeze(-1), angles.cos().unsqueeze(-1)], dim=-1).view(block_size, -1)
