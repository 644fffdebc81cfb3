# %% wrong four_features
# Title: four hidden features instead of 4 · C
# Kind: sizes_exchanged
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_embd, 4), nn.ReLU(), nn.Linear(4, n_embd), nn.Dropout(dropout))

    def forward(self, x):
        return self.net(x)

# %% wrong hidden_dropped
# Title: dropout acts on the hidden features instead of the output
# Kind: other
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong leaky
# Title: LeakyReLU between the layers
# Kind: extra_nonlinearity
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.contract = nn.Linear(4 * n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.contract(F.leaky_relu(self.expand(x))))

# %% right turned_parameters
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        hidden = 4 * n_embd
        self.W_1, self.b_1 = nn.Parameter(torch.randn(n_embd, hidden) * 0.05), nn.Parameter(torch.zeros(1, hidden))
        self.W_2, self.b_2 = nn.Parameter(torch.randn(hidden, n_embd) * 0.05), nn.Parameter(torch.zeros(1, n_embd))
        self.p = dropout

    def forward(self, x):
        shape = x.shape
        tokens = x.reshape(-1, shape[-1])
        hidden = torch.addmm(self.b_1, tokens, self.W_1).clamp(min=0)
        return F.dropout(torch.addmm(self.b_2, hidden, self.W_2), self.p, self.training).reshape(shape)

# %% right gelu_in_a_subclass
class FeedForward(nn.Sequential):
    def __init__(self, n_embd: int, dropout: float = 0.0):
        layers = [nn.Linear(n_embd, n_embd * 4), nn.GELU(), nn.Linear(n_embd * 4, n_embd)]
        super().__init__(*layers, nn.Dropout(dropout))
