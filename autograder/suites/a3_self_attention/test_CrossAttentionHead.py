"""Hidden suite of `CrossAttentionHead(n_embd, head_size)`: queries from x, keys and values from the context."""

import torch

from autograder import modules
from autograder.oracles import call, cross_by_pairs, filled_attention
from autograder.suite import expect, expect_close, points
from autograder.suites.a3_self_attention._modules import expect_no_seed, probes

SPREAD = 0.2  # of random weights: scores differ by about 1, so that no attention weight vanishes


def sizes(rng):
    """n_embd, head_size, T, S, all different."""
    return tuple(int(size) for size in rng.permutation([4, 5, 6, 7, 8, 10, 11])[:4])


def draw(torch_rng, *shape):
    return torch.randn(*shape, generator=torch_rng)


def build(student, rng, torch_rng):
    n_embd, head_size, T, S = sizes(rng)
    head = student.CrossAttentionHead(n_embd, head_size)
    modules.randomise(probes(student), head, torch_rng, SPREAD)
    return head, n_embd, head_size, T, S


@points(1)
def test_shape(student, rng, torch_rng):
    """The output is as long as x and as wide as head_size, whatever the length of the context"""
    n_embd, head_size, T, S = sizes(rng)
    head = student.CrossAttentionHead(n_embd, head_size)
    for long, short in ((T, S), (S, T), (T, 1), (1, S), (T, T)):
        x, context = draw(torch_rng, 2, long, n_embd), draw(torch_rng, 2, short, n_embd)
        asked = f"the output for x {tuple(x.shape)} and context {tuple(context.shape)}"
        call(head, (2, long, head_size), asked, x, context)


@points(2)
def test_scale(student, rng, torch_rng):
    """Equal weights everywhere: attention from x to the context, scores divided by √head_size"""
    for _ in range(3):
        n_embd, head_size, T, S = sizes(rng)
        head = student.CrossAttentionHead(n_embd, head_size)
        weight = float(rng.uniform(0.15, 0.3))
        modules.fill(probes(student), head, weight)
        x, context = draw(torch_rng, 3, T, n_embd), draw(torch_rng, 3, S, n_embd)
        asked = (
            f"with equal weights and no biases, the output for x {tuple(x.shape)} and context {tuple(context.shape)}"
        )
        hint = (
            "queries from x, keys and values from the context, scores divided by √head_size, softmax over the context."
        )
        wanted = filled_attention(x, context, weight, head_size, causal=False)
        # float32: scores of up to 10 to within 1e-5.
        got = call(head, tuple(wanted.shape), asked, x, context)
        expect_close(got, wanted, asked, hint=hint, atol=1e-4, rtol=1e-4)


@points(2)
def test_mixture(student, rng, torch_rng):
    """Random weights: the output is what softmax makes of one and of two tokens of the context"""
    head, n_embd, head_size, T, S = build(student, rng, torch_rng)
    x, context = draw(torch_rng, T, n_embd), draw(torch_rng, S, n_embd)
    wanted = cross_by_pairs(head, x, context, head_size)
    got = call(head, (1, T, head_size), "the output", x[None], context[None])[0]
    # Shares read off two tokens are known to about 1e-5, a hundredth of this.
    asked = f"the output for a context of {S} tokens, beside what follows from two at a time"
    expect_close(got, wanted, asked, hint="softmax over the whole context.", atol=2e-3, rtol=1e-3)


@points(2)
def test_roles(student, rng, torch_rng):
    """Who asks and who answers: each token of x asks for itself, and the context's order does not matter"""
    head, n_embd, head_size, T, S = build(student, rng, torch_rng)
    x, context = draw(torch_rng, 2, T, n_embd), draw(torch_rng, 2, S, n_embd)
    before = call(head, (2, T, head_size), "the output", x, context)
    order = torch.from_numpy(rng.permutation(S))
    after = call(head, (2, T, head_size), "the output", x, context[:, order])
    expect_close(after, before, "the output after the context's tokens have changed places", hint="no mask.", atol=1e-5)
    t = int(rng.integers(T))
    other = x.clone()
    other[:, t] += 1 + draw(torch_rng, 2, n_embd).abs()
    after = call(head, (2, T, head_size), "the output", other, context)
    rest = [i for i in range(T) if i != t]
    expect_close(after[:, rest], before[:, rest], f"the other outputs after token {t} of x has changed", atol=1e-5)
    # That all head_size >= 4 numbers of an output stay within 1e-7 of where they were does not happen by chance.
    expect(
        bool(((after - before)[:, t].abs() > 1e-7).any(-1).all()),
        f"output {t} does not notice a change of token {t} of x.",
    )
    other = context.clone()
    other[:, -1] += 1 + draw(torch_rng, 2, n_embd).abs()
    moved = ((call(head, (2, T, head_size), "the output", x, other) - before).abs() > 1e-7).any(-1)
    expect(bool(moved.all()), "some output does not notice a change of the context's last token.\nHint: no mask.")


@points(1)
def test_batch_and_layers(student, rng, torch_rng):
    """Sequences do not mix; three maps from n_embd to head_size, all used; gradients reach x and context; no seed"""
    head, n_embd, head_size, T, S = build(student, rng, torch_rng)
    x, context = draw(torch_rng, T, T, n_embd), draw(torch_rng, T, S, n_embd)
    together = call(head, (T, T, head_size), "the output", x, context)
    alone = call(head, (1, T, head_size), "the output for one sequence", x[1:2], context[1:2])
    expect_close(together[1:2], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)
    maps = modules.matrix_numbers(probes(student), head) / (n_embd * head_size)
    expect(
        abs(maps - 3) < 1e-9,
        f"expected 3 maps of n_embd × head_size weights, besides biases; yours has {maps:.3g} of them.",
    )
    idle = modules.idle(probes(student), head, x, context)
    expect(
        idle == 0, f"{idle} weights have no influence on the output.\nHint: queries, keys and values each have a map."
    )
    modules.expect_input_gradients(student, head, x, context)
    expect_no_seed(student, student.handle("CrossAttentionHead"), (n_embd, head_size), x, context)
