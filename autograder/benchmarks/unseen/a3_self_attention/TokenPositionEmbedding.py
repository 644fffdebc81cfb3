# %% wrong positions_are_not_learnt
# Title: the position table is a buffer: random and never learnt
# Kind: never_learns
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_table = nn.Embedding(vocab_size, n_embd)
        self.register_buffer("position_table", torch.randn(block_size, n_embd))

    def forward(self, idx):
        return self.token_table(idx) + self.position_table[: idx.shape[1]]

# %% wrong counted_from_the_end
# Title: positions are counted from the end of the text
# Kind: other
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_table = nn.Embedding(vocab_size, n_embd)
        self.position_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        positions = torch.arange(idx.shape[1], device=idx.device).flip(0)
        return self.token_table(idx) + self.position_table(positions)

# %% wrong token_0_is_padding
# Title: token 0 is padding: its row is zero and never learnt
# Kind: never_learns
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_table = nn.Embedding(vocab_size, n_embd, padding_idx=0)
        self.position_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        positions = torch.arange(idx.shape[1], device=idx.device)
        return self.token_table(idx) + self.position_table(positions)

# %% right two_plain_parameters
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.what = nn.Parameter(torch.empty(vocab_size, n_embd).normal_())
        self.where = nn.Parameter(torch.empty(1, block_size, n_embd).normal_())

    def forward(self, idx):
        _, T = idx.shape
        return self.what[idx] + self.where[:, :T]

# %% right one_table_for_both
class TokenPositionEmbedding(nn.Module):
    """One table: first the rows of the tokens, then those of the positions."""

    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.first_position = vocab_size
        self.rows = nn.Embedding(vocab_size + block_size, n_embd)

    def forward(self, idx):
        places = torch.arange(idx.shape[1], device=idx.device).expand_as(idx) + self.first_position
        return self.rows(torch.stack([idx, places])).sum(dim=0)
