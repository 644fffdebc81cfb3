"""Hidden suite of `Head(n_embd, head_size, block_size, dropout)`; no test needs the name of a layer."""

import torch

from autograder import source
from autograder.suite import hidden, points
from autograder.suites.a3_self_attention._heads import inputs, seed, sizes, weight, with_other
from course_lib.check.a3_self_attention import Head as public
from course_lib.check.a3_self_attention._heads import Given
from course_lib.check.properties import holds


def random(rng, torch_rng, B=2):
    """A head with random weights, and a full block; without B as many sequences as tokens."""
    n_embd, head_size, block_size = sizes(rng, 3)
    x = inputs(torch_rng, (B or block_size, block_size, n_embd))
    return Given((n_embd, head_size, block_size), x, seed=seed(rng))


def shapes(rng, torch_rng):
    n_embd, head_size, block_size = sizes(rng, 3)
    asked = ((block_size, 3, block_size), (block_size, 2, block_size - 1), (block_size, 1, 2), (block_size, 4, 1))
    return [
        Given((n_embd, head_size, block_size), inputs(torch_rng, (B, T, n_embd)))
        for block_size, B, T in (*asked, (70, 1, 70))
    ]


def changed(rng, torch_rng):
    given = random(rng, torch_rng)
    return [with_other(given, torch_rng, int(rng.integers(1, given.sizes[2] - 1)))]


def large_scores(rng, torch_rng):
    given = random(rng, torch_rng, B=40)
    return [given._replace(other=torch.randn(given.inputs[0].shape, generator=torch_rng))]


def level(rng, torch_rng):
    for _ in range(3):
        given = random(rng, torch_rng, B=3)
        T = int(rng.integers(3, given.sizes[2] + 1))
        yield given._replace(inputs=(given.inputs[0][:, :T],), weight=weight(rng))


def dropout(rng, torch_rng):
    given = random(rng, torch_rng)
    return [public.Drop(given.sizes, float(rng.uniform(0.25, 0.4)), given.inputs[0], 0.2)]


test_shape = hidden(public.shape, shapes)
test_causal = hidden(public.causal, changed, points=2)
test_large_scores = hidden(public.large_scores, large_scores)
test_scale = hidden(public.scale, level, points=2)
test_mixture = hidden(public.mixture, lambda *rngs: [random(*rngs, B=1) for _ in range(2)], points=2)
test_batch = hidden(public.batch, lambda *rngs: [random(*rngs, B=None)])
test_layers = hidden(public.layers, lambda *rngs: [random(*rngs)])
test_dropout = hidden(public.dropout, dropout)


@points(1)
def test_device(student, answer, rng, torch_rng):
    """Everything moves along to another device: no tensor in a plain attribute"""
    given = random(rng, torch_rng)
    holds(public.device, answer, given, student.library)
    public.device.judge(source.plain_tensors(student.statements()), given)


@points(3)
def test_assembled(student, answer, rng, torch_rng):
    """Assembled from its parts: PyTorch's ready-made attention is not called"""
    given = random(rng, torch_rng)
    holds(public.shape, answer, given, student.library)
    holds(public.assembled, answer, given, student.library)
    public.assembled.judge(source.uses(student.statements(), source.READY_MADE), given)
