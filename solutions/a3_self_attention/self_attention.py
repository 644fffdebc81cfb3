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
# # Self-attention
#
# Your bigram model answers from one character and forgets the rest. In this assignment the positions of a text begin to talk
# to one another: first by a plain average, then by attention, whose weights the tokens choose for themselves. At the
# end, one attention head sits inside your language model and takes it below the bigram floor.
#
# | Part | You write | Points |
# |---|---|---|
# | 1 The average of the past | `average_loop`, `average_matrix`, `average_softmax`, `average_batched` | 10 |
# | 2 Weights that the tokens choose | `scaled_scores`, *why_scale*, `attention` | 15 |
# | 3 Heads | `Head`, *match_factors*, `EncoderHead`, `CrossAttentionHead`, *communication* | 26 |
# | 4 A model with one head | `TokenPositionEmbedding`, `HeadLanguageModel` | 9 |
#
# Names in *italics* are questions that you answer in words. The rest is code: write it in place of the line that raises
# `NotImplementedError`, then run the check below it. All 60 points need about four hours.
#
# What you wrote in the last assignment is imported from `given`, in a version that works, so that nothing here depends on how
# far you got there.

# %% tags=["given"]
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from given import (
    BigramLanguageModel,
    build_vocab,
    decode,
    encode,
    estimate_loss,
    generate,
    get_batch,
    sequence_loss,
    train,
    train_val_split,
)

from course_lib import check, corpus, floors, plot

# %% [markdown]
# ## Part 1 · The average of the past
#
# A batch has shape (B, T, C): B sequences, T positions, C numbers for each token. So far every position was on its own.
# The simplest way to tell position t about its past is the **average** of all vectors up to and including its own. It
# is a poor summary, because the order is gone and every token counts the same. But it has the shape of
# everything that follows: *a weighted sum over the past*.

# %%
T_demo = 6
shares = [[1 / (t + 1) if j <= t else 0 for j in range(T_demo)] for t in range(T_demo)]
picture = plot.attention_heatmap(shares, "letter", title="An average: everyone in the past counts the same")

# %% [markdown]
# *Row t holds the weights with which position t adds up the vectors of the columns. Hatched cells are the future; a model that is to
# predict the future must not see it.*
#
# You will now write this average four times. The results are equal, and each version is one step nearer to attention.
#
# ### 1.1 `average_loop`
#
# The first version says what is meant, position by position. Whenever a matrix version puzzles you, come back
# to the loop.
#
# Difficulty ●○○○○ · Importance ●●●○○ · 10 min · 2 points


# %% nbgrader={"grade": false, "grade_id": "average_loop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_loop(x):
    """The causal average, one position after the other.

    x: float tensor of shape (T, C), left as it is.
    Returns a tensor of shape (T, C): row t is the mean of rows 0 to t of x, both included.
    """
    ### BEGIN SOLUTION
    rows = []
    for t in range(len(x)):
        rows.append(x[: t + 1].mean(dim=0))  # (t + 1, C) -> (C,)
    return torch.stack(rows)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_average_loop", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.average_loop(average_loop)

# %% [markdown]
# <details><summary>Hint</summary>
# The past of position t, itself included, is the slice that begins at the start and ends before t + 1. Take the mean over
# positions (dimension 0), not over features.
# </details>

# %%
if check.passed("average_loop"):
    x_small = torch.tensor([[2.0, 8.0], [4.0, 0.0], [9.0, 1.0]])
    print(f"x\n{x_small}\n\naverage of the past\n{average_loop(x_small)}")

# %% [markdown]
# You should see the first row unchanged (it is its own past), then [3, 4], the mean of two rows, then [5, 3], the mean of three.
#
# ### 1.2 `average_matrix`
#
# A weighted sum of rows, for every position at once, is a matrix product: row t of the weights times all rows of x. The picture above *is* that
# matrix. Build it from a lower triangle of ones, so that each row shares its weight equally.
#
# Difficulty ●●○○○ · Importance ●●●●○ · 10 min · 3 points


# %% nbgrader={"grade": false, "grade_id": "average_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_matrix(x):
    """The causal average as one matrix product with a lower-triangular matrix.

    x: float tensor of shape (T, C). Returns (T, C), the same numbers as average_loop.
    """
    ### BEGIN SOLUTION
    T = x.shape[0]
    weights = torch.tril(torch.ones(T, T))
    weights = weights / weights.sum(dim=1, keepdim=True)  # each row by its own sum
    return weights @ x  # (T, T) @ (T, C) -> (T, C)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_average_matrix", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.average_matrix(average_matrix)

# %% [markdown]
# <details><summary>Hint 1: the triangle</summary>
# <code>torch.tril</code> keeps the lower triangle of a <em>square</em> matrix, diagonal included.
# </details>
# <details><summary>Hint 2: the sums</summary>
# Row t has t + 1 ones. <code>sum(dim=1, keepdim=True)</code> keeps the sums in a column, so that each row is divided by its own sum.
# </details>
#
# ### 1.3 `average_softmax`
#
# The third version makes the same weights in a way that looks roundabout: start from **scores**, all zero; put −∞ where a position would
# look at its future; take the softmax of each row. Since $e^{-\infty} = 0$ and $e^0 = 1$, out come equal shares of the past. The point is what you
# can do *next*: put other scores than zeros, and the shares are no longer equal.
#
# Difficulty ●●○○○ · Importance ●●●●● · 15 min · 3 points


# %% nbgrader={"grade": false, "grade_id": "average_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_softmax(x):
    """The causal average with weights from a masked softmax of zero scores.

    x: float tensor of shape (T, C). Returns (T, C), the same numbers as average_loop.
    """
    ### BEGIN SOLUTION
    T = x.shape[0]
    past = torch.tril(torch.ones(T, T)) == 1
    scores = torch.zeros(T, T).masked_fill(~past, float("-inf"))
    return F.softmax(scores, dim=-1) @ x  # (T, T) @ (T, C) -> (T, C)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_average_softmax", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.average_softmax(average_softmax)

# %% [markdown]
# <details><summary>Hint 1: the mask</summary>
# <code>scores.masked_fill(condition, value)</code> returns a copy with <code>value</code> where the condition is true: here, where the triangle is 0.
# </details>
# <details><summary>Hint 2: which dimension</summary>
# Each <em>row</em> shares out a weight of 1, so the softmax runs along the last dimension.
# </details>
#
# ### 1.4 `average_batched`
#
# Models see batches. The weights depend on the positions alone, so all sequences can share one (T, T) matrix: `@` multiplies the last two
# dimensions and repeats the rest.
#
# Difficulty ●●○○○ · Importance ●●●○○ · 5 min · 2 points


# %% nbgrader={"grade": false, "grade_id": "average_batched", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_batched(x):
    """The causal average of each sequence of a batch, without a loop over sequences or positions.

    x: float tensor of shape (B, T, C). Returns (B, T, C); sequences do not mix.
    """
    ### BEGIN SOLUTION
    T = x.shape[1]
    past = torch.tril(torch.ones(T, T))
    return past / past.sum(dim=1, keepdim=True) @ x  # (T, T) @ (B, T, C) -> (B, T, C)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_average_batched", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.average_batched(average_batched)

# %% [markdown]
# <details><summary>Hint</summary>
# In a batch, T is dimension 1. Any of your last two functions works almost as it stands.
# </details>
#
# **Four ways, one answer.** A sum of floating-point numbers depends a little on the order of its terms, so the four results agree to about
# seven digits and not to the last bit. `torch.allclose` allows an error of 1e-5 of the number itself, which is plenty, *plus* 1e-8. Only that second part is left where an
# average happens to come out near 0, and its terms near 1 were rounded to 6e-8 all the same. So, for some draws and not for others, the default fails there: give it `atol=1e-7`.

# %%
four_ways = ("average_loop", "average_matrix", "average_softmax", "average_batched")

if all([check.passed(name) for name in four_ways]):
    torch.manual_seed(0)
    x_batch = torch.randn(4, 8, 2)  # (B, T, C)
    by_loop = torch.stack([average_loop(sequence) for sequence in x_batch])
    for name, answer in {"average_matrix": average_matrix, "average_softmax": average_softmax}.items():
        assert torch.allclose(torch.stack([answer(sequence) for sequence in x_batch]), by_loop, atol=1e-7), name
    assert torch.allclose(average_batched(x_batch), by_loop, atol=1e-7)
    print("equal: loop, triangle, masked softmax, batch")

# %% tags=["nbval-ignore-output"]
if check.passed("average_loop") and check.passed("average_batched"):
    torch.manual_seed(0)
    failed = []  # the averages, without their sign, at which the default of allclose fails
    for _ in range(500):
        x_batch = torch.randn(4, 8, 2)
        by_loop = torch.stack([average_loop(sequence) for sequence in x_batch])
        far = ~torch.isclose(average_batched(x_batch), by_loop)
        failed += [by_loop[far].abs()] if far.any() else []
    largest = max((float(sizes.max()) for sizes in failed), default=0)
    print(f"with the default of allclose {len(failed)} of 500 batches fail, and the largest number at which they do is {largest:.3f}")

# %% [markdown]
# ## Part 2 · Weights that the tokens choose
#
# In an average every token of the past counts the same. A vowel may want to know about the consonant before it, a closing quotation mark
# about the opening one. So each token sends out two vectors: a **query**, what it is looking for, and a **key**, what it has to offer. The score of
# a pair is their dot product. A third vector, the **value**, is what it hands over if asked. You have set all three by hand; from now on they
# are learnt.
#
# Here are five tokens as points in the plane, their keys, and one query. The dot product asks how far a key goes in the direction of
# the query.

# %%
import matplotlib.pyplot as plt

keys = {"t": (0.2, 1.3), "h": (-1.1, 0.5), "e": (1.4, 0.9), "s": (0.9, -0.8), "o": (-0.5, -1.0)}
query = np.array([1.0, 0.6])
raw = np.array([query @ np.array(key) for key in keys.values()])
given_weight = np.exp(raw) / np.exp(raw).sum()

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained")
left.annotate("", xy=query, xytext=(0, 0), arrowprops={"arrowstyle": "-|>", "color": plot.LINES[1][0], "linewidth": 2.2})
left.annotate("query", query, xytext=(2, -13), textcoords="offset points", color=plot.LINES[1][0])
for (token, key), weight in zip(keys.items(), given_weight):
    left.scatter(*key, s=60 + 900 * weight, color=plot.LINES[0][0], alpha=0.75)
    left.annotate(token, key, xytext=(0, -19), textcoords="offset points", ha="center")
left.axhline(0, color="lightgrey", zorder=0), left.axvline(0, color="lightgrey", zorder=0)
left.set(xlim=(-1.8, 2.2), ylim=(-1.7, 1.9), xlabel="first number of the vector", ylabel="second number")
left.set_title("Keys that point the query's way …")
right.barh(list(keys), given_weight, color=plot.LINES[0][0])
right.invert_yaxis()
right.set(xlabel="attention weight (softmax of the scores)", ylabel="token", title="… get the weight")
plt.show()

# %% [markdown]
# *Left: five keys and a query; a disc's area grows with its weight. Right: the weights. The token whose key agrees best, e, gets most of it.*
#
# ### 2.1 `scaled_scores`
#
# The scores of all pairs come from one product of matrices. And they are divided by the square root of the head size, the length of a query: why, you
# will measure in a moment.
#
# Here are the scores as a loop over pairs, to compare with:


# %%
def scores_by_loop(q, k):
    """q, k: (B, T, head_size). Returns (B, T, T), one pair at a time."""
    B, T, head_size = q.shape
    scores = torch.zeros(B, T, T)
    for b in range(B):
        for i in range(T):  # the token that asks
            for j in range(T):  # the token that is asked
                agreement = sum(q[b, i, d] * k[b, j, d] for d in range(head_size))
                scores[b, i, j] = agreement / math.sqrt(head_size)
    return scores


# %% [markdown]
# Difficulty ●●○○○ · Importance ●●●●● · 15 min · 4 points


# %% nbgrader={"grade": false, "grade_id": "scaled_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled_scores(q, k):
    """How well each key answers each query, in each sequence of a batch.

    q, k: float tensors of shape (B, T, head_size).
    Returns (B, T, T): entry [b, i, j] is query i times key j of sequence b, divided by √head_size. No mask, no softmax.
    """
    ### BEGIN SOLUTION
    head_size = q.shape[-1]
    return q @ k.transpose(-2, -1) / math.sqrt(head_size)  # (B, T, hs) @ (B, hs, T) -> (B, T, T)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_scaled_scores", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.scaled_scores(scaled_scores)

# %% [markdown]
# <details><summary>Hint 1: the shapes</summary>
# (B, T, head_size) times (B, head_size, T) gives (B, T, T). <code>.transpose(-2, -1)</code> exchanges the last two dimensions and leaves the batch alone;
# <code>.T</code> would turn all three round.
# </details>
# <details><summary>Hint 2: the scale</summary>
# The head size is the last dimension of q. It is not T, and in a model it is usually not n_embd either.
# </details>

# %%
if check.passed("scaled_scores"):
    torch.manual_seed(1)
    q_small, k_small = torch.randn(2, 4, 3), torch.randn(2, 4, 3)
    assert torch.allclose(scaled_scores(q_small, k_small), scores_by_loop(q_small, k_small), atol=1e-6)  # float32
    print("equal: loop and matrix product")

# %% [markdown]
# ### 2.2 Why divide?
#
# An experiment. Queries and keys are drawn from N(0, 1), for four head sizes. Look at the
# scores with and without the scale, and at what softmax makes of them among eight keys.

# %%
head_sizes = (4, 16, 64, 256)

if check.passed("scaled_scores"):
    torch.manual_seed(2)
    rows = {}  # head size -> {"as they are": scores, "scaled": scores}, each (2000, 8)
    for head_size in head_sizes:
        q, k = torch.randn(250, 8, head_size), torch.randn(250, 8, head_size)
        plain = torch.stack([(q * k[:, j : j + 1]).sum(dim=2) for j in range(8)], dim=2)  # (250, 8, 8), key by key
        rows[head_size] = {"as they are": plain.reshape(-1, 8), "scaled": scaled_scores(q, k).reshape(-1, 8)}

    figure, grid = plt.subplots(2, 4, figsize=(12, 5.2), layout="constrained", sharey="row")
    for column, (head_size, kinds) in enumerate(rows.items()):
        for (kind, scores), (colour, style) in zip(kinds.items(), (plot.LINES[1], plot.LINES[0])):
            largest = F.softmax(scores, dim=1).max(dim=1).values
            look = {"histtype": "step", "color": colour, "linestyle": style, "linewidth": 1.8, "label": kind}
            grid[0, column].hist(scores.flatten().numpy(), bins=np.linspace(-40, 40, 81), density=True, **look)
            grid[1, column].hist(largest.numpy(), bins=np.linspace(0, 1, 26), density=True, **look)
        grid[0, column].set_title(f"head size {head_size}")
        grid[0, column].set_xlabel("score")
        grid[1, column].set_xlabel("largest of 8 weights")
    grid[0, 0].set_ylabel("density of scores")
    grid[1, 0].set_ylabel("density of largest weights")
    grid[0, 3].legend(frameon=False)
    figure.suptitle("Without the scale, scores spread with the head size, and softmax lets one key win at random")
    plt.show()

    print("             spread of scores     mean largest weight  how far weights still move")
    print("head size   as they are  scaled   as they are  scaled   as they are  scaled")
    for head_size, kinds in rows.items():
        measured = []  # one row for each kind of scores
        for scores in kinds.values():
            weights = F.softmax(scores, dim=1)
            reaction = (weights * (1 - weights)).sum(dim=1)
            measured.append([scores.std(), weights.max(dim=1).values.mean(), reaction.mean()])
        columns = "".join(f"{plain:14.2f}{scaled:8.2f}" for plain, scaled in zip(*measured))
        print(f"{head_size:9}{columns}")

    print("\nand in a fresh network: inputs of spread 1, 256 wide, through two new nn.Linear")
    for head_size in head_sizes:
        x = F.layer_norm(torch.randn(250, 8, 256), (256,))
        q, k = nn.Linear(256, head_size, bias=False)(x).detach(), nn.Linear(256, head_size, bias=False)(x).detach()
        plain, scaled = q @ k.mT, scaled_scores(q, k)
        shares = [float(F.softmax(scores, dim=-1).amax(dim=-1).mean()) for scores in (plain, scaled)]
        print(f"{head_size:9}   queries {q.std():.2f}, scores {plain.std():.2f}, scaled {scaled.std():.2f}, largest weights {shares[0]:.2f} and {shares[1]:.2f}")

# %% [markdown]
# *Top: scores of random queries and keys. Bottom: the largest of eight attention weights, 2,000 rows for each curve. Dashed: scores as they are; solid: divided
# by the square root of the head size. The last two columns of the table are the sum of $w_j (1 - w_j)$ over the keys, which says how much the weights react when the scores
# change a little: the derivative of a weight with respect to its own score is $w_j (1 - w_j)$.*
#
# You should see the solid curves stay where they are at every size, and the dashed ones run away: a spread of 2, 4, 8, 16, and at size 256 a
# largest weight that is nearly always 1.
#
# In a fresh network the numbers are smaller by a fixed factor: `nn.Linear` starts with weights of variance 1/(3 · inputs), so that inputs of spread 1 (what a layer norm hands over) become queries
# of spread 1/√3 = 0.58, and scaled scores of 1/3. The growth with the head size is the same, and so is the remedy.
#
# **Question (4 points).** Why are scores divided by √head_size? Explain (a) where the spread √head_size comes from, (b) what softmax does with scores of large
# variance, and (c) why that is bad for a network *at the beginning of training*. Support each with a number from the experiment. Four to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_scale", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# (a) A score is a sum of head_size products of independent numbers with mean 0 and variance 1. Each product has variance 1, variances of independent terms add up,
# so the score has variance head_size and spread √head_size: 16 at head size 256 in the experiment. Divided by √head_size, the variance is 1 whatever the size.
#
# (b) Softmax depends on differences of scores, exponentially: with scores ten apart, one weight is e¹⁰ ≈ 22,000 times the other. At large variance
# the largest score of a row takes nearly everything and the softmax becomes a hard choice, one-hot: at size 256 the largest of eight weights is 0.94 on average, with the scale 0.36.
#
# (c) In a fresh network queries and keys are random, so the choice is random, too, and it is made with nearly full confidence. Worse, it can hardly be unlearnt: the
# derivative of the weights with respect to the scores is built from w(1 − w), which is nearly 0 when every w is nearly 0 or 1 (0.09 instead of 0.77 in the experiment).
# Queries and keys get hardly any gradient. With the scale, attention begins as a soft average, close to equal shares, and all keys can be compared.
#
# **Marking scheme**
# - 1 point: variance of a sum of head_size independent products is head_size (spread √head_size), so division brings it to 1.
# - 1 point: softmax of widely spread scores is nearly one-hot, with a number.
# - 1 point: the gradient through such a softmax is nearly 0 (w(1 − w), saturation).
# - 1 point: at the beginning the winner is random, or: the start should be near an even average; numbers from the experiment are used.

# %% [markdown]
# ### 2.3 `attention`
#
# Scores, mask, softmax over the keys, weighted sum of the values: this function is all of attention, and everything in Part 3 calls it. Two things
# are more general than before. There may be another number of keys (S) than of queries (T), and the **mask** comes from outside:
# `True` means *may attend*. A causal mask is one possible mask; no mask at all is another.
#
# ```text
# q (B, T, d)   k (B, S, d)   v (B, S, d_v)   mask, broadcast to (B, T, S)
#      └─ scores (B, T, S) ──┘      │              │
#                └─── masked (B, T, S) ────────────┘
#                        │          │
#              weights (B, T, S)    │        rows sum to 1
#                        └─ output (B, T, d_v)
# ```
#
# Difficulty ●●●○○ · Importance ●●●●● · 25 min · 7 points


# %% nbgrader={"grade": false, "grade_id": "attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention(q, k, v, mask=None):
    """Scaled dot-product attention: every query takes home a weighted average of the values.

    q: (B, T, d). k: (B, S, d). v: (B, S, d_v).
    mask: boolean, broadcastable to (B, T, S), True = may attend; None = every query sees every key. Each query sees
    at least one key.
    Returns (output, weights): output (B, T, d_v), weights (B, T, S). Method: Vaswani et al. (2017), section 3.2.1.
    """
    ### BEGIN SOLUTION
    scores = q @ k.mT / math.sqrt(k.shape[-1])  # (B, T, d) @ (B, d, S) -> (B, T, S)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)  # over the keys
    return weights @ v, weights  # (B, T, S) @ (B, S, d_v) -> (B, T, d_v)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_attention", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check.attention(attention)

# %% [markdown]
# <details><summary>Hint 1: from scores to weights</summary>
# Mask first, then softmax. The other way round, the hidden keys have already taken their share, and the rows no longer sum to 1.
# </details>
# <details><summary>Hint 2: the mask's meaning</summary>
# <code>masked_fill</code> writes where its condition is <em>true</em>; your mask is true where writing is wrong. <code>~mask</code> turns it round.
# </details>
# <details><summary>Hint 3: which dimension</summary>
# In (B, T, S) the keys are the last dimension. Each query's weights sum to 1 over the keys.
# </details>
#
# **Compared with PyTorch.** The library has the same function, written for speed: `F.scaled_dot_product_attention`. It hands out no weights, but its outputs
# should be yours. (In your `Head` below it is not allowed: there you assemble the parts yourself.)

# %%
if check.passed("attention"):
    torch.manual_seed(3)
    q, k, v = torch.randn(2, 3, 16), torch.randn(2, 5, 16), torch.randn(2, 5, 7)
    some_mask = torch.rand(2, 3, 5) < 0.6
    some_mask[..., 0] = True  # nobody is left without a key
    for mask in (None, some_mask):
        output, weights = attention(q, k, v, mask)
        assert torch.allclose(output, F.scaled_dot_product_attention(q, k, v, attn_mask=mask), atol=1e-6)
    print("equal to the library, with a mask and without; output", tuple(output.shape), "weights", tuple(weights.shape))

# %% [markdown]
# ### 2.4 One function, three kinds of attention
#
# The same function covers the three kinds of attention in the literature. What differs is the mask, and where the keys come from:
#
# - **causal** self-attention, as in GPT: queries, keys and values from one text, and nobody looks ahead;
# - **encoder** self-attention, for understanding a text that is all there: no mask;
# - **cross-attention**, for looking something up elsewhere: queries from one text, keys and values from *another*, as in translation.
#
# It helps to see attention as a **directed graph**: tokens are nodes, and an arrow from j to i says that what token j knows flows to token i. The matrix of weights is
# the table of its arrows.

# %%
if check.passed("attention"):
    torch.manual_seed(4)
    tokens = list("wake")
    q, k, v = 2 * torch.randn(1, 4, 8), torch.randn(1, 4, 8), torch.randn(1, 4, 8)  # 2: for contrast in the picture
    _, causal_weights = attention(q, k, v, torch.ones(4, 4, dtype=torch.bool).tril())
    plot.attention_graph(causal_weights[0], tokens, title="Causal: information flows only forward in the text")
    _, encoder_weights = attention(q, k, v)
    plot.attention_graph(encoder_weights[0], tokens, title="Encoder: everyone hears everyone")
    other = list("réveil")  # the text that is looked at: other tokens, another length
    _, cross_weights = attention(q, torch.randn(1, 6, 8), torch.randn(1, 6, 8))
    plot.attention_graph(cross_weights[0], (tokens, other), title="Cross-attention: one text looks things up in another")

# %% [markdown]
# *Left: the weights as a matrix, queries down. Right: the same weights as arrows from the token that is heard to the token that listens; the thicker and darker, the
# larger the weight. A ring is what a token keeps of itself. Weights below 0.03 are left out.*
#
# ## Part 3 · Heads
#
# ### 3.1 `Head`
#
# A head puts attention into a network: three linear maps make queries, keys and values from the tokens' vectors, and these
# maps are what is learnt. This class is the heart of the course. Your GPT will hold dozens of it.
#
# - **head_size** is the length of queries, keys and values, so also of the output. It need not be n_embd.
# - The head is **causal**. Sequences may be *shorter* than block_size: for T tokens, use the upper left (T, T) corner of a (block_size, block_size) mask.
# - A mask is not a weight: nothing about it is learnt. But when a model moves to a GPU, it has to move along. Keep it with
#   `self.register_buffer("name", tensor)`, or make it afresh in `forward`; a tensor in a plain attribute stays behind.
# - **Dropout** acts on the attention weights, after the softmax: in training mode each weight is set to 0 with probability `dropout`, and the others grow
#   by 1/(1 − dropout). In eval mode nothing happens. `nn.Dropout` does all of this.
# - Write the steps yourself or call your `attention`. PyTorch's ready-made attention (`F.scaled_dot_product_attention`, `nn.MultiheadAttention`) is **not allowed** here; a
#   hidden test looks out for it.
#
# Biases, initialisation and the names of your layers are up to you.
#
# Difficulty ●●●●○ · Importance ●●●●● · 40 min · 10 points


# %% nbgrader={"grade": false, "grade_id": "Head", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Head(nn.Module):
    """One head of causal self-attention.

    n_embd: width of the input. head_size: width of queries, keys, values and output. block_size: the longest
    sequence. dropout: the probability with which an attention weight is dropped in training.
    """

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("may_attend", torch.ones(block_size, block_size, dtype=torch.bool).tril())
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: float tensor of shape (B, T, n_embd), T <= block_size. Returns (B, T, head_size)."""
        ### BEGIN SOLUTION
        T = x.shape[1]
        q, k, v = self.query(x), self.key(x), self.value(x)  # each (B, T, n_embd) -> (B, T, head_size)
        _, weights = attention(q, k, v, self.may_attend[:T, :T])  # (B, T, T)
        return self.dropout(weights) @ v  # (B, T, T) @ (B, T, head_size) -> (B, T, head_size)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Head", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check.Head(Head)

# %% [markdown]
# <details><summary>Hint 1: the maps</summary>
# <code>nn.Linear(n_embd, head_size, bias=False)</code>, three times; each acts on the last dimension and leaves B and T alone.
# </details>
# <details><summary>Hint 2: "it only works for full blocks"</summary>
# The mask in your buffer is (block_size, block_size). Cut out what you need: <code>[:T, :T]</code>.
# </details>
# <details><summary>Hint 3: which scale</summary>
# Queries have head_size numbers, so the scale is √head_size. The last dimension of <em>x</em> is n_embd: with one head of full width that is the same,
# with six heads the scores would be 2.4 times too small.
# </details>
# <details><summary>Hint 4: dropout</summary>
# Make <code>nn.Dropout(dropout)</code> in <code>__init__</code> and call it on the weights in <code>forward</code>. If you use your <code>attention</code>, take its second
# result, drop, and multiply by the values yourself.
# </details>
#
# **The head, one pair at a time.** For one token there is nothing to choose from, so the head returns the token's value. With that alone, and no look inside, you
# can watch it at work: for two tokens the second output lies on the line between the two values, and *where* on the line is the attention weight.

# %%
if check.passed("Head"):
    torch.manual_seed(48)
    head = Head(n_embd=8, head_size=2, block_size=4)
    first, second = torch.randn(2, 8)
    with torch.no_grad():
        value_1, value_2 = (head(token[None, None])[0, 0] for token in (first, second))  # (2,) each
        mixed = head(torch.stack([first, second])[None])[0, 1]
    share = float((mixed - value_2) @ (value_1 - value_2) / (value_1 - value_2).square().sum())

    figure, ax = plt.subplots(figsize=(5.2, 3.8), layout="constrained")
    ax.plot(*torch.stack([value_1, value_2]).T, color="grey", linestyle="--")
    for point, label, marker in ((value_1, "value of token 1", "o"), (value_2, "value of token 2", "s"), (mixed, "output 2", "D")):
        ax.scatter(*point, marker=marker, s=70, color=plot.LINES[1][0] if marker == "D" else plot.LINES[0][0], zorder=3)
        ax.annotate(label, point, xytext=(0, 13 if marker != "D" else -20), textcoords="offset points", ha="center")
    ax.margins(0.3)
    ax.set(xlabel="first number", ylabel="second number", title="The output is a mixture of values")
    plt.show()
    assert torch.allclose(mixed, share * value_1 + (1 - share) * value_2, atol=1e-5)
    print(f"token 2 gives {share:.2f} of its attention to token 1 and {1 - share:.2f} to itself")

# %% [markdown]
# *The values of two tokens, and the head's output for the second. Attention can only mix what the values offer: outputs never leave the region between the values (their convex hull).*
#
# ### 3.2 Formula and code
#
# In papers, a head is one line:
#
# $$\text{softmax}\left(\text{mask}\left(\frac{QK^{\mathsf T}}{\sqrt{d}}\right)\right) V$$
#
# **Question (4 points).** Match each factor with a line of *your own* code (in `Head`, `attention` or both): $Q$, $K$, $V$; the product $QK^{\mathsf T}$; the division by $\sqrt d$;
# mask; softmax; the product with $V$. Quote the line, say which shape comes out of it, and name one mistake that would be easy to make there. Then: which line of your code is *not* in the
# formula?

# %% [markdown] nbgrader={"grade": true, "grade_id": "match_factors", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# | Factor | Line | Shape | Easy mistake |
# |---|---|---|---|
# | $Q$, $K$, $V$ | `self.query(x)`, `self.key(x)`, `self.value(x)` in `Head.forward` | (B, T, head_size) each | using x itself as the values |
# | $QK^{\mathsf T}$ | `q @ k.mT` in `attention` | (B, T, T) | `k.T`, which turns the batch round as well |
# | $/\sqrt d$ | `/ math.sqrt(k.shape[-1])` | (B, T, T) | n_embd, the width of x, in place of the head size |
# | mask | `scores.masked_fill(~mask, float("-inf"))`, with `self.may_attend[:T, :T]` | (B, T, T) | the mask the wrong way round; j < i, which leaves the first row empty |
# | softmax | `F.softmax(scores, dim=-1)` | (B, T, T), rows sum to 1 | over the queries (dim=-2), or before the mask |
# | $V$ | `self.dropout(weights) @ v` in `Head.forward` | (B, T, head_size) | `v @ weights`, or forgetting the value map |
#
# Not in the formula: dropout on the weights (and the cut `[:T, :T]` for short sequences; the formula speaks of one sequence and has no batch).
#
# **Marking scheme**
# - 1 point: Q, K and V are matched with the three linear maps of x, shape (B, T, head_size).
# - 1 point: QKᵀ and the division are matched, the scale with the head size, shape (B, T, T).
# - 1 point: mask, then softmax over the keys, in this order; then the product with V, shape (B, T, head_size).
# - 1 point: sensible mistakes for at least three factors, and dropout (or the cutting of the mask, or the batch) named as what the formula leaves out.
# - Lines that are quoted must be in the student's own code.

# %% [markdown]
# ### 3.3 `EncoderHead`
#
# Take the mask away and the same head reads a whole text at once, as models do that classify or translate *from* a text. Without a mask there is
# no need for a block_size either.
#
# Difficulty ●○○○○ · Importance ●●●○○ · 5 min · 3 points


# %% nbgrader={"grade": false, "grade_id": "EncoderHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class EncoderHead(nn.Module):
    """One head of self-attention in which every token sees every token.

    n_embd: width of the input. head_size: width of queries, keys, values and output.
    """

    def __init__(self, n_embd, head_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.query, self.key, self.value = (nn.Linear(n_embd, head_size, bias=False) for _ in range(3))
        ### END SOLUTION

    def forward(self, x):
        """x: float tensor of shape (B, T, n_embd), any T. Returns (B, T, head_size)."""
        ### BEGIN SOLUTION
        output, _ = attention(self.query(x), self.key(x), self.value(x))  # (B, T, head_size)
        return output
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_EncoderHead", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.EncoderHead(EncoderHead)

# %% [markdown]
# <details><summary>Hint</summary>
# Your <code>attention</code> without its fourth argument.
# </details>
#
# ### 3.4 `CrossAttentionHead`
#
# Here two texts meet: `x` asks, `context` answers. Each token of x gets a mixture of the *context's* values, so the output is as long as x, however long
# the context is.
#
# Difficulty ●●○○○ · Importance ●●●○○ · 10 min · 5 points


# %% nbgrader={"grade": false, "grade_id": "CrossAttentionHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CrossAttentionHead(nn.Module):
    """One head of attention from one sequence to another, without a mask.

    n_embd: width of both inputs. head_size: width of queries, keys, values and output.
    """

    def __init__(self, n_embd, head_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.query, self.key, self.value = (nn.Linear(n_embd, head_size, bias=False) for _ in range(3))
        ### END SOLUTION

    def forward(self, x, context):
        """x: (B, T, n_embd), the sequence that asks. context: (B, S, n_embd), the sequence that is asked.

        Returns (B, T, head_size).
        """
        ### BEGIN SOLUTION
        output, _ = attention(self.query(x), self.key(context), self.value(context))
        return output  # (B, T, S) @ (B, S, head_size) -> (B, T, head_size)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_CrossAttentionHead", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.CrossAttentionHead(CrossAttentionHead)

# %% [markdown]
# <details><summary>Hint</summary>
# Who asks? x, so it makes the queries. Who is asked, and who hands something over? The context, so it makes keys <em>and</em> values.
# </details>

# %%
if check.passed("EncoderHead") and check.passed("CrossAttentionHead"):
    torch.manual_seed(6)
    cross, sentence = CrossAttentionHead(8, 3), torch.randn(1, 5, 8)
    encoder = EncoderHead(8, 3)
    with torch.no_grad():
        for weights in [*encoder.parameters(), *cross.parameters()]:  # the same in both, however they are laid out
            weights.fill_(0.3 if weights.ndim > 1 else 0.0)
        assert torch.allclose(cross(sentence, sentence), encoder(sentence), atol=1e-6)
    print("equal: a text that looks itself up is self-attention without a mask")

# %% [markdown]
# ### 3.5 Who talks to whom
#
# Attention is the *only* place in a transformer where tokens exchange anything. To see exactly who hears whom, change one token and watch which outputs move. Below,
# a batch of three sequences; one number of one token (sequence 2, position 4) is changed.

# %%
if check.passed("Head") and check.passed("EncoderHead"):
    torch.manual_seed(7)
    heads = {"Causal: only its own sequence,\nand only from there on": Head(8, 8, block_size=8)}
    heads["Encoder: only its own sequence,\nbut all of it"] = EncoderHead(8, 8)
    x = torch.randn(3, 8, 8)  # (B, T, C)
    changed = x.clone()
    changed[1, 3, 0] += 5.0

    figure, axes = plt.subplots(1, 2, figsize=(9.5, 2.9), layout="constrained")
    for ax, (title, head) in zip(axes, heads.items()):
        with torch.no_grad():
            difference = (head(changed) - head(x)).norm(dim=2)  # (B, T)
        assert (difference[[0, 2]] == 0).all()
        image = ax.imshow(difference, cmap=plot.COLOURS, vmin=0)
        for (row, column), size in np.ndenumerate(difference.numpy()):
            dark = size > 0.55 * float(difference.max())
            ax.text(column, row, f"{size:.1f}" if size else "0", ha="center", va="center", color="white" if dark else "black")
        ax.set_xticks(range(8), range(1, 9)), ax.set_yticks(range(3), range(1, 4))
        ax.set(xlabel="position", ylabel="sequence", title=title)
        figure.colorbar(image, ax=ax, label="change of the output", shrink=0.8)
    plt.show()

# %% [markdown]
# *Size of the change of each output after a change at sequence 2, position 4. The zeros are exact.*
#
# **Question (4 points).** Describe attention as communication on a directed graph: what are the nodes and the arrows, what decides how much flows along an arrow, and what flows? How many arrows does the graph
# of a causal head have for T tokens, how many that of an encoder head, and what does the graph of a whole batch of B sequences look like? Name the operation in your
# code that keeps the sequences of a batch apart. Four to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "communication", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# The nodes are the tokens of a sequence, each with a vector. An arrow from j to i means that token i may attend to token j. How much flows along it is the attention weight of i on j: the softmax, over all arrows that
# *end* in i, of the product of i's query and j's key. What flows is j's value, so each node receives a weighted average of the values of those it hears, and the weights of its incoming arrows add up to 1. The weights depend on
# the content and are worked out anew for every text; the arrows themselves are fixed by the mask.
#
# A causal head has an arrow from j to i for every j ≤ i, T(T + 1)/2 in all with the T loops of tokens that hear themselves: 10 for four tokens. An encoder head has all T², 16 for four.
#
# A batch of B sequences is B separate graphs with no arrow between them, as the zeros in rows 1 and 3 of the picture show. They are computed together, but the batched matrix product `q @ k.mT` multiplies the
# queries of each sequence with the keys of the same sequence only, and the product with v likewise; the batch dimension is just repeated. The linear maps act on each token by itself.
#
# **Marking scheme**
# - 1 point: nodes are tokens, an arrow j → i carries j's value to i (direction right).
# - 1 point: the weight comes from query i and key j by a softmax over the arrows into i; it depends on the content, while the mask fixes which arrows exist.
# - 1 point: T(T + 1)/2 and T² arrows (or T(T − 1)/2 and T(T − 1) without the loops, if said so).
# - 1 point: B separate graphs, kept apart by the batched matrix product (or: by products over the last two dimensions only).

# %% [markdown]
# ## Part 4 · A model with one head
#
# ### 4.1 Attention is blind to order
#
# Nothing in a head knows *where* a token stands. The mask tells the past from the future, but within the past all is one bag
# (for one layer; the next assignment measures what a stack of them can find out):

# %%
if check.passed("Head"):
    torch.manual_seed(8)
    head = Head(8, 8, block_size=8)
    letters_of = {letter: torch.randn(8) for letter in "abestr"}  # a random vector for each letter

    def last_output(word):
        with torch.no_grad():
            return head(torch.stack([letters_of[letter] for letter in word])[None])[0, -1]

    for one, other in (("beast", "baest"), ("beast", "tsaeb"), ("baste", "beats")):
        difference = float((last_output(one) - last_output(other)).abs().max())
        print(f"last output of {one!r} and of {other!r}: {'equal' if difference < 1e-5 else 'different'}")

# %% [markdown]
# You should see that 'beast' and 'baest' end in the same output: the same last letter, and the same letters before it in another order. The other
# pairs end in different letters, so they ask different questions.
#
# The remedy is to write each token's place into its vector. Every token has a row in one table, every *position* a row in another, and
# the head gets their **sum**:

# %%
rng = np.random.default_rng(0)
word, width = "abba", 10
token_rows = dict(zip("ab", rng.normal(size=(2, width))))
panels = {
    "token": np.array([token_rows[letter] for letter in word]),
    "position": rng.normal(size=(len(word), width)),
}
panels["sum"] = panels["token"] + panels["position"]
figure, axes = plt.subplots(1, 3, figsize=(11, 2.6), layout="constrained")
for ax, sign, (name, rows_shown) in zip(axes, ("", "+  ", "=  "), panels.items()):
    image = ax.imshow(rows_shown, cmap=plot.COLOURS, vmin=-3, vmax=3, aspect="auto")
    ax.set_title(sign + name, loc="left")
    ax.set_yticks(range(len(word)), list(word) if name == "token" else [f"{a}, {t}" for t, a in enumerate(word)])
    ax.set_xticks([])
    ax.set_xlabel(f"{width} numbers (n_embd)")
axes[1].set_yticks(range(len(word)), range(len(word)))
axes[0].set_ylabel("token"), axes[1].set_ylabel("position"), axes[2].set_ylabel("token, position")
figure.colorbar(image, ax=axes, label="number")
figure.suptitle("Equal tokens become different when they stand in different places")
plt.show()

# %% [markdown]
# *The word "abba". Left: the two a's have the same row, and so do the two b's. Right: all four rows differ. Both tables begin as random numbers and are learnt.*
#
# ### 4.2 `TokenPositionEmbedding`
#
# Two tables and a sum. There is a position row for each of block_size places: that is why a GPT has a longest context.
#
# Difficulty ●●○○○ · Importance ●●●●○ · 15 min · 4 points


# %% nbgrader={"grade": false, "grade_id": "TokenPositionEmbedding", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TokenPositionEmbedding(nn.Module):
    """What a token is, plus where it stands: the sum of two learnt rows of n_embd numbers.

    vocab_size: number of different tokens. n_embd: width of the rows. block_size: number of positions.
    """

    def __init__(self, vocab_size, n_embd, block_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.token_table = nn.Embedding(vocab_size, n_embd)
        self.position_table = nn.Embedding(block_size, n_embd)
        ### END SOLUTION

    def forward(self, idx):
        """idx: int64 tensor of shape (B, T), T <= block_size. Returns (B, T, n_embd)."""
        ### BEGIN SOLUTION
        positions = torch.arange(idx.shape[1], device=idx.device)  # 0 … T - 1
        return self.token_table(idx) + self.position_table(positions)  # (B, T, n_embd) + (T, n_embd)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_TokenPositionEmbedding", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.TokenPositionEmbedding(TokenPositionEmbedding)

# %% [markdown]
# <details><summary>Hint 1: positions</summary>
# <code>torch.arange(T)</code> are the positions of T tokens. Look them up in the second table as you look up tokens in the first.
# </details>
# <details><summary>Hint 2: the sum</summary>
# (B, T, n_embd) + (T, n_embd): the second is repeated for each sequence by itself.
# </details>

# %%
if check.passed("Head") and check.passed("TokenPositionEmbedding"):
    torch.manual_seed(9)
    embedding = TokenPositionEmbedding(6, 8, block_size=8)
    with torch.no_grad():
        ends = [head(embedding(torch.tensor([["abestr".index(letter) for letter in word]])))[0, -1] for word in ("beast", "baest")]
    difference = float((ends[0] - ends[1]).abs().max())
    print(f"with positions, 'beast' and 'baest' are {'equal' if difference < 1e-5 else 'different'}")

# %% [markdown]
# ### 4.3 `HeadLanguageModel`
#
# Now put it together. Compared with the bigram model, a token's row is no longer the answer itself: it is the token's vector, the head mixes in the
# past, and a linear map turns the result into logits.
#
# ```text
# idx        (B, T)
# embedding  (B, T, n_embd)        TokenPositionEmbedding
# mixed      (B, T, head_size)     Head
# logits     (B, T, vocab_size)    nn.Linear
# ```
#
# Difficulty ●●●○○ · Importance ●●●●● · 20 min · 5 points


# %% nbgrader={"grade": false, "grade_id": "HeadLanguageModel", "locked": false, "schema_version": 3, "solution": true, "task": false}
class HeadLanguageModel(nn.Module):
    """A language model with one attention head: embedding, head, linear map to logits.

    vocab_size: C. n_embd: width of the embedding. head_size: width of the head. block_size: the longest context.
    """

    def __init__(self, vocab_size, n_embd, head_size, block_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.embedding = TokenPositionEmbedding(vocab_size, n_embd, block_size)
        self.head = Head(n_embd, head_size, block_size)
        self.to_logits = nn.Linear(head_size, vocab_size)
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """idx, targets: int64 tensors of shape (B, T), T <= block_size.

        Returns (logits, loss): logits of shape (B, T, C); loss of shape (), the mean cross-entropy, or None without
        targets.
        """
        ### BEGIN SOLUTION
        mixed = self.head(self.embedding(idx))  # (B, T) -> (B, T, n_embd) -> (B, T, head_size)
        logits = self.to_logits(mixed)  # (B, T, head_size) -> (B, T, C)
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_HeadLanguageModel", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.HeadLanguageModel(HeadLanguageModel)

# %% [markdown]
# <details><summary>Hint 1: the parts</summary>
# You have all but the last: <code>TokenPositionEmbedding</code>, <code>Head</code>, and a linear layer from head_size to vocab_size.
# </details>
# <details><summary>Hint 2: the loss</summary>
# <code>sequence_loss(logits, targets)</code> from the last assignment is imported at the top. Without targets the loss is None.
# </details>
#
# ### 4.4 Training
#
# Everything else stays as it was: `get_batch`, `train`, `estimate_loss`. Two models are trained for 5,000 steps at batch 32, block 8, lr = 1e-3: the bigram model, and one head with n_embd = head_size = 32. The
# validation loss is measured on the whole validation text, cut into windows of 8.

# %%
from course_lib.progress import progress

BLOCK = 8


def windows(data, block_size=BLOCK):
    """The whole text as one batch of consecutive windows: x, y of shape (n, block_size). A short rest is left out."""
    n = (len(data) - 1) // block_size
    return data[: n * block_size].view(n, block_size), data[1 : n * block_size + 1].view(n, block_size)


def trained(model, train_ids, val_ids, description, steps=5_000, every=500):
    """Train a model in place. Returns its validation losses [(step, loss)]."""
    validation = []

    def measured_batches():
        bar = progress(range(steps), description=description)
        for step in bar:
            if step % every == 0:
                validation.append((step, estimate_loss(model, [windows(val_ids)])))
                bar.report(loss=validation[-1][1])
            yield get_batch(train_ids, 32, BLOCK)

    train(model, measured_batches(), lr=1e-3)
    return [*validation, (steps, estimate_loss(model, [windows(val_ids)]))]


plays = corpus.load("tinyplays")
vocab = build_vocab(plays.text)
train_ids, val_ids = train_val_split(torch.tensor(encode(plays.text, vocab)), 0.1)
C = len(vocab)
plays_floors = {
    "uniform": floors.uniform(C),
    "unigram": floors.unigram(train_ids, val_ids, C),
    "bigram": floors.bigram(train_ids, val_ids, C),
    "true entropy": plays.entropy(len(train_ids), len(plays.text)),
}

# %% tags=["slow", "nbval-ignore-output"]
if check.passed("HeadLanguageModel"):
    torch.manual_seed(10)
    bigram, one_head = BigramLanguageModel(C), HeadLanguageModel(C, n_embd=32, head_size=32, block_size=BLOCK)
    curves = {
        "bigram model": trained(bigram, train_ids, val_ids, "bigram"),
        "one head": trained(one_head, train_ids, val_ids, "one head"),
    }

# %% tags=["slow", "nbval-ignore-output"]
if check.passed("HeadLanguageModel"):
    plot.loss_curves(curves, floors=plays_floors, title="One head goes below what any bigram table can reach")
    print("validation loss after 5,000 steps: " + ", ".join(f"{name} {points[-1][1]:.2f}" for name, points in curves.items()))

# %% [markdown]
# *Validation loss on tinyplays. Dashed lines: the losses of simple predictors, and the true entropy of the text.*
#
# You should see the head's curve cross the bigram line after one to two thousand steps and end between 2.28 and 2.36, after 15 to 70 seconds for both. The bigram model is still on its way to
# its floor, near 2.53: a table of random logits takes long to come down. On Tiny Shakespeare, published runs of one head ended between 2.40 and 2.50; expect the lower end of that.
#
# Below the bigram floor, but not by much: one head can look at the past but hardly think about it. There is a wide gap to the true entropy, and the next assignment is about closing it.
#
# **Where does the gain come from?** From the past, if the head works. So the loss should depend on how much past there is:

# %% tags=["slow", "nbval-ignore-output"]
if check.passed("HeadLanguageModel"):
    x, y = windows(val_ids)
    by_length = {}
    for name, model in (("bigram model", bigram), ("one head", one_head)):
        with torch.no_grad():
            logits, _ = model(x)
        losses = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(-1, BLOCK)
        by_length[name] = losses.mean(dim=0).tolist()
    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (name, losses), (colour, style), marker in zip(by_length.items(), plot.LINES, "so"):
        ax.plot(range(1, BLOCK + 1), losses, color=colour, linestyle=style, marker=marker)
        ax.annotate(name, (BLOCK, losses[-1]), xytext=(8, 0), textcoords="offset points", va="center", color=colour)
    ax.set(xlabel="characters of context", ylabel="loss (nats per character)", title="Only the head gains from a longer past")
    ax.set_xticks(range(1, BLOCK + 1))
    ax.set_xlim(0.6, BLOCK + 1.9)
    plt.show()
    print("one head: " + ", ".join(f"{by_length['one head'][n - 1]:.2f} with {n}" for n in (1, 2, 3, BLOCK)))

# %% [markdown]
# *Validation loss by the number of characters that the model may look at.*
#
# You should see both models alike at one character, where there is no past to hear. The second character brings the head nearly all of its gain, and the six
# after that hardly anything. The head's weights agree: in five models trained like this, the last of eight characters gave 0.80 of its attention to itself and 0.16 to the one before, on average.
#
# **Reading a sample.** `generate` hands the model everything written so far, but this model has no position row beyond the eighth. So it gets a window: the last eight characters.

# %% tags=["slow", "nbval-ignore-output"]
if check.passed("HeadLanguageModel"):
    torch.manual_seed(11)

    def last_window(idx):
        return one_head(idx[:, -BLOCK:])

    start = torch.tensor([encode("\n", vocab)])
    print(decode(generate(last_window, start, 400)[0], vocab))

# %% [markdown]
# You should see text that is still nonsense, with more words of plausible length and here and there a real one.
#
# ### The same on Tiny Shakespeare
#
# If the file is on this machine (`corpus.load("tinyshakespeare")`, 1.1 MB, once in a cell of your own), the next cell trains one head on it. Nothing here is needed for
# any points.

# %% tags=["slow", "nbval-ignore-output"]
if not corpus.available("tinyshakespeare"):
    print("Tiny Shakespeare is not on this machine; the plays above show the same.")
elif check.passed("HeadLanguageModel"):
    text = corpus.load("tinyshakespeare").text
    symbols = build_vocab(text)
    bard_train, bard_val = train_val_split(torch.tensor(encode(text, symbols)), 0.1)
    torch.manual_seed(12)
    bard_model = HeadLanguageModel(len(symbols), 32, 32, BLOCK)
    bard_losses = trained(bard_model, bard_train, bard_val, "Tiny Shakespeare")
    print(f"one head: published 2.40 to 2.50, measured {bard_losses[-1][1]:.3f}")
    print(f"counted bigram:             2.482, measured {floors.bigram(bard_train, bard_val, len(symbols)):.3f}")

# %% [markdown]
# ## What you take along
#
# - Attention is a weighted average of values. The tokens choose the weights: query meets key, softmax over the keys.
# - The scale keeps the softmax soft at any head size. The mask decides who may hear whom; everything else is learnt.
# - Without positions a single layer of heads sees a bag. With a row for each place, order comes in, and a longest context with it.
# - One head takes the model below the bigram floor. In the next assignment it gets company: many heads, layers that think about what they heard, and the
#   two tricks that make deep stacks trainable.
