# %% wrong causal_in_training_only
# Title: the future is hidden in training mode only
# Kind: mask_one_mode
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.mT / math.sqrt(k.shape[-1])
        if self.training:
            scores = scores.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return self.dropout(F.softmax(scores, dim=-1)) @ v

# %% wrong scores_dropped
# Title: dropout acts on the scores, before the softmax
# Kind: other
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = self.dropout(q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5)
        scores = scores.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(scores, dim=-1) @ v

# %% wrong queries_are_keys
# Title: one linear map makes queries and keys
# Kind: other
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("may_attend", torch.ones(block_size, block_size, dtype=torch.bool).tril())
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        k, v = self.key(x), self.value(x)
        _, weights = attention(k, k, v, self.may_attend[:T, :T])
        return self.dropout(weights) @ v

# %% wrong relu_on_the_values
# Title: a ReLU on the values
# Kind: extra_nonlinearity
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("may_attend", torch.ones(block_size, block_size, dtype=torch.bool).tril())
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        v = F.relu(self.value(x))
        _, weights = attention(self.query(x), self.key(x), v, self.may_attend[:T, :T])
        return self.dropout(weights) @ v

# %% wrong mask_as_a_parameter
# Title: the mask is a parameter
# Kind: other
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.mask = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)
        _, weights = attention(q, k, v, self.mask[:T, :T] == 1)
        return self.dropout(weights) @ v

# %% wrong mask_of_the_first_text
# Title: the mask is made for the first text's length and kept
# Kind: keeps_state
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.drop = nn.Dropout(dropout)
        self.tril = None

    def forward(self, x):
        B, T, C = x.shape
        if self.tril is None:
            self.tril = torch.tril(torch.ones(T, T, device=x.device)).bool()
        q, k, v = self.query(x), self.key(x), self.value(x)
        _, weights = attention(q, k, v, self.tril[:T, :T])
        return self.drop(weights) @ v

# %% wrong ready_made_by_another_name
# Title: PyTorch's ready-made attention, imported under another name
# Kind: other
from torch.nn.functional import scaled_dot_product_attention as attend

class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.p = dropout

    def forward(self, x):
        p = self.p if self.training else 0.0
        return attend(self.query(x), self.key(x), self.value(x), dropout_p=p, is_causal=True)

# %% right one_stacked_parameter
class Head(nn.Module):
    """Queries, keys and values from one stack of matrices, stored as (in, out), with biases shaped like matrices."""

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.maps = nn.Parameter(torch.randn(3, n_embd, head_size) / math.sqrt(n_embd))
        self.shifts = nn.Parameter(torch.zeros(3, 1, head_size))
        self.p = dropout

    def forward(self, x):
        T = x.shape[-2]
        q, k, v = (x @ matrix + shift for matrix, shift in zip(self.maps, self.shifts))
        scores = q @ k.mT / math.sqrt(k.shape[-1])
        future = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = torch.softmax(scores.masked_fill(future, -torch.inf), dim=-1)
        return F.dropout(weights, self.p, self.training) @ v

# %% right one_linear_for_three
class Head(nn.Module):
    def __init__(self, n_embd: int, head_size: int, block_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.qkv = nn.Linear(n_embd, 3 * head_size)
        self.register_buffer("shield", torch.full((block_size, block_size), -torch.inf).triu(1), persistent=False)
        self.after = nn.Sequential(nn.Softmax(dim=-1), nn.Dropout(dropout))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        length = x.shape[1]
        k, v, q = self.qkv(x).chunk(3, dim=-1)
        agreement = torch.einsum("bid,bjd->bij", q, k).div(math.sqrt(q.size(-1)))
        return torch.einsum("bij,bjd->bid", self.after(agreement + self.shield[:length, :length]), v)

# %% right row_after_row
class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.maps = nn.ModuleDict({name: nn.Linear(n_embd, head_size, bias=False) for name in ("asks", "wears", "hands")})
        self.dropout = nn.Dropout(p=dropout)
        self.root = head_size**0.5

    def forward(self, x):
        asks, wears, hands = (self.maps[name](x) for name in ("asks", "wears", "hands"))
        outputs = []
        for t in range(x.size(1)):
            scores = (asks[:, t : t + 1] * wears[:, : t + 1]).sum(-1) / self.root  # (B, t + 1)
            weights = self.dropout(scores.softmax(-1))
            outputs.append((weights.unsqueeze(-1) * hands[:, : t + 1]).sum(1))
        return torch.stack(outputs, dim=1)
