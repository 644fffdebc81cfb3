"""Hidden suite of `EncoderHead(n_embd, head_size)`: the tests of a head, without a mask."""

import torch

from autograder import modules
from autograder.oracles import call, filled_attention, head_by_pairs
from autograder.suite import expect, expect_close, points
from autograder.suites.a3_self_attention._modules import expect_no_seed, probes

SPREAD = 0.2  # of random weights: scores differ by about 1, so that no attention weight vanishes


def sizes(rng):
    """n_embd, head_size, T, all different."""
    return tuple(int(size) for size in rng.permutation([5, 6, 7, 8, 10, 11])[:3])


def draw(torch_rng, *shape):
    return torch.randn(*shape, generator=torch_rng)


def build(student, rng, torch_rng):
    n_embd, head_size, T = sizes(rng)
    head = student.EncoderHead(n_embd, head_size)
    modules.randomise(probes(student), head, torch_rng, SPREAD)
    return head, n_embd, head_size, T


@points(1)
def test_everyone(student, rng, torch_rng):
    """Every output notices every token, for any number of tokens"""
    head, n_embd, head_size, T = build(student, rng, torch_rng)
    for length in (1, 2, T, 40):
        x = draw(torch_rng, 2, length, n_embd)
        before = call(head, (2, length, head_size), f"the output for x {tuple(x.shape)}", x)
        t = int(rng.integers(length))
        other = x.clone()
        other[:, t] += 1 + draw(torch_rng, 2, n_embd).abs()
        moved = ((call(head, (2, length, head_size), "the output", other) - before).abs() > 1e-7).any(-1)
        # Every weight is positive; that all head_size >= 5 numbers of an output stay within 1e-7 does not happen.
        expect(
            bool(moved.all()),
            f"after a change of token {t}, some of {length} outputs stay as they are.\nHint: no mask.",
        )


@points(2)
def test_scale(student, rng, torch_rng):
    """Equal weights everywhere: the output is attention with scores divided by √head_size"""
    for _ in range(3):
        n_embd, head_size, T = sizes(rng)
        head = student.EncoderHead(n_embd, head_size)
        weight = float(rng.uniform(0.15, 0.3))
        modules.fill(probes(student), head, weight)
        x = draw(torch_rng, 3, T, n_embd)
        asked = (
            f"with every weight equal and no biases, the output for n_embd {n_embd}, head_size {head_size}, {T} tokens"
        )
        hint = "the scale is √head_size; softmax over the keys, then the values; no mask."
        wanted = filled_attention(x, x, weight, head_size, causal=False)
        # float32: scores of up to 10 to within 1e-5.
        expect_close(call(head, tuple(wanted.shape), asked, x), wanted, asked, hint=hint, atol=1e-4, rtol=1e-4)


@points(1)
def test_mixture(student, rng, torch_rng):
    """Random weights: the output is what softmax makes of the outputs for one and for two tokens"""
    head, n_embd, head_size, T = build(student, rng, torch_rng)
    x = draw(torch_rng, T, n_embd)
    wanted = head_by_pairs(head, x, False, head_size)
    got = call(head, (1, T, head_size), "the output", x[None])[0]
    # Shares read off two tokens are known to about 1e-5, a hundredth of this.
    asked = f"the output for {T} tokens, beside what follows from two at a time"
    expect_close(got, wanted, asked, hint="softmax over all keys.", atol=2e-3, rtol=1e-3)


@points(1)
def test_symmetry(student, rng, torch_rng):
    """No positions and no batch: tokens that change places take their outputs along, sequences do not mix"""
    head, n_embd, head_size, T = build(student, rng, torch_rng)
    x = draw(torch_rng, T, T, n_embd)
    before = call(head, (T, T, head_size), "the output", x)
    order = torch.from_numpy(rng.permutation(T))
    after = call(head, (T, T, head_size), "the output", x[:, order])
    expect_close(after, before[:, order], "the outputs after tokens have changed places", atol=1e-5)
    alone = call(head, (1, T, head_size), "the output for one sequence", x[2:3])
    expect_close(before[2:3], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)


@points(1)
def test_layers(student, rng, torch_rng):
    """Three maps from n_embd to head_size, all of them used; gradients reach x; no seed is set"""
    head, n_embd, head_size, T = build(student, rng, torch_rng)
    maps = modules.matrix_numbers(probes(student), head) / (n_embd * head_size)
    expect(
        abs(maps - 3) < 1e-9,
        f"expected 3 maps of n_embd × head_size weights, besides biases; yours has {maps:.3g} of them.",
    )
    x = draw(torch_rng, 2, T, n_embd)
    idle = modules.idle(probes(student), head, x)
    expect(
        idle == 0, f"{idle} weights have no influence on the output.\nHint: queries, keys and values each have a map."
    )
    modules.expect_input_gradients(student, head, x)
    expect_no_seed(student, student.handle("EncoderHead"), (n_embd, head_size), x)
