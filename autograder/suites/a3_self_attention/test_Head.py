"""Hidden suite of `Head(n_embd, head_size, block_size, dropout)`; no test needs the name of a layer."""

import numpy as np
import torch

from autograder import modules
from autograder.oracles import call, filled_attention, head_by_pairs
from autograder.suite import expect, expect_close, points
from autograder.suites.a3_self_attention._modules import (
    expect_assembled,
    expect_no_seed,
    expect_nothing_left_behind,
    probes,
)
from course_lib.check import causality
from course_lib.check.a3_self_attention.Head import large_scores

SPREAD = 0.2  # of random weights: scores differ by about 1, so that no attention weight vanishes


def sizes(rng):
    """n_embd, head_size, block_size, all different, head_size not a square of another size."""
    n_embd, head_size, block_size = (int(size) for size in rng.permutation([5, 6, 7, 8, 10, 11])[:3])
    return n_embd, head_size, block_size


def draw(torch_rng, *shape):
    return torch.randn(*shape, generator=torch_rng)


@points(1)
def test_shape(student, rng, torch_rng):
    """The output has shape (B, T, head_size), for every T up to block_size"""
    n_embd, head_size, block_size = sizes(rng)
    head = student.Head(n_embd, head_size, block_size)
    long = student.Head(n_embd, head_size, 70)
    for model, size, B, T in (
        (head, block_size, 3, block_size),
        (head, block_size, 2, block_size - 1),
        (head, block_size, 1, 2),
        (head, block_size, 4, 1),
        (long, 70, 1, 70),
    ):
        shape = f"the output of Head({n_embd}, {head_size}, {size}) for x {(B, T, n_embd)}"
        call(model, (B, T, head_size), shape, draw(torch_rng, B, T, n_embd))


@points(2)
def test_causal(student, rng, torch_rng):
    """Causality: later tokens do not change earlier outputs, earlier tokens do change later ones"""
    n_embd, head_size, block_size = sizes(rng)
    head = student.Head(n_embd, head_size, block_size)
    modules.randomise(probes(student), head, torch_rng, SPREAD)
    x = draw(torch_rng, 2, block_size, n_embd)
    before = call(head, (2, block_size, head_size), "the output", x)
    t = int(rng.integers(1, block_size - 1))
    other = x.clone()
    other[:, t] += 1 + draw(torch_rng, 2, n_embd).abs()
    after = call(head, (2, block_size, head_size), "the output", other)
    hint = "token i sees the tokens j ≤ i."
    expect_close(after[:, :t], before[:, :t], f"outputs before {t} after token {t} has changed", hint=hint, atol=1e-5)
    # Every weight is positive, so every later output moves by about the weight times the change of the value. All of
    # head_size >= 5 numbers staying within 1e-6 has no measurable probability.
    moved = ((after - before).abs() > 1e-6).any(-1)[:, t:]
    expect(bool(moved.all()), f"some output from {t} on does not notice that token {t} has changed.\nHint: {hint}")


@points(1)
def test_large_scores(student, rng, torch_rng):
    """Causality with large scores too: the mask is -inf, and no finite number"""
    wanted = sizes(rng)
    head = student.Head(*wanted).eval()
    causality.expect_mask_holds(*large_scores(probes(student), head, wanted, torch_rng))


@points(2)
def test_scale(student, rng, torch_rng):
    """Equal weights everywhere: the output is causal attention with scores divided by √head_size"""
    for _ in range(3):
        n_embd, head_size, block_size = sizes(rng)
        T = int(rng.integers(3, block_size + 1))
        head = student.Head(n_embd, head_size, block_size)
        weight = float(rng.uniform(0.15, 0.3))
        modules.fill(probes(student), head, weight)
        x = draw(torch_rng, 3, T, n_embd)
        asked = (
            f"with every weight equal and no biases, the output for n_embd {n_embd}, head_size {head_size}, {T} tokens"
        )
        hint = "the scale is √head_size; mask, then softmax over the keys, then the values."
        # float32: scores of up to 10 to within 1e-5.
        wanted = filled_attention(x, x, weight, head_size, causal=True)
        expect_close(call(head, tuple(wanted.shape), asked, x), wanted, asked, hint=hint, atol=1e-4, rtol=1e-4)


@points(2)
def test_mixture(student, rng, torch_rng):
    """Random weights: the output is what softmax makes of the outputs for one and for two tokens"""
    for _ in range(2):
        n_embd, head_size, block_size = sizes(rng)
        head = student.Head(n_embd, head_size, block_size)
        modules.randomise(probes(student), head, torch_rng, SPREAD)
        x = draw(torch_rng, block_size, n_embd)
        wanted = head_by_pairs(head, x, True, head_size)
        got = call(head, (1, block_size, head_size), "the output for a full block", x[None])[0]
        hint = "softmax over the keys that a token may see, and nothing that depends on the place."
        # Shares read off two tokens are known to about 1e-5, a hundredth of this.
        asked = f"the output for {block_size} tokens, beside what follows from two at a time"
        expect_close(got, wanted, asked, hint=hint, atol=2e-3, rtol=1e-3)


@points(1)
def test_batch(student, rng, torch_rng):
    """Batches never mix: each sequence has the output that it has alone"""
    n_embd, head_size, block_size = sizes(rng)
    head = student.Head(n_embd, head_size, block_size)
    modules.randomise(probes(student), head, torch_rng, SPREAD)
    x = draw(torch_rng, block_size, block_size, n_embd)  # as many sequences as positions: a swapped dimension shows
    together = call(head, (block_size, block_size, head_size), "the output for a batch", x)
    for b in (0, block_size - 1):
        alone = call(head, (1, block_size, head_size), "the output for one sequence", x[b : b + 1])
        expect_close(together[b : b + 1], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)


@points(1)
def test_layers(student, rng, torch_rng):
    """Three maps from n_embd to head_size, all of them learnt, all of them used; gradients reach x; no seed is set"""
    n_embd, head_size, block_size = sizes(rng)
    head = student.Head(n_embd, head_size, block_size)
    maps = modules.matrix_numbers(probes(student), head) / (n_embd * head_size)
    expect(
        abs(maps - 3) < 1e-9,
        f"expected 3 maps of n_embd × head_size weights, besides biases; yours has {maps:.3g} of them.",
    )
    modules.randomise(probes(student), head, torch_rng, SPREAD)
    x = draw(torch_rng, 2, block_size, n_embd)
    idle = modules.idle(probes(student), head, x)
    expect(
        idle == 0, f"{idle} weights have no influence on the output.\nHint: queries, keys and values each have a map."
    )
    modules.expect_input_gradients(student, head, x)
    expect_no_seed(student, student.handle("Head"), (n_embd, head_size, block_size, 0.5), x)


@points(1)
def test_device(student, rng):
    """Everything moves along to another device: no tensor in a plain attribute"""
    expect_nothing_left_behind(student, student.Head(*sizes(rng)))


@points(1)
def test_dropout(student, rng, torch_rng):
    """Dropout: weights are dropped in training mode with the given probability, never in eval mode"""
    n_embd, head_size, block_size = sizes(rng)
    p = float(rng.uniform(0.25, 0.4))
    head = student.Head(n_embd, head_size, block_size, p)
    weight = 0.2
    modules.fill(probes(student), head, weight)
    head.eval()
    x = draw(torch_rng, 2, block_size, n_embd)
    wanted = filled_attention(x, x, weight, head_size, causal=True)
    got = call(head, tuple(wanted.shape), "the output in eval mode", x)
    expect_close(got, wanted, "the output in eval mode, with equal weights", atol=1e-4, rtol=1e-4)
    head.train()
    # One token has one attention weight, 1: dropped it is 0, kept it is 1 / (1 - p), for the whole row of the output.
    n = 2000
    one = torch.ones(n, 1, n_embd)
    rows = call(head, (n, 1, head_size), "the output in training mode", one)[:, 0] / (weight * n_embd)
    dropped, kept = np.isclose(rows, 0, atol=1e-4).all(1), np.isclose(rows, 1 / (1 - p), atol=1e-3).all(1)
    hint = "dropout acts on the attention weights, after the softmax: nn.Dropout(dropout), applied in forward."
    expect(
        bool((dropped | kept).all()),
        f"with one token and dropout p, an output is its value times 0 or 1/(1 - p); "
        f"{int((~(dropped | kept)).sum())} of {n} are neither.\nHint: {hint}",
    )
    # Hoeffding: a share of n = 2,000 is off by 0.08 with probability at most 2·exp(-2·n·0.08²) = 2e-11.
    share = float(dropped.mean())
    expect(abs(share - p) < 0.08, f"{share:.0%} of {n} weights were dropped at dropout {p:.2f}.\nHint: {hint}")
    # With two tokens each weight is dropped for itself: (nothing, one, the other, both) leave four different outputs.
    tokens = torch.tensor([0.2, 0.5])[:, None].expand(n, 2, n_embd)
    first, second = call(head, (n, 2, head_size), "the output in training mode", tokens)[..., 0].T
    kinds = 1 + int((np.diff(np.sort(second)) > 1e-3).sum())
    # That one of the four does not occur among 2,000 has probability below 4·(1 - 0.06)^2000 < 1e-50.
    expect(kinds == 4, f"with two tokens there are four ways to drop weights; the outputs show {kinds}.\nHint: {hint}")
    # The first token's weight drops for itself too. No such case among 2,000: (1 - 0.25·0.36)^2000 < 1e-80.
    lost = np.isclose(first, 0, atol=1e-4)
    both = float(np.sort(second)[-1])  # neither of the second token's weights is dropped
    expect(
        bool((lost & np.isclose(second, both, atol=1e-3)).any()),
        "where the first token's only weight is dropped, so is one of the second token's: each drops for itself.\n"
        f"Hint: {hint}",
    )


@points(3)
def test_assembled(student, rng, torch_rng):
    """Assembled from its parts: PyTorch's ready-made attention is not called"""
    n_embd, head_size, block_size = sizes(rng)
    head = student.Head(n_embd, head_size, block_size)
    x = draw(torch_rng, 2, block_size, n_embd)
    call(head, (2, block_size, head_size), "the output", x)
    expect_assembled(student, student.handle("Head"), (n_embd, head_size, block_size), x)
