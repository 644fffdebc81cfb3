"""Hidden suite of `masked_attention(Q, K, V)`; the oracle is torch's scaled dot-product attention."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import expect, expect_close, points


def oracle(Q, K, V):
    return F.scaled_dot_product_attention(*map(torch.from_numpy, (Q, K, V)), is_causal=True).numpy()


def draw(rng, *batch, T=None, scale=1.0):
    T = T or int(rng.integers(3, 9))
    d, d_v = int(rng.integers(2, 7)), int(rng.integers(2, 7))
    return tuple(scale * rng.normal(size=(*batch, T, width)) for width in (d, d, d_v))


@points(2)
def test_one_sequence(student, rng):
    """One sequence: the output equals causal scaled dot-product attention"""
    for _ in range(3):
        Q, K, V = draw(rng)
        expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), "the output for one sequence")


def test_future(student, rng):
    """Causality: changing a later token leaves earlier outputs alone"""
    Q, K, V = draw(rng, T=6)
    before = student.masked_attention(Q, K, V)
    K2, V2 = K.copy(), V.copy()
    K2[4:], V2[4:] = rng.normal(size=K[4:].shape), rng.normal(size=V[4:].shape)
    after = student.masked_attention(Q, K2, V2)
    expect_close(np.asarray(after)[:4], np.asarray(before)[:4], "outputs 1 to 4 after tokens 5 and 6 changed")
    expect_close(before, oracle(Q, K, V), "the output")


def test_batch(student, rng):
    """Batches: leading dimensions (batch, heads) are attended separately"""
    for batch in ((3,), (2, 3)):
        Q, K, V = draw(rng, *batch)
        expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), f"the output for leading dimensions {batch}")


def test_large_scores(student, rng):
    """Scores in the thousands: finite and right"""
    Q, K, V = draw(rng, scale=60.0)
    expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), "the output for large scores",
                 hint="subtract each row's maximum before exp.", rtol=1e-4)


def test_low_scores(student, rng):
    """Scores far below zero: the mask still holds"""
    # All allowed scores are below -1e9, so that a mask that only adds -1e9 lets the future win.
    T = 4
    Q = np.ones((T, 1))
    K = np.sort(rng.uniform(2e9, 9e9, size=(T, 1)), axis=0)[::-1] * -1
    V = rng.normal(size=(T, 3))
    expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), "the output for scores below -1e9",
                 hint="a masked score is -inf, not a large negative number added to it.")


def test_inputs_untouched(student, rng):
    """The inputs are not changed in place"""
    Q, K, V = draw(rng)
    first = student.masked_attention(Q, K, V)
    kept = student.library("course_lib.doubles").call_keeping_inputs(student.handle("masked_attention"), Q, K, V)
    for name, before, after in zip("QKV", (Q, K, V), kept, strict=True):
        expect(np.array_equal(before, np.asarray(after)), f"{name} was changed in place; work on a copy.")
    expect_close(first, oracle(Q, K, V), "the output")
