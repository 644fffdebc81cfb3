"""Hidden suite of `average_batched(x)`; the oracle is a running sum along time, divided by the number of its terms."""

import torch

from autograder.suite import hidden
from course_lib.check.a3_self_attention import average_batched as public


def given(x):
    return public.Given(x, x.double().cumsum(1) / torch.arange(1, x.shape[1] + 1)[:, None])


def draw(rng, torch_rng):
    """x (B, T, C), all sizes different, with numbers whose averages do not vanish."""
    return 1 + 3 * torch.randn(*rng.permutation(range(2, 10))[:3].tolist(), generator=torch_rng)


def different(rng, torch_rng):
    return [given(draw(rng, torch_rng)) for _ in range(3)]


def sizes(_, torch_rng):
    return [given(torch.randn(*shape, generator=torch_rng)) for shape in ((1, 4, 3), (3, 1, 2), (4, 4, 4))]


def changed(rng, torch_rng):
    x = draw(rng, torch_rng)
    b = int(rng.integers(len(x)))
    other = x.clone()
    other[b] = torch.randn(x[b].shape, generator=torch_rng)
    return [public.Change(x, other, b)]


def larger(_, torch_rng):
    few, sequences, positions = (torch.randn(B, T, 2, generator=torch_rng) for B, T in ((3, 4), (9, 4), (3, 11)))
    return [public.Sizes(few, {"sequences": sequences, "positions": positions})]


test_batch = hidden(public.batch, different, points=2)
test_sizes = hidden(public.sizes, sizes)
test_separate = hidden(public.separate, changed)
test_tensor = hidden(public.tensor, lambda *rngs: different(*rngs)[:1], points=0.5)
test_no_loop = hidden(public.no_loop, larger, points=0.5)
