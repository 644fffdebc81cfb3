"""Hidden suite of `attention_steps(X, W_q, W_k)`; the oracles are torch's linear map and softmax.

masked is judged from the scores that came back, weights from the masked scores: one slip costs one step.
"""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import as_array, expect, expect_close, expect_shape, points
from course_lib.check.a1_attention_by_hand.attention_steps import HINTS, five


def draw(rng, T=None, scale=1.0, square=False):
    """X, W_q, W_k; one row of X is zero and with it some scores.

    The three sizes differ, so that a swapped axis shows; square: n_q = d, so that a missing transpose raises nothing.
    """
    T = T or int(rng.integers(5, 9))
    d, n_q = (int(size) for size in rng.permutation([2, 3, 4])[:2])
    n_q = d if square else n_q
    X, W_q, W_k = (scale * rng.normal(size=size) for size in ((T, d), (n_q, d), (n_q, d)))
    if T > 1:
        X[rng.integers(1, T - 1)] = 0.0
    return X, W_q, W_k


def oracle(X, W_q, W_k):
    X, W_q, W_k = map(torch.from_numpy, (X, W_q, W_k))
    Q, K = F.linear(X, W_q), F.linear(X, W_k)
    scores = F.linear(Q, K)
    masked = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -torch.inf)
    steps = {"Q": Q, "K": K, "scores": scores, "masked": masked, "weights": torch.softmax(masked, -1)}
    return {name: step.numpy() for name, step in steps.items()}


def compare(student, rng, names):
    for T, square in ((None, False), (None, True), (1, False)):
        inputs = draw(rng, T, square=square)
        steps, wanted = five(student.attention_steps(*inputs)), oracle(*inputs)
        for name in names:
            expect_close(steps[name], wanted[name], name, hint=HINTS[name])


@points(2)
def test_queries_and_keys(student, rng):
    """Q and K: one row for each token, and X, W_q, W_k as they were"""
    compare(student, rng, ("Q", "K"))
    inputs = draw(rng)
    doubles = student.library("course_lib.doubles")
    kept = doubles.call_keeping_inputs(student.handle("attention_steps"), *inputs)
    for name, before, after in zip(("X", "W_q", "W_k"), inputs, kept, strict=True):
        expect(np.array_equal(before, as_array(after, name)), f"{name} was changed in place; work on a copy.")


@points(2)
def test_scores(student, rng):
    """scores: every query with every key, not scaled"""
    compare(student, rng, ("scores",))


@points(2)
def test_masked(student, rng):
    """masked: -inf above the diagonal, your scores on and below it"""
    for _ in range(2):
        X, W_q, W_k = draw(rng)
        steps, T = five(student.attention_steps(X, W_q, W_k)), len(X)
        scores, masked = (expect_shape(steps[name], (T, T), name) for name in ("scores", "masked"))
        later = np.triu(np.ones((T, T), dtype=bool), 1)
        expect(
            (masked[later] == -np.inf).all(),
            f"masked: some numbers above the diagonal are not -inf (T = {T}).",
        )
        expect_close(masked[~later], scores[~later], "masked, on and below the diagonal", hint=HINTS["masked"])


@points(3)
def test_weights(student, rng):
    """weights: softmax along each row of your masked scores, each row with a sum of 1"""
    for _ in range(2):
        X, W_q, W_k = draw(rng)
        steps, T = five(student.attention_steps(X, W_q, W_k)), len(X)
        masked = expect_shape(steps["masked"], (T, T), "masked").astype(float)
        some = np.isfinite(masked).any(axis=-1) & ~np.isnan(masked).any(axis=-1)
        expect(some.all(), f"masked: {(~some).sum()} of {T} rows hold NaN, or nothing to attend to.")
        wanted = torch.softmax(torch.from_numpy(masked), dim=-1)
        expect_close(steps["weights"], wanted, "weights, from your masked scores", hint=HINTS["weights"])
        expect_close(as_array(steps["weights"], "weights").sum(-1), np.ones(T), "the sums of the rows of weights")


@points(2)
def test_large_scores(student, rng):
    """Scores in the thousands: weights that are finite and right"""
    X, W_q, _ = draw(rng, scale=20.0)
    X[-1] = 2 * X[0]  # queries equal keys: the first row's largest score is its last one, behind the mask
    inputs = X, W_q, W_q.copy()
    weights = as_array(five(student.attention_steps(*inputs))["weights"], "the weights of large scores")
    hint = "subtract the largest number of each row of masked before exp; the weights stay the same."
    hint = "" if np.isfinite(weights).all() else hint
    # Scores up to 1e5 keep 1e-11 of their 16 digits; 1e-5 is ample.
    expect_close(weights, oracle(*inputs)["weights"], "the weights of large scores", hint=hint, atol=1e-5)
