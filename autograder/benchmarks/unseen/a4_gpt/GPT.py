# %% wrong one_block_many_times
# Title: one and the same block n_layer times
# Kind: other
class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(*[Block(n_embd, n_head, block_size, dropout)] * n_layer)
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding(idx) + self.position_embedding(positions)
        logits = self.lm_head(self.final_norm(self.blocks(x)))
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% wrong last_block_left_out
# Title: the last block is not called
# Kind: off_by_one_end
class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.n_layer = n_layer
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer))
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding(idx) + self.position_embedding(positions)
        for i in range(self.n_layer - 1):
            x = self.blocks[i](x)
        logits = self.lm_head(self.final_norm(x))
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss

# %% wrong dropout_forgotten
# Title: dropout is not handed to the blocks
# Kind: other
class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, block_size) for _ in range(n_layer))
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding(idx) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        logits = self.lm_head(self.final_norm(x))
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss

# %% wrong loss_of_probabilities
# Title: the loss takes the softmax of the logits, which cross-entropy takes again
# Kind: extra_nonlinearity
class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer))
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding(idx) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        logits = self.lm_head(self.final_norm(x))
        if targets is None:
            return logits, None
        return logits, sequence_loss(F.softmax(logits, dim=-1), targets)

# %% wrong gradient_stops_at_each_block
# Title: each block gets a detached copy, so that no gradient passes
# Kind: gradient_cut
class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer))
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding(idx) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x.detach())
        logits = self.lm_head(self.final_norm(x))
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss

# %% right linked_blocks
class GPT(nn.Module):
    def __init__(self, vocab_size: int, n_embd: int, n_head: int, n_layer: int, block_size: int, dropout: float = 0.0):
        super().__init__()
        self.where = nn.Embedding(block_size, n_embd)
        self.what = nn.Embedding(vocab_size, n_embd)
        trunk = [Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer)]
        self.trunk = nn.Sequential(*trunk, LayerNorm(n_embd), nn.Linear(n_embd, vocab_size, bias=True))
        self.register_buffer("places", torch.arange(block_size))

    def forward(self, idx, targets=None):
        B, T = idx.shape
        logits = self.trunk(self.what(idx) + self.where(self.places[:T].expand(B, T)))
        return logits, (None if targets is None else F.cross_entropy(logits.movedim(-1, 1), targets))

# %% right reduced
from functools import reduce

class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.embed = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.layers = nn.ModuleDict({f"layer {i}": Block(n_embd, n_head, block_size, dropout) for i in range(n_layer)})
        self.norm = LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        x = reduce(lambda x, block: block(x), self.layers.values(), self.embed(idx))
        logits = self.head(self.norm(x))
        if targets is not None:
            return logits, sequence_loss(logits, targets)
        return logits, None
