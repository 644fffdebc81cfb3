"""Hidden suite of `masked_attention(Q, K, V)`; the oracle is torch's scaled dot-product attention."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import as_array, expect, expect_close, expect_shape, points

MAXIMUM = "mask first, then subtract each row's own maximum before exp."


def oracle(Q, K, V):
    return F.scaled_dot_product_attention(*map(torch.from_numpy, (Q, K, V)), is_causal=True).numpy()


def draw(rng, *batch, T=None, scale=1.0):
    """Q, K, V with different T, d, d_v, so that a swapped axis or another scale shows."""
    T = T or int(rng.integers(5, 9))
    d, d_v = (int(width) for width in rng.choice([2, 3, 4, 9, 10], size=2, replace=False))
    return tuple(scale * rng.normal(size=(*batch, T, width)) for width in (d, d, d_v))


@points(2)
def test_one_sequence(student, rng):
    """One sequence: the output equals causal scaled dot-product attention"""
    for T in (None, None, 1):
        Q, K, V = draw(rng, T=T)
        Q[rng.integers(len(Q))] = 0.0  # a query whose scores are all zero attends evenly
        expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), "the output for one sequence")


def test_weights(student, rng):
    """The weights (V = identity): rows sum to 1, and none is on later tokens"""
    T = int(rng.integers(4, 8))
    Q, K, _ = draw(rng, T=T)
    weights = expect_shape(student.masked_attention(Q, K, np.eye(T)), (T, T), "the output for V = identity")
    expect_close(weights.sum(-1), np.ones(T), "the sums of the rows of weights", hint="mask before the softmax.")
    expect_close(np.triu(weights, 1), np.zeros((T, T)), "the weights on later tokens")


def test_future(student, rng):
    """Causality: changing a later token leaves earlier outputs alone"""
    # Scores near 0 spread the weights, so that outputs 5 and 6 surely change: that all d_v >= 2 numbers of one of
    # them agree to 1e-5 by chance is rarer than 1e-9.
    Q, K, V = draw(rng, T=6)
    Q, K = 0.3 * Q, 0.3 * K
    before = expect_shape(student.masked_attention(Q, K, V), V.shape, "the output for 6 tokens")
    K2, V2 = K.copy(), V.copy()
    K2[4:], V2[4:] = 0.3 * rng.normal(size=K[4:].shape), rng.normal(size=V[4:].shape)
    after = expect_shape(student.masked_attention(Q, K2, V2), V.shape, "the output for 6 tokens")
    expect_close(after[:4], before[:4], "outputs 1 to 4 after tokens 5 and 6 changed")
    changed = ~np.isclose(after[4:], before[4:]).all(axis=-1)
    expect(changed.all(), "outputs 5 and 6 should change when tokens 5 and 6 do.")


@points(2)
def test_batch(student, rng):
    """Batches: leading dimensions (batch, heads) are attended separately"""
    for batch in ((3,), (2, 3), (1,)):
        Q, K, V = draw(rng, *batch)
        asked = f"the output for leading dimensions {batch}"
        hint = "each sequence of a batch comes out as it does alone."
        expect_close(student.masked_attention(Q, K, V), oracle(Q, K, V), asked, hint=hint)


def test_large_scores(student, rng):
    """Scores in the thousands: finite and right"""
    for batch in ((), (2,)):
        Q, K, V = draw(rng, *batch, scale=60.0)
        # Rounding of scores near 1e4 moves a weight by 1e-12 of itself; outputs reach 200.
        output = as_array(student.masked_attention(Q, K, V), "the output for large scores")
        hint = "" if np.isfinite(output).all() else MAXIMUM
        expect_close(output, oracle(Q, K, V), "the output for large scores", hint=hint, rtol=1e-4, atol=1e-4)


def test_low_scores(student, rng):
    """Scores far below zero: the mask still holds"""
    # Every score is below -1e9 and each key beats the one before by 2e9 or more, so a mask that writes -1e9, or
    # adds it, lets the future win.
    T = 4
    K = -2e9 - 2.5e9 * np.arange(T)[::-1, None] + rng.uniform(0, 4e8, size=(T, 1))
    Q, V = np.ones((T, 1)), rng.normal(size=(T, 3))
    output = as_array(student.masked_attention(Q, K, V), "the output for scores below -1e9")
    hint = "a masked score is -inf: not a large negative number, and not one that is added."
    hint = hint if np.isfinite(output).all() else MAXIMUM
    expect_close(output, oracle(Q, K, V), "the output for scores below -1e9", hint=hint)


def test_inputs_untouched(student, rng):
    """The inputs are not changed in place"""
    Q, K, V = draw(rng)
    first = expect_shape(student.masked_attention(Q, K, V), V.shape, "the output")
    doubles = student.library("course_lib.doubles")
    kept = doubles.call_keeping_inputs(student.handle("masked_attention"), Q, K, V)
    for name, before, after in zip("QKV", (Q, K, V), kept, strict=True):
        expect(np.array_equal(before, as_array(after, name)), f"{name} was changed in place; work on a copy.")
    expect(np.isfinite(first).all(), "the output is not finite.")
