# %% wrong no_positions
# Title: positions missing
# Hint: Use your TokenPositionEmbedding, which adds a row for each position, in place of nn.Embedding.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, n_embd)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong no_head
# Title: a model whose head is never used
# Hint: Between embedding and logits comes the head: without it no token hears of its past.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong encoder
# Title: a head that sees the future
# Hint: A model that predicts the next token must not see it: use the causal Head.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = EncoderHead(n_embd, head_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong head_of_full_width
# Title: a head of width n_embd whatever head_size says
# Hint: Pass head_size on to the head, and let the last linear map start from it.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, n_embd, block_size)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong logits_from_n_embd
# Title: a last map that expects n_embd numbers
# Hint: The head gives head_size numbers: nn.Linear(head_size, vocab_size).
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong sized_by_block_size
# Title: an embedding of width block_size
# Hint: The arguments are TokenPositionEmbedding(vocab_size, n_embd, block_size), in this order.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, block_size, n_embd)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong softmax_in_forward
# Title: probabilities returned instead of logits
# Hint: Return the output of the linear map as it is; cross_entropy and generate apply softmax themselves.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = F.softmax(self.lm_head(x), dim=-1)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong softmax_before_loss
# Title: softmax applied before the loss
# Hint: cross_entropy takes raw logits and applies log-softmax itself.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(F.softmax(logits, -1).view(B * T, C), targets.view(B * T))

# %% wrong shifted_again
# Title: targets shifted again in the loss
# Hint: get_batch has already shifted the targets: position t of logits belongs to position t of targets.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits[:, :-1].reshape(-1, C), targets[:, 1:].reshape(-1))

# %% wrong inputs_as_targets
# Title: the inputs used as targets
# Hint: The loss compares the logits with targets; idx is only what they are computed from.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), idx.view(B * T))

# %% wrong unflattened
# Title: 3-D logits handed to cross_entropy
# Hint: cross_entropy wants the classes in dimension 1: flatten to (B·T, C) and (B·T,), as sequence_loss does.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits, targets)

# %% wrong targets_required
# Title: targets that cannot be left out
# Hint: Without targets the loss is None; generate calls model(idx).
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong logits_alone
# Title: logits without a loss beside them
# Hint: Without targets return the pair (logits, None), so that callers can always unpack two things.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong last_position_only
# Title: logits of the last position only
# Hint: Every position predicts its next token: return all (B, T, C) logits, and let generate take the last.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x[:, -1:])
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets[:, -1])

# %% wrong summed
# Title: the sum of the losses instead of their mean
# Hint: Leave reduction at "mean", so that losses of batches of different sizes compare.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T), reduction="sum")

# %% wrong cut_off
# Title: a loss from which nothing can be learnt
# Hint: Return the loss tensor itself; item() and detach() cut it off from the model.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T)).item()

# %% wrong positions_after_head
# Title: positions added after the head
# Hint: Give the head the sum of token and position rows, all of it.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, n_embd)
        self.positions = nn.Embedding(block_size, head_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.sa_head(self.tokens(idx)) + self.positions(torch.arange(idx.shape[1]))
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong nonlinearity
# Title: a nonlinearity before the logits
# Hint: Embedding, head, linear map, and nothing else: the feed-forward layer comes in the next assignment.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = F.relu(self.sa_head(x))
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong truth_of_targets
# Title: `if targets` instead of `if targets is not None`
# Hint: A tensor of many numbers is neither true nor false: write `if targets is not None`.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.head(x)
        logits = self.lm_head(x)
        loss = None
        if targets:
            loss = sequence_loss(logits, targets)
        return logits, loss

# %% wrong targets_without_default
# Title: targets without a default
# Hint: generate calls model(idx): write targets=None in forward.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets):
        x = self.embedding(idx)
        x = self.head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        loss = sequence_loss(logits, targets)
        return logits, loss

# %% wrong plain_list
# Title: layers that the module does not know
# Hint: Only layers that are attributes of self are learnt; not those in a plain list. nn.Sequential and nn.ModuleList are lists that a module knows.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.layers = [TokenPositionEmbedding(vocab_size, n_embd, block_size), Head(n_embd, head_size, block_size), nn.Linear(head_size, vocab_size)]
    def forward(self, idx, targets=None):
        x = idx
        for layer in self.layers:
            x = layer(x)
        return x, None if targets is None else sequence_loss(x, targets)

# %% wrong reseeds
# Title: torch's seed set inside the class
# Hint: With torch.manual_seed in the class, whatever is drawn after it is always the same. Leave the seed to whoever uses the class.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        torch.manual_seed(1337)
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.embedding(idx)
        x = self.head(x)
        logits = self.lm_head(x)
        if targets is None:
            return logits, None
        loss = sequence_loss(logits, targets)
        return logits, loss

# %% wrong flat_with_targets
# Title: logits flattened when there are targets
# Hint: Flatten for cross_entropy under another name and return logits as they were, (B, T, C), with and without targets.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.head(self.embedding(idx)))
        if targets is None:
            loss = None
        else:
            B, T, C = logits.shape
            logits = logits.view(B * T, C)
            loss = F.cross_entropy(logits, targets.view(B * T))
        return logits, loss

# %% wrong classes_first_with_targets
# Title: logits of shape (B, C, T) when there are targets
# Hint: Move the classes for cross_entropy under another name and return logits as they were, (B, T, C), with and without targets.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.head(self.embedding(idx)))
        loss = None
        if targets is not None:
            logits = logits.transpose(1, 2)
            loss = F.cross_entropy(logits, targets)
        return logits, loss

# %% wrong detached_with_targets
# Title: logits cut off from the model when there are targets
# Hint: Return logits as the last layer gave them: after detach() no gradient flows back from them.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.head(self.embedding(idx)))
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits.detach(), loss

# %% wrong no_logits_with_targets
# Title: no logits when there are targets
# Hint: Return both, (logits, loss): whoever trains may want to look at the logits too.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.head(self.embedding(idx)))
        if targets is None:
            return logits, None
        return None, F.cross_entropy(logits.flatten(0, 1), targets.flatten())

# %% wrong softmax_with_targets
# Title: probabilities returned instead of logits when there are targets
# Hint: Return the same raw logits (B, T, C) with and without targets; softmax is for whoever draws from them.
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.head(self.embedding(idx)))
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return F.softmax(logits, dim=-1), loss

# %% right lecture
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.sa_head = Head(n_embd, head_size, block_size)
        self.lm_head = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        tok_emb = self.token_embedding_table(idx)
        pos_emb = self.position_embedding_table(torch.arange(T))
        x = tok_emb + pos_emb
        x = self.sa_head(x)
        logits = self.lm_head(x)
        if targets is None:
            loss = None
        else:
            B, T, C = logits.shape
            flat = logits.view(B * T, C)
            targets = targets.view(B * T)
            loss = F.cross_entropy(flat, targets)
        return logits, loss

# %% right sequential
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.net = nn.Sequential(
            TokenPositionEmbedding(vocab_size, n_embd, block_size),
            Head(n_embd, head_size, block_size),
            nn.Linear(head_size, vocab_size, bias=False),
        )

    def forward(self, idx, targets=None):
        logits = self.net(idx)
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% right one_table
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.rows = nn.Embedding(vocab_size + block_size, n_embd)
        self.head = Head(n_embd, head_size, block_size)
        self.out = nn.Parameter(0.1 * torch.randn(head_size, vocab_size))
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, idx, targets=None):
        places = self.vocab_size + torch.arange(idx.size(1), device=idx.device)
        logits = self.head(self.rows(idx) + self.rows(places)) @ self.out + self.bias
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.transpose(1, 2), targets)
        return logits, loss

# %% right by_itself
class HeadLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.tok = nn.Parameter(torch.randn(vocab_size, n_embd))
        self.pos = nn.Parameter(torch.randn(block_size, n_embd))
        self.qkv = nn.Linear(n_embd, 3 * head_size)
        self.out = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        x = self.tok[idx] + self.pos[: idx.shape[1]]
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        logits = self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True))
        if targets is None:
            return logits, None
        return logits, -logits.log_softmax(-1).gather(-1, targets[..., None]).mean()
