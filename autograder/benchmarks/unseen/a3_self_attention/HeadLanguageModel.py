# %% wrong relu_before_the_logits
# Title: a ReLU between head and logits
# Kind: extra_nonlinearity
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.to_logits = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.to_logits(F.relu(self.head(self.embedding(idx))))
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% wrong a_tenth_dropped
# Title: the head gets a dropout of .1 that nobody asked for
# Kind: dropout_default
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size, dropout=0.1)
        self.to_logits = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.to_logits(self.head(self.embedding(idx)))
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss

# %% wrong teacher_forcing
# Title: with targets, these are read as the input, moved one place to the right
# Kind: reads_targets
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.to_logits = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        if targets is not None:
            idx = torch.cat([idx[:, :1], targets[:, :-1]], dim=1)
        logits = self.to_logits(self.head(self.embedding(idx)))
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss

# %% right sequential
class HeadLanguageModel(nn.Sequential):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__(
            TokenPositionEmbedding(vocab_size, n_embd, block_size),
            Head(n_embd, head_size, block_size),
            nn.Linear(head_size, vocab_size),
        )

    def forward(self, idx, targets=None):
        logits = super().forward(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets)

# %% right written_out_at_length
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.step_1 = TokenPositionEmbedding(vocab_size=vocab_size, n_embd=n_embd, block_size=block_size)
        self.step_2 = Head(n_embd=n_embd, head_size=head_size, block_size=block_size, dropout=0.0)
        self.weight = nn.Parameter(torch.randn(head_size, vocab_size) * 0.02)
        self.bias = nn.Parameter(torch.zeros(1, 1, vocab_size))

    def forward(self, idx, targets=None):
        vectors = self.step_1(idx)
        mixed = self.step_2(vectors)
        logits = torch.tensordot(mixed, self.weight, dims=1) + self.bias
        loss = None
        if targets is not None:
            log_probabilities = torch.log_softmax(logits, dim=-1)
            chosen = torch.gather(log_probabilities, 2, targets[:, :, None])
            loss = chosen.mean().neg()
        return logits, loss
