# %% wrong self_attention
# Title: self-attention that ignores the context
# Hint: Keys and values come from the context: self.key(context), self.value(context).
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(x)
        v = self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong roles_exchanged
# Title: the context asks, and x answers
# Hint: x makes the queries; the context is asked, so it makes keys and values.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(context)
        k = self.key(x)
        v = self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong values_from_x
# Title: values from x
# Hint: What is handed over comes from where the keys are: the context makes keys and values.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong keys_from_x
# Title: keys from x
# Hint: Queries are compared with the keys of the context: self.key(context).
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(x)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong queries_from_context
# Title: queries from the context
# Hint: x asks: self.query(x).
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(context)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong causal
# Title: a causal mask
# Hint: The context is all there; every query may see all of it, so leave the mask away.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        T, S = wei.shape[-2:]
        wei = wei.masked_fill(torch.tril(torch.ones(T, S)) == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong scaled_by_n_embd
# Title: scores scaled by n_embd
# Hint: The scale is √head_size, the length of a query; the last dimension of x is n_embd.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * x.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong no_scale
# Title: no 1/√head_size scale
# Hint: Divide the scores by the square root of the head size before the softmax.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1)
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong softmax_over_queries
# Title: softmax over the queries
# Hint: Each query shares out its own weight over the keys of the context: dim=-1.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=1)
        return wei @ v

# %% wrong both_texts
# Title: x and the context put one after the other
# Hint: A query sees the context alone, not its own text: keys and values come from the context only.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(torch.cat([x, context], dim=1))
        v = self.value(torch.cat([x, context], dim=1))
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% wrong keys_as_values
# Title: keys used as values
# Hint: Values have a map of their own: v = self.value(context).
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ k

# %% wrong tuple
# Title: output and weights returned
# Hint: attention returns two things; the head hands on the first, the output.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        return attention(self.query(x), self.key(context), self.value(context))

# %% wrong queries_as_keys
# Title: keys made by the query map
# Hint: Keys and queries need different maps: k = self.key(context).
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q, k, v = self.query(x), self.query(context), self.value(context)
        out, _ = attention(q, k, v)
        return out

# %% wrong shared_projection
# Title: one map for queries, keys and values
# Hint: Three maps, with three sets of weights: what a token asks, what it offers and what it hands over differ.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q, k, v = self.query(x), self.query(context), self.query(context)
        out, _ = attention(q, k, v)
        return out

# %% wrong detached_context
# Title: a context that gradients do not reach
# Hint: Whatever made the context learns through this head: leave out detach and torch.no_grad.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        context = context.detach()
        q, k, v = self.query(x), self.key(context), self.value(context)
        out, _ = attention(q, k, v)
        return out

# %% wrong plain_list
# Title: layers that the module does not know
# Hint: Only layers and parameters that are attributes of self are learnt; not those in a plain list, nor those made in forward.
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.maps = [nn.Linear(n_embd, head_size) for _ in range(3)]
    def forward(self, x, context):
        return attention(self.maps[0](x), self.maps[1](context), self.maps[2](context))[0]

# %% right lecture
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        q = self.query(x)
        k = self.key(context)
        v = self.value(context)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = F.softmax(wei, dim=-1)
        return wei @ v

# %% right fused_keys_and_values
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.to_q = nn.Linear(n_embd, head_size)
        self.to_kv = nn.Linear(n_embd, 2 * head_size)

    def forward(self, x, context):
        k, v = self.to_kv(context).chunk(2, dim=-1)
        return F.scaled_dot_product_attention(self.to_q(x), k, v)

# %% right bare_parameters
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.W_q = nn.Parameter(torch.randn(n_embd, head_size) * 0.1)
        self.W_k = nn.Parameter(torch.randn(n_embd, head_size) * 0.1)
        self.W_v = nn.Parameter(torch.randn(n_embd, head_size) * 0.1)
        self.head_size = head_size

    def forward(self, x, context):
        scores = torch.einsum("btd,bsd->bts", x @ self.W_q, context @ self.W_k) / math.sqrt(self.head_size)
        return torch.einsum("bts,bsd->btd", scores.softmax(-1), context @ self.W_v)

# %% right calls_attention
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        return attention(self.query(x), self.key(context), self.value(context))[0]

# %% right one_parameter_of_three
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.h = head_size
        self.weight = nn.Parameter(torch.empty(3 * head_size, n_embd))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
    def forward(self, x, context):
        wq, wk, wv = self.weight.split(self.h)
        return attention(F.linear(x, wq), F.linear(context, wk), F.linear(context, wv))[0]
