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
# # The GPT
#
# One head took your model below the bigram floor. From here to a GPT it is five parts: more heads, a layer that thinks
# about what the heads brought home, connections that let the model grow deep, a norm that keeps it steady, and positions. You
# write each of them, measure what each is worth, and at the end pour the weights of a GPT-2 into the model that you built.
#
# | Part | You write | Points |
# |---|---|---|
# | 1 Several heads | `MultiHeadAttention` | 12 |
# | 2 A layer that thinks | `FeedForward` | 6 |
# | 3 Depth | `LayerNorm`, `Block`, `PostNormBlock` | 22 |
# | 4 The whole model | `GPT`, `generate`, *map_to_code* | 24 |
# | 5 Positions | `sinusoidal_positions`, *choose_positions* | 12 |
# | 6 The ladder | nothing: you watch each part earn its place | |
# | 7 All heads at once | `CausalSelfAttention`, `fuse_heads` | 13 |
# | 8 GPT-2 | `gelu_tanh`, `load_gpt2` | 11 |
#
# Names in *italics* are questions that you answer in words. All 100 points need about seven hours; Parts 1 to 4 are the core. What you
# wrote in earlier assignments is imported from `given`, in a version that works.
#
# Throughout, B is the number of sequences in a batch, T the number of tokens in each, C = n_embd the width of a
# token's vector, and V the size of the vocabulary.

# %% tags=["given"]
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from given import (
    BigramLanguageModel,
    Head,
    HeadLanguageModel,
    TokenPositionEmbedding,
    build_vocab,
    decode,
    encode,
    estimate_loss,
    get_batch,
    sequence_loss,
    train,
    train_val_split,
)
from safetensors.torch import load_file

from course_lib import check, corpus, plot

check.use("a4_gpt")

# %%
import matplotlib.pyplot as plt

from course_lib import compare_layers, gpt2_checkpoint, ladder, model_map

# %% [markdown]
# ## Part 1 · Several heads
#
# ### One softmax makes one average
#
# Suppose the last letter of "adobe" wants to know two things: which letter came *first*, and which came just *before*. A single head
# can look at both places, half and half. Two heads look at one place each.

# %%
word = "adobe"
first, before = np.zeros((5, 5)), np.zeros((5, 5))  # weights made by hand: row t looks at column j
for t in range(5):
    first[t, 0] = 1
    before[t, max(0, t - 1)] = 1

figure, axes = plt.subplots(1, 3, figsize=(13, 3.9), layout="constrained")
pictures = {"Head 1: the first letter": first, "Head 2: the letter before": before, "One head for both": (first + before) / 2}
for ax, (title, weights) in zip(axes, pictures.items()):
    plot.attention_heatmap(weights, word, title=title, ax=ax)
plt.show()

# %% [markdown]
# *Rows ask, columns are looked at. Left and middle: two heads, one question each. Right: a single head that shares its attention out.*
#
# What comes home? Let each letter hand over its number in the alphabet, and try a few words:

# %%
for spelling in ("adobe", "bdoae", "adode", "coaae"):
    value = np.array([[ord(letter) - ord("a")] for letter in spelling])  # (5, 1)
    half, uneven = ((share * first + (1 - share) * before) @ value for share in (0.5, 0.6))
    two_heads = np.concatenate([first @ value, before @ value], axis=-1)[-1]
    print(f"{spelling}: one head, half and half {half[-1]}, .6 and .4 {uneven[-1].round(2)}, two heads side by side {two_heads}")

# %% [markdown]
# Half and half, one head cannot tell the first two words apart: their letters changed places. With unequal shares it can, but then it takes the last two for one another: an average is one
# number, and whatever the shares, it forgets who contributed what. Two heads *side by side* keep it.
#
# ### 1.1 `MultiHeadAttention`
#
# So a layer of attention has `n_head` heads. To keep its cost that of one, the C features are split among them: each head makes
# `head_size = n_embd // n_head` features, and side by side they are C again.
#
# ```text
# x (B, T, C) ─┬─ head 1 ─ (B, T, C/4) ─┐
#              ├─ head 2 ─ (B, T, C/4) ─┤  side by side      projection
#              ├─ head 3 ─ (B, T, C/4) ─┼─ (B, T, C) ──────── (C → C) ─── dropout ── (B, T, C)
#              └─ head 4 ─ (B, T, C/4) ─┘
# ```
#
# The **projection**, a linear layer from C to C, has a job of its own. Until then feature 0 … C/4 − 1 belong to head 1 and nobody else; it
# mixes what the heads found, and decides where in the token's vector each finding is written.
#
# Your `Head` is at hand: `Head(n_embd, head_size, block_size, dropout)`. A list of modules must be an `nn.ModuleList`, or PyTorch
# will not find their parameters. (PyTorch's own attention is allowed from here on; with `Head` you have earned it.)
#
# Difficulty ●●●○○ · Importance ●●●●● · 30 min · 12 points


# %% nbgrader={"grade": false, "grade_id": "MultiHeadAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MultiHeadAttention(nn.Module):
    """Several causal heads side by side, and a projection that mixes what they bring home.

    n_embd: C, a multiple of n_head. n_head: heads of n_embd // n_head features each.
    block_size: the longest sequence. dropout: on the weights of each head and on the output.
    """

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        head_size = n_embd // n_head
        self.heads = nn.ModuleList(Head(n_embd, head_size, block_size, dropout) for _ in range(n_head))
        self.projection = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, C) with T <= block_size. Returns (B, T, C)."""
        ### BEGIN SOLUTION
        side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)  # n_head × (B, T, head_size) -> (B, T, C)
        return self.dropout(self.projection(side_by_side))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_MultiHeadAttention", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check.MultiHeadAttention(MultiHeadAttention)
# %% [markdown]
# <details><summary>Hint 1: three things in <code>__init__</code></summary>
# The heads, in an <code>nn.ModuleList</code>; the projection, <code>nn.Linear(n_embd, n_embd)</code>; a dropout layer. Declaring dropout is not
# enough: it has to be called in <code>forward</code>.
# </details>
# <details><summary>Hint 2: side by side</summary>
# Each head returns (B, T, head_size). <code>torch.cat</code> along the last dimension puts features next to features.
# </details>
# <details><summary>Hint 3: "mat1 and mat2 shapes cannot be multiplied"</summary>
# Is each head n_embd wide, or n_embd // n_head?
# </details>

# %%
if check.passed("MultiHeadAttention"):
    torch.manual_seed(0)
    for n_head in (1, 2, 4, 8):
        attention = MultiHeadAttention(n_embd=32, n_head=n_head, block_size=8)
        out = attention(torch.randn(4, 8, 32))
        n = sum(parameter.numel() for parameter in attention.parameters())
        print(f"{n_head} heads of {32 // n_head}: {tuple(out.shape)}, {n:,} parameters")

# %% [markdown]
# You should see the same shape and the same number of parameters four times. More heads cost nothing; they only divide the width differently.
#
# ## Part 2 · A layer that thinks
#
# Attention moves information between tokens, and that is all it does: each output is an average of values. What a token has gathered it
# must then work on *by itself*. That is the second half of every transformer block, and it holds two thirds of the weights.
#
# ### Why something between the two linear layers?

# %%
torch.manual_seed(1)
expand, contract = nn.Linear(8, 32), nn.Linear(32, 8)
x = torch.randn(5, 8)
together = contract.weight @ expand.weight  # (8, 32) @ (32, 8) -> (8, 8)
bias = contract.weight @ expand.bias + contract.bias
assert torch.allclose(contract(expand(x)), x @ together.T + bias, atol=1e-6)  # float32, sums of 32 terms
print("Two linear layers in a row are one linear layer.")

# %%
z = torch.linspace(-4, 4, 200)
figure, ax = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
for (label, curve), (colour, style) in zip({"ReLU": F.relu(z), "GELU": F.gelu(z)}.items(), plot.LINES):
    ax.plot(z, curve, color=colour, linestyle=style, label=label, linewidth=2)
ax.set_xlabel("what goes in")
ax.set_ylabel("what comes out")
ax.set_title("A bend at 0 is all that keeps two layers from being one")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# *ReLU, max(0, z), and GELU, its smooth relative that GPT-2 uses. Either will do here.*
#
# ### 2.1 `FeedForward`
#
# Linear from C to 4 · C, the bend, linear back to C, dropout. The second linear layer is part of it: it brings the token back to its width
# and writes the result where the next layer looks for it. The factor 4 is that of the original transformer.
#
# Difficulty ●○○○○ · Importance ●●●●○ · 10 min · 6 points


# %% nbgrader={"grade": false, "grade_id": "FeedForward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class FeedForward(nn.Module):
    """Two linear layers with ReLU or GELU between them, applied to each token by itself.

    n_embd: C. The hidden layer has 4 · C features. dropout: on the output.
    """

    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.activation = nn.ReLU()
        self.contract = nn.Linear(4 * n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, C). Returns (B, T, C)."""
        ### BEGIN SOLUTION
        hidden = self.activation(self.expand(x))  # (B, T, C) -> (B, T, 4 · C)
        return self.dropout(self.contract(hidden))  # (B, T, 4 · C) -> (B, T, C)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_FeedForward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check.FeedForward(FeedForward)
# %% [markdown]
# <details><summary>Hint</summary>
# <code>nn.Linear</code> acts on the last dimension and leaves all others alone, so nothing has to be reshaped. That is also why no token can
# see another one here.
# </details>

# %% [markdown]
# "By itself" can be put to the test: one token at a time must give what all tokens at once give.

# %%
if check.passed("FeedForward"):
    torch.manual_seed(2)
    layer, x = FeedForward(32), torch.randn(2, 8, 32)
    layer.eval()
    one_by_one = torch.stack([torch.stack([layer(x[b, t][None, None])[0, 0] for t in range(8)]) for b in range(2)])
    assert torch.allclose(layer(x), one_by_one, atol=1e-6)  # float32, sums of 128 terms
    print("Equal: no token knows of another.")

# %% [markdown]
# ## Part 3 · Depth
#
# Attention gathers, feed-forward thinks; then the tokens can gather again, from neighbours who have thought as well. So we stack. How deep can a stack be? Four ways to
# build one, of which GPTs use the last:
#
# ```text
# plain                x = layer(x)               nn.Linear's usual start
# plain, He            x = layer(x)               the weights start √6 times as large: just what ReLU and the usual start take away
# residual             x = x + layer(x)           a layer does not replace its input, it adds to it
# residual and norm    x = x + layer(norm(x))     and before it reads, what it reads is brought to a common scale
# ```
#
# To keep it small, a layer is here a ReLU and a linear map, without attention; the stack reads the last 8 characters and guesses the next one (`course_lib/depth.py`, a page). First, before
# any training, 24 layers: how much of the gradient arrives at each? And how alike, at the top, are the vectors of two *different* texts, as a cosine?

# %%
from course_lib import depth, floors

plays = corpus.load("tinyplays")
vocab = build_vocab(plays.text)
train_ids, val_ids = train_val_split(torch.tensor(encode(plays.text, vocab)), 0.1)

figure, ax = plt.subplots(figsize=(8.5, 4), layout="constrained")
print("24 layers, medians of 5 seeds   gradient of layer 1 over layer 24   likeness of two texts at the top")
for kind, (colour, style) in zip(depth.KINDS, plot.LINES):
    stacks = depth.Stacks(kind, 24, len(vocab))
    sizes = depth.gradients(stacks, train_ids).median(dim=0).values
    ax.plot(range(1, 25), sizes, color=colour, linestyle=style, linewidth=2, label=kind)
    print(f"{kind:31} {sizes[0]:33.1g} {depth.likeness(stacks, train_ids).median():34.2f}")
ax.set_yscale("log")
ax.set_xlabel("layer, 1 is nearest to the input")
ax.set_ylabel("gradient, relative to the last layer")
ax.set_title("Gradients vanish in a plain stack, unless it starts right")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# *Each line is the median of five stacks of 24 layers. The vertical scale is logarithmic.*
#
# Vanishing gradients have a cure without residuals, then: a better start. But look at the last column. In both plain stacks two different texts come out at the top as good as equal, with residuals they stay apart. Layer by layer, a plain stack
# forgets what went in, and a good gradient does not bring it back. So train them, at four depths (half a minute to two minutes on two cores):

# %% tags=["slow", "nbval-ignore-output"]
from course_lib.progress import progress

if check.passed("FeedForward"):
    depths = 1, 4, 12, 24
    stack_losses = {kind: [] for kind in depth.KINDS}  # for each depth the losses of five seeds
    for layers in progress(depths, description="stacks"):
        for kind in depth.KINDS:
            stacks = depth.Stacks(kind, layers, len(vocab))
            depth.train(stacks, train_ids)
            stack_losses[kind].append(depth.validation_loss(stacks, val_ids))

    figure, ax = plt.subplots(figsize=(8.5, 4), layout="constrained")
    print(f"{'layers':18}" + "".join(f"{layers:14}" for layers in depths))
    for (kind, by_depth), (colour, style) in zip(stack_losses.items(), plot.LINES):
        middle = [float(losses.median()) for losses in by_depth]
        spread = [float(losses.max() - losses.min()) for losses in by_depth]
        ax.errorbar(depths, middle, np.array(spread) / 2, color=colour, linestyle=style, linewidth=2, capsize=3, label=kind)
        print(f"{kind:18}" + "".join(f"{loss:7.2f} ±{width / 2:4.2f} " for loss, width in zip(middle, spread)))
    ax.axhline(floors.unigram(train_ids, val_ids, len(vocab)), color="#777777", linestyle=(0, (2, 2)), linewidth=1)
    ax.set(xlabel="layers", ylabel="loss (nats per character)", title="With residuals, 24 layers still learn", xticks=depths)
    ax.legend(frameon=False)
    plt.show()

# %% [markdown]
# *Validation loss after 300 steps, median and half the range of five seeds. Dashed: the unigram floor, that is, knowing nothing of the context.*
#
# You should see the plain stack of 24 layers end at the unigram floor, 3.26: it learns how often each letter occurs, and the last linear map could do that alone. He's start, with its faultless gradients, comes to 3.07,
# and loses with every layer that is added. With residuals, 24 layers end at 2.39, with norms at 2.46; a single layer of any kind at about 2.3.
#
# So what residuals buy is not the size of the gradient. A layer that *adds* begins as a small change to what is there, so what went in is still there at the top, and every layer has something to work with.
# That makes depth possible; it does not make it worth while (here one layer does better than 24). What a GPT does with depth you will measure in Part 6. The norm's gain is not in this picture either: at a learning rate of 0.01 the stack
# does better without it, at 0.001 it is the norm that helps, 2.92 against 3.05.
#
# Both are in every GPT:
#
# - **Residual connections**: a layer does not replace its input, it adds to it, x + f(x).
# - **Layer norm**: every addition makes x larger. Before a layer reads x, the norm brings it back to a common scale.
#
# ### 3.1 `LayerNorm`
#
# For every token by itself, over its C features: subtract the mean, divide by the standard deviation. Then each feature is multiplied by a learned
# gain and shifted by a learned bias, which start at 1 and 0, so that the model can choose the scale of each feature.
#
# $$\text{LayerNorm}(x) = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta,
# \qquad \mu = \frac{1}{C} \sum_i x_i, \qquad \sigma^2 = \frac{1}{C} \sum_i (x_i - \mu)^2$$
#
# Its older sister, batch norm, averages over the *batch*. A token's output would then depend on which other sentences happen to be in the batch, and on
# tokens that come later. This is who is averaged with whom:

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
for ax, title in zip(axes, ("Layer norm: one token, all its features", "Batch norm: one feature, all tokens of the batch")):
    together = np.zeros((6, 8))
    together[(2, slice(None)) if "Layer" in title else (slice(None), 5)] = 1
    ax.pcolormesh(together, cmap=plot.COLOURS, vmin=0, vmax=1.4, edgecolors="#999999", linewidth=0.6)
    ax.invert_yaxis()
    ax.axhline(3, color="#222222", linewidth=2)
    ax.set_xticks(np.arange(8) + 0.5, range(8))
    ax.set_yticks(np.arange(6) + 0.5, [f"text {b + 1}, token {t + 1}" for b in range(2) for t in range(3)])
    ax.tick_params(length=0)
    ax.set_xlabel("feature")
    ax.set_title(title)
plt.show()

# %% [markdown]
# *A batch with B = 2, T = 3, C = 8. Dark: numbers that share one mean and one variance.*
#
# Difficulty ●●●○○ · Importance ●●●●● · 25 min · 9 points


# %% nbgrader={"grade": false, "grade_id": "LayerNorm", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LayerNorm(nn.Module):
    """Layer normalisation (Ba, Kiros and Hinton, 2016): each token's features to mean 0 and variance 1.

    n_embd: C. eps: added to the variance, inside the root. Learned: a gain (C,), ones at first, and a bias (C,),
    zeros at first. No nn.LayerNorm and no F.layer_norm in here.
    """

    def __init__(self, n_embd, eps=1e-5):
        super().__init__()
        ### BEGIN SOLUTION
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))
        ### END SOLUTION

    def forward(self, x):
        """x: (..., C). Returns (..., C)."""
        ### BEGIN SOLUTION
        mean = x.mean(dim=-1, keepdim=True)  # (..., 1)
        variance = x.var(dim=-1, keepdim=True, unbiased=False)  # (..., 1): divided by C, not C - 1
        return self.gain * (x - mean) / torch.sqrt(variance + self.eps) + self.bias
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_LayerNorm", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check.LayerNorm(LayerNorm)
# %% [markdown]
# <details><summary>Hint 1: learned numbers</summary>
# <code>nn.Parameter(tensor)</code> as an attribute of the module. Without it the optimiser does not know of them.
# </details>
# <details><summary>Hint 2: which variance?</summary>
# The formula divides by C. <code>x.var</code> divides by C − 1 unless you say <code>unbiased=False</code>. With C = 32 the two differ by 3 %.
# </details>
# <details><summary>Hint 3: where does ε go?</summary>
# Inside the root, added to the variance. It matters where a token's features are all nearly equal: √(0 + 10⁻⁵) is 0.003, 0 + 10⁻⁵ is 300 times less.
# </details>

# %% [markdown]
# **The loop, and your layer.**

# %%
if check.passed("LayerNorm"):
    torch.manual_seed(4)
    x = torch.randn(2, 3, 32) * torch.tensor([0.1, 1.0, 10.0])[:, None] + torch.tensor([0.0, 5.0, -20.0])[:, None]
    by_loop = torch.empty_like(x)
    for b in range(2):
        for t in range(3):
            token = x[b, t].tolist()
            mu = sum(token) / 32
            variance = sum((number - mu) ** 2 for number in token) / 32
            by_loop[b, t] = torch.tensor([(number - mu) / math.sqrt(variance + 1e-5) for number in token])
    normed = LayerNorm(32)(x).detach()
    assert torch.allclose(normed, by_loop, atol=1e-4)  # float32 after subtracting a mean of 20
    for t in range(3):
        print(f"token {t + 1}: mean {x[0, t].mean():6.1f} → {normed[0, t].mean().abs():.1f}", end=", ")
        print(f"standard deviation {x[0, t].std(correction=0):5.2f} → {normed[0, t].std(correction=0):.2f}")

# %% [markdown]
# You should see three tokens of very different size come out alike, with mean 0 and standard deviation 1.
#
# ### 3.2 `Block`
#
# Now the block: communicate, then compute, each added to what was there. In the **pre-norm** order, which GPT-2 brought in and most language models have kept, the norm
# stands *before* each layer, on the branch, and the main road stays free:
#
# ```text
# x ──┬──────────────────────────────⊕──┬────────────────────────────⊕── out
#     └─ norm ─ multi-head attention ─┘  └─ norm ─── feed-forward ────┘
# ```
#
# Difficulty ●●○○○ · Importance ●●●●● · 20 min · 9 points


# %% nbgrader={"grade": false, "grade_id": "Block", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Block(nn.Module):
    """One transformer block, pre-norm: communication, then computation, each added to what was there.

    n_embd, n_head, block_size, dropout: as in MultiHeadAttention.
    """

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.norm_1 = LayerNorm(n_embd)
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_2 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, C) with T <= block_size. Returns (B, T, C)."""
        ### BEGIN SOLUTION
        x = x + self.attention(self.norm_1(x))
        x = x + self.feed_forward(self.norm_2(x))
        return x
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_Block", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check.Block(Block)
# %% [markdown]
# <details><summary>Hint 1: two norms</summary>
# Each norm has learned numbers of its own, so the block has two of them.
# </details>
# <details><summary>Hint 2: two lines</summary>
# <code>forward</code> has two lines of the form x = x + layer(norm(x)). The second starts from the result of the first.
# </details>
#
# ### 3.3 `PostNormBlock`
#
# The first transformers (Vaswani et al., 2017, section 3.1) normalised *after* each addition, on the main road: norm(x + layer(x)). Same parts, other order.
#
# Difficulty ●○○○○ · Importance ●●○○○ · 10 min · 4 points


# %% nbgrader={"grade": false, "grade_id": "PostNormBlock", "locked": false, "schema_version": 3, "solution": true, "task": false}
class PostNormBlock(nn.Module):
    """The block of the original transformer: each sum is normalised after the addition.

    n_embd, n_head, block_size, dropout: as in MultiHeadAttention.
    """

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.attention = MultiHeadAttention(n_embd, n_head, block_size, dropout)
        self.norm_1 = LayerNorm(n_embd)
        self.feed_forward = FeedForward(n_embd, dropout)
        self.norm_2 = LayerNorm(n_embd)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, C) with T <= block_size. Returns (B, T, C)."""
        ### BEGIN SOLUTION
        x = self.norm_1(x + self.attention(x))
        x = self.norm_2(x + self.feed_forward(x))
        return x
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_PostNormBlock", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.PostNormBlock(PostNormBlock)
# %% [markdown]
# What does the order change? Stack twelve of each, untrained, and watch how large a token's vector gets on its way.

# %%
if check.passed("Block") and check.passed("PostNormBlock"):
    torch.manual_seed(5)
    x = torch.randn(4, 8, 32)
    figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for (label, kind), (colour, style) in zip({"pre-norm": Block, "post-norm": PostNormBlock}.items(), plot.LINES):
        size, stream = [float(x.std())], x
        for _ in range(12):
            stream = kind(32, 4, 8).eval()(stream).detach()
            size.append(float(stream.std()))
        ax.plot(range(13), size, color=colour, linestyle=style, linewidth=2, label=label)
    ax.set_ylim(0)
    ax.set_xlabel("blocks passed")
    ax.set_ylabel("standard deviation of the features")
    ax.set_title("Pre-norm lets the stream grow, post-norm pins it")
    ax.legend(frameon=False)
    plt.show()

# %% [markdown]
# *Untrained blocks, 32 wide. With pre-norm nothing ever divides the main road, so each block adds to it; that is why a GPT has one more norm at its very
# end. With post-norm, every block rescales everything before it: deep post-norm stacks are known to need a slow start of the learning rate
# (Xiong et al., 2020, "On layer normalization in the transformer architecture"); in twelve untrained blocks of this size nothing of that shows yet.*
#
# ## Part 4 · The whole model
#
# ### 4.1 `GPT`
#
# Everything is there. A GPT is your blocks between two tables:
#
# ```text
# idx (B, T) ── token embedding (V, C) ──────────┐
#                                                ⊕ ── block ── … ── block ── norm ── linear ── logits (B, T, V)
# 0 … T−1 ──── position embedding (block_size, C) ┘
# ```
#
# - The token table has V rows, the position table block_size rows; **both are C wide**.
# - T may be smaller than block_size: use the first T positions.
# - The last layer norm belongs to pre-norm, as you have just seen. The linear layer turns C features into V logits.
# - The loss is your `sequence_loss`, as in the bigram model; `None` without targets.
# - No softmax at the end: cross-entropy brings its own.
#
# Difficulty ●●●●○ · Importance ●●●●● · 40 min · 12 points


# %% nbgrader={"grade": false, "grade_id": "GPT", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GPT(nn.Module):
    """A decoder-only transformer: embeddings, pre-norm blocks, a last layer norm, logits.

    vocab_size: V. n_embd: C. n_head: heads in each block. n_layer: blocks. block_size: the longest context.
    dropout: handed to the blocks. Positions are learned: one vector for each of the block_size places.
    """

    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer))
        self.final_norm = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """idx, targets: int64 tensors of shape (B, T), T <= block_size.

        Returns (logits, loss): logits of shape (B, T, V); loss of shape (), the mean cross-entropy, or None
        without targets.
        """
        ### BEGIN SOLUTION
        positions = torch.arange(idx.shape[1], device=idx.device)  # (T,)
        x = self.token_embedding(idx) + self.position_embedding(positions)  # (B, T, C) + (T, C) -> (B, T, C)
        for block in self.blocks:
            x = block(x)
        logits = self.lm_head(self.final_norm(x))  # (B, T, C) -> (B, T, V)
        loss = None if targets is None else sequence_loss(logits, targets)
        return logits, loss
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_GPT", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check.GPT(GPT)
# %% [markdown]
# <details><summary>Hint 1: positions</summary>
# <code>torch.arange(T)</code> are the ids of the positions. Make them where idx is (<code>device=idx.device</code>), or the model stays on the CPU for ever.
# The table's output, (T, C), is added to (B, T, C): the same positions for each text.
# </details>
# <details><summary>Hint 2: the blocks</summary>
# n_layer blocks in an <code>nn.ModuleList</code>, one after the other in a loop; or <code>nn.Sequential(*blocks)</code>.
# </details>
# <details><summary>Hint 3: the loss of an untrained model</summary>
# It should lie a little above ln V, by 0.1 to 0.3. Without the last norm it is some 0.2 higher. What it does not show is a missing mask: before training nobody makes use of what
# can be seen, and the loss is the same. That is what the second line of the next cell is for.
# </details>

# %%
if check.passed("GPT"):
    torch.manual_seed(6)
    small = GPT(vocab_size=65, n_embd=32, n_head=4, n_layer=3, block_size=8)
    x, y = torch.randint(65, (32, 8)), torch.randint(65, (32, 8))
    n = sum(parameter.numel() for parameter in small.parameters())
    print(f"{n:,} parameters, loss {small(x, y)[1].item():.2f} before any training; ln 65 = {math.log(65):.2f}")

    later = x.clone()
    later[:, 5:] = 0  # another future: tokens 6, 7 and 8
    with torch.no_grad():
        change = (small(later)[0] - small(x)[0]).abs().amax(dim=(0, 2))
    print("change of the logits at each position:", " ".join("none" if c == 0 else "some" for c in change))

# %% [markdown]
# You should see a loss between 4.27 and 4.42, and "none" at the first five positions: whatever the future brings, the past does not change.
#
# ### 4.2 `generate`
#
# It is the `generate` of the bigram model, with one line more. That model took a text of any length; this one has positions for block_size tokens
# and no more. So it is shown only the **last block_size tokens** of the text, and what it writes is appended to the whole.
#
# Difficulty ●●○○○ · Importance ●●●●○ · 15 min · 7 points


# %% nbgrader={"grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(model, idx, max_new_tokens, block_size):
    """Continue each row of ids, one sampled id at a time, with a model that sees at most block_size ids.

    model: called as model(idx), returns (logits, loss) with logits of shape (B, T, V); it cannot take more than
    block_size ids. idx: int64 tensor of shape (B, T), T >= 1, of any length, left as it is.
    Returns an int64 tensor of shape (B, T + max_new_tokens) that begins with idx.
    """
    ### BEGIN SOLUTION
    for _ in range(max_new_tokens):
        context = idx[:, -block_size:]  # (B, at most block_size)
        with torch.no_grad():
            logits, _loss = model(context)
        probabilities = F.softmax(logits[:, -1, :], dim=-1)  # (B, V)
        drawn = torch.multinomial(probabilities, num_samples=1)  # (B, 1)
        idx = torch.cat([idx, drawn], dim=1)  # (B, T + 1)
    return idx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_generate", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check.generate(generate)
# %% [markdown]
# <details><summary>Hint 1: cropping</summary>
# <code>idx[:, -block_size:]</code> is the whole text while it is short. Give it a name of its own: what is returned begins with all of idx.
# </details>
# <details><summary>Hint 2: "index out of range in self"</summary>
# The position table was asked for row number block_size. The context was not cropped, or cropped only once before the loop.
# </details>

# %% tags=["nbval-ignore-output"]
if check.passed("GPT") and check.passed("generate"):
    torch.manual_seed(7)
    written = generate(small.eval(), torch.zeros((1, 1), dtype=torch.int64), 40, block_size=8)
    print(tuple(written.shape), written[0].tolist())

# %% [markdown]
# You should see 41 ids, five times as many as the model can see at once. They are noise: it has not been trained yet. That comes in Part 6.
#
# ### 4.3 The map
#
# Here is your model, drawn from what happens while it runs. Every box is one of your modules; ⊕ stands where two tensors were added.
# Choose a box to see your own code with the shape that each line makes. Open `attention`, then one of its heads.
#
# The sizes are those of the small model in a public visualisation, https://bbycroft.net/llm ("nano-gpt"): 3 symbols, 48 wide, 3 heads, 3 layers, a context of 11.

# %% tags=["nbval-ignore-output"]
map_ready = all(check.passed(name) for name in ("LayerNorm", "MultiHeadAttention", "FeedForward", "Block", "GPT"))

if map_ready:
    torch.manual_seed(8)
    nano = GPT(vocab_size=3, n_embd=48, n_head=3, n_layer=3, block_size=11)
    from IPython.display import display

    display(model_map.model_map(nano, torch.randint(3, (1, 11))))

# %% [markdown]
# *Yellow boxes normalise, blue ones attend, green ones compute, violet ones look things up. Lines at the left are residual connections. Dashed arrows: your code does something in between that is
# no module, such as the softmax; you find it among the lines of the box around it.*
#
# **Question (5 points).** These are the boxes which that page draws, from *Embedding* to *Output*, with their shapes in *your* model. (It draws vectors as columns: its matrices are the
# transposes of yours.) You can answer from the map above; the page is worth a visit all the same, but nothing here needs it.
#
# | Box of the visualisation | Your class | Shape in your model |
# |---|---|---|
# | Token Embed, Position Embed, and their sum, Input Embed | `GPT` | (1, 11, 48) |
# | LN Agg: μ, σ | `LayerNorm` | **(a)** |
# | Layer Norm, with γ and β | `LayerNorm` | (1, 11, 48) |
# | Q, K and V vectors of a head | **(b)** | (1, 11, 16) each |
# | Attention Matrix, Attn Matrix Softmax | `attention`, which `Head` calls | **(c)** |
# | V Output, one for each head | `Head` | (1, 11, 16) |
# | V Output Combined | **(d)** | (1, 11, 48) |
# | Attention Output | `MultiHeadAttention` | (1, 11, 48) |
# | Attention Residual, MLP Residual | **(e)** | (1, 11, 48) |
# | MLP, MLP Activation | `FeedForward` | **(f)** |
# | MLP Result | `FeedForward` | (1, 11, 48) |
# | Logits | `GPT` | (1, 11, 3) |
#
# **1.** Fill the blanks (a) to (f), and for each write down the line of your code that computes the box.
#
# **2. A puzzle.** The page says that its model has 85,584 parameters; the map counts 85,299 in yours. Two things differ in the models: its queries, keys and values have biases, and its last matrix,
# "LM Head Weights", has none. That does not make the numbers fit. Which box of the drawing does the page leave out of its count, and how many parameters does its model really have?
#
# Difficulty ●●●○○ · Importance ●●●●● · 25 min
#
# <details><summary>Hint</summary>
# Begin with your 85,299 and add the biases: 3 · 48 in each of 3 blocks. How much is there now too much? Which layer of yours has just that many numbers?
# </details>

# %% [markdown] nbgrader={"grade": true, "grade_id": "map_to_code", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# | | | Line |
# |---|---|---|
# | (a) | (1, 11, 1) each | `mean = x.mean(dim=-1, keepdim=True)`, `variance = x.var(…)` |
# | (b) | `Head` | `q, k, v = self.query(x), self.key(x), self.value(x)` |
# | (c) | (1, 11, 11) each | `scores = q @ k.mT / math.sqrt(k.shape[-1])` and the mask, `weights = F.softmax(scores, dim=-1)` (in my head, by calling `attention`) |
# | (d) | `MultiHeadAttention` | `side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)` |
# | (e) | `Block` | `x = x + self.attention(self.norm_1(x))`, `x = x + self.feed_forward(self.norm_2(x))` |
# | (f) | (1, 11, 192) | `hidden = self.activation(self.expand(x))` |
#
# Biases for queries, keys and values are 3 · 48 in each of 3 blocks: 432 more than mine, 85,299 + 432 = 85,731. That is 147 too many, and 147 = 48 · 3 + 3 is my `lm_head`, weights and biases. So the page counts everything
# but its LM Head Weights. They are drawn, and they are a matrix of their own (the numbers are others than those of Token Embed), so the model has 85,584 + 144 = 85,728 parameters.
#
# **Marking scheme**
# - 3 points: half a point for each blank with a line of the student's own code that fits (shapes may be transposed, or without the 1).
# - 1 point: the 432 biases, with the arithmetic.
# - 1 point: the LM Head is left out of the count (147 of ours have to go, 144 of its own are missing: 85,728). Half a point for "it shares the token table and is counted once": the arithmetic is the same, but the page's
#   model has two different matrices.

# %% [markdown]
# ## Part 5 · Positions
#
# Your GPT *learns* a vector for each place. The first transformer computed them instead. Think of an odometer: its wheels turn at different speeds, and together
# they name every number. In binary it looks like this:

# %%
for position in range(8):
    print(position, " ".join(f"{position:04b}"))

# %% [markdown]
# The right column turns fastest, each column further left half as fast. Sinusoidal positions are such an odometer with smooth wheels: pairs of columns, sine and cosine
# of an angle that grows with the position, each pair slower than the one before.
#
# $$\text{PE}_{p,\,2i} = \sin\!\left(p \,/\, 10000^{2i/C}\right), \qquad \text{PE}_{p,\,2i+1} = \cos\!\left(p \,/\, 10000^{2i/C}\right)$$
#
# ### 5.1 `sinusoidal_positions`
#
# Difficulty ●●●○○ · Importance ●●○○○ · 25 min · 7 points


# %% nbgrader={"grade": false, "grade_id": "sinusoidal_positions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sinusoidal_positions(block_size, n_embd):
    """Fixed position vectors (Vaswani et al., 2017, section 3.5).

    block_size: the number of positions, 0 … block_size - 1. n_embd: C, even.
    Returns a float tensor of shape (block_size, C): column 2i holds sin(position / 10000^(2i / C)), column 2i + 1 the
    cosine of the same angle.
    """
    ### BEGIN SOLUTION
    position = torch.arange(block_size)[:, None]  # (block_size, 1)
    wavelength = 10000 ** (torch.arange(0, n_embd, 2) / n_embd)  # (C / 2,), over 2π
    angles = position / wavelength  # (block_size, C / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(block_size, n_embd)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sinusoidal_positions", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check.sinusoidal_positions(sinusoidal_positions)
# %% [markdown]
# <details><summary>Hint 1: the angles</summary>
# A column of positions, (block_size, 1), and a row of C / 2 speeds: broadcasting makes the table of all angles, (block_size, C / 2). In the exponent
# stands 2i / C, and 2i runs through the even numbers 0, 2, …, C − 2.
# </details>
# <details><summary>Hint 2: even and odd columns</summary>
# Sine and cosine alternate. Fill an empty table with <code>table[:, 0::2] = …</code> and <code>table[:, 1::2] = …</code>, or stack the two along a new last dimension
# and reshape.
# </details>

# %%
if check.passed("sinusoidal_positions"):
    table = sinusoidal_positions(64, 32).float()
    by_loop = [
        [(math.cos if c % 2 else math.sin)(p / 10000 ** ((c - c % 2) / 32)) for c in range(32)] for p in range(64)
    ]
    assert torch.allclose(table, torch.tensor(by_loop), atol=1e-4)  # float32 angles up to 63 radians
    print("the loop and the table agree")

    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4), layout="constrained")
    image = left.imshow(table.T, cmap=plot.COLOURS, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    figure.colorbar(image, ax=left, label="value")
    left.set(xlabel="position", ylabel="column", title="Fast wheels first, slow ones last")
    for start, (colour, style) in zip((0, 16, 32), plot.LINES):
        likeness = table[start : start + 32] @ table[start]
        right.plot(likeness, color=colour, linestyle=style, linewidth=2, label=f"from position {start}")
    right.set(xlabel="distance", ylabel="dot product", title="How alike two positions are depends on their distance alone")
    right.legend(frameon=False)
    plt.show()

# %% [markdown]
# *Left: the table, one column of the picture for each position. Right: the dot product of a position with those after it; the three lines coincide.*
#
# ### 5.2 Which one?
#
# An experiment. Four GPTs have room for 64 positions, but are trained on windows of **32**. One has your sinusoids, fixed. Two learn their positions; the table of one starts at N(0, 1), as `nn.Embedding` does, that of the other, like GPT-2's, at N(0, 0.02). And
# one has no positions at all. Then all read windows of 64, and the loss is taken at each place separately. (Half a minute to two minutes on two cores.)
# **Before you run it**: how will the one without do, inside the first 32 places and beyond?

# %%
def with_positions(model, table, *, learned=False):
    """Replace a model's table of positions, found by its shape, by another, fixed or to be learned. Returns the model."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.squeeze().shape == table.shape:
                setattr(module, name, nn.Parameter(table.view_as(parameter), requires_grad=learned))
                return model
    raise ValueError(f"no parameter of shape {tuple(table.shape)} to replace")


def gpt_with(kind, vocab_size, seed):
    """A GPT with room for 64 positions: "none", "learned", "learned, small" (they start at N(0, 0.02)) or "sinusoidal"."""
    torch.manual_seed(seed)
    model = GPT(vocab_size, n_embd=32, n_head=4, n_layer=2, block_size=64)
    if kind == "none":
        return with_positions(model, torch.zeros(64, 32))
    if kind == "learned, small":
        return with_positions(model, 0.02 * torch.randn(64, 32), learned=True)
    if kind == "sinusoidal":
        return with_positions(model, sinusoidal_positions(64, 32).float())
    return model


def loss_by_position(model, ids, length, windows=1000):
    """The mean loss at each of `length` positions, over windows spread evenly over the text: (length,)."""
    starts = torch.linspace(0, len(ids) - length - 1, windows).long()
    x = torch.stack([ids[start : start + length] for start in starts])
    y = torch.stack([ids[start + 1 : start + length + 1] for start in starts])
    with torch.no_grad():
        logits, _ = model.eval()(x)
    return F.cross_entropy(logits.transpose(1, 2), y, reduction="none").mean(dim=0)


# %% tags=["slow", "nbval-ignore-output"]
from course_lib.progress import progress

positions_ready = all(check.passed(name) for name in ("GPT", "sinusoidal_positions"))

if positions_ready:
    by_position = {}
    for kind in ("none", "learned", "learned, small", "sinusoidal"):
        model = gpt_with(kind, len(vocab), seed=9)
        bar = progress(range(800), description=f"positions: {kind}")
        train(model, (get_batch(train_ids, 16, 32) for _ in bar), lr=2e-3)
        by_position[kind] = loss_by_position(model, val_ids, 64)
        print(f"{kind:14} loss {by_position[kind][:32].mean():.2f} at positions 1 to 32, {by_position[kind][32:].mean():.2f} beyond")

# %% tags=["slow", "nbval-ignore-output"]
if positions_ready:
    figure, ax = plt.subplots(figsize=(8.5, 4.2), layout="constrained")
    for (kind, losses), (colour, style) in zip(by_position.items(), plot.LINES):
        ax.plot(range(1, 65), losses, color=colour, linestyle=style, linewidth=2, label=kind)
    ax.axvline(32.5, color="#777777", linewidth=1, linestyle=(0, (2, 2)))
    ax.annotate("trained up to here", (31.5, 3), ha="right", fontsize=9, color="#555555")
    ax.set(xlabel="position in the window", ylabel="loss (nats per character)")
    ax.set_title("Beyond the trained positions, the model without any is the least lost")
    ax.legend(frameon=False)
    plt.show()

# %% [markdown]
# *Validation loss at each position, tinyplays, 1,000 windows. The first positions are dear because they have no context yet.*
#
# You should see four lines that fall steeply over the first places, lie close together up to 32, the sinusoids lowest, and part beyond it. These are the means of five seeds, ± their standard deviation:
#
# | | positions 1 to 32 | 33 to 64 |
# |---|---|---|
# | none | 2.24 ± 0.01 | 2.37 ± 0.01 |
# | learned, from N(0, 1) | 2.22 ± 0.01 | 3.05 ± 0.09 |
# | learned, from N(0, 0.02) | 2.19 ± 0.03 | 2.65 ± 0.15 |
# | sinusoidal | 2.08 ± 0.02 | 2.85 ± 0.05 |
#
# The one without positions is hardly worse than the one that learns them from N(0, 1), and far better beyond 32. How can it be? "Without positions a head sees a bag" holds for *one* layer. In a stack, the first layer's
# output for a token depends on what stands before it: the first token has heard only itself, the second has heard both. Exchange the two, and the second layer reads other vectors:

# %%
if check.passed("GPT"):
    tokens = torch.arange(8)[None]
    swapped = tokens[:, [1, 0, *range(2, 8)]]  # the last token's past in another order
    for n_layer in (1, 2):
        torch.manual_seed(9)
        blind = with_positions(GPT(65, 32, 4, n_layer, 11), torch.zeros(11, 32)).eval()
        with torch.no_grad():
            change = float((blind(swapped)[0] - blind(tokens)[0])[0, -1].abs().max())
        print(f"{n_layer} layer{'s' * (n_layer > 1)} without positions: exchanging the first two tokens changes the last logits by {change:.3f}")

# %% [markdown]
# **Question (5 points).** Your GPT is to have positions: learned or sinusoidal? Choose, and justify your choice with the plot and with what you know about how the two are made. Name one situation in which you would choose
# the other, or none. Five to eight sentences.
#
# Difficulty ●●●○○ · Importance ●●●○○ · 20 min

# %% [markdown] nbgrader={"grade": true, "grade_id": "choose_positions", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# I choose learned positions for this GPT, with a small start. Its context is fixed: it is trained on windows of block_size and `generate` crops to block_size, so every position that is ever used has been trained on, in every batch.
# Learned vectors can take whatever form the text asks for, at a price of block_size · C numbers, which is small here, and it is the same choice as GPT-2's. Within the first 32 positions sinusoids are ahead, 2.08 against
# 2.22; little of that gap is due to the start at N(0, 1) (from N(0, 0.02) it is 2.19 ± 0.03). Whether longer training closes the
# rest, this plot does not say.
#
# What speaks for sinusoids: they need no parameters and no data. A position has a sensible vector even if it was never trained on, and since the dot product of two positions depends on their distance alone (a shift by k is the same
# rotation everywhere), a head can learn "look back by k" once for all places. The rows of a learned table beyond the training length stay as they were drawn: there its loss jumps (3.05, from a small start 2.65). But the sinusoidal
# model gets worse beyond 32 as well (2.85). Its vectors exist there, yet the rest of the model has never seen them. No positions at all do best there (2.37): nothing new comes in but a longer past.
#
# I would choose sinusoids if training is short or there is little data for long contexts (few texts reach the last positions, so their learned rows would hardly be trained), and none if the model must read more than it was trained on.
#
# **Marking scheme**
# - 1 point: a clear choice that fits the model (fixed context, cropping).
# - 1 point: reads the plot within the training length: sinusoids ahead, learned ones hardly better than none.
# - 1 point: reads the plot beyond it: untrained rows are random; sinusoids are defined there, but not good either; none is best.
# - 1 point: a property of how they are made: parameters and flexibility against none; or distance, shift as rotation, smoothness.
# - 1 point: a sound situation for the other choice.

# %% [markdown]
# ## Part 6 · The ladder
#
# Does every part earn its place? The cell below builds six models from *your* classes, each with one part more than the one before, and trains them with your own
# `train`:
#
# | Rung | What it is |
# |---|---|
# | bigram | the table of assignment 2; trained twice as long as the others |
# | one head | embeddings, one head 32 wide, logits |
# | multi-head | four heads of 8, and the projection |
# | + feed-forward | and then your `FeedForward` |
# | + residual | three blocks, with residual connections: your `GPT` with its norms taken out |
# | + layer norm | your `GPT`: three blocks, four heads, 32 wide |
#
# The settings are those of a well-known lecture (Andrej Karpathy, "Let's build GPT: from scratch, in code, spelled out"): batch 32, block 8, n_embd 32, learning rate 1e-3, 5,000 steps on Tiny Shakespeare. Here, to begin with, is a short version on
# the plays, with fewer and larger steps (half a minute to three minutes on two cores). For the whole one set `corpus_name, steps, seeds, lr = "tinyshakespeare", 5000, 3, 1e-3` (or `"tinyplays"`), and allow about ten minutes on two cores.

# %% tags=["slow", "nbval-ignore-output"]
corpus_name, steps, seeds, lr = "tinyplays", 1000, 1, 3e-3

ladder_names = ("LayerNorm", "FeedForward", "MultiHeadAttention", "Block", "GPT")
ladder_ready = all(check.passed(name) for name in ladder_names)

if ladder_ready:
    from dataclasses import replace

    data = ladder.Data.of(corpus_name)
    parts = ladder.Parts(
        BigramLanguageModel=BigramLanguageModel,
        HeadLanguageModel=HeadLanguageModel,
        TokenPositionEmbedding=TokenPositionEmbedding,
        MultiHeadAttention=MultiHeadAttention,
        FeedForward=FeedForward,
        LayerNorm=LayerNorm,
        GPT=GPT,
        sequence_loss=sequence_loss,
        get_batch=get_batch,
        train=train,
        estimate_loss=estimate_loss,
    )
    runs = ladder.run(parts, data, replace(ladder.LECTURE, steps=steps, lr=lr), seeds=range(seeds))
    print(ladder.table(runs, published=corpus_name == "tinyshakespeare"))

# %% tags=["slow", "nbval-ignore-output"]
if ladder_ready:
    ladder.picture(
        runs,
        data.floors,
        title="Step by step below the bigram floor",
        published=corpus_name == "tinyshakespeare",
    )
    plt.show()

# %% [markdown]
# *Validation loss of six models made of your classes, in nats per character. Under each name its number of parameters. Dashed: floors that need no network.*
#
# You should see the losses fall from rung to rung as far as "+ residual", the largest step. That rung brings two things at once, three blocks instead of one and the additions, so it needs its controls. The same 1,000 steps, means of five
# seeds, ± their standard deviation:
#
# | | loss |
# |---|---|
# | one block, residuals | 2.13 ± 0.01 |
# | three blocks, no residuals | 2.75 ± 0.20 |
# | three blocks, norms and no residuals | 2.90 ± 0.26 |
# | three blocks, residuals: "+ residual" | 2.01 ± 0.01 |
# | three blocks, residuals and norms: "+ layer norm" | 2.00 ± 0.01 |
#
# Without residuals, three blocks do worse than the single one of the rung before. With them, already one block gains, and three gain more. After 1,000 steps nothing has settled yet.
# This is what came of the full runs, beside the published figures:
#
# | Rung | Parameters | Published | Tiny Shakespeare, mean of 3 seeds | ± over seeds | tinyplays |
# |---|---|---|---|---|---|
# | bigram | 4,225 | 2.49 | 2.490 | 0.002 | 2.43 |
# | one head | 7,553 | 2.40–2.50 | 2.398 | 0.003 | 2.32 |
# | multi-head | 8,609 | 2.28 | 2.275 | 0.003 | 2.16 |
# | + feed-forward | 16,961 | 2.24 | 2.206 | 0.017 | 2.05 |
# | + residual | 41,921 | 2.08 | 2.082 | 0.004 | 1.75 |
# | + layer norm | 42,369 | 2.06 | 2.075 | 0.010 | 1.72 |
#
# One figure is lower than the published one, by 0.03, and for a reason: at this rung the lecture's feed-forward layer is a single linear layer 32 wide with a ReLU, and its heads have no projection yet. Put together like that, the model comes to 2.252 (3 seeds). Yours is four times as wide inside.
# The last step, layer norm, lies inside the spread of the seeds, on Tiny Shakespeare as in the short runs above: three blocks do not need it yet.
# (The plays' figures are means of 3 seeds too. Their counts of parameters are a little larger, because they have 66 symbols instead of 65.)
#
# From a terminal, in the folder of the course, `python -m course_lib.ladder --corpus tinyshakespeare --seeds 3` does the same with the classes of your notebook.
#
# ### Scaled up
#
# The same code, larger: 6 layers, 6 heads, 384 wide, block 256, batch 64, dropout 0.2, learning rate 3e-4, 5,000 steps. The published loss on Tiny Shakespeare is **1.48**, after a quarter of an hour on an A100 GPU. The cell
# trains this model if there is a GPU, and a smaller one (3 layers, 4 heads, 64 wide, block 64, 1,200 steps) otherwise, in one to three minutes.

# %% tags=["slow", "nbval-ignore-output"]
if ladder_ready:
    if ladder.device() == "cuda":
        size, rung = ladder.SCALED, ladder.SCALED_RUNG
    else:
        size, rung = replace(ladder.SCALED_CPU, n_embd=64, n_layer=3, steps=1200, lr=3e-3), ladder.SCALED_CPU_RUNG
    print(f"{rung.name}: {size.n_layer} layers, {size}")
    large, result = ladder.train_rung(rung, parts, data, size, points=5)
    print(f"{result.parameters:,} parameters, validation loss {result.loss:.2f}")
    plot.loss_curves(
        {"validation": result.curve}, floors=data.floors, title="A longer context and more width go below the ladder"
    )
    plt.show()

# %% tags=["slow", "nbval-ignore-output"]
if ladder_ready and check.passed("generate"):
    torch.manual_seed(10)
    start = torch.tensor([encode("\n", list(data.vocab))])
    print(decode(generate(large, start, 500, size.block_size)[0], list(data.vocab)))

# %% [markdown]
# You should see a validation loss near 1.4 on the plays (on a CPU), which no rung of the ladder reaches, and text with speakers, stage directions and lines of about the right length. Short words are mostly right, long ones are invented, and there is no sense
# in it yet. The true entropy says how far there is to go.
#
# ## Part 7 · All heads at once
#
# `MultiHeadAttention` asks its heads one by one, and a GPU waits while Python counts to twelve. But the heads do the same thing with different numbers, so they are just one more dimension:
#
# ```text
# (B, T, C) ── one linear ── (B, T, 3C) ── q, k, v (B, T, C) each
# (B, T, C) ── cut C into heads ── (B, T, n_head, head_size) ── transpose ── (B, n_head, T, head_size)
# attention over the last two dimensions, B · n_head times at once ── (B, n_head, T, head_size)
# back the same way ── (B, T, C) ── projection
# ```
#
# ### 7.1 `CausalSelfAttention`
#
# For the attention itself use PyTorch's, whose fast versions never write down the (T, T) matrix as a whole: `F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=…)`. It knows nothing of training and eval mode, so hand it
# 0.0 when the model is not training.
#
# Difficulty ●●●●○ · Importance ●●●●○ · 35 min · 8 points


# %% nbgrader={"grade": false, "grade_id": "CausalSelfAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CausalSelfAttention(nn.Module):
    """What MultiHeadAttention computes, all heads in one product; no loop over heads.

    n_embd: C, a multiple of n_head. block_size: the longest sequence. dropout: on the weights and on the output.
    F.scaled_dot_product_attention is allowed here.
    """

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        self.n_head = n_head
        self.dropout = dropout
        self.queries_keys_values = nn.Linear(n_embd, 3 * n_embd)
        self.projection = nn.Linear(n_embd, n_embd)
        ### END SOLUTION

    def forward(self, x):
        """x: (B, T, C) with T <= block_size. Returns (B, T, C)."""
        ### BEGIN SOLUTION
        B, T, C = x.shape
        by_head = (B, T, self.n_head, C // self.n_head)
        parts = self.queries_keys_values(x).split(C, dim=-1)  # (B, T, 3 · C) -> 3 × (B, T, C)
        q, k, v = (part.view(by_head).transpose(1, 2) for part in parts)  # (B, n_head, T, head_size) each
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout)
        side_by_side = attended.transpose(1, 2).reshape(B, T, C)  # (B, n_head, T, head_size) -> (B, T, C)
        return F.dropout(self.projection(side_by_side), self.dropout, self.training)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_CausalSelfAttention", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check.CausalSelfAttention(CausalSelfAttention)
# %% [markdown]
# <details><summary>Hint 1: cut, then transpose</summary>
# <code>.view(B, T, n_head, head_size)</code> cuts each token's C features into heads. <code>.view(B, n_head, T, head_size)</code> has the right shape and the wrong numbers: it would
# hand features of one token to another. Use <code>.transpose(1, 2)</code> for the second step.
# </details>
# <details><summary>Hint 2: the way back</summary>
# First <code>.transpose(1, 2)</code>, then <code>.reshape(B, T, C)</code>; <code>.view</code> refuses a transposed tensor.
# </details>
#
# ### 7.2 `fuse_heads`
#
# The best proof that the two compute the same: give them the same weights. The heads' query matrices, one below the other, are the query part of the fused matrix; and so on. `given`'s `Head` has the linear layers
# `query`, `key` and `value`, without biases. The names in your two classes you know yourself.
#
# Difficulty ●●●○○ · Importance ●●●○○ · 25 min · 5 points


# %% nbgrader={"grade": false, "grade_id": "fuse_heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fuse_heads(multi, fused):
    """Move the weights of a MultiHeadAttention into a CausalSelfAttention, which then computes the same.

    multi: your MultiHeadAttention. fused: your CausalSelfAttention of the same size, changed in place.
    Returns None. multi is left as it is.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        stacked = [  # each n_head × (head_size, C) -> (C, C): the heads' rows one below the other
            torch.cat([getattr(head, part).weight for head in multi.heads]) for part in ("query", "key", "value")
        ]
        fused.queries_keys_values.weight.copy_(torch.cat(stacked))  # 3 × (C, C) -> (3 · C, C)
        fused.queries_keys_values.bias.zero_()  # the heads have none
        fused.projection.weight.copy_(multi.projection.weight)
        fused.projection.bias.copy_(multi.projection.bias)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_fuse_heads", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check.fuse_heads(fuse_heads)
# %% [markdown]
# <details><summary>Hint 1: rows and columns</summary>
# The weight of <code>nn.Linear(a, b)</code> has shape (b, a): one row for each feature that comes out. Heads side by side in the output are rows one below the other in the weight.
# </details>
# <details><summary>Hint 2: in place</summary>
# Inside <code>torch.no_grad()</code>, <code>parameter.copy_(tensor)</code> overwrites the numbers. Biases that have no counterpart must become 0.
# </details>

# %%
if check.passed("MultiHeadAttention") and check.passed("fuse_heads"):
    torch.manual_seed(11)
    multi, fused = MultiHeadAttention(48, 6, 16).eval(), CausalSelfAttention(48, 6, 16).eval()
    x = torch.randn(4, 16, 48)
    before_fusing = (multi(x) - fused(x)).abs().max()
    fuse_heads(multi, fused)
    assert before_fusing > 0.1 and torch.allclose(multi(x), fused(x), atol=1e-5)  # float32, sums of 48 terms
    print("Equal: the heads in one product compute what the list of heads computes.")

# %% tags=["nbval-ignore-output"]
if check.passed("MultiHeadAttention") and check.passed("CausalSelfAttention"):
    import time

    x = torch.randn(8, 64, 192)
    for layer in (MultiHeadAttention(192, 12, 64), CausalSelfAttention(192, 12, 64)):
        layer(x)
        started = time.perf_counter()
        for _ in range(5):
            layer(x)
        print(f"{type(layer).__name__:20} {(time.perf_counter() - started) / 5 * 1000:6.1f} ms for 12 heads")

# %% [markdown]
# You should see the fused version ahead. By how much depends on the machine.
#
# ## Part 8 · GPT-2
#
# Is your model *really* a GPT? There is a strict test: take a checkpoint that others have written, put its numbers into your parts, and see whether the logits agree to four decimals. GPT-2 differs from your GPT in a few places:
#
# | | your GPT | GPT-2 |
# |---|---|---|
# | attention | a list of heads | all heads in one product, with biases |
# | bend in the feed-forward layer | ReLU or GELU | the tanh approximation of GELU |
# | ε of the norms | 1e-5 | as the configuration says |
# | last linear layer | of its own, with a bias | the token table once more, no bias ("tied") |
#
# ### 8.1 `gelu_tanh`
#
# GELU is z · Φ(z), where Φ is the normal distribution function. When GPT-2 was trained Φ was slow, so it was approximated. The difference is tiny, but the weights have grown around it:

# %%
difference = F.gelu(z, approximate="tanh") - F.gelu(z)
figure, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
ax.plot(z, difference, color=plot.LINES[0][0], linewidth=2)
ax.set(xlabel="z", ylabel="approximation − exact", title="The two GELUs differ in the fourth decimal")
plt.show()
print(f"largest difference {difference.abs().max():.4f}")

# %% [markdown]
# *The largest difference is about 0.0005, five times the 1e-4 within which your logits are to agree.*
#
# $$\text{gelu}(z) \approx \tfrac12\, z \left(1 + \tanh\!\left(\sqrt{2/\pi}\,\left(z + 0.044715\, z^3\right)\right)\right)$$
#
# Difficulty ●○○○○ · Importance ●●○○○ · 5 min · 2 points


# %% nbgrader={"grade": false, "grade_id": "gelu_tanh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gelu_tanh(x):
    """GPT-2's GELU, the tanh approximation (Hendrycks and Gimpel, 2016, section 2), without F.gelu and nn.GELU.

    x: tensor of any shape. Returns ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), of the same shape.
    """
    ### BEGIN SOLUTION
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_gelu_tanh", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.gelu_tanh(gelu_tanh)
# %% [markdown]
# ### 8.2 `load_gpt2`
#
# A checkpoint in Hugging Face's format is a folder with `config.json` and `model.safetensors`. This makes a small random one, with one layer, and shows what is in it.

# %%
import tempfile

scratch = tempfile.TemporaryDirectory()  # goes away with the kernel
folder = gpt2_checkpoint.make(Path(scratch.name) / "one_layer", n_layer=1, seed=1)
config = json.loads((folder / "config.json").read_text())
print({key: config[key] for key in ("vocab_size", "n_embd", "n_head", "n_layer", "n_positions", "layer_norm_epsilon")})
for name, tensor in sorted(load_file(folder / "model.safetensors").items()):
    print(f"{name:40} {tuple(tensor.shape)}")

# %% [markdown]
# Read the list before you write anything. What to look out for:
#
# - **Names.** wte and wpe are the tables of tokens and positions, h.0 the first block, ln a layer norm, c_attn queries, keys and values in one, c_fc and the c_proj of mlp the two layers of the feed-forward part, ln_f the last norm. The prefix
#   `transformer.` is missing in some files (in that of the published GPT-2, for one).
# - **Turned matrices.** GPT-2 keeps the weights of c_attn, c_proj and c_fc as (in, out), `nn.Linear` as (out, in). c_proj in the attention is *square*: nothing will complain if you forget to turn it.
# - **The tied table.** There is no lm_head.weight here. Some files hold it as well, equal to wte.
# - **Masks.** Some files also hold `h.0.attn.bias` and `h.0.attn.masked_bias`. Whatever the name says, they are the causal mask and no parameters.
# - **Every parameter accounted for.** Loading what fits and skipping the rest (`strict=False`) is how silent errors are made. A name in the file that your model has no place for, or a parameter of yours that
#   the file says nothing about, is a `ValueError` that names it.
#
# How you get a model of GPT-2's shape is up to you: you can write new classes from your parts, or build your `GPT` and replace the modules that differ, as surgeons do. `model.blocks[0].attention = …` is allowed on a living model.
#
# Difficulty ●●●●● · Importance ●●●●○ · 60 min · 9 points


# %% nbgrader={"grade": false, "grade_id": "load_gpt2", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TanhGELU(nn.Module):
    """gelu_tanh as a module, so that it can take the place of another one."""

    def forward(self, x):
        return gelu_tanh(x)


def gpt2_shaped(config):
    """Your GPT, changed in the places where GPT-2 differs; its weights are still random.

    config: dict with vocab_size, n_embd, n_head, n_layer, n_positions (GPT-2's block_size) and layer_norm_epsilon.
    Returns a model that is called as yours: model(idx) -> (logits, loss).
    """
    ### BEGIN SOLUTION
    n_embd, n_head, block_size = config["n_embd"], config["n_head"], config["n_positions"]
    model = GPT(config["vocab_size"], n_embd, n_head, 0, block_size)
    for _ in range(config["n_layer"]):
        block = Block(n_embd, n_head, block_size)
        block.attention = CausalSelfAttention(n_embd, n_head, block_size)
        block.feed_forward.activation = TanhGELU()
        model.blocks.append(block)
    for module in model.modules():
        if isinstance(module, LayerNorm):
            module.eps = config["layer_norm_epsilon"]
    model.lm_head = nn.Linear(n_embd, config["vocab_size"], bias=False)
    if config.get("tie_word_embeddings", True):
        model.lm_head.weight = model.token_embedding.weight  # one table reads tokens and writes logits
    return model
    ### END SOLUTION


def load_gpt2(folder):
    """A GPT-2 checkpoint in a model made of your own parts.

    folder: path of a folder with config.json and model.safetensors, as Hugging Face writes them.
    Returns an nn.Module in eval mode, called as model(idx), which returns (logits, loss).
    Raises ValueError, naming the parameters, if the file holds one that the model has no place for or lacks one that
    the model has.
    """
    ### BEGIN SOLUTION
    config = json.loads((Path(folder) / "config.json").read_text())
    model = gpt2_shaped(config)
    ours = dict(model.named_parameters())  # a tied table is listed once

    renamed = {  # GPT-2's words -> ours
        "wte.": "token_embedding.", "wpe.": "position_embedding.", "h.": "blocks.", "ln_f.": "final_norm.",
        "ln_1.": "norm_1.", "ln_2.": "norm_2.", "attn.c_attn.": "attention.queries_keys_values.",
        "attn.c_proj.": "attention.projection.", "mlp.c_fc.": "feed_forward.expand.",
        "mlp.c_proj.": "feed_forward.contract.",
    }  # fmt: skip
    found = {}
    for name, tensor in load_file(Path(folder) / "model.safetensors").items():
        name = name.removeprefix("transformer.")
        if name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the causal mask: the same for every GPT-2, nothing was learned here
        if name == "lm_head.weight" and name not in ours:
            continue  # the tied table once more
        if ".c_" in name and name.endswith(".weight"):
            tensor = tensor.T  # GPT-2 keeps its linear layers as (in, out), PyTorch as (out, in)
        for theirs, own in renamed.items():
            name = name.replace(theirs, own, 1) if f".{theirs}" in f".{name}" else name
        if "norm" in name:
            name = name.replace("weight", "gain")
        found[name] = tensor

    problems = [f"no place for {name}" for name in found.keys() - ours.keys()]
    problems += [f"nothing for {name}" for name in ours.keys() - found.keys()]
    problems += [
        f"{name} has shape {tuple(found[name].shape)}, the model needs {tuple(ours[name].shape)}"
        for name in found.keys() & ours.keys()
        if found[name].shape != ours[name].shape
    ]
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    with torch.no_grad():
        for name, parameter in ours.items():
            parameter.copy_(found[name])
    return model.eval()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_load_gpt2", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
check.load_gpt2(load_gpt2)
# %% [markdown]
# <details><summary>Hint 1: a plan</summary>
# Read the configuration; build the model; make a dictionary from <em>your</em> parameter names to the file's tensors, turned where needed; compare its keys with those of
# <code>dict(model.named_parameters())</code>; copy. Keep the comparing apart from the copying.
# </details>
# <details><summary>Hint 2: tying</summary>
# <code>model.lm_head.weight = model.token_embedding.weight</code> makes one parameter of two; <code>named_parameters()</code> then lists it once, under the first name.
# </details>
# <details><summary>Hint 3: copying too kindly</summary>
# <code>copy_</code> broadcasts: a vector fits into a matrix. Compare the shapes first.
# </details>
# <details><summary>Hint 4: the logits differ</summary>
# Use the table below. The first layer that differs is where to look; everything after it only inherits the error.
# </details>

# %% [markdown]
# ### The test
#
# Three layers, random numbers, every position used. The reference is the `transformers` library if you have it, PyTorch's own transformer layers otherwise. If the logits disagree, the last line names the layer to look at.

# %%
folder = gpt2_checkpoint.make(Path(scratch.name) / "three_layers", seed=2)
reference = gpt2_checkpoint.reference(folder)
torch.manual_seed(12)
idx = torch.randint(97, (2, 32))

own_layers = (LayerNorm, nn.LayerNorm, CausalSelfAttention, FeedForward, Block)  # your own classes, if you wrote others


def compare_with(reference, model):
    """Your model and the reference, layer by layer, on the same tokens."""
    layers = compare_layers.in_order(model, own_layers, idx)
    return compare_layers.compare(model, layers, reference, reference.layers, idx)


# %%
if check.passed("load_gpt2"):
    comparison = compare_with(reference, load_gpt2(folder))
    assert comparison.first is None, f"\n{comparison}"
    print(f"All {len(comparison.rows)} layers agree within {comparison.tolerance:.0e}, the logits among them.")

# %% [markdown]
# **And when it goes wrong?** Here is the same checkpoint with a single fault: the square matrix of the second block's attention is turned round. It loads without complaint.

# %% tags=["nbval-ignore-output"]
if check.passed("load_gpt2"):
    settings, weights = gpt2_checkpoint.read(folder)
    weights["h.1.attn.c_proj.weight"] = weights["h.1.attn.c_proj.weight"].T
    faulty = gpt2_checkpoint.write(Path(scratch.name) / "faulty", settings, weights)
    print(compare_with(reference, load_gpt2(faulty)))

# %% [markdown]
# You should see equal signs down to the second block's first norm, then the arrow at its attention. Keep this tool in mind for any two models that ought to agree.
#
# ### The real one
#
# The published GPT-2 has 124 million parameters in 548 MB. If you can spare the download, set `fetch = True`. Your own classes then complete a sentence as GPT-2 does.

# %% tags=["slow", "nbval-ignore-output"]
fetch = False

if check.passed("load_gpt2"):
    try:
        folder = gpt2_checkpoint.real(download=fetch)
    except gpt2_checkpoint.CheckpointNotFound as absent:
        print(absent)
    else:
        gpt2 = load_gpt2(folder)
        ids = json.loads((folder / "vocab.json").read_text())  # token -> id; Ġ stands for a space
        prompt = ["The", "Ġcapital", "Ġof", "ĠFrance", "Ġis"]
        with torch.no_grad():
            logits, _ = gpt2(torch.tensor([[ids[token] for token in prompt]]))
        best = logits[0, -1].softmax(-1).topk(5)
        tokens = list(ids)
        print(" ".join(token.strip("Ġ") for token in prompt), "…")
        for probability, i in zip(best.values.tolist(), best.indices.tolist()):
            print(f"{probability:.3f}  {tokens[i]}")

# %% [markdown]
# ## What you take along
#
# - A GPT is two tables and a stack of blocks. A block gathers (attention), then thinks (feed-forward), and only ever *adds* to what is there.
# - Residual connections keep what went in, all the way up, and so make depth trainable; layer norm keeps what each layer reads at one scale. Heads side by side ask several questions at once.
# - What a part is worth is measured, over seeds and against what it replaces. Of the steps of the ladder, residuals were the largest; that of layer norm lay inside the spread of the seeds.
# - Two implementations are equal when their numbers are. You have a tool that says where they part.
#
# The next assignment trains this model properly: better tokens, a learning rate with a plan, and checkpoints that survive a crash.
