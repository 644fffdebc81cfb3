# %% wrong softmax_in_forward
# Title: probabilities returned instead of logits
# Hint: Return the rows of the table as they are; cross_entropy and generate apply softmax themselves.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = F.softmax(self.token_embedding_table(idx), dim=-1)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong softmax_before_loss
# Title: softmax applied before the loss
# Hint: cross_entropy takes raw logits and applies log-softmax itself.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(F.softmax(logits, -1).view(B * T, C), targets.view(B * T))

# %% wrong shifted_again
# Title: targets shifted again in the loss
# Hint: get_batch has already shifted the targets: position t of logits belongs to position t of targets.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        C = logits.shape[-1]
        return logits, F.cross_entropy(logits[:, :-1].reshape(-1, C), targets[:, 1:].reshape(-1))

# %% wrong inputs_as_targets
# Title: the inputs used as targets
# Hint: The loss compares the logits with targets; idx is only what they are computed from.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        C = logits.shape[-1]
        return logits, F.cross_entropy(logits.view(-1, C), idx.reshape(-1))

# %% wrong not_flattened
# Title: 3-D logits passed to cross-entropy as they are
# Hint: cross_entropy takes dimension 1 for the classes; flatten logits to (B*T, C) and targets to (B*T).
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits, targets)

# %% wrong view_for_transpose
# Title: view to (B, C, T) in the loss, which mixes classes and time
# Hint: view only cuts the same numbers differently; flatten to (B*T, C), or transpose(1, 2).
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B, C, T), targets)

# %% wrong classes_first
# Title: logits of shape (B, C, T)
# Hint: Return logits as (B, T, C); move the classes only for cross_entropy.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx).transpose(1, 2)
        loss = None if targets is None else F.cross_entropy(logits, targets)
        return logits, loss

# %% wrong logits_only
# Title: only the logits returned
# Hint: Return both, (logits, loss), with None for the loss when there are no targets.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        return self.token_embedding_table(idx)

# %% wrong logits_only_without_targets
# Title: only the logits returned when there are no targets
# Hint: Return (logits, None) then, so that a caller can always take two values.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong loss_only_with_targets
# Title: only the loss returned when there are targets
# Hint: Return both, (logits, loss), with and without targets.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong loss_first
# Title: loss returned before the logits
# Hint: Return (logits, loss), in this order.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return None, logits
        B, T, C = logits.shape
        return F.cross_entropy(logits.view(B * T, C), targets.view(B * T)), logits

# %% wrong needs_targets
# Title: an error when there are no targets
# Hint: Generation has no targets: return (logits, None) before the loss is computed.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        B, T, C = logits.shape
        loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))
        return logits, loss

# %% wrong zero_loss
# Title: a loss of 0 when there are no targets
# Hint: No targets, no loss: return None, so that nobody takes a 0 for a perfect model.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, 0.0
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong flat_always
# Title: logits flattened even without targets
# Hint: Generation needs logits of shape (B, T, C); flatten them for the loss only.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        logits = logits.view(-1, logits.shape[-1])
        loss = None if targets is None else F.cross_entropy(logits, targets.view(-1))
        return logits, loss

# %% wrong last_position_only
# Title: logits of the last position only
# Hint: Every position predicts its next token: return all (B, T, C) logits, and let generate take the last.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)[:, -1, :]
        loss = None if targets is None else F.cross_entropy(logits, targets[:, -1])
        return logits, loss

# %% wrong embedding_width
# Title: an embedding of 32 numbers instead of vocab_size logits
# Hint: Each row of the table holds one logit for every possible next token: nn.Embedding(vocab_size, vocab_size).
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd=32):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong bottleneck
# Title: a table squeezed through an embedding narrower than the vocabulary
# Hint: A product through n_embd numbers cannot hold every bigram table; look the vocab_size logits up directly.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size, n_embd=32):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.lm_head(self.token_embedding_table(idx))
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong unigram
# Title: the same logits after every token
# Hint: The next token depends on the current one: look up a row for each id.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, idx, targets=None):
        B, T = idx.shape
        logits = self.bias.expand(B, T, -1)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.reshape(B * T, -1), targets.reshape(B * T))

# %% wrong positions_added
# Title: positions added to the table's rows
# Hint: A bigram model knows the current token and nothing else; leave positions for a later notebook.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)
        self.position_embedding_table = nn.Embedding(256, vocab_size)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        logits = self.token_embedding_table(idx) + self.position_embedding_table(torch.arange(T))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(B * T, -1), targets.view(B * T))

# %% wrong averaged_context
# Title: the rows of all tokens so far averaged
# Hint: A bigram model looks at the current token only.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        logits = self.token_embedding_table(idx).cumsum(1) / torch.arange(1, T + 1)[:, None]
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.reshape(B * T, -1), targets.reshape(B * T))

# %% wrong plain_tensor
# Title: a plain tensor as the table, which no optimizer sees
# Hint: Make the table an nn.Embedding or an nn.Parameter, so that it is among model.parameters().
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = torch.randn(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table[idx]
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong table_in_forward
# Title: a new random table in each call
# Hint: Make the table once, in __init__, so that it can be trained.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.vocab_size = vocab_size

    def forward(self, idx, targets=None):
        logits = nn.Embedding(self.vocab_size, self.vocab_size)(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong cut_off
# Title: a loss from which nothing can be learnt
# Hint: Return the loss tensor itself; item() and detach() cut it off from the table, so that backward is impossible.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T)).item()

# %% wrong summed
# Title: the sum of the losses instead of their mean
# Hint: Leave reduction at "mean", so that losses of batches of different sizes compare.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T), reduction="sum")

# %% wrong no_super
# Title: super().__init__() forgotten
# Hint: Call super().__init__() first in __init__, so that the module can register its table.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, C), targets.view(B * T))

# %% wrong truth_of_a_tensor
# Title: the truth of a tensor asked for
# Hint: `if targets` asks a whole tensor for yes or no, which it cannot say. Write `if targets is not None`.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        return logits, sequence_loss(logits, targets) if targets else None

# %% wrong plain_tensor_with_gradient
# Title: a tensor that is not a parameter as the table
# Hint: requires_grad=True is not enough: an optimiser is given model.parameters(). Use nn.Embedding or nn.Parameter.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = torch.randn(vocab_size, vocab_size, requires_grad=True)

    def forward(self, idx, targets=None):
        logits = self.table[idx]
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% wrong targets_not_optional
# Title: targets without a default
# Hint: generate calls model(idx) alone. Give the argument a default: def forward(self, idx, targets=None).
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets):
        logits = self.table(idx)
        return logits, sequence_loss(logits, targets)

# %% wrong flat_with_targets
# Title: logits flattened when there are targets
# Hint: Flatten for cross_entropy under another name and return logits as they were, (B, T, C), with and without targets.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
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
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        loss = None
        if targets is not None:
            logits = logits.transpose(1, 2)
            loss = F.cross_entropy(logits, targets)
        return logits, loss

# %% wrong detached_with_targets
# Title: logits cut off from the model when there are targets
# Hint: Return logits as the last layer gave them: after detach() no gradient flows back from them.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits.detach(), loss

# %% wrong no_logits_with_targets
# Title: no logits when there are targets
# Hint: Return both, (logits, loss): whoever trains may want to look at the logits too.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        if targets is None:
            return logits, None
        return None, F.cross_entropy(logits.flatten(0, 1), targets.flatten())

# %% wrong softmax_with_targets
# Title: probabilities returned instead of logits when there are targets
# Hint: Return the same raw logits (B, T, C) with and without targets; softmax is for whoever draws from them.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return F.softmax(logits, dim=-1), loss

# %% wrong bias_too
# Title: a bias beside the table
# Hint: nn.Linear brings a bias along. The table is the only parameter: nn.Embedding, or bias=False.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.linear = nn.Linear(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.linear(F.one_hot(idx, self.vocab_size).float())
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% wrong padding_row
# Title: a row that counts as padding and never learns
# Hint: padding_idx keeps its row at zero, gradient or not. Every id stands for a character here, 0 as well.
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size, padding_idx=0)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        return logits, None if targets is None else sequence_loss(logits, targets)

# %% right embedding
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets)

# %% right lecture
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)
        nn.init.zeros_(self.table.weight)

    def forward(self, idx, targets=None):
        logits = self.table(idx)
        loss = None
        if targets is not None:
            B, T, C = logits.shape
            loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))
        return logits, loss

# %% right parameter
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size: int):
        super().__init__()
        self.weights = nn.Parameter(0.02 * torch.randn(vocab_size, vocab_size))

    def forward(self, idx, targets=None):
        logits = self.weights[idx]
        loss = None
        if targets is not None:
            loss = -logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).mean()
        return logits, loss

# %% right one_hot_linear
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.linear = nn.Linear(vocab_size, vocab_size, bias=False)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, idx, targets=None):
        logits = self.linear(F.one_hot(idx, self.vocab_size).float())
        if targets is None:
            return logits, None
        return logits, self.loss(logits.flatten(0, 1), targets.flatten())

# %% right columns
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.next_given_current = nn.Parameter(torch.rand(vocab_size, vocab_size))

    def forward(self, idx, targets=None):
        logits = self.next_given_current.T[idx]
        C = logits.size(2)
        return logits, None if targets is None else F.cross_entropy(logits.reshape(-1, C), targets.reshape(-1))

# %% right log_probabilities
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        log_p = F.log_softmax(self.table(idx), dim=-1)
        if targets is None:
            return log_p, None
        return log_p, F.nll_loss(log_p.flatten(0, 1), targets.flatten())

# %% right a_kind_of_embedding
class BigramLanguageModel(nn.Embedding):
    def __init__(self, vocab_size):
        super().__init__(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        logits = super().forward(idx)
        return [logits, None if targets is None else sequence_loss(logits, targets)]

# %% right read_by_columns
class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size, std=0.02):
        super().__init__()
        self.next_by_current = nn.Parameter(std * torch.randn(vocab_size, vocab_size))

    def forward(self, idx, targets=None):
        logits = self.next_by_current.T[idx]
        if targets is None:
            return logits, None
        return logits, -logits.log_softmax(-1).gather(2, targets.unsqueeze(2)).mean()
