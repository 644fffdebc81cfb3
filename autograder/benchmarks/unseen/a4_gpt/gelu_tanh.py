# %% wrong cube_of_the_product
# Title: the factor is cubed as well: (0.044715 x)³
# Kind: other
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + (0.044715 * x) ** 3)))

# %% wrong root_of_two_alone
# Title: √2 / π instead of √(2/π)
# Kind: other
def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2) / math.pi * (x + 0.044715 * x.pow(3))))

# %% right as_a_sigmoid
def gelu_tanh(x):
    """(1 + tanh u) / 2 is the logistic function of 2u."""
    return x * torch.sigmoid(x * (1 + 0.044715 * x * x) * (8 / math.pi) ** 0.5)
