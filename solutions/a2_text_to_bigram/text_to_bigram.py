# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,nbgrader
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From text to a bigram model
#
# A language model answers one question again and again: *given what came before, what comes next?*
# In this assignment you build everything around that question, with the smallest model that can answer it at all:
# one that looks back a single character. The later assignments change only the model. The vocabulary, the batches,
# the loss, the training loop and the sampling that you write here will train your GPT.
#
# | Part | You write | Points |
# |---|---|---|
# | 1 Characters and numbers | `build_vocab`, `encode`, `decode` | 9 |
# | 2 What the model may see | `train_val_split`, *split_is_fair* | 7 |
# | 3 Questions and answers | `context_target_pairs`, `get_batch` | 12 |
# | 4 The model and its loss | `sequence_loss`, `BigramLanguageModel`, *worse_than_uniform* | 14 |
# | 5 Sampling and training | `generate`, `train`, `estimate_loss` | 14 |
# | 6 The answer without training | `bigram_table` | 4 |
#
# Names in *italics* are questions that you answer in words. The rest is code: write it in place of the line that raises
# `NotImplementedError`, then run the check below it. All 60 points need about three hours.

# %% tags=["given"]
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from course_lib import check, corpus, floors, plot

# %% [markdown]
# ## The text
#
# The corpus `tinyplays` comes with the course: about a megabyte of short plays, written by a seeded generator. They have
# speakers, stage directions, verse and songs. Because every random choice of the generator is known, so is the smallest
# loss that any model can reach on them. No real text offers that, and you will use it as the last floor on your plots.

# %%
plays = corpus.load("tinyplays")
print(f"{len(plays.text):,} characters, {len(set(plays.text))} different ones. The beginning:\n")
print(plays.text[:480])

# %% [markdown]
# ### A model that you can see
#
# Before any formula, a picture. Take one sentence, and count which character follows which.

# %%
sentence = "this is the house that the other three mice then gathered in"
letters_used = sorted(set(sentence))

pair_counts = np.zeros((len(letters_used), len(letters_used)), dtype=int)
for i in range(len(sentence) - 1):
    now, following = letters_used.index(sentence[i]), letters_used.index(sentence[i + 1])
    pair_counts[now, following] += 1

row_t, column_h = letters_used.index("t"), letters_used.index("h")
picture = plot.table_heatmap(
    [row / row.sum() for row in pair_counts],  # counts as shares of their row
    letters_used,
    title=f"After t comes h, {pair_counts[row_t, column_h]} times out of {pair_counts[row_t].sum()}",
)

# %% [markdown]
# *Each row is a character, each column the character that follows it; darker means more often. ␣ is the space.*
#
# Each row was divided by its sum, and row t says: after a t, bet on h. That table *is* a bigram model, the best
# one there is for this sentence. In Part 5 you find such a table by training, in Part 6 by counting, and the two agree.

# %% [markdown]
# ## Part 1 · Characters and numbers
#
# A network computes with numbers, so each character becomes an integer, its *id*. The list of all known characters is the
# **vocabulary**: the id of a character is its place in that list.
#
# ### 1.1 `build_vocab`
#
# The vocabulary decides which ids exist. It has to come out the same each time, or a model that you saved yesterday would
# read gibberish today: that is why it is sorted.
#
# Difficulty ●○○○○ · 5 min


# %% nbgrader={"grade": false, "grade_id": "build_vocab", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_vocab(text):
    """The characters that occur in a text, each once, sorted.

    text: str. Returns a list of one-character strings.
    """
    ### BEGIN SOLUTION
    return sorted(set(text))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_build_vocab", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.build_vocab(build_vocab)

# %% [markdown]
# <details><summary>Hint</summary>
# Python has a type that keeps each element once, and a function that sorts anything into a list. Line breaks and
# spaces are characters too.
# </details>

# %%
if check.passed("build_vocab"):
    vocab = build_vocab(plays.text)
    print(f"{len(vocab)} symbols: {''.join(vocab)!r}")

# %% [markdown]
# You should see between 60 and 70 symbols, beginning with the line break `\n` and the space, then punctuation, capitals and
# small letters: the order of their Unicode numbers.
#
# ### 1.2 `encode`
#
# From text to ids. A character outside the vocabulary has no id, and the honest answer is an error that says which
# character it was. Dropping it in silence would shift every later character by one place.
#
# Difficulty ●○○○○ · 10 min


# %% nbgrader={"grade": false, "grade_id": "encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def encode(text, vocab):
    """The id of each character: its place in the vocabulary.

    text: str of n characters. vocab: list of different characters, in any order.
    Returns a list of n ints.
    Raises ValueError for a character outside the vocabulary; the message contains its `repr`.
    """
    ### BEGIN SOLUTION
    id_of = {char: i for i, char in enumerate(vocab)}
    ids = []
    for char in text:
        if char not in id_of:
            raise ValueError(f"{char!r} is not one of the {len(vocab)} characters of the vocabulary")
        ids.append(id_of[char])
    return ids
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_encode", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.encode(encode)

# %% [markdown]
# <details><summary>Hint 1: fast look-up</summary>
# `vocab.index(char)` searches from the start each time. A dictionary from character to id, built once, finds it at
# once; over a megabyte you notice the difference.
# </details>
# <details><summary>Hint 2: the message</summary>
# In an f-string, <code>{char!r}</code> is the repr: a line break shows as <code>'\n'</code>, which you can see.
# </details>
#
# ### 1.3 `decode`
#
# And back again. You will use it to read what the model writes, so it takes a tensor of ids as well as a list.
#
# Difficulty ●○○○○ · 5 min


# %% nbgrader={"grade": false, "grade_id": "decode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decode(ids, vocab):
    """The text that these ids stand for; the inverse of `encode`.

    ids: list of n ints, or an integer tensor of shape (n,). vocab: list of characters.
    Returns a str of n characters.
    """
    ### BEGIN SOLUTION
    return "".join(vocab[int(i)] for i in ids)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_decode", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.decode(decode)

# %% [markdown]
# <details><summary>Hint</summary>
# An element of a tensor is itself a small tensor. <code>int(...)</code> makes a plain number of it.
# </details>

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "decode")):
    line = plays.text[:24]
    print("text", repr(line))
    print("ids ", encode(line, vocab))
    print("back", repr(decode(encode(line, vocab), vocab)))
    assert decode(encode(plays.text, vocab), vocab) == plays.text
    try:
        encode("naïve", vocab)
    except ValueError as error:
        print("naïve:", error)

# %% [markdown]
# You should see the same line twice, with its ids in between, and an error message that names `'ï'`.
# The whole corpus survives the round trip.
#
# ## Part 2 · What the model may see
#
# ### 2.1 `train_val_split`
#
# A model can learn its training text by heart, so its loss on that text says little. You keep the last part of the
# text aside, never train on it, and measure there: the **validation** split.
#
# Difficulty ●○○○○ · 5 min


# %% nbgrader={"grade": false, "grade_id": "train_val_split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_val_split(data, val_fraction):
    """Cut a sequence in two: the first part to train on, the last part to validate on.

    data: a sequence of n elements (list, str or tensor of shape (n,)), left as it is.
    val_fraction: float between 0 and 1.
    Returns (train, val), slices of data. Together they are data; len(val) is less than one away from
    val_fraction * n.
    """
    ### BEGIN SOLUTION
    n_train = len(data) - round(val_fraction * len(data))
    return data[:n_train], data[n_train:]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train_val_split", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.train_val_split(train_val_split)

# %% [markdown]
# <details><summary>Hint</summary>
# Work out where the cut is and use the same number in both slices. Counting from the end goes wrong for an empty validation
# split: <code>data[:-0]</code> is empty.
# </details>

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "train_val_split")):
    ids = torch.tensor(encode(plays.text, vocab))
    train_ids, val_ids = train_val_split(ids, 0.1)
    print(f"train {len(train_ids):,} characters, validation {len(val_ids):,}")

# %% [markdown]
# ### 2.2 Is the split fair?
#
# How alike are the parts of a text? Below, each tenth of the corpus is predicted from how often each character occurs in the
# other nine tenths. If a text were shuffled, all ten bars would be about equal. Beside it stands the same measurement on *Tiny Shakespeare*,
# 1.1 million characters from Shakespeare's plays, one play after another.

# %%
import re

if check.passed("build_vocab") and check.passed("encode"):
    tenths = torch.tensor(encode(plays.text, vocab)).tensor_split(10)
    shakespeare = [3.308, 3.312, 3.352, 3.316, 3.294, 3.319, 3.300, 3.288, 3.307, 3.347]
    costs = []
    for i in range(10):
        rest = torch.cat([*tenths[:i], *tenths[i + 1 :]])
        costs.append(floors.unigram(rest, tenths[i], len(vocab)))

    print(f"nats per character\n{'tinyplays':>19}{'Tiny Shakespeare':>40}")
    for i in range(10):
        bars = ["█" * round(300 * (cost[i] - min(cost)) + 1) for cost in (costs, shakespeare)]
        print(f"tenth {i + 1:2}   {costs[i]:.3f} {bars[0]:24} {shakespeare[i]:.3f} {bars[1]}")

    cut = len(plays.text) * 9 // 10
    before, last = (set(re.findall(r"\n\n(\w+):\n", part)) for part in (plays.text[:cut], plays.text[cut:]))
    print(f"\ntinyplays: {len(last)} speakers in the last tenth, {len(last - before)} of them new")

# %% [markdown]
# *One row for each tenth of a text, in order. The bars begin at the cheapest tenth of each text, so that small differences show.*
#
# One more fact: of the 37 speakers in the last tenth of Tiny Shakespeare, 25 speak nowhere else in it. (A speaker is a heading: a line
# after an empty one that ends in a colon. Verse has lines that end in a colon too; count those, and 37 becomes 200.)
#
# **Question (4 points).** Is "first 90 % / last 10 %" a good split? Say what it gets right, what can go wrong with it, for which of the
# two texts it matters, and which split you would choose for a collection of plays. Five to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "split_is_fair", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# It gets one thing right: the validation text is one unbroken stretch, so apart from the single cut no validation character has
# its neighbours in the training text. If you drew single characters or short windows at random, almost every
# validation window would overlap one that was trained on, songs and repeated lines would stand on both sides, and the loss would look too good.
#
# What can go wrong: a real text is not shuffled. Its last tenth is other plays with other speakers and other subjects. In Tiny
# Shakespeare it is the second most expensive of the ten (3.347; the cheapest costs 3.288), and 25 of its 37 speakers are new. So the
# gap between training and validation loss mixes two things, memorising and a change of subject, and one stretch is a
# single sample: another tenth would give another number. The cut may also fall inside a play, whose first half
# gives away the names of the second. For `tinyplays` it hardly matters: one generator wrote all the plays, independently, the
# tenths differ by 0.02 at most, and no speaker is new.
#
# Better: hold out *whole plays*, drawn at random (with a fixed seed) from all over the collection, after removing duplicates. Then no play stands on
# both sides and both sides are alike. With time to spare, repeat it with several draws and report the spread. If the model is meant
# for *future* texts, the last 10 % is the right choice after all, because it asks the question that you want answered.
#
# **Marking scheme**
# - 1 point: a contiguous split prevents leakage that random characters or windows would bring (overlap, repeated passages).
# - 1 point: a text is ordered, so the last part can differ from the first: so for Tiny Shakespeare, hardly for tinyplays; with evidence from the bars or the speakers.
# - 1 point: the consequence for the measurement: one stretch is one sample, or the loss mixes overfitting with a change of subject.
# - 1 point: a better split that fits plays (whole plays at random, or several stretches, cut at boundaries), or a sound reason why the last part is what is wanted.

# %% [markdown]
# ## Part 3 · Questions and answers
#
# ### 3.1 `context_target_pairs`
#
# A stretch of text is full of questions. "the" followed by "n" holds three of them: after *t* comes *h*, after *th* comes *e*, after
# *the* comes *n*. So T + 1 characters hold T training examples, with contexts of every length from 1 to T. That is
# how one model learns to continue short beginnings as well as long ones.
#
# ```text
# context          target
# t                h
# t h              e
# t h e            n
# ```
#
# The bigram model will use only the last character of each context; your GPT will use them all.
#
# Difficulty ●●○○○ · 10 min


# %% nbgrader={"grade": false, "grade_id": "context_target_pairs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def context_target_pairs(block):
    """Every prefix of a block with the element that follows it.

    block: integer tensor of shape (T + 1,).
    Returns a list of T pairs (context, target), shortest context first: contexts of shape (t,) for
    t = 1 … T, each with the id that follows it.
    """
    ### BEGIN SOLUTION
    return [(block[:length], block[length]) for length in range(1, len(block))]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_context_target_pairs", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.context_target_pairs(context_target_pairs)

# %% [markdown]
# <details><summary>Hint 1: the context</summary>
# The context is everything <em>up to and including</em> a position: a slice that starts at 0. A slice that starts at the
# position itself holds a single element.
# </details>
# <details><summary>Hint 2: how many</summary>
# The first target is the second element, the last target is the last element. Check both ends with a block of three.
# </details>

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "decode", "context_target_pairs")):
    block = torch.tensor(encode("then he", vocab))
    for context, target in context_target_pairs(block):
        print(f"{decode(context, vocab)!r:>10} → {decode([int(target)], vocab)!r}")

# %% [markdown]
# T little tensors are slow to compute with. The same pairs fit into two tensors of length T: the inputs, and
# the same stretch moved one place to the left, the targets. Position t of the targets answers the context that *ends* at position t
# of the inputs.

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "decode", "context_target_pairs")):
    inputs, targets = block[:-1], block[1:]
    print("inputs ", inputs.tolist())
    print("targets", targets.tolist())

    for t, (context, target) in enumerate(context_target_pairs(block)):  # the loop and the shift agree
        assert list(context) == list(inputs[: t + 1])
        assert int(target) == int(targets[t])
    print("equal")

# %% [markdown]
# ### 3.2 `get_batch`
#
# Training looks at many random windows of the text at once: a **batch**. Each row of x is one window, each row of y the same window
# one place further on.
#
# ```text
#  text       … a n d ␣ t h e n ␣ w e …
#  x (T = 8)    a n d ␣ t h e n
#  y              n d ␣ t h e n ␣          y[t] is the character after x[t]
# ```
#
# A batch of 32 windows of 8 characters holds 256 questions, and the rows have nothing to do with one another.
#
# Difficulty ●●○○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "get_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def get_batch(data, batch_size, block_size):
    """Random windows of a text and their targets, the same windows one place further on.

    data: int64 tensor of shape (n,), n > block_size. batch_size: B. block_size: T.
    Returns (x, y), int64 tensors of shape (B, T). Every window whose targets are in data can be drawn,
    the first and the last too, all equally likely.
    """
    ### BEGIN SOLUTION
    starts = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[start : start + block_size] for start in starts])
    y = torch.stack([data[start + 1 : start + block_size + 1] for start in starts])
    return x, y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_get_batch", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check.get_batch(get_batch)

# %% [markdown]
# <details><summary>Hint 1: where a window may start</summary>
# Try it with five characters and T = 4. One window fits, the one that starts at 0, because its last target is the fifth
# character. So <code>n - T</code> different starts are possible. <code>torch.randint(high, …)</code> draws from 0 to high − 1.
# </details>
# <details><summary>Hint 2: from slices to a batch</summary>
# <code>torch.stack</code> makes one tensor of shape (B, T) from a list of B tensors of shape (T,).
# </details>

# %%
data_ready = ("build_vocab", "encode", "decode", "train_val_split", "get_batch")

if all(check.passed(name) for name in data_ready):
    torch.manual_seed(2)
    x, y = get_batch(train_ids, 4, 12)
    for row in range(4):
        print(f"x {decode(x[row], vocab)!r:20}  y {decode(y[row], vocab)!r}")

# %% [markdown]
# You should see four snippets from different places, and beside each the same snippet without its first character and with one more at the end.
#
# ## Part 4 · The model and its loss
#
# ### What does a guess cost?
#
# A model spreads its belief over the vocabulary. If it gave probability p to the character that really came, it pays
# −ln p **nats**: nothing for certainty, more and more for surprise. The average over a text is the loss.
# Some losses need no network at all, and every curve that you draw from now on has to be read against them:
#
# - **uniform**: all C symbols equally likely, a cost of ln C. Whoever pays more would do better to know nothing.
# - **unigram**: knows how often each character occurs.
# - **bigram**: knows the character before. Your model can get this far and no further.
# - **true entropy** (`tinyplays` only): knows the generator. On average, nothing gets lower.

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "train_val_split")):
    C = len(vocab)
    plays_floors = {
        "uniform": float(floors.uniform(C)),
        "unigram": float(floors.unigram(train_ids, val_ids, C)),
        "bigram": float(floors.bigram(train_ids, val_ids, C)),
        "true entropy": plays.entropy(len(train_ids), len(plays.text)),
    }
    for floor, nats in plays_floors.items():
        print(f"{floor:13} {nats:.3f} nats, like a choice among {np.exp(nats):4.1f} equal options")

# %% [markdown]
# ### 4.1 `sequence_loss`
#
# A model gives a **logit** for each possible next character, at each position, in each row: shape (B, T, C). Softmax turns logits into
# probabilities, and cross-entropy takes −ln of the right one; `F.cross_entropy` does both. But it insists that the classes are
# dimension 1, and here dimension 1 is time. With T ≠ C it complains; with T = C it runs, and returns
# a wrong number without a word.
#
# A batch of B rows with T positions is nothing but B·T independent questions. Lay them out so.
#
# Difficulty ●●○○○ · 10 min


# %% nbgrader={"grade": false, "grade_id": "sequence_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_loss(logits, targets):
    """The mean cross-entropy over all positions of all rows, in nats.

    logits: float tensor of shape (B, T, C). targets: int64 tensor of shape (B, T).
    Returns a tensor of shape () through which gradients flow.
    """
    ### BEGIN SOLUTION
    B, T, C = logits.shape
    return F.cross_entropy(logits.reshape(B * T, C), targets.reshape(B * T))  # B·T questions
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sequence_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.sequence_loss(sequence_loss)

# %% [markdown]
# <details><summary>Hint</summary>
# Reshape, do not transpose, when you merge B and T: logits to (B·T, C), targets to (B·T,). A tensor that was transposed before can
# refuse <code>.view</code>; <code>.reshape</code> copies when it must.
# </details>

# %% [markdown]
# The slow way to the same number, one question at a time:

# %%
if check.passed("sequence_loss"):
    torch.manual_seed(3)
    logits, targets = torch.randn(2, 3, 5), torch.randint(5, (2, 3))
    total = 0.0
    for b in range(2):
        for t in range(3):
            probability = torch.softmax(logits[b, t], dim=0)[targets[b, t]]
            total -= float(torch.log(probability))
    assert np.isclose(total / 6, float(sequence_loss(logits, targets)), atol=1e-6)  # float32, 6 terms
    print(f"loop {total / 6:.4f}, in one go {float(sequence_loss(logits, targets)):.4f}")

# %% [markdown]
# ### 4.2 `BigramLanguageModel`
#
# Look again at the heat map at the top: one row of numbers for each character. A table whose row i is fetched by the id i is what
# PyTorch calls an *embedding*. Here the fetched row already is the answer: the C logits of the next character.
#
# ```text
# idx     (B, T)      h           e           n
#                     │           │           │        fetch row idx[b, t] of the table (C, C)
# logits  (B, T, C)   ▂▇▁▂▁       ▁▂▂▁▆       ▅▁▂▁▃
# ```
#
# The positions do not talk to each other at all. That is what attention will add.
#
# Difficulty ●●○○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "BigramLanguageModel", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BigramLanguageModel(nn.Module):
    """Next-character logits that depend on the present character alone.

    vocab_size: C. Its only parameter is a table of shape (C, C).
    """

    def __init__(self, vocab_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.table = nn.Embedding(vocab_size, vocab_size)  # row: present, column: next
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """idx, targets: int64 tensors of shape (B, T).

        Returns (logits, loss): logits of shape (B, T, C); loss of shape (), the mean cross-entropy,
        or None without targets.
        """
        ### BEGIN SOLUTION
        logits = self.table(idx)  # (B, T) -> (B, T, C)
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_BigramLanguageModel", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check.BigramLanguageModel(BigramLanguageModel)

# %% [markdown]
# <details><summary>Hint 1: the table</summary>
# <code>nn.Embedding(rows, columns)</code>. How many characters can be the present one, and how many the next?
# </details>
# <details><summary>Hint 2: the loss</summary>
# You have written it: <code>sequence_loss</code>. Without targets there is nothing to compare with, and the loss is None.
# No softmax in the model: cross-entropy brings its own.
# </details>
#
# ### 4.3 Worse than knowing nothing
#
# `nn.Embedding` fills its table with random numbers from N(0, 1). Here is what such a table costs on the validation text before
# any training, for several spreads σ of the random numbers.

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "train_val_split")):
    torch.manual_seed(4)
    print(f"uniform: ln {C} = {np.log(C):.3f}\n")
    for sigma in (0.0, 0.5, 1.0, 2.0):
        random_tables = [sigma * torch.randn(C, C) for _ in range(20)]
        costs = [float(F.cross_entropy(table[val_ids[:-1]], val_ids[1:])) for table in random_tables]
        print(f"σ = {sigma}   mean of 20 tables {np.mean(costs):.2f}   spread {np.std(costs):.2f}")

# %% [markdown]
# **Question (4 points).** With σ = 1 the untrained model is about half a nat *worse* than uniform. Why? And with which table would
# you begin, so that training starts at ln C exactly? Three to six sentences; one formula helps.
#
# <details><summary>Hint</summary>
# The cost of one question is ln Σ<sub>j</sub> exp(z<sub>j</sub>) − z<sub>target</sub>, where the z<sub>j</sub> are the logits. What is the
# mean of each of the two terms when all logits come from N(0, 1)? The mean of exp(z) is e<sup>1/2</sup> = 1.65, not 1.
# </details>

# %% [markdown] nbgrader={"grade": true, "grade_id": "worse_than_uniform", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# One question costs ln Σ<sub>j</sub> exp(z<sub>j</sub>) − z<sub>target</sub>. The logits know nothing of the text, so the second term is 0 on average. The
# first is not ln C: the exponential rewards large logits more than it punishes small ones. Since the mean of exp(z) is
# exp(σ²/2), the sum of C such terms is about C·exp(σ²/2) and its logarithm about
# ln C + σ²/2: half a nat more for σ = 1. (For large σ a few terms dominate the sum, so the rule overshoots:
# σ = 2 costs less than ln C + 2. That log-sum-exp is convex proves the direction for any σ, by Jensen's inequality.)
#
# In words: the random table is *confident for no reason*. It bets on some characters, loses more where the bets are wrong than it gains
# where they happen to be right, and so does worse than a model that admits to knowing nothing.
#
# A table in which every row is constant, for example all zeros, gives every character the probability 1/C and starts at ln C exactly;
# small random numbers (σ = 0.02, say) come close.
#
# **Marking scheme**
# - 1 point: the loss is written or described as log-sum-exp minus the target's logit (or as −ln of the softmax probability).
# - 1 point: the target's logit is 0 on average, or: the random preferences are unrelated to the text.
# - 1 point: the mean of the log-sum-exp exceeds ln C, with a reason (the mean of exp(z) is e<sup>1/2</sup>, Jensen, or confident bets cost more than they win); about + 1/2.
# - 1 point: constant rows (zeros), or a small σ, start at (or near) ln C.

# %% [markdown]
# ## Part 5 · Sampling and training
#
# ### 5.1 `generate`
#
# To write, a model plays its own game: it draws a character from the probabilities at the last position, appends it, and starts
# again with the longer text. It *draws*, rather than taking the most likely one, or it would soon run in a circle.
#
# Difficulty ●●●○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(model, idx, max_new_tokens):
    """Continue each row of ids, one sampled id at a time.

    model: called as model(idx), returns (logits, loss) with logits of shape (B, T, C).
    idx: int64 tensor of shape (B, T), T >= 1, left as it is.
    Returns an int64 tensor of shape (B, T + max_new_tokens) that begins with idx.
    """
    ### BEGIN SOLUTION
    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits, _loss = model(idx)  # (B, T, C)
        probabilities = F.softmax(logits[:, -1, :], dim=-1)  # the last position: (B, C)
        drawn = torch.multinomial(probabilities, num_samples=1)  # (B, 1)
        idx = torch.cat([idx, drawn], dim=1)  # (B, T + 1)
    return idx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_generate", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.generate(generate)

# %% [markdown]
# <details><summary>Hint 1: which logits</summary>
# The model answers at every position. Only the last answer is about a character that is not there yet.
# </details>
# <details><summary>Hint 2: drawing</summary>
# <code>torch.multinomial</code> draws column numbers from rows of <em>probabilities</em>, not logits. The softmax runs over the
# characters. With one draw for each row it returns shape (B, 1), ready for <code>torch.cat</code> along time.
# </details>

# %% tags=["nbval-ignore-output"]
model_ready = ("build_vocab", "encode", "decode", "BigramLanguageModel", "generate")

if all(check.passed(name) for name in model_ready):
    torch.manual_seed(5)
    start = torch.tensor([encode("\n", vocab)])
    print(decode(generate(BigramLanguageModel(len(vocab)), start, 200)[0], vocab))

# %% [markdown]
# You should see 200 characters of noise: the table is still random.
#
# ### 5.2 `train`
#
# Four lines, the same for every model of this course: loss, gradients to zero, gradients, step. The batches come from outside, so the
# loop does not care where they are from or how many there are.
#
# Difficulty ●●○○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, batches, lr):
    """Train a model with AdamW, one step for each batch.

    model: called as model(x, y) in training mode, returns (logits, loss).
    batches: any iterable of (x, y), gone through once, in order.
    lr: the learning rate; AdamW's other settings stay as PyTorch has them.
    Returns a list of floats: the loss of each batch, before its step.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.train(train)

# %% [markdown]
# <details><summary>Hint 1: what belongs outside the loop</summary>
# The optimiser remembers the gradients that it has seen. Make it once.
# </details>
# <details><summary>Hint 2: numbers, not tensors</summary>
# A loss tensor holds on to everything it was computed from. <code>.item()</code> keeps the number and lets go of the rest.
# </details>

# %% tags=["slow"]
loop_ready = (*data_ready, "BigramLanguageModel", "train")

if all(check.passed(name) for name in loop_ready):
    torch.manual_seed(6)
    first_model = BigramLanguageModel(C)
    first_losses = train(first_model, (get_batch(train_ids, 32, 8) for _ in range(1000)), lr=1e-2)
    plot.loss_curves(
        {"one batch of 256 characters": first_losses},
        floors=plays_floors,
        title="The loss falls, and every batch says something else",
    )
    with torch.no_grad():
        still = [float(first_model(*get_batch(train_ids, 32, 8))[1]) for _ in range(200)]
    print(f"the last 200 batches differ by ±{np.std(first_losses[-200:]):.2f}; 200 more, with a model that stands still, by ±{np.std(still):.2f}")

# %% [markdown]
# *1,000 steps at lr = 1e-2, ten times the usual rate, for a first impression. Dashed lines: what guessing costs.*
#
# You should see a steep, noisy fall from above the uniform line towards the bigram line. The noise is not the model's, as the last line shows: it is there when the model stands still. Each batch asks
# 256 other questions, and some are harder. To compare two models you need a steadier number.
#
# ### 5.3 `estimate_loss`
#
# Average over many batches. Three things make the difference between a number and a measurement: layers such as dropout have to be
# switched to **eval mode** and back; no gradients are needed, so none should be kept; and if the batches are unequal,
# every *character* should count the same, not every batch.
#
# Difficulty ●●●○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "estimate_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def estimate_loss(model, batches):
    """The mean loss over all target tokens of these batches, in eval mode and without gradients.

    model: called as model(x, y), returns (logits, loss), where loss is the mean over the batch.
    batches: iterable of (x, y), each of shape (B, T); B and T may differ from batch to batch.
    Returns a float. Afterwards the model is in the mode (train or eval) in which it came, and can be trained on.
    """
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_estimate_loss", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.estimate_loss(estimate_loss)

# %% [markdown]
# <details><summary>Hint 1: unequal batches</summary>
# A batch's loss is a mean. Times the number of its targets, <code>y.numel()</code>, it is a sum, and sums may be added.
# </details>
# <details><summary>Hint 2: the mode</summary>
# <code>model.training</code> tells the mode. Keep it, call <code>model.eval()</code>, and give it back at the end with
# <code>model.train(mode)</code>.
# </details>
#
# ### 5.4 The long run
#
# Now for real: 10,000 steps at batch 32, block 8, lr = 1e-3. The helper below hands your `train` its batches and, every 500 of them,
# stops to measure: your `estimate_loss` on the *whole* validation text, cut into consecutive pieces of which the last is shorter. It
# also keeps the model's table of probabilities, for Part 6. (This is why the mode must be restored: the measuring
# happens in the middle of training.)

# %%
from course_lib.progress import progress


def consecutive(data, length=8192):
    """The whole text, once, as batches of one row: x, y of shape (1, length), the last pair shorter."""
    pieces = zip(data[:-1].split(length), data[1:].split(length), strict=True)
    return [(x[None], y[None]) for x, y in pieces]


def probabilities_of(model, vocab_size):
    """What a bigram model believes: P[current, next], shape (C, C)."""
    with torch.no_grad():
        logits, _ = model(torch.arange(vocab_size)[None])  # (1, C) -> (1, C, C)
    return F.softmax(logits[0], dim=-1)


def long_run(train_ids, val_ids, vocab_size, description, steps=10_000, every=500):
    """Train a fresh bigram model. Returns it, its two loss curves, and its tables [(step, P)]."""
    model = BigramLanguageModel(vocab_size)
    validation, tables = [], []

    def measure(step):
        validation.append((step, estimate_loss(model, consecutive(val_ids))))
        tables.append((step, probabilities_of(model, vocab_size)))

    def measured_batches():
        bar = progress(range(steps), description=description)
        for step in bar:
            if step % every == 0:
                measure(step)
                bar.report(loss=validation[-1][1])
            yield get_batch(train_ids, 32, 8)

    losses = train(model, measured_batches(), lr=1e-3)
    measure(steps)
    means = [float(np.mean(losses[step : step + every])) for step in range(0, steps, every)]
    training = [(every * i + every // 2, mean) for i, mean in enumerate(means)]
    return model, {"training": training, "validation": validation}, tables


# %% tags=["slow", "nbval-ignore-output"]
run_ready = (*loop_ready, "estimate_loss")

if all(check.passed(name) for name in run_ready):
    torch.manual_seed(7)
    model, curves, tables = long_run(train_ids, val_ids, C, "tinyplays")

# %% tags=["slow"]
if all(check.passed(name) for name in run_ready):
    title = "Training comes down to the bigram floor and stays there"
    plot.loss_curves(curves, floors=plays_floors, title=title)
    at_first, at_last = curves["validation"][0][1], curves["validation"][-1][1]
    print(f"validation loss {at_first:.2f} at the start, {at_last:.2f} after 10,000 steps")

# %% [markdown]
# *Training: the mean of 500 batches. Validation: the whole validation text. Dashed lines: the floors of Part 4, which are those of
# the validation text; the training text has its own, a little lower or higher.*
#
# You should see both curves come down together, past uniform and past unigram, and flatten at the bigram line: a validation loss
# between 2.40 and 2.46 after 10 to 40 seconds. Training and validation stay together because a table of a few thousand
# numbers is too small to learn a megabyte by heart. The wide gap from there down to the true entropy, 2.4 to about 0.5, is what a model can
# win by looking back further than one character. The rest of the course is about that gap.

# %% tags=["slow", "nbval-ignore-output"]
if all(check.passed(name) for name in (*run_ready, "generate")):
    torch.manual_seed(8)
    print(decode(generate(model, torch.tensor([encode("\n", vocab)]), 400)[0], vocab))

# %% [markdown]
# You should see text that is wrong in every word and yet has the right *grain*: spaces at plausible places, vowels after consonants, a capital after a line break. Each pair of neighbours is likely; nothing longer makes sense.
#
# ## Part 6 · The answer without training
#
# ### 6.1 `bigram_table`
#
# The heat map at the top was the best table for its sentence. Cross-entropy is at its minimum when each row of probabilities
# equals the observed proportions, so for this one model the result of training can be written down: count, and divide.
#
# One repair is needed. A pair that never occurs would get probability 0, and if it then turns up in the validation text, the cost is
# infinite. So every pair is counted `smoothing` times in advance ("add one").
#
# Difficulty ●●●○○ · 15 min


# %% nbgrader={"grade": false, "grade_id": "bigram_table", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bigram_table(data, vocab_size, smoothing=1.0):
    """The counted bigram model: P[current, next] from the pairs of neighbours in a text.

    data: int64 tensor of shape (n,). vocab_size: C. smoothing: added to the count of every pair, > 0.
    Returns probabilities of shape (C, C); each row sums to 1. (A loop over a megabyte of text takes a while.)
    """
    ### BEGIN SOLUTION
    pair_ids = data[:-1] * vocab_size + data[1:]  # each pair (current, next) as one number, row by row
    counts = torch.bincount(pair_ids, minlength=vocab_size * vocab_size).reshape(vocab_size, vocab_size)
    smoothed = counts.double() + smoothing
    return smoothed / smoothed.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_bigram_table", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.bigram_table(bigram_table)

# %% [markdown]
# <details><summary>Hint 1: counting without a loop</summary>
# Two ways. Give every pair a number of its own between 0 and C² − 1, count these numbers with <code>torch.bincount</code>, and reshape.
# Or write both neighbours as one-hot rows, A for the current and B for the next character: the matrix product
# AᵀB adds up to exactly the counts.
# </details>
# <details><summary>Hint 2: dividing</summary>
# Each row has its own sum, and C more than before once one is added to every cell. <code>keepdim=True</code> keeps the sums in a column, so
# that they divide rows.
# </details>

# %% [markdown]
# The loop at the top and your function, on the same sentence:

# %%
if all(check.passed(name) for name in ("encode", "bigram_table")):
    sentence_ids = torch.tensor(encode(sentence, letters_used))
    sentence_table = torch.as_tensor(bigram_table(sentence_ids, len(letters_used)))
    by_hand = (pair_counts + 1) / (pair_counts + 1).sum(axis=1, keepdims=True)
    assert np.allclose(sentence_table, by_hand, atol=1e-6)  # float32 keeps 7 digits
    print("the loop and the table agree")
    n_th, n_t = pair_counts[row_t, column_h], pair_counts[row_t].sum()
    p_th = float(sentence_table[row_t, column_h])
    print(f"P(h | t) = ({n_th} + 1) / ({n_t} + {len(letters_used)}) = {p_th:.3f}")

# %% [markdown]
# ### 6.2 Training arrives at the counts
#
# Now the two tables for the whole corpus: counted, and trained. They are compared by the share of belief that lies on different
# characters (half the sum of the differences in a row), where each row counts as often as its character occurs.

# %% tags=["slow"]
table_ready = (*run_ready, "bigram_table")

if all(check.passed(name) for name in table_ready):
    counted = torch.as_tensor(bigram_table(train_ids, C)).float()
    how_often = torch.bincount(train_ids, minlength=C) / len(train_ids)
    distance = [(step, float(((P - counted).abs().sum(dim=1) / 2) @ how_often)) for step, P in tables]
    plot.loss_curves(
        {"trained against counted": distance},
        title="The trained table approaches the counted one",
        ylabel="share of belief that differs",
    )
    print(f"share that differs: {distance[0][1]:.2f} at the start, {distance[-1][1]:.2f} at the end")

# %% [markdown]
# *Zero would mean that both tables say the same about every character; one, that they agree on nothing.*

# %% tags=["slow"]
if all(check.passed(name) for name in table_ready):
    import matplotlib.pyplot as plt

    common = how_often.argsort(descending=True)[:24].sort().values  # the 24 most frequent characters
    figure, axes = plt.subplots(1, 2, figsize=(12.5, 5.9), layout="constrained")
    shown = {
        "After 10,000 steps: almost the counts": tables[-1][1],
        "Counted: what training was looking for": counted,
    }
    for ax, (title, P) in zip(axes, shown.items()):
        plot.table_heatmap(P[common][:, common], [vocab[i] for i in common], title=title, ax=ax)
    plt.show()
    by_row = (tables[-1][1] - counted).abs().sum(dim=1) / 2
    rare = sorted(set(range(C)) - set(common.tolist()))
    print(f"share of a row that differs: {by_row[common].mean():.2f} on average for these 24 characters, {by_row[rare].mean():.2f} for the others")

# %% [markdown]
# *Rows: the current character; columns: the next one; the 24 most frequent characters. ↵ is the line break, ␣ the space.*
#
# You should see two pictures that you can hardly tell apart, though the left one began as noise. Rows of frequent characters agree best, as the numbers below the pictures say:
# a row is pulled towards its counts only when its character occurs in a batch.
#
# Why there? Row i of the gradient is the frequency of character i times (believed − observed proportions). It vanishes
# when they are equal, and nowhere else. You can watch it vanish:

# %%
if all(check.passed(name) for name in ("build_vocab", "encode", "train_val_split", "bigram_table")):
    part = train_ids[:100_000]
    gradients = {}
    beliefs = {"uniform": torch.full((C, C), 1 / C), "counted": bigram_table(part, C, smoothing=1e-9)}
    for name, P in beliefs.items():
        logits = torch.log(torch.as_tensor(P).double()).requires_grad_()
        F.cross_entropy(logits[part[:-1]], part[1:]).backward()
        gradients[name] = float(logits.grad.abs().max())
    assert gradients["counted"] < 1e-6 < 1e-3 < gradients["uniform"]
    print(f"largest gradient: {gradients['uniform']:.4f} at uniform beliefs, below 1e-6 at counted ones")

# %% [markdown]
# ## The facts, measured
#
# Everything together, for the plays:


# %% tags=["slow"]
def facts(train_ids, val_ids, vocab_size, trained_loss, entropy=None):
    """The losses of this assignment for one corpus: row title -> nats per validation character."""
    torch.manual_seed(9)
    random_tables = [torch.randn(vocab_size, vocab_size) for _ in range(20)]
    P = torch.as_tensor(bigram_table(train_ids, vocab_size))
    rows = {
        f"uniform, ln {vocab_size}": np.log(vocab_size),
        "random N(0, 1) table, mean of 20": np.mean(
            [float(F.cross_entropy(table[val_ids[:-1]], val_ids[1:])) for table in random_tables]
        ),
        "unigram": floors.unigram(train_ids, val_ids, vocab_size),
        "bigram, counted (add one)": -P[val_ids[:-1], val_ids[1:]].log().mean(),
        "bigram, trained for 10,000 steps": trained_loss,
    }
    if entropy is not None:
        rows["true entropy"] = entropy
    return {title: float(value) for title, value in rows.items()}


if all(check.passed(name) for name in table_ready):
    print(f"tinyplays: {len(plays.text):,} characters, {C} symbols\n")
    print(f"{'nats per character':36}measured")
    measured = facts(train_ids, val_ids, C, curves["validation"][-1][1], plays_floors["true entropy"])
    for title, nats in measured.items():
        print(f"{title:36}{nats:.2f}")

# %% [markdown]
# ### The same on Tiny Shakespeare
#
# This collection of Shakespeare's plays has been used in so many lectures that its numbers are published, and you can put yours beside
# them. The file is downloaded only if you ask for it: run `corpus.load("tinyshakespeare")` once in a cell of your own (1.1 MB). Nothing
# below is needed for any points.

# %% tags=["slow", "nbval-ignore-output"]
if not corpus.available("tinyshakespeare"):
    print("Tiny Shakespeare is not on this machine; the plays above show the same facts.")
elif all(check.passed(name) for name in table_ready):
    text = corpus.load("tinyshakespeare").text
    symbols = build_vocab(text)
    bard_train, bard_val = train_val_split(torch.tensor(encode(text, symbols)), 0.1)
    torch.manual_seed(10)
    bard_model, bard_curves, _ = long_run(bard_train, bard_val, len(symbols), "Tiny Shakespeare")
    bard = facts(bard_train, bard_val, len(symbols), bard_curves["validation"][-1][1])

    torch.manual_seed(1337)  # the draw of a well-known lecture: 4 windows of 8 characters, then a table
    starts = torch.randint(int(0.9 * len(text)) - 8, (4,))
    windows = torch.stack([bard_train[start : start + 9] for start in starts])
    torch.manual_seed(1337)
    lecture_table = torch.randn(65, 65)
    lecture = float(F.cross_entropy(lecture_table[windows[:, :-1].flatten()], windows[:, 1:].flatten()))

    print(f"{'':36}published    measured")
    print(f"{'characters':36}1,115,394    {len(text):,}")
    print(f"{'symbols':36}65           {len(symbols)}")
    print(f"{'random N(0, 1) table, one batch':36}4.87         {lecture:.3f}")
    published = {"uniform": "4.174", "unigram": "3.347", "counted": "2.482", "trained": "2.49"}
    for title, nats in bard.items():
        quoted = next((figure for word, figure in published.items() if word in title), "")
        print(f"{title:36}{quoted:12} {nats:.3f}")
    plot.loss_curves(
        bard_curves,
        floors={
            "uniform": bard["uniform, ln 65"],
            "unigram": bard["unigram"],
            "bigram": bard["bigram, counted (add one)"],
        },
        title="Tiny Shakespeare: the same fall to the same kind of floor",
    )

# %% [markdown]
# You should see a measured figure within 0.01 of each published one. The published 4.87 is *one* random table on *one* batch of 32 characters, and with the same seed
# you get the same 4.879. The mean over many tables is ln 65 + ½ = 4.67, or a little less, as you argued in 4.3: a single
# batch that small lies 0.2 off as a matter of course.
#
# ## What you take along
#
# - Text becomes ids, ids become batches in which y is x one place further on: this stays the same up to GPT.
# - A loss means something only beside its floors. Random confidence costs more than honest ignorance.
# - A table of logits, trained, ends where counting ends. What counting cannot give is a longer memory: with 8 characters of context there
#   would be C⁸ rows to fill. The next assignment looks back without a table of everything that can happen.
