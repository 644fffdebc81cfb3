"""Hidden suite of `bigram_table(data, vocab_size, smoothing=1.0)`; the oracle counts with `numpy.histogram2d`."""

import numpy as np
import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import bigram_table as public


def given(data, C, smoothing=None):
    counts, _, _ = np.histogram2d(data[:-1], data[1:], bins=C, range=[[-0.5, C - 0.5]] * 2)
    smoothed = counts + (1.0 if smoothing is None else smoothing)
    return public.Given(torch.from_numpy(data), C, smoothing, smoothed / smoothed.sum(1, keepdims=True))


def draw(rng, length=None, smoothing=None):
    """Skewed random data; the highest symbols never occur."""
    C = int(rng.integers(6, 20))
    used = C - int(rng.integers(1, 4))
    data = rng.choice(used, size=length or int(rng.integers(100, 600)), p=rng.dirichlet(np.ones(used)))
    # The last token is unlike the first, and a pair from last to first would be seen.
    data[0], data[-1] = 0, 1
    return given(data, C, smoothing)


def circle(rng, _):
    """Each token has one successor, 300 times, more than a byte can count."""
    C = int(rng.integers(4, 9))
    return [given(np.tile(rng.permutation(C), 300), C)]


def smoothings(rng, _):
    return [draw(rng, 200, size) for size in (1e-6, float(rng.uniform(0.01, 0.4)), float(rng.uniform(2, 9)))]


test_add_one = hidden(public.add_one, lambda rng, _: [draw(rng) for _ in range(3)], points=2)
test_rows = hidden(public.rows, lambda rng, _: [draw(rng, 60)])
test_order_of_tokens = hidden(public.order, circle)
test_smoothing = hidden(public.smoothing, smoothings)
