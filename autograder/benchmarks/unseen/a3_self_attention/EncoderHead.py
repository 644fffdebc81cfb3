# %% wrong room_for_32
# Title: a mask of ones for 32 tokens, so longer texts fail
# Kind: fixed_length
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("may_attend", torch.ones(32, 32, dtype=torch.bool))

    def forward(self, x):
        T = x.shape[1]
        return attention(self.query(x), self.key(x), self.value(x), self.may_attend[:T, :T])[0]

# %% wrong not_itself
# Title: a token sees all others but not itself
# Kind: diagonal_hidden
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        T = x.shape[1]
        others = ~torch.eye(T, dtype=torch.bool) if T > 1 else None
        output, _ = attention(self.query(x), self.key(x), self.value(x), others)
        return output

# %% wrong keys_learn_nothing
# Title: no gradient reaches the key map
# Kind: gradient_cut
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        with torch.no_grad():
            k = self.key(x)
        output, _ = attention(self.query(x), k, self.value(x))
        return output

# %% right list_of_parameters
class EncoderHead(nn.Module):
    def __init__(self, n_embd, head_size):
        super().__init__()
        self.W = nn.ParameterList(torch.randn(n_embd, head_size) * n_embd**-0.5 for _ in range(3))

    def forward(self, x):
        q, k, v = [x.matmul(w) for w in self.W]
        return F.scaled_dot_product_attention(q, k, v)

# %% right cross_attention_with_itself
class EncoderHead(nn.Module):
    class Between(nn.Module):
        def __init__(self, n_embd, head_size):
            super().__init__()
            self.maps = nn.Conv1d(n_embd, 3 * head_size, kernel_size=1)

        def forward(self, asking, asked):
            head_size = self.maps.out_channels // 3
            q = self.maps(asking.mT)[:, :head_size].mT
            k, v = self.maps(asked.mT)[:, head_size:].mT.split(head_size, dim=-1)
            return attention(q, k, v, torch.ones(asking.shape[1], asked.shape[1], dtype=torch.bool))

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.between = self.Between(n_embd, head_size)

    def forward(self, x):
        return self.between(x, x)[0]
