# %% wrong causal
# Title: a causal mask
# Hint: An encoder reads a text that is all there: every token sees every token, so leave the mask away.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        T = x.shape[1]
        wei = wei.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong scaled_by_n_embd
# Title: scores scaled by n_embd
# Hint: The scale is √head_size, the length of a query; the last dimension of x is n_embd.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * x.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong no_scale
# Title: no 1/√head_size scale
# Hint: Divide the scores by the square root of the head size before the softmax.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1)
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong softmax_over_queries
# Title: softmax over the queries
# Hint: Each query shares out its own weight over the keys: dim=-1.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=1)
        return wei @ v

# %% wrong no_softmax
# Title: scores used as weights
# Hint: Softmax turns each row of scores into weights that are positive and sum to 1.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        return wei @ v

# %% wrong hidden_from_itself
# Title: a token that does not hear itself
# Hint: Every token sees every token, itself included: no mask at all.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        T = x.shape[1]
        wei = wei.masked_fill(torch.eye(T) == 1, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong equal_shares
# Title: equal shares for everyone
# Hint: Weights come from queries and keys; a mean over the tokens ignores both.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        v = self.value(x)
        return v.mean(dim=1, keepdim=True).expand_as(v)

# %% wrong keys_as_values
# Title: keys used as values
# Hint: Values have a map of their own: v = self.value(x).
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ k

# %% wrong tuple
# Title: output and weights returned
# Hint: attention returns two things; the head hands on the first, the output.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        return attention(self.query(x), self.key(x), self.value(x))

# %% wrong weights
# Title: the weights returned instead of the output
# Hint: attention returns (output, weights): take the first.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        return attention(self.query(x), self.key(x), self.value(x))[1]

# %% right lecture
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% right library
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.qkv = nn.Linear(n_embd, 3 * head_size)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v)

# %% right calls_attention
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size)
        self.query = nn.Linear(n_embd, head_size)
        self.value = nn.Linear(n_embd, head_size)

    def forward(self, x):
        return attention(self.query(x), self.key(x), self.value(x), None)[0]

# %% right all_true_mask
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.W = nn.ParameterList([nn.Parameter(torch.randn(n_embd, head_size)) for _ in range(3)])

    def forward(self, x):
        q, k, v = (x @ W for W in self.W)
        out, _ = attention(q, k, v, torch.ones(x.shape[1], x.shape[1], dtype=torch.bool))
        return out
