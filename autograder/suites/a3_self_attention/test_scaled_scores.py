"""Hidden suite of `scaled_scores(q, k)`; the oracle is a dot product for each pair, in float64."""

import torch

from autograder.suite import hidden
from course_lib.check.a3_self_attention import scaled_scores as public


def pair(torch_rng, *shape):
    return (torch.randn(*shape, generator=torch_rng) for _ in range(2))


def given(torch_rng, *shape):
    q, k = pair(torch_rng, *shape)
    return public.Given(q, k, torch.einsum("bid,bjd->bij", q.double(), k.double()) / q.shape[-1] ** 0.5)


def different(rng, torch_rng):
    return [given(torch_rng, *rng.permutation(range(2, 12))[:3].tolist()) for _ in range(3)]


def sizes(_, torch_rng):
    return [given(torch_rng, *shape) for shape in ((2, 1, 3), (1, 4, 6), (3, 2, 1), (5, 5, 5))]


def weighed(_, torch_rng):
    return [public.Mix(*pair(torch_rng, 3, 4, 6), torch.randn(3, 4, 4, generator=torch_rng))]


test_scores = hidden(public.scores, different, points=3)
test_sizes = hidden(public.sizes, sizes)
test_variance = hidden(
    public.variance, lambda _, torch_rng: [public.Pair(*pair(torch_rng, 40, 20, size)) for size in (16, 256)]
)
test_kept = hidden(public.kept, lambda _, torch_rng: [given(torch_rng, 3, 4, 6)], points=0.5)
test_gradient = hidden(public.gradient, weighed, points=0.5)
