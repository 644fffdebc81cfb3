# %% wrong feed_forward_keeps_everything
# Title: dropout is not handed to the feed-forward layer
# Kind: other
class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.norm_1 = LayerNorm(n_embd)
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_2 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.feed_forward(self.norm_2(x))

# %% wrong added_to_the_norm
# Title: the layers are added to the normed vector instead of x
# Kind: other
class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.norm_1 = LayerNorm(n_embd)
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_2 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)

    def forward(self, x):
        x = self.norm_1(x)
        x = x + self.attention(x)
        x = self.norm_2(x)
        return x + self.feed_forward(x)

# %% wrong second_sum_from_the_input
# Title: the feed-forward layer is added to the block's input: what attention found is lost from the main road
# Kind: other
class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.norm_1 = LayerNorm(n_embd)
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_2 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)

    def forward(self, x):
        gathered = x + self.attention(self.norm_1(x))
        return x + self.feed_forward(self.norm_2(gathered))

# %% right residual_modules
class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.branch = nn.Sequential(*layers)

    def forward(self, x):
        return self.branch(x).add(x)

class Block(nn.Sequential):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__(
            Residual(LayerNorm(n_embd), MultiHeadAttention(n_embd, n_head, block_size, dropout)),
            Residual(LayerNorm(n_embd), FeedForward(n_embd, dropout)),
        )

# %% right in_one_expression
class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.parts = nn.ModuleDict(dict(
            ln1=LayerNorm(n_embd), sa=MultiHeadAttention(n_embd, n_head, block_size, dropout),
            ln2=LayerNorm(n_embd), ff=FeedForward(n_embd, dropout),
        ))

    def forward(self, x):
        p = self.parts
        return (y := x + p.sa(p.ln1(x))) + p.ff(p.ln2(y))
