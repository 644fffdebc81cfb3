# %% wrong exact_gelu
# Title: the exact GELU, with the error function
# Hint: GPT-2 uses the tanh approximation; it differs by up to 5e-4.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))

# %% wrong sigmoid_gelu
# Title: the sigmoid approximation x · σ(1.702 x)
# Hint: GPT-2 uses the tanh approximation.
def gelu_tanh(x):
    return x * torch.sigmoid(1.702 * x)

# %% wrong no_half
# Title: the factor ½ missing
# Hint: 1 + tanh runs from 0 to 2, so that half of it is a gate: ½ x (1 + tanh(…)).
def gelu_tanh(x):
    return x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

# %% wrong no_root
# Title: 2/π without its root
# Hint: The factor is √(2/π), about 0.798.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(2 / math.pi * (x + 0.044715 * x**3)))

# %% wrong root_of_pi_half
# Title: √(π/2) in place of √(2/π)
# Hint: The factor is √(2/π), about 0.798.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(math.pi / 2) * (x + 0.044715 * x**3)))

# %% wrong no_cube
# Title: the cubic term missing
# Hint: Inside stands x + 0.044715 x³.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * x))

# %% wrong square
# Title: x² in place of x³
# Hint: Inside stands x + 0.044715 x³.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**2)))

# %% wrong digit_lost
# Title: 0.44715 in place of 0.044715
# Hint: The coefficient of x³ is 0.044715.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.44715 * x**3)))

# %% wrong brackets
# Title: √(2/π) on the first term only
# Hint: √(2/π) multiplies the whole bracket, x³ too.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3))

# %% wrong no_x
# Title: the factor x missing
# Hint: The gate multiplies x: ½ x (1 + tanh(…)).
def gelu_tanh(x):
    return 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

# %% wrong no_one
# Title: tanh without the 1 +
# Hint: ½ x (1 + tanh(…)): without the 1 negative inputs come out positive.
def gelu_tanh(x):
    return 0.5 * x * torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))

# %% wrong relu
# Title: ReLU
# Hint: The GELU is smooth: ½ x (1 + tanh(…)).
def gelu_tanh(x):
    return torch.relu(x)

# %% wrong torch_function
# Title: torch's own GELU
# Hint: Write the formula out.
def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")

# %% wrong squeezed
# Title: axes of length 1 dropped
# Hint: Work element by element and leave the shape alone.
def gelu_tanh(x):
    return (0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))).squeeze()

# %% wrong cut_off
# Title: 0 from -3 on
# Hint: No cases: the formula holds for every x, and is not yet 0 at -3.
def gelu_tanh(x):
    y = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return torch.where(x < -3, torch.zeros_like(x), y)

# %% wrong in_place
# Title: x changed in place
# Hint: x *= … writes into the caller's tensor: make a new one, 0.5 * x * ….
def gelu_tanh(x):
    gate = 1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    x *= 0.5
    x *= gate
    return x

# %% wrong no_gradient
# Title: the gradient cut off
# Hint: The model trains through this function: no torch.no_grad() and no .detach() in it.
@torch.no_grad()
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

# %% wrong no_factor
# Title: √(2/π) missing
# Hint: √(2/π) multiplies the bracket x + 0.044715 x³.
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(x + 0.044715 * x**3))

# %% right pow
def gelu_tanh(x):
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))

# %% right sigmoid_of_twice
def gelu_tanh(x):
    return x * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3))

# %% right horner
def gelu_tanh(x):
    return x / 2 * (1 + (0.7978845608028654 * x * (1 + 0.044715 * x * x)).tanh())

# %% right steps
def gelu_tanh(x):
    cubed = x * x * x
    inner = np.sqrt(2 / np.pi).item() * (x + 0.044715 * cubed)
    gate = (1 + torch.tanh(inner)) / 2
    return gate * x
