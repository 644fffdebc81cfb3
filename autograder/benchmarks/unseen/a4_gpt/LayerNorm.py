# %% wrong one_gain_for_all
# Title: one gain and one bias for all features
# Kind: other
class LayerNorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.gain * (x - mean) / torch.sqrt(variance + self.eps) + self.bias

# %% wrong statistics_without_gradient
# Title: no gradient flows through mean and variance
# Kind: gradient_cut
class LayerNorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        with torch.no_grad():
            mean = x.mean(dim=-1, keepdim=True)
            variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.gain * (x - mean) / torch.sqrt(variance + self.eps) + self.bias

# %% wrong centred_in_place
# Title: the mean is subtracted in place
# Kind: changes_input
class LayerNorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        x -= x.mean(dim=-1, keepdim=True)
        variance = x.pow(2).mean(dim=-1, keepdim=True)
        return self.gain * x / torch.sqrt(variance + self.eps) + self.bias

# %% wrong variance_at_least_eps
# Title: the variance is raised to ε at least, instead of adding ε
# Kind: other
class LayerNorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        centred = x - x.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return self.gain * centred * variance.clamp(min=self.eps).rsqrt() + self.bias

# %% right var_mean
class LayerNorm(nn.Module):
    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.register_buffer("epsilon", torch.tensor(eps))
        self.gamma = nn.Parameter(torch.ones(n_embd))
        self.beta = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return torch.addcmul(self.beta, (x - mean) * (variance + self.epsilon).rsqrt(), self.gamma)

# %% right centring_matrix
class LayerNorm(nn.Module):
    """Centring is a projection: x - mean = x (I - 1/C)."""

    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        self.C, self.eps = n_embd, eps
        self.scale_and_shift = nn.ParameterDict({"scale": torch.ones(n_embd), "shift": torch.zeros(n_embd)})

    def forward(self, x):
        centred = x - x.sum(-1, keepdim=True) / self.C
        length = torch.linalg.vector_norm(centred, dim=-1, keepdim=True)
        unit = centred / torch.sqrt(length**2 / self.C + self.eps)
        return unit @ torch.diag(self.scale_and_shift["scale"]) + self.scale_and_shift["shift"]
