"""Hidden suite of `context_target_pairs(block)`: each prefix and what follows it, on random blocks."""

import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import context_target_pairs as public


def draw(rng, T):
    """A block of T + 1 distinct ids."""
    return torch.from_numpy(rng.permutation(500)[: T + 1].copy())


def short(rng, _):
    """Only `test_how_many` asks for long ones."""
    return [draw(rng, int(rng.integers(4, 9))) for _ in range(3)]


def contexts(rng, torch_rng):
    """In the last one ids repeat."""
    return [*short(rng, torch_rng), torch.from_numpy(rng.integers(0, 3, size=7))]


test_how_many = hidden(public.how_many, lambda rng, _: [draw(rng, T) for T in (1, 2, int(rng.integers(40, 80)))])
test_contexts = hidden(public.contexts, contexts, points=2)
test_targets = hidden(public.targets, short, points=2)
