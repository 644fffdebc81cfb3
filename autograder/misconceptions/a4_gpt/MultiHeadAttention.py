# %% wrong scale_n_embd
# Title: scores scaled by n_embd instead of the head size
# Hint: Each score is a sum of n_embd // n_head products: divide by the root of the head size.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * C**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong no_scale
# Title: scores not scaled
# Hint: Divide the scores by the root of the head size before the softmax.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1)
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong scale_without_root
# Title: scores divided by the head size instead of its root
# Hint: A sum of head_size products spreads like its root: head_size ** -0.5.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) / head_size
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong scale_of_length
# Title: scores scaled by the number of tokens
# Hint: The scale is the root of the head size, the last dimension of q, not of T.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * T**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong scale_n_head
# Title: scores scaled by the number of heads
# Hint: The scale is the root of the head size, n_embd // n_head, not of n_head.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * self.n_head**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong scale_after_softmax
# Title: weights scaled after the softmax
# Hint: The scale belongs to the scores; after the softmax the weights of a row no longer sum to one.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1)
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1) * head_size**-0.5
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong no_projection
# Title: no output projection
# Hint: After torch.cat a linear layer n_embd → n_embd mixes what the heads found.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(out)

# %% wrong projection_not_used
# Title: an output projection that is declared and never used
# Hint: Apply it in forward, after torch.cat.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(out)

# %% wrong no_mask
# Title: no causal mask
# Hint: Every token sees the later ones here. Fill the scores with -inf where the key comes after the query.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_excludes_self
# Title: the mask j < i, so that a token does not see itself
# Hint: Token i sees j ≤ i, itself included; otherwise the first row has nothing to attend to and becomes NaN.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size), diagonal=-1))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_turned
# Title: a mask that keeps the future and hides the past
# Hint: torch.tril is 1 where a token may look: fill with -inf where it is 0.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 1, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong triu_mask
# Title: torch.triu in place of torch.tril, filled where it is 0
# Hint: torch.triu keeps the future. A token sees itself and what came before: torch.tril.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.triu(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong sdpa_mask_turned
# Title: SDPA's boolean mask turned round
# Hint: In attn_mask True means may attend; torch.triu(…, 1) marks the future.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        future = torch.triu(torch.ones(T, T), diagonal=1).bool()
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=future).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_after_softmax
# Title: masked after the softmax
# Hint: Mask first, then softmax: otherwise the rows no longer sum to one.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = F.softmax(wei, dim=-1)
        wei = wei.masked_fill(self.tril[:T, :T] == 0, 0.0)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_with_zeros
# Title: masked scores set to 0
# Hint: exp(0) is 1, so a score of 0 still gets weight. A masked score is -inf.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei * self.tril[:T, :T]
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong softmax_over_queries
# Title: softmax over the queries
# Hint: Each query shares its own weight out over the keys: softmax along the last axis.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-2)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong softmax_over_heads
# Title: softmax over the heads
# Hint: Each head has its own softmax, over the keys: the last axis.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, -1e9)
        wei = F.softmax(wei, dim=1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong wide_heads
# Title: heads of size n_embd instead of n_embd // n_head
# Hint: The heads share the width: each has n_embd // n_head features, so that side by side they make n_embd again.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_head * n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% wrong narrow_output
# Title: heads as wide as n_head
# Hint: The head size is n_embd // n_head; there are n_head heads of that size.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_head, block_size, dropout) for _ in range(n_embd // n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% wrong same_head_repeated
# Title: the same head repeated
# Hint: [Head(…)] * n_head is one head, n_head times. Make a new one in each step: Head(…) for _ in range(n_head).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout)] * n_head)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% wrong plain_list
# Title: heads in a plain Python list
# Hint: A plain list hides the heads: they are not trained, saved or moved. Use nn.ModuleList.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = [Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)]
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% wrong heads_summed
# Title: heads added up instead of side by side
# Hint: torch.cat the heads along the features; the sum of n_head heads is only n_embd // n_head wide.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd // n_head, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = sum(head(x) for head in self.heads)
        return self.dropout(self.proj(out))

# %% wrong heads_averaged
# Title: heads averaged instead of side by side
# Hint: torch.cat the heads along the features, so that each keeps its own.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd // n_head, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.stack([head(x) for head in self.heads]).mean(0)
        return self.dropout(self.proj(out))

# %% wrong cat_along_time
# Title: heads put one after the other in time
# Hint: torch.cat the heads along the features, dim=-1; dim=1 is time.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd // n_head, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=1)
        return self.dropout(self.proj(out))

# %% wrong one_head_only
# Title: a single head of full width, whatever n_head says
# Hint: Split the width into n_head heads of n_embd // n_head features each.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd, block_size, dropout)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% wrong split_without_transpose
# Title: view to (B, n_head, T, head_size) without a transpose
# Hint: view only cuts the same numbers differently, so that tokens and features mix. First (B, T, n_head, head_size), then transpose(1, 2).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, self.n_head, T, head_size)
        k = self.key(x).view(B, self.n_head, T, head_size)
        v = self.value(x).view(B, self.n_head, T, head_size)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong merge_without_transpose
# Title: heads put together without the transpose back
# Hint: (B, n_head, T, head_size) first goes back to (B, T, n_head, head_size), then the last two axes are joined.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).reshape(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong no_transpose
# Title: heads attended across instead of tokens
# Hint: Attention runs over the two axes before the last: bring n_head in front of T, transpose(1, 2).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size)
        k = self.key(x).view(B, T, self.n_head, head_size)
        v = self.value(x).view(B, T, self.n_head, head_size)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong keys_from_query
# Title: keys made by the query layer
# Hint: Queries and keys have a layer each: k = self.key(x).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong values_from_key
# Title: values made by the key layer
# Hint: Keys and values have a layer each: v = self.value(x).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong values_not_projected
# Title: values that are the input itself
# Hint: What is averaged is v = self.value(x), not x.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = x.view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong shared_keys_and_values
# Title: one key and one value for all heads
# Hint: Each head has keys and values of its own here; sharing them is another architecture (multi-query attention).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd // n_head, bias=False)
        self.value = nn.Linear(n_embd, n_embd // n_head, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x)[:, None]
        v = self.value(x)[:, None]
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong residual_inside
# Title: the input added inside
# Hint: The residual connection belongs to the block; here only the projection is returned.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return x + self.dropout(self.proj(out))

# %% wrong relu_after_projection
# Title: an activation after the projection
# Hint: The projection is linear; activations are in the feed-forward layer.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(F.relu(self.proj(out)))

# %% wrong dropout_never_applied
# Title: dropout declared and never applied
# Hint: Call the dropout layer in forward, on the weights or on the output.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.proj(out)

# %% wrong dropout_always_on
# Title: dropout that stays on in evaluation mode
# Hint: F.dropout is on unless you pass training=self.training; nn.Dropout knows the mode by itself.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.rate = dropout
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return F.dropout(self.proj(out), self.rate)

# %% wrong dropout_fixed
# Title: a dropout rate of its own, whatever dropout says
# Hint: Hand the argument on: nn.Dropout(dropout).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(0.2)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_not_cut
# Title: a mask that fits full blocks only
# Hint: A context may be shorter than block_size: use self.tril[:T, :T].
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong mask_not_registered
# Title: a mask that is not a buffer
# Hint: A tensor kept as a plain attribute stays behind when the model moves to a GPU: self.register_buffer("tril", …).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.tril = torch.tril(torch.ones(block_size, block_size))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% wrong attention_over_batch
# Title: attention across the batch
# Hint: The rows of a batch never meet: T is dimension 1. batch_first=True where a layer of torch expects time first.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attention = nn.MultiheadAttention(n_embd, n_head, dropout=dropout)

    def forward(self, x):
        T = x.shape[0]
        mask = torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1)
        return self.attention(x, x, x, attn_mask=mask, need_weights=False)[0]

# %% wrong dropout_before_projection
# Title: dropout before the projection
# Hint: The last dropout comes after the projection: dropout(projection(…)).
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // n_head
        self.heads = nn.ModuleList([Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([h(x) for h in self.heads], dim=-1)
        out = self.proj(self.dropout(out))
        return out

# %% wrong dropout_elsewhere
# Title: dropout in another place than on the attention weights
# Hint: Dropout works in two places: on the weights, after the softmax, and on the output, after the projection.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(dropout)
        self.resid_dropout = nn.Dropout(dropout)
        self.register_buffer("bias", torch.tril(torch.ones(block_size, block_size)).view(1, 1, block_size, block_size))
        self.n_head = n_head
        self.n_embd = n_embd

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:,:,:T,:T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1)
        v = self.attn_dropout(v)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        y = self.resid_dropout(self.c_proj(y))
        return y

# %% wrong heads_of_slices
# Title: heads that read a slice of the input each
# Hint: Each head reads all n_embd features of x; only its output is n_embd // n_head wide.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // n_head
        self.heads = nn.ModuleList([Head(head_size, head_size, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([h(part) for h, part in zip(self.heads, x.chunk(len(self.heads), dim=-1))], dim=-1)
        out = self.dropout(self.proj(out))
        return out

# %% wrong mask_remembered
# Title: a mask that keeps the length of the first text
# Hint: Make it for block_size, or anew in each call, and cut it to T.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(dropout)
        self.resid_dropout = nn.Dropout(dropout)
        self.bias = None
        self.n_head = n_head
        self.n_embd = n_embd

    def forward(self, x):
        B, T, C = x.size()
        if self.bias is None:
            self.bias = torch.tril(torch.ones(T, T)).view(1, 1, T, T)
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:,:,:T,:T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1)
        att = self.attn_dropout(att)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        y = self.resid_dropout(self.c_proj(y))
        return y

# %% wrong weights_detached
# Title: attention weights without gradients
# Hint: Leave out detach(): queries and keys learn through the weights.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(dropout)
        self.resid_dropout = nn.Dropout(dropout)
        self.register_buffer("bias", torch.tril(torch.ones(block_size, block_size)).view(1, 1, block_size, block_size))
        self.n_head = n_head
        self.n_embd = n_embd

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:,:,:T,:T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1).detach()
        att = self.attn_dropout(att)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        y = self.resid_dropout(self.c_proj(y))
        return y

# %% wrong seed_inside
# Title: weights that start the same each time
# Hint: Set no seed inside the class, and let torch draw the weights.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        torch.manual_seed(1337)
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(dropout)
        self.resid_dropout = nn.Dropout(dropout)
        self.register_buffer("bias", torch.tril(torch.ones(block_size, block_size)).view(1, 1, block_size, block_size))
        self.n_head = n_head
        self.n_embd = n_embd

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:,:,:T,:T] == 0, float('-inf'))
        att = F.softmax(att, dim=-1)
        att = self.attn_dropout(att)
        y = att @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        y = self.resid_dropout(self.c_proj(y))
        return y

# %% wrong n_head_fixed
# Title: a number of heads of its own, whatever n_head says
# Hint: Make n_head heads of n_embd // n_head features.
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        head_size = n_embd // 4
        self.heads = nn.ModuleList([Head(n_embd, head_size, block_size, dropout) for _ in range(4)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([h(x) for h in self.heads], dim=-1)
        out = self.dropout(self.proj(out))
        return out

# %% wrong finite_mask
# Title: a finite number in place of -inf
# Hint: Such a score hides the future only while all others are larger: where they are lower still, the future wins. Write float("-inf").
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q, k, v = (f(x).view(B, T, self.n_head, head_size).transpose(1, 2) for f in (self.query, self.key, self.value))
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, -1e9)
        wei = self.dropout(F.softmax(wei, dim=-1))
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% right lecture_heads
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList([Head(n_embd, n_embd // n_head, block_size, dropout) for _ in range(n_head)])
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))

# %% right separate_projections
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        head_size = C // self.n_head
        q = self.query(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        k = self.key(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, head_size).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * head_size**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.dropout(self.proj(out))

# %% right fused_sdpa
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        assert n_embd % n_head == 0
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd, bias=False)
        self.resid_dropout = nn.Dropout(dropout)
        self.n_head, self.n_embd, self.dropout = n_head, n_embd, dropout

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        q, k, v = (t.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0, is_causal=True)
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.resid_dropout(self.c_proj(y))

# %% right einsum_parameters
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        size = n_embd // n_head
        self.Wq = nn.Parameter(torch.randn(n_head, n_embd, size) / n_embd**0.5)
        self.Wk = nn.Parameter(torch.randn(n_head, n_embd, size) / n_embd**0.5)
        self.Wv = nn.Parameter(torch.randn(n_head, n_embd, size) / n_embd**0.5)
        self.Wo = nn.Parameter(torch.zeros(n_head, size, n_embd))
        self.p = dropout

    def forward(self, x):
        q = torch.einsum("btc,hcs->bhts", x, self.Wq)
        k = torch.einsum("btc,hcs->bhts", x, self.Wk)
        v = torch.einsum("btc,hcs->bhts", x, self.Wv)
        scores = torch.einsum("bhts,bhus->bhtu", q, k) / math.sqrt(q.shape[-1])
        T = x.shape[1]
        scores = scores + torch.full((T, T), float("-inf"), device=x.device).triu(1)
        weights = F.dropout(scores.softmax(-1), self.p, self.training)
        out = torch.einsum("bhtu,bhus,hsc->btc", weights, v, self.Wo)
        return F.dropout(out, self.p, self.training)

# %% right heads_interleaved
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.h = n_head
        self.qkv = nn.Linear(n_embd, n_embd * 3, bias=False)
        self.out = nn.Sequential(nn.Linear(n_embd, n_embd), nn.Dropout(dropout))
        self.attn_drop = nn.Dropout(dropout)
        self.register_buffer("future", torch.triu(torch.ones(1, 1, block_size, block_size, dtype=torch.bool), diagonal=1))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).reshape(B, T, 3, C // self.h, self.h).permute(2, 0, 4, 1, 3)
        att = (q / (C // self.h) ** 0.5) @ k.mT
        att = att.masked_fill(self.future[..., :T, :T], -torch.inf)
        y = self.attn_drop(att.softmax(-1)) @ v
        return self.out(y.permute(0, 2, 3, 1).reshape(B, T, C))

# %% right torch_layer
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.mha = nn.MultiheadAttention(n_embd, n_head, dropout=dropout, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.register_buffer("mask", torch.triu(torch.ones(block_size, block_size), diagonal=1).bool(), persistent=False)

    def forward(self, x):
        T = x.size(1)
        y, _ = self.mha(x, x, x, attn_mask=self.mask[:T, :T], need_weights=False)
        return self.drop(y)

# %% right heads_of_its_own
class OneHead(nn.Module):
    def __init__(self, width, size, longest, p):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(width, size), nn.Linear(width, size), nn.Linear(width, size)
        self.drop = nn.Dropout(p)
        self.register_buffer("allowed", torch.ones(longest, longest, dtype=torch.bool).tril())

    def forward(self, x):
        T = x.shape[-2]
        s = torch.matmul(self.q(x), self.k(x).transpose(1, 2)).div(math.sqrt(self.q.out_features))
        s = torch.where(self.allowed[:T, :T], s, torch.tensor(-torch.inf))
        return self.drop(torch.softmax(s, 2)).matmul(self.v(x))


class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.all = nn.ModuleDict({f"head{i}": OneHead(n_embd, n_embd // n_head, block_size, dropout) for i in range(n_head)})
        self.mix = nn.Parameter(torch.empty(n_embd, n_embd).normal_(std=0.02))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(torch.cat([h(x) for h in self.all.values()], -1) @ self.mix)

# %% right mask_moved_in_forward
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)
        self.tril = torch.tril(torch.ones(block_size, block_size))  # moved in forward
        self.attn_dropout = nn.Dropout(dropout) if dropout > 0 else nn.Identity()
        self.out_dropout = nn.Dropout(dropout) if dropout > 0 else nn.Identity()

    def forward(self, x):
        B, T, C = x.shape
        hs = C // self.n_head
        k = self.key(x).view(B, T, self.n_head, hs).transpose(1, 2)
        q = self.query(x).view(B, T, self.n_head, hs).transpose(1, 2)
        v = self.value(x).view(B, T, self.n_head, hs).transpose(1, 2)
        wei = q @ k.transpose(-2, -1) * hs**-0.5
        wei = wei.masked_fill(self.tril[:T, :T].to(x.device) == 0, float("-inf"))
        wei = self.attn_dropout(F.softmax(wei, dim=-1))
        out = (wei @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.out_dropout(self.proj(out))

# %% right dropout_on_weights_alone
class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head, self.p = n_head, dropout
        self.qkv, self.out = nn.Linear(n_embd, 3 * n_embd), nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)
        p = self.p if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
        return self.out(y.transpose(1, 2).reshape(B, T, C))
