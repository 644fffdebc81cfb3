# %% wrong causal_in_training_only
# Title: the future is hidden in training mode only
# Kind: mask_one_mode
class CausalSelfAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head, self.dropout = n_head, dropout
        self.queries_keys_values = nn.Linear(n_embd, 3 * n_embd)
        self.projection = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            for part in self.queries_keys_values(x).split(C, dim=-1)
        )
        if self.training:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.dropout)
        else:
            y = F.scaled_dot_product_attention(q, k, v)
        y = y.transpose(1, 2).reshape(B, T, C)
        return F.dropout(self.projection(y), self.dropout, self.training)

# %% wrong scaled_by_the_width
# Title: the scale is 1/√C instead of 1/√head_size
# Kind: sizes_exchanged
class CausalSelfAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head, self.dropout = n_head, dropout
        self.queries_keys_values = nn.Linear(n_embd, 3 * n_embd)
        self.projection = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        by_head = (B, T, self.n_head, C // self.n_head)
        q, k, v = (part.view(by_head).transpose(1, 2) for part in self.queries_keys_values(x).split(C, dim=-1))
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p, scale=C**-0.5)
        return F.dropout(self.projection(y.transpose(1, 2).reshape(B, T, C)), self.dropout, self.training)

# %% wrong the_list_of_heads_again
# Title: MultiHeadAttention under another name, with its loop over heads
# Kind: other
class CausalSelfAttention(MultiHeadAttention):
    """The same computation as MultiHeadAttention."""

# %% wrong heads_attend_to_heads
# Title: no transpose: in each token the heads attend to one another
# Kind: rows_mix
class CausalSelfAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head, self.dropout = n_head, dropout
        self.queries_keys_values = nn.Linear(n_embd, 3 * n_embd)
        self.projection = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.n_head, C // self.n_head) for part in self.queries_keys_values(x).split(C, dim=-1)
        )
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=p)
        return F.dropout(self.projection(y.reshape(B, T, C)), self.dropout, self.training)

# %% right three_layers_and_einops
from einops import rearrange

class CausalSelfAttention(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.n_head = n_head
        self.to_q, self.to_k, self.to_v = (nn.Linear(n_embd, n_embd, bias=False) for _ in range(3))
        self.to_out = nn.Linear(n_embd, n_embd)
        self.drop_weights, self.drop_output = nn.Dropout(dropout), nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (rearrange(to(x), "b t (h d) -> b h t d", h=self.n_head) for to in (self.to_q, self.to_k, self.to_v))
        scores = torch.einsum("b h i d, b h j d -> b h i j", q, k) / q.shape[-1] ** 0.5
        future = torch.ones(x.shape[1], x.shape[1], device=x.device).triu(1) > 0
        weights = self.drop_weights(scores.masked_fill(future, -torch.inf).softmax(dim=-1))
        return self.drop_output(self.to_out(rearrange(weights @ v, "b h t d -> b t (h d)")))
