"""The tests that every way to average has to pass; the oracle is a running sum divided by the number of its terms."""

import torch

from autograder.suite import hidden
from course_lib.check.a3_self_attention._averages import Change, Given


def given(x):
    return Given(x, x.double().cumsum(0) / torch.arange(1, len(x) + 1)[:, None])


def draw(rng, torch_rng):
    """x (T, C), T and C different, with numbers whose averages do not vanish."""
    return 1 + 3 * torch.randn(*rng.permutation(range(3, 11))[:2].tolist(), generator=torch_rng)


def different(rng, torch_rng):
    return [given(draw(rng, torch_rng)) for _ in range(3)]


def lengths(_, torch_rng):
    return [given(torch.randn(*shape, generator=torch_rng)) for shape in ((1, 5), (2, 3), (4, 4), (40, 2), (3, 1))]


def future(rng, torch_rng):
    x = draw(rng, torch_rng)
    t = int(rng.integers(1, len(x)))
    later = torch.cat([x[:t], torch.randn(x[t:].shape, generator=torch_rng)])
    # Weights of e^-100, what a mask of -100 leaves, are 4e-44 and show beside numbers of 1e-3 if the future is 1e38.
    tiny = 1e-3 * x
    return [Change(x, later, t), Change(tiny, torch.cat([tiny[:t], torch.full_like(x[t:], 1e38)]), t)]


def tests(public):
    """The tests of an exercise, from its properties."""
    return (
        hidden(public.average, different, points=2),
        hidden(public.lengths, lengths, points=0.5),
        hidden(public.tensor, lambda *rngs: different(*rngs)[:1], points=0.5),
        hidden(public.future, future, points=0.5),
        hidden(public.kept, lambda *rngs: different(*rngs)[:1], points=0.5),
    )
