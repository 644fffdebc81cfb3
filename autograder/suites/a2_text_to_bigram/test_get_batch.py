"""Hidden suite of `get_batch(data, batch_size, block_size)`: properties of random windows."""

import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import get_batch as public


def draw(rng, n, rows, width, calls=1):
    """n distinct tokens in random order."""
    return public.Given(torch.from_numpy(rng.permutation(5000)[:n].copy()), rows, width, calls)


def sizes(rng, _):
    return [draw(rng, 60, *shape) for shape in ((1, 7), (5, 1), rng.integers((6, 2), (12, 6)).tolist())]


def windows(rng, _):
    return [draw(rng, *rng.integers((40, 3, 2), (120, 9, 9)).tolist()) for _ in range(4)]


def every(rng, _):
    width = int(rng.integers(6, 10))
    return [draw(rng, 20 + width, 16, width, 25)]


def ends(rng, _):
    width = int(rng.integers(2, 7))
    return [draw(rng, width + 3, 2, width, 600)]


def smallest(rng, _):
    width = int(rng.integers(2, 9))
    return [draw(rng, width + 1, rows, width) for rows in (1, 5)]


test_form = hidden(public.form, sizes)
test_windows = hidden(public.windows, windows, points=2)
test_every = hidden(public.every, every, points=2)
test_ends = hidden(public.ends, ends)
test_smallest = hidden(public.smallest, smallest)
test_random = hidden(public.random, lambda rng, _: [draw(rng, 200, 8, int(rng.integers(4, 12)), 12)], points=2)
