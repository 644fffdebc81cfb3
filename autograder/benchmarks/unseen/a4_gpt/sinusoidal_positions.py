# %% wrong last_wheel_at_10000
# Title: the exponents run to 1 instead of (C − 2) / C
# Kind: off_by_one_end
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size)[:, None]
    wavelength = 10000 ** torch.linspace(0, 1, n_embd // 2)
    angles = position / wavelength
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(block_size, n_embd)

# %% wrong whole_exponents
# Title: the exponent is divided as a whole number, so all wheels turn alike
# Kind: other
def sinusoidal_positions(block_size, n_embd):
    table = torch.zeros(block_size, n_embd)
    position = torch.arange(block_size).float().unsqueeze(1)
    two_i = torch.arange(0, n_embd, 2)
    angles = position / 10000 ** (two_i // n_embd)
    table[:, 0::2] = torch.sin(angles)
    table[:, 1::2] = torch.cos(angles)
    return table

# %% wrong half_precision
# Title: angles in half precision
# Kind: half_precision
def sinusoidal_positions(block_size, n_embd):
    position = torch.arange(block_size)[:, None].half()
    speed = (10000.0 ** (-torch.arange(0, n_embd, 2) / n_embd)).half()
    angles = position * speed
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(block_size, n_embd).float()

# %% right complex_wheels
def sinusoidal_positions(block_size, n_embd):
    wheels = torch.exp(torch.arange(0, n_embd, 2, dtype=torch.double) * (-math.log(10_000) / n_embd))
    angles = torch.outer(torch.arange(block_size, dtype=torch.double), wheels)
    on_the_circle = torch.polar(torch.ones_like(angles), math.pi / 2 - angles)  # real part sin, imaginary part cos
    return torch.view_as_real(on_the_circle).flatten(1).float()

# %% right numpy_by_columns
def sinusoidal_positions(block_size: int, n_embd: int) -> torch.Tensor:
    table = np.zeros((block_size, n_embd), dtype=np.float32)
    p = np.arange(block_size)
    for i in range(n_embd // 2):
        angle = p / np.power(10000.0, 2 * i / n_embd)
        table[:, 2 * i], table[:, 2 * i + 1] = np.sin(angle), np.cos(angle)
    return torch.from_numpy(table)
