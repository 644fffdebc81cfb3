# %% wrong row_0_is_padding
# Title: row 0 of the table is padding: zero, and never learnt
# Kind: never_learns
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size, padding_idx=0)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        loss = None
        if targets is not None:
            loss = sequence_loss(logits, targets)
        return logits, loss

# %% wrong table_and_bias
# Title: a linear layer with a bias on one-hot rows: one parameter too many
# Kind: other
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.linear = nn.Linear(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.linear(F.one_hot(idx, self.vocab_size).float())
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% wrong frozen_zeros
# Title: the table starts at zero and is frozen
# Kind: never_learns
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.zeros(vocab_size, vocab_size))

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        if targets is None:
            return logits, None
        return logits, sequence_loss(logits, targets)

# %% right columns_are_the_present
class BigramLanguageModel(nn.Module):
    """The table lies on its side: column i belongs to the present character i."""

    def __init__(self, vocab_size: int):
        super().__init__()
        self.next_given_now = nn.Parameter(torch.randn(vocab_size, vocab_size))

    def forward(self, idx, targets=None):
        logits = torch.movedim(self.next_given_now[:, idx], 0, -1)
        loss = F.cross_entropy(logits.mT, targets) if targets is not None else None
        return logits, loss

# %% right one_hot_without_bias
class BigramLanguageModel(nn.Linear):
    def __init__(self, vocab_size):
        super().__init__(vocab_size, vocab_size, bias=False)

    def forward(self, idx, targets=None):
        logits = super().forward(nn.functional.one_hot(idx, self.in_features).to(self.weight.dtype))
        return (logits, None) if targets is None else (logits, sequence_loss(logits, targets))
