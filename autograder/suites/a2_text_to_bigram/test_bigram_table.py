"""Hidden suite of `bigram_table(data, vocab_size, smoothing=1.0)`; the oracle counts with `numpy.histogram2d`."""

import numpy as np
import torch

from autograder.suite import expect, expect_close, expect_shape, points


def oracle(data, vocab_size, smoothing):
    data = data.numpy()
    counts, _, _ = np.histogram2d(data[:-1], data[1:], bins=vocab_size, range=[[-0.5, vocab_size - 0.5]] * 2)
    return (counts + smoothing) / (counts + smoothing).sum(1, keepdims=True)


def draw(rng, length=None):
    """Skewed random data; the highest symbols never occur."""
    C = int(rng.integers(6, 20))
    used = C - int(rng.integers(1, 4))
    data = rng.choice(used, size=length or int(rng.integers(100, 600)), p=rng.dirichlet(np.ones(used)))
    # The last token is unlike the first, and a pair from last to first would be seen.
    data[0], data[-1] = 0, 1
    return torch.from_numpy(data), C


def compare(got, data, C, smoothing, asked, hint=""):
    # float32 counts below 2^24 are exact; the division costs 1e-7.
    expect_close(got, oracle(data, C, smoothing), asked, hint=hint, atol=1e-6, rtol=1e-5)


@points(2)
def test_add_one(student, rng):
    """Add-one smoothing by default: P[current, next] from the counts"""
    for _ in range(3):
        data, C = draw(rng)
        got = expect_shape(student.bigram_table(data, C), (C, C), f"the table of {C} symbols")
        hint = "count the pairs (data[t], data[t + 1]), add smoothing to every count, divide each row by its sum."
        compare(got, data, C, 1.0, f"the table of {len(data)} tokens, {C} symbols", hint)


@points(1)
def test_rows(student, rng):
    """Each row is a distribution, also for a token that nothing follows"""
    data, C = draw(rng, 60)
    got = expect_shape(student.bigram_table(data, C), (C, C), f"the table of {C} symbols")
    expect(np.isfinite(got).all() and (got > 0).all(), "with smoothing 1 every probability is above 0 and finite.")
    expect_close(got.sum(1), np.ones(C), "the sum of each row", atol=1e-5)
    expect_close(got[-1], np.full(C, 1 / C), "the row of a symbol that never occurs: all equal", atol=1e-6)
    compare(got, data, C, 1.0, "the table")


@points(1)
def test_order_of_tokens(student, rng):
    """Rows are the current token, columns the next one"""
    C = int(rng.integers(4, 9))
    # A circle: each token has one successor, 300 times, more than a byte can count.
    data = torch.from_numpy(np.tile(rng.permutation(C), 300))
    got = expect_shape(student.bigram_table(data, C), (C, C), f"the table of {C} symbols")
    successor = {int(now): int(after) for now, after in zip(data.tolist(), data[1:].tolist(), strict=False)}
    right = sum(int(got[now].argmax()) == after for now, after in successor.items())
    expect(
        right == C,
        f"in a text where each token has one successor, {right} of {C} rows have their largest number there.",
    )
    compare(got, data, C, 1.0, "the table of a text that goes round in a circle")


@points(1)
def test_smoothing(student, rng):
    """Any smoothing, small or large"""
    for smoothing in (1e-6, float(rng.uniform(0.01, 0.4)), float(rng.uniform(2, 9))):
        data, C = draw(rng, 200)
        got = student.bigram_table(data, C, smoothing=smoothing)
        compare(
            got, data, C, smoothing, "the table with another smoothing", "smoothing is added to each of the counts."
        )
