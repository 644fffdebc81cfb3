"""Hidden suite of `estimate_loss(model, batches)`; the oracle is `F.cross_entropy` over all tokens at once."""

import torch
import torch.nn.functional as F

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import estimate_loss as public


def draw(rng, torch_rng, shapes, **other):
    """A table, the table of the training mode, and batches of these shapes."""
    C = int(rng.integers(4, 8))
    table, noisy = (2 * torch.randn(C, C, generator=torch_rng) for _ in range(2))
    batches = [tuple(torch.randint(C, shape, generator=torch_rng) for _ in "xy") for shape in shapes]
    x, y = (torch.cat([pair[part].reshape(-1) for pair in batches]) for part in range(2))
    return public.Given(table, noisy, batches, float(F.cross_entropy(table[x].double(), y)), **other)


def equal(rng, torch_rng):
    for count in (int(rng.integers(3, 7)), int(rng.integers(1010, 1100))):
        yield draw(rng, torch_rng, [tuple(rng.integers(2, 6, 2).tolist())] * count)


def unequal(*rngs):
    shapes = ([(8, 3), (2, 3)], [(4, 9), (4, 2), (4, 1)], [(1, 12), (6, 1), (3, 3)], [(2, 5)])
    return [draw(*rngs, some) for some in shapes]


def two(*modes):
    return lambda *rngs: [draw(*rngs, [(3, 4), (2, 4)], training=training) for training in modes]


def stream(*rngs):
    return [draw(*rngs, [(3, 4), (2, 6), (5, 1)], once=True)]


test_equal_batches = hidden(public.equal, equal)
test_unequal_batches = hidden(public.unequal, unequal, points=2)
test_evaluation_mode = hidden(public.evaluation, two(True), points=2)
test_mode_restored = hidden(public.restored, two(True, False))
test_no_gradients = hidden(public.no_gradients, two(True))
test_stream = hidden(public.stream, stream)
