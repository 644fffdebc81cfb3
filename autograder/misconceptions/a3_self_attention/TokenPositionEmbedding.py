# %% wrong no_positions
# Title: positions missing
# Hint: Add a row for each position, from a second table, to the row of the token.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)

    def forward(self, idx):
        return self.token_embedding_table(idx)

# %% wrong positions_unused
# Title: a position table that is never used
# Hint: Look up positions 0 … T - 1 in the second table and add them.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        return self.token_embedding_table(idx)

# %% wrong positions_by_token
# Title: positions looked up by the token ids
# Hint: The second table is asked for places, torch.arange(T), not for tokens.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(idx % self.position_embedding_table.num_embeddings)
        return tok_emb + pos_emb

# %% wrong same_position
# Title: the same position for every token
# Hint: Positions are 0, 1, …, T - 1: torch.arange(T), one for each token.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.tensor(T - 1))
        return tok_emb + pos_emb

# %% wrong counted_from_the_end
# Title: positions counted from the end
# Hint: The first token has position 0, however long the sequence is: torch.arange(T).
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T - 1, -1, -1))
        return tok_emb + pos_emb

# %% wrong counted_from_one
# Title: positions counted from 1
# Hint: The rows of the table are 0 to block_size - 1; a full block asks for one row too many. Use torch.arange(T).
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(1, T + 1))
        return tok_emb + pos_emb

# %% wrong always_full_blocks
# Title: positions for a full block, whatever T is
# Hint: A sequence may be shorter than block_size: torch.arange(T), with T from idx.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(self.position_embedding_table.num_embeddings))
        return tok_emb + pos_emb

# %% wrong multiplied
# Title: token and position multiplied
# Hint: Add the two rows.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return tok_emb * pos_emb

# %% wrong concatenated
# Title: token and position put side by side
# Hint: The sum keeps the width n_embd; torch.cat doubles it.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return torch.cat([tok_emb, pos_emb.expand(B, T, -1)], dim=-1)

# %% wrong sized_by_block_size
# Title: a table of width block_size
# Hint: Both tables have rows of n_embd numbers: nn.Embedding(vocab_size, n_embd) and nn.Embedding(block_size, n_embd).
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, block_size)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return tok_emb + pos_emb

# %% wrong positions_of_vocab_size
# Title: a position table with vocab_size rows
# Hint: There is one row for each of block_size positions: nn.Embedding(block_size, n_embd).
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(vocab_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return tok_emb + pos_emb

# %% wrong numbers_as_positions
# Title: the number of the position added
# Hint: Position t has a learnt row of its own; adding t itself makes late tokens huge.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)

    def forward(self, idx):
        T = idx.shape[1]
        return self.token_embedding_table(idx) + torch.arange(T)[:, None]

# %% wrong frozen_positions
# Title: positions that are not learnt
# Hint: Make the position table an nn.Embedding or an nn.Parameter, so that training can change it.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.register_buffer("positions", torch.randn(block_size, n_embd))

    def forward(self, idx):
        T = idx.shape[1]
        return self.token_embedding_table(idx) + self.positions[:T]

# %% wrong scaled_tokens
# Title: token rows multiplied by √n_embd
# Hint: The sum of the two rows is all that is asked; this factor belongs to another paper's set-up, with fixed positions.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return tok_emb * tok_emb.shape[-1] ** 0.5 + pos_emb

# %% wrong averaged
# Title: the mean of the two rows
# Hint: Add the two rows, without dividing.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return (tok_emb + pos_emb) / 2

# %% wrong one_number_for_a_place
# Title: a position table with one number in each row
# Hint: A position's row is as wide as a token's: nn.Embedding(block_size, n_embd).
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, n_embd)
        self.pos = nn.Embedding(block_size, 1)

    def forward(self, idx):
        B, T = idx.shape
        return self.tok(idx) + self.pos(torch.arange(T, device=idx.device))

# %% wrong positions_by_id
# Title: the token ids looked up in the position table
# Hint: The second table is asked for places, torch.arange(T), not for tokens.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, n_embd)
        self.pos = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        return self.tok(idx) + self.pos(idx)

# %% wrong reseeds
# Title: torch's seed set inside the class
# Hint: With torch.manual_seed in the class, whatever is drawn after it is always the same. Leave the seed to whoever uses the class.
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        torch.manual_seed(0)
        self.tok = nn.Embedding(vocab_size, n_embd)
        self.pos = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        return self.tok(idx) + self.pos(torch.arange(T, device=idx.device))

# %% right lecture
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T, device=idx.device))
        return tok_emb + pos_emb

# %% right parameter
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, n_embd)
        self.wpe = nn.Parameter(torch.zeros(1, block_size, n_embd))

    def forward(self, idx):
        return self.wte(idx) + self.wpe[:, : idx.size(1)]

# %% right one_hot
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.tokens = nn.Linear(vocab_size, n_embd, bias=False)
        self.positions = nn.Parameter(0.02 * torch.randn(block_size, n_embd))

    def forward(self, idx):
        T = idx.shape[-1]
        return self.tokens(F.one_hot(idx, self.vocab_size).float()) + self.positions[:T]

# %% right one_table
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.table = nn.Embedding(vocab_size + block_size, n_embd)

    def forward(self, idx):
        positions = self.vocab_size + torch.arange(idx.shape[1])
        return self.table(idx) + self.table(positions).unsqueeze(0)

# %% right repeated_positions
class TokenPositionEmbedding(nn.Module):
    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        positions = torch.arange(idx.shape[1], device=idx.device).expand_as(idx)
        return self.position_embedding_table(positions) + self.token_embedding_table(idx)
