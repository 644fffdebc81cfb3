"""Hidden suite of `sequence_loss(logits, targets)`; the oracle is `F.cross_entropy`, position by position."""

import torch
import torch.nn.functional as F

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import sequence_loss as public


def given(logits, targets):
    """With the mean over all tokens, in float64."""
    tokens = [(b, t) for b in range(logits.shape[0]) for t in range(logits.shape[1])]
    losses = [F.cross_entropy(logits[at].double(), targets[at]) for at in tokens]
    return public.Given(logits, targets, float(torch.stack(losses).mean()))


def draw(rng, torch_rng, B=None, T=None, C=None, scale=2.0):
    """Sizes 3 to 9, all different unless given."""
    sizes = iter(rng.permutation(range(3, 10)).tolist())
    B, T, C = B or next(sizes), T or next(sizes), C or next(sizes)
    return given(scale * torch.randn(B, T, C, generator=torch_rng), torch.randint(C, (B, T), generator=torch_rng))


def square(rng, torch_rng):
    size = int(rng.integers(3, 8))
    return [draw(rng, torch_rng, B, size, size) for B in (1, size + 2, size)]


def single(rng, torch_rng):
    return [draw(rng, torch_rng, B, T) for B, T in ((1, 1), (1, 6), (5, 1))]


test_random = hidden(public.batch, lambda *rngs: [draw(*rngs) for _ in range(4)], points=2)
test_square = hidden(public.square, square)
test_single = hidden(public.single, single)
test_large = hidden(public.large, lambda *rngs: [draw(*rngs, scale=scale) for scale in (200.0, 4000.0)], points=0.5)
test_strided = hidden(public.strided, lambda *rngs: [draw(*rngs)], points=0.5)
test_gradient = hidden(public.gradient, lambda *rngs: [draw(*rngs)])
