# %% wrong one_head_many_times
# Title: one and the same head n_head times
# Kind: other
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout)] * n_head)
        self.projection = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([h(x) for h in self.heads], dim=-1)
        return self.dropout(self.projection(out))

# %% wrong each_head_reads_its_share
# Title: each head reads n_embd / n_head features of x instead of all
# Kind: sizes_exchanged
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // n_head
        self.heads = nn.ModuleList(Head(head_size, head_size, block_size, dropout) for _ in range(n_head))
        self.projection = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        parts = x.chunk(len(self.heads), dim=-1)
        out = torch.cat([head(part) for head, part in zip(self.heads, parts)], dim=-1)
        return self.dropout(self.projection(out))

# %% wrong relu_after_the_projection
# Title: a ReLU after the projection
# Kind: extra_nonlinearity
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // n_head
        self.heads = nn.ModuleList([Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Sequential(nn.Linear(n_embd, n_embd), nn.ReLU(), nn.Dropout(dropout))

    def forward(self, x):
        return self.proj(torch.cat([h(x) for h in self.heads], dim=-1))

# %% wrong one_head_is_not_projected
# Title: with one head alone, the projection is left out
# Kind: other
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList(Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head))
        self.projection = nn.Linear(n_embd, n_embd) if n_head > 1 else nn.Identity()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.projection(out))

# %% right stacked_matrices
class MultiHeadAttention(nn.Module):
    """All heads' matrices in one stack, (3, n_head, C, head_size), with biases shaped to fit."""

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // n_head
        self.W = nn.Parameter(torch.randn(3, n_head, n_embd, head_size) / n_embd**0.5)
        self.b = nn.Parameter(torch.zeros(3, n_head, 1, head_size))
        self.W_out = nn.Parameter(torch.randn(n_head, head_size, n_embd) / n_embd**0.5)
        self.b_out = nn.Parameter(torch.zeros(1, 1, n_embd))
        self.register_buffer("past", torch.ones(block_size, block_size).tril().bool())
        self.p = dropout

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = torch.einsum("btc,phcd->pbhtd", x, self.W) + self.b[:, None]
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~self.past[:T, :T], -torch.inf).softmax(-1)
        weights = F.dropout(weights, self.p, training=self.training)
        out = torch.einsum("bhts,bhsd,hdc->btc", weights, v, self.W_out) + self.b_out
        return F.dropout(out, self.p, training=self.training)

# %% right interleaved
class MultiHeadAttention(nn.Module):
    """Feature i of every head, then feature i + 1 of every head: the projection learns whatever order it gets."""

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        for i in range(n_head):
            self.add_module(f"head_{i}", Head(n_embd, n_embd // n_head, block_size, dropout))
        self.mix = nn.Linear(n_embd, n_embd)
        self.n_head = n_head
        self.forget = nn.Dropout(dropout)

    def forward(self, x):
        found = torch.stack([getattr(self, f"head_{i}")(x) for i in range(self.n_head)], dim=-1)
        return self.forget(self.mix(found.flatten(start_dim=2)))

# %% right ready_made
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.inner = nn.MultiheadAttention(n_embd, n_head, dropout=dropout, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        blocked = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        return self.dropout(self.inner(x, x, x, attn_mask=blocked, need_weights=False)[0])
