# %% wrong context_cut_to_x
# Title: the context is cut to the length of x
# Kind: fixed_length
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        context = context[:, : x.shape[1]]
        return attention(self.query(x), self.key(context), self.value(context))[0]

# %% wrong x_sees_itself_too
# Title: x attends to itself as well as to the context
# Kind: other
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        both = torch.cat([x, context], dim=1)
        output, _ = attention(self.query(x), self.key(both), self.value(both))
        return output

# %% wrong first_context_for_all
# Title: every sequence asks the first context
# Kind: first_row_for_all
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        context = context[:1]
        output, _ = attention(self.query(x), self.key(context), self.value(context))
        return output

# %% wrong values_are_keys
# Title: the keys are handed over as values
# Kind: other
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x, context):
        k = self.key(context)
        output, _ = attention(self.query(x), k, k)
        return output

# %% right keys_and_values_in_one
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.asks = nn.Linear(n_embd, head_size)
        self.answers = nn.Linear(n_embd, 2 * head_size)

    def forward(self, x, context):
        queries = self.asks(x)
        keys, values = torch.tensor_split(self.answers(context), 2, dim=-1)
        logits = torch.einsum("btd,bsd->bts", queries, keys) * queries.shape[-1] ** -0.5
        return torch.einsum("bts,bsv->btv", torch.softmax(logits, dim=-1), values)

# %% right turned_weights_and_a_loop
class CrossAttentionHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        for name in ("W_q", "W_k", "W_v"):
            self.register_parameter(name, nn.Parameter(torch.empty(n_embd, head_size)))
        for parameter in self.parameters():
            nn.init.xavier_uniform_(parameter)

    def forward(self, x, context):
        outputs = []
        for asker, asked in zip(x, context):  # (T, n_embd), (S, n_embd)
            scores = (asker @ self.W_q) @ (asked @ self.W_k).T
            scores = scores / torch.tensor(float(self.W_k.shape[1])).sqrt()
            outputs.append(scores.softmax(dim=-1) @ asked @ self.W_v)
        return torch.stack(outputs)
