# %% wrong no_second_linear
# Title: no second linear layer
# Hint: The hidden 4 · n_embd features go back to n_embd: a second linear layer.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong one_linear_layer
# Title: one linear layer of width n_embd
# Hint: Two linear layers: n_embd → 4 · n_embd, activation, 4 · n_embd → n_embd.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong not_wider
# Title: a hidden layer as wide as the input
# Hint: The hidden layer is four times wider: 4 * n_embd.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, n_embd),
            nn.ReLU(),
            nn.Linear(n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong twice_as_wide
# Title: a hidden layer twice as wide
# Hint: The hidden layer is four times wider: 4 * n_embd.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 2 * n_embd),
            nn.ReLU(),
            nn.Linear(2 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong no_activation
# Title: no activation between the linear layers
# Hint: Two linear layers in a row are one linear layer; ReLU or GELU goes between them.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong activation_last
# Title: the activation after the second layer
# Hint: It belongs between the two linear layers.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.Linear(4 * n_embd, n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong activation_first
# Title: the activation before the first layer
# Hint: It belongs between the two linear layers.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.ReLU(),
            nn.Linear(n_embd, 4 * n_embd),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong two_activations
# Title: an activation after the second layer too
# Hint: The output is linear in the hidden layer: no activation after the second linear layer.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.ReLU(),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong tanh
# Title: tanh for the activation
# Hint: Use ReLU or GELU.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.Tanh(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong sigmoid
# Title: the sigmoid for the activation
# Hint: Use ReLU or GELU.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.Sigmoid(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong silu
# Title: SiLU for the activation
# Hint: Use ReLU or GELU; SiLU comes with SwiGLU, later.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.SiLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong softmax
# Title: a softmax between the layers
# Hint: Use ReLU or GELU: the hidden features do not compete.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.Softmax(dim=-1),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong residual_inside
# Title: the input added inside
# Hint: The residual connection belongs to the block; here only the second layer's output is returned.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return x + self.net(x)

# %% wrong dropout_missing
# Title: no dropout
# Hint: Apply nn.Dropout(dropout) to the output.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong dropout_fixed
# Title: a dropout rate of its own, whatever dropout says
# Hint: Hand the argument on: nn.Dropout(dropout).
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(0.2),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong dropout_always_on
# Title: dropout that stays on in evaluation mode
# Hint: F.dropout is on unless you pass training=self.training; nn.Dropout knows the mode by itself.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.fc1 = nn.Linear(n_embd, 4 * n_embd)
        self.fc2 = nn.Linear(4 * n_embd, n_embd)
        self.p = dropout

    def forward(self, x):
        return F.dropout(self.fc2(F.relu(self.fc1(x))), self.p)

# %% wrong layers_made_in_forward
# Title: layers made anew in every forward
# Hint: Layers are made once, in __init__; made in forward they are random each time and never trained.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.n_embd = n_embd
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        up, down = nn.Linear(self.n_embd, 4 * self.n_embd), nn.Linear(4 * self.n_embd, self.n_embd)
        return self.dropout(down(F.relu(up(x))))

# %% wrong whole_tokens_dropped
# Title: dropout of whole tokens
# Hint: Each number is dropped by itself: nn.Dropout.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout1d(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong relu6
# Title: ReLU6 for the activation
# Hint: Use nn.ReLU() or nn.GELU(); what is large must stay large.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU6(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong leaky_relu
# Title: a leaky ReLU for the activation
# Hint: Use nn.ReLU() or nn.GELU().
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.LeakyReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong norm_inside
# Title: a layer norm inside
# Hint: The norm is not part of this layer; the block puts it in front.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.LayerNorm(n_embd),
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong seed_inside
# Title: weights that start the same each time
# Hint: Set no seed inside the class, and let torch draw the weights.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        torch.manual_seed(42)
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% wrong input_detached
# Title: an input that is cut off from its history
# Hint: Leave out detach() and no_grad(): what came before has to learn too.
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x.detach())

# %% right lecture
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )

    def forward(self, x):
        return self.net(x)

# %% right gelu
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.c_fc = nn.Linear(n_embd, 4 * n_embd, bias=False)
        self.gelu = nn.GELU()
        self.c_proj = nn.Linear(4 * n_embd, n_embd, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.c_proj(self.gelu(self.c_fc(x))))

# %% right tanh_gelu_functional
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.up, self.down, self.p = nn.Linear(n_embd, n_embd * 4), nn.Linear(n_embd * 4, n_embd), dropout

    def forward(self, x):
        h = F.dropout(F.gelu(self.up(x), approximate="tanh"), self.p, training=self.training)
        return self.down(h)

# %% right parameters
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        hidden = 4 * n_embd
        self.W1 = nn.Parameter(torch.randn(n_embd, hidden) / n_embd**0.5)
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.W2 = nn.Parameter(torch.randn(hidden, n_embd) / hidden**0.5)
        self.b2 = nn.Parameter(torch.zeros(n_embd))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(torch.clamp(x @ self.W1 + self.b1, min=0) @ self.W2 + self.b2)

# %% right convolution
class FeedForward(nn.Sequential):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__(nn.Conv1d(n_embd, 4 * n_embd, 1), nn.ReLU(), nn.Conv1d(4 * n_embd, n_embd, 1), nn.Dropout(p=dropout))

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)

# %% right dropout_inside_too
class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd)
        self.act, self.drop1, self.drop2 = nn.GELU(), nn.Dropout(dropout), nn.Dropout(dropout)

    def forward(self, x):
        return self.drop2(self.fc2(self.drop1(self.act(self.fc1(x)))))
