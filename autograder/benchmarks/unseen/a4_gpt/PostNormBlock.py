# %% wrong norm_of_the_branch
# Title: the layer's output is normed, not the sum
# Kind: other
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_1 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)
        self.norm_2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.norm_1(self.attention(x))
        return x + self.norm_2(self.feed_forward(x))

# %% wrong heads_and_length_exchanged
# Title: n_head and block_size change places in the call
# Kind: sizes_exchanged
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attention = MultiHeadAttention(n_embd, block_size, n_head, dropout)
        self.norm_1 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)
        self.norm_2 = LayerNorm(n_embd)

    def forward(self, x):
        x = self.norm_1(x + self.attention(x))
        return self.norm_2(x + self.feed_forward(x))

# %% wrong first_norm_forgotten
# Title: only the second sum is normed
# Kind: other
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_1 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)
        self.norm_2 = LayerNorm(n_embd)

    def forward(self, x):
        x = x + self.attention(x)
        x = x + self.feed_forward(x)
        return self.norm_2(x)

# %% right loop_over_pairs
class PostNormBlock(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        layers = MultiHeadAttention(n_embd, n_head, block_size, dropout), FeedForward(n_embd, dropout)
        self.pairs = nn.ModuleList(nn.ModuleList([layer, LayerNorm(n_embd)]) for layer in layers)

    def forward(self, x):
        for layer, norm in self.pairs:
            x = norm(layer(x) + x)
        return x
