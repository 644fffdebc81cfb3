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

# %% wrong queries_as_keys
# Title: keys made by the query map
# Hint: Keys and queries need different maps, or every token mostly asks for itself: k = self.key(x).
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.query(x), self.value(x)
        out, _ = attention(q, k, v)
        return out

# %% wrong shared_projection
# Title: one map for queries, keys and values
# Hint: Three maps, with three sets of weights: what a token asks, what it offers and what it hands over differ.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.proj = nn.Linear(n_embd, head_size)
    def forward(self, x):
        h = self.proj(x)
        return attention(h, h, h)[0]

# %% wrong plain_list
# Title: layers that the module does not know
# Hint: Only layers and parameters that are attributes of self are learnt; not those in a plain list, nor those made in forward.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.maps = [nn.Linear(n_embd, head_size, bias=False) for _ in "qkv"]
    def forward(self, x):
        q, k, v = [m(x) for m in self.maps]
        return attention(q, k, v)[0]

# %% wrong detached
# Title: an output through which no gradient flows
# Hint: Nothing can be learnt behind torch.no_grad or detach; leave them out of forward.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        with torch.no_grad():
            out, _ = attention(q, k, v)
        return out

# %% wrong softmax_over_batch
# Title: softmax over the batch
# Hint: Each query shares out its own weight over the keys: dim=-1. dim=0 mixes the sequences of a batch.
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        return F.softmax(scaled_scores(q, k), dim=0) @ v

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

# %% right bare_parameters
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(3, n_embd, head_size) * n_embd ** -0.5)
    def forward(self, x):
        q, k, v = torch.einsum("btc,ncd->nbtd", x, self.W)
        att = torch.einsum("bid,bjd->bij", q, k).div(math.sqrt(q.size(-1))).softmax(-1)
        return torch.einsum("bij,bjd->bid", att, v)
