"""Answers to the assignments before a4_gpt, to build on. Generated; edit the notebooks instead."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import math

__all__ = ["attention_steps", "head_output", "score_needed", "masked_attention", "build_vocab", "encode", "decode", "train_val_split", "context_target_pairs", "get_batch", "sequence_loss", "BigramLanguageModel", "generate", "train", "estimate_loss", "bigram_table", "average_loop", "average_matrix", "average_softmax", "average_batched", "scaled_scores", "attention", "Head", "EncoderHead", "CrossAttentionHead", "TokenPositionEmbedding", "HeadLanguageModel"]

def attention_steps(X, W_q, W_k):
    """All steps of causal attention, from embeddings to weights.

    X: (T, d) embeddings, one row for each letter. W_q, W_k: (n_q, d).
    Returns (Q, K, scores, masked, weights): Q and K (T, n_q), the others (T, T). X, W_q and W_k stay as they
    are; the weights are right for large scores, too.
    """
    Q, K = X @ W_q.T, X @ W_k.T                                # (T, d) @ (d, n_q) -> (T, n_q)
    scores = Q @ K.T                                           # (T, n_q) @ (n_q, T) -> (T, T)
    visible = np.tril(np.ones(scores.shape, dtype=bool))       # True on and below the diagonal
    masked = np.where(visible, scores, -np.inf)
    exponentials = np.exp(masked - masked.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return Q, K, scores, masked, weights


def head_output(X, W_q, W_k, W_v):
    """The output of one causal attention head.

    X: (T, d). W_q, W_k: (n_q, d). W_v: (d_v, d).
    Returns (T, d_v): row i is the average of the values that letter i can see, by its weights. Scores may be large.
    """
    weights = attention_steps(X, W_q, W_k)[-1]    # (T, T)
    values = X @ W_v.T                            # (T, d) @ (d, d_v) -> (T, d_v)
    return weights @ values                       # (T, T) @ (T, d_v) -> (T, d_v)


def score_needed(n_vowels, share):
    """The score at which one consonant among vowels of score 0 holds exactly this share of the weight.

    n_vowels: int, at least 1. share: float between 0 and 1, both excluded.
    Returns a float; negative when the share is less than an equal part.
    """
    # share = e^s / (e^s + n)  =>  e^s (1 - share) = share n
    return float(np.log(share * n_vowels / (1 - share)))


def masked_attention(Q, K, V):
    """Causal scaled dot-product attention.

    Q, K: (..., T, d). V: (..., T, d_v). The leading dimensions are attended separately.
    Returns (..., T, d_v). The inputs are left as they are.
    """
    T, d = Q.shape[-2:]
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(d)            # (..., T, d) @ (..., d, T) -> (..., T, T)
    may_attend = np.tril(np.ones((T, T), dtype=bool))           # True = may attend
    scores = np.where(may_attend, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)        # the largest is now 0: exp cannot overflow
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V                                          # (..., T, T) @ (..., T, d_v) -> (..., T, d_v)


def build_vocab(text):
    """The characters that occur in a text, each once, sorted.

    text: str. Returns a list of one-character strings.
    """
    return sorted(set(text))


def encode(text, vocab):
    """The id of each character: its place in the vocabulary.

    text: str of n characters. vocab: list of different characters, in any order.
    Returns a list of n ints.
    Raises ValueError for a character outside the vocabulary; the message contains its `repr`.
    """
    id_of = {char: i for i, char in enumerate(vocab)}
    ids = []
    for char in text:
        if char not in id_of:
            raise ValueError(f"{char!r} is not one of the {len(vocab)} characters of the vocabulary")
        ids.append(id_of[char])
    return ids


def decode(ids, vocab):
    """The text that these ids stand for; the inverse of `encode`.

    ids: list of n ints, or an integer tensor of shape (n,). vocab: list of characters.
    Returns a str of n characters.
    """
    return "".join(vocab[int(i)] for i in ids)


def train_val_split(data, val_fraction):
    """Cut a sequence in two: the first part to train on, the last part to validate on.

    data: a sequence of n elements (list, str or tensor of shape (n,)), left as it is.
    val_fraction: float between 0 and 1.
    Returns (train, val), slices of data. Together they are data; len(val) is less than one away from
    val_fraction * n.
    """
    n_train = len(data) - round(val_fraction * len(data))
    return data[:n_train], data[n_train:]


def context_target_pairs(block):
    """Every prefix of a block with the element that follows it.

    block: integer tensor of shape (T + 1,).
    Returns a list of T pairs (context, target), shortest context first: contexts of shape (t,) for
    t = 1 … T, each with the id that follows it.
    """
    return [(block[:length], block[length]) for length in range(1, len(block))]


def get_batch(data, batch_size, block_size):
    """Random windows of a text and their targets, the same windows one place further on.

    data: int64 tensor of shape (n,), n > block_size. batch_size: B. block_size: T.
    Returns (x, y), int64 tensors of shape (B, T). Every window whose targets are in data can be drawn,
    the first and the last too, all equally likely.
    """
    starts = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[start : start + block_size] for start in starts])
    y = torch.stack([data[start + 1 : start + block_size + 1] for start in starts])
    return x, y


def sequence_loss(logits, targets):
    """The mean cross-entropy over all positions of all rows, in nats.

    logits: float tensor of shape (B, T, C). targets: int64 tensor of shape (B, T).
    Returns a tensor of shape () through which gradients flow.
    """
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T))  # B·T questions


class BigramLanguageModel(nn.Module):
    """Next-character logits that depend on the present character alone.

    vocab_size: C. Its only parameter is a table of shape (C, C).
    """

    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)  # row: present, column: next

    def forward(self, idx, targets=None):
        """idx, targets: int64 tensors of shape (B, T).

        Returns (logits, loss): logits of shape (B, T, C); loss of shape (), the mean cross-entropy,
        or None without targets.
        """
        logits = self.table(idx)  # (B, T) -> (B, T, C)
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss


def generate(model, idx, max_new_tokens):
    """Continue each row of ids, one sampled id at a time.

    model: called as model(idx), returns (logits, loss) with logits of shape (B, T, C).
    idx: int64 tensor of shape (B, T), T >= 1, left as it is.
    Returns an int64 tensor of shape (B, T + max_new_tokens) that begins with idx.
    """
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _loss = model(idx)  # (B, T, C)
        probabilities = F.softmax(logits[:, -1, :], dim=-1)  # the last position: (B, C)
        drawn = torch.multinomial(probabilities, num_samples=1)  # (B, 1)
        idx = torch.cat([idx, drawn], dim=1)  # (B, T + 1)
    return idx


def train(model, batches, lr):
    """Train a model with AdamW, one step for each batch.

    model: called as model(x, y) in training mode, returns (logits, loss).
    batches: any iterable of (x, y), gone through once, in order.
    lr: the learning rate; AdamW's other settings stay as PyTorch has them.
    Returns a list of floats: the loss of each batch, before its step.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def estimate_loss(model, batches):
    """The mean loss over all target tokens of these batches, in eval mode and without gradients.

    model: called as model(x, y), returns (logits, loss), where loss is the mean over the batch.
    batches: iterable of (x, y), each of shape (B, T); B and T may differ from batch to batch.
    Returns a float. Afterwards the model is in the mode (train or eval) in which it came, and can be trained on.
    """
    was_training = model.training
    model.eval()
    total, n_tokens = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            _, loss = model(x, y)
            total += loss.item() * y.numel()
            n_tokens += y.numel()
    model.train(was_training)
    return total / n_tokens


def bigram_table(data, vocab_size, smoothing=1.0):
    """The counted bigram model: P[current, next] from the pairs of neighbours in a text.

    data: int64 tensor of shape (n,). vocab_size: C. smoothing: added to the count of every pair, > 0.
    Returns probabilities of shape (C, C); each row sums to 1. (A loop over a megabyte of text takes a while.)
    """
    pair_ids = data[:-1] * vocab_size + data[1:]  # each pair (current, next) as one number, row by row
    counts = torch.bincount(pair_ids, minlength=vocab_size * vocab_size).reshape(vocab_size, vocab_size)
    smoothed = counts.double() + smoothing
    return smoothed / smoothed.sum(dim=1, keepdim=True)


def average_loop(x):
    """The causal average, one position after the other.

    x: float tensor of shape (T, C), left as it is.
    Returns a tensor of shape (T, C): row t is the mean of rows 0 to t of x, both included.
    """
    rows = []
    for t in range(len(x)):
        rows.append(x[: t + 1].mean(dim=0))  # (t + 1, C) -> (C,)
    return torch.stack(rows)


def average_matrix(x):
    """The causal average as one matrix product with a lower-triangular matrix.

    x: float tensor of shape (T, C). Returns (T, C), the same numbers as average_loop.
    """
    T = x.shape[0]
    weights = torch.tril(torch.ones(T, T))
    weights = weights / weights.sum(dim=1, keepdim=True)  # each row by its own sum
    return weights @ x  # (T, T) @ (T, C) -> (T, C)


def average_softmax(x):
    """The causal average with weights from a masked softmax of zero scores.

    x: float tensor of shape (T, C). Returns (T, C), the same numbers as average_loop.
    """
    T = x.shape[0]
    past = torch.tril(torch.ones(T, T)) == 1
    scores = torch.zeros(T, T).masked_fill(~past, float("-inf"))
    return F.softmax(scores, dim=-1) @ x  # (T, T) @ (T, C) -> (T, C)


def average_batched(x):
    """The causal average of each sequence of a batch, without a loop over sequences or positions.

    x: float tensor of shape (B, T, C). Returns (B, T, C); sequences do not mix.
    """
    T = x.shape[1]
    past = torch.tril(torch.ones(T, T))
    return past / past.sum(dim=1, keepdim=True) @ x  # (T, T) @ (B, T, C) -> (B, T, C)


def scaled_scores(q, k):
    """How well each key answers each query, in each sequence of a batch.

    q, k: float tensors of shape (B, T, head_size).
    Returns (B, T, T): entry [b, i, j] is query i times key j of sequence b, divided by √head_size. No mask, no softmax.
    """
    head_size = q.shape[-1]
    return q @ k.transpose(-2, -1) / math.sqrt(head_size)  # (B, T, hs) @ (B, hs, T) -> (B, T, T)


def attention(q, k, v, mask=None):
    """Scaled dot-product attention: every query takes home a weighted average of the values.

    q: (B, T, d). k: (B, S, d). v: (B, S, d_v).
    mask: boolean, broadcastable to (B, T, S), True = may attend; None = every query sees every key. Each query sees
    at least one key.
    Returns (output, weights): output (B, T, d_v), weights (B, T, S). Method: Vaswani et al. (2017), section 3.2.1.
    """
    scores = q @ k.mT / math.sqrt(k.shape[-1])  # (B, T, d) @ (B, d, S) -> (B, T, S)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)  # over the keys
    return weights @ v, weights  # (B, T, S) @ (B, S, d_v) -> (B, T, d_v)


class Head(nn.Module):
    """One head of causal self-attention.

    n_embd: width of the input. head_size: width of queries, keys, values and output. block_size: the longest
    sequence. dropout: the probability with which an attention weight is dropped in training.
    """

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("may_attend", torch.ones(block_size, block_size, dtype=torch.bool).tril())
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        """x: float tensor of shape (B, T, n_embd), T <= block_size. Returns (B, T, head_size)."""
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)  # each (B, T, n_embd) -> (B, T, head_size)
        _, weights = attention(q, k, v, self.may_attend[:T, :T])  # (B, T, T)
        return self.dropout(weights) @ v  # (B, T, T) @ (B, T, head_size) -> (B, T, head_size)


class EncoderHead(nn.Module):
    """One head of self-attention in which every token sees every token.

    n_embd: width of the input. head_size: width of queries, keys, values and output.
    """

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(n_embd, head_size, bias=False) for _ in range(3))

    def forward(self, x):
        """x: float tensor of shape (B, T, n_embd), any T. Returns (B, T, head_size)."""
        output, _ = attention(self.query(x), self.key(x), self.value(x))  # (B, T, head_size)
        return output


class CrossAttentionHead(nn.Module):
    """One head of attention from one sequence to another, without a mask.

    n_embd: width of both inputs. head_size: width of queries, keys, values and output.
    """

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(n_embd, head_size, bias=False) for _ in range(3))

    def forward(self, x, context):
        """x: (B, T, n_embd), the sequence that asks. context: (B, S, n_embd), the sequence that is asked.

        Returns (B, T, head_size).
        """
        output, _ = attention(self.query(x), self.key(context), self.value(context))
        return output  # (B, T, S) @ (B, S, head_size) -> (B, T, head_size)


class TokenPositionEmbedding(nn.Module):
    """What a token is, plus where it stands: the sum of two learnt rows of n_embd numbers.

    vocab_size: number of different tokens. n_embd: width of the rows. block_size: number of positions.
    """

    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        self.token_table = nn.Embedding(vocab_size, n_embd)
        self.position_table = nn.Embedding(block_size, n_embd)

    def forward(self, idx):
        """idx: int64 tensor of shape (B, T), T <= block_size. Returns (B, T, n_embd)."""
        positions = torch.arange(idx.shape[1], device=idx.device)  # 0 … T - 1
        return self.token_table(idx) + self.position_table(positions)  # (B, T, n_embd) + (T, n_embd)


class HeadLanguageModel(nn.Module):
    """A language model with one attention head: embedding, head, linear map to logits.

    vocab_size: C. n_embd: width of the embedding. head_size: width of the head. block_size: the longest context.
    """

    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.to_logits = nn.Linear(head_size, vocab_size)

    def forward(self, idx, targets=None):
        """idx, targets: int64 tensors of shape (B, T), T <= block_size.

        Returns (logits, loss): logits of shape (B, T, C); loss of shape (), the mean cross-entropy, or None without
        targets.
        """
        mixed = self.head(self.embedding(idx))  # (B, T) -> (B, T, n_embd) -> (B, T, head_size)
        logits = self.to_logits(mixed)  # (B, T, head_size) -> (B, T, C)
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss
