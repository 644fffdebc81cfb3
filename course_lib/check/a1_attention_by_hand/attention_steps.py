"""What `attention_steps(X, W_q, W_k)` does: queries, keys, scores, masked, weights.

masked is judged from the scores that came back, weights from the masked scores: one slip costs one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import as_array, describe, expect, expect_close, expect_shape
from course_lib.check.properties import judged

STEPS = ("Q", "K", "scores", "masked", "weights")


class Given(NamedTuple):
    """X (T, d), W_q and W_k (n_q, d), and those of their steps that are asked for, by name."""

    X: np.ndarray
    W_q: np.ndarray
    W_k: np.ndarray
    known: dict[str, np.ndarray]

    def __str__(self) -> str:
        return f"for X {self.X.shape}, W_q and W_k {self.W_q.shape}"

    def inputs(self) -> tuple[np.ndarray, ...]:
        return self.X.copy(), self.W_q.copy(), self.W_k.copy()


# "bacc" with positions, and whole numbers, so that every step can be followed on paper.
X = np.array([[0.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
W_Q = np.array([[1.0, 2, 0], [0, 1, -1]])
W_K = np.array([[0.0, 1, 3], [2, 0, 1]])
Q = np.array([[2.0, 0], [1, 0], [2, 1], [2, 1]])
K = np.array([[4.0, 1], [0, 2], [1, 0], [1, 0]])
SCORES = np.array([[8.0, 0, 2, 2], [4, 0, 1, 1], [9, 2, 2, 2], [9, 2, 2, 2]])
PAPER = Given(X, W_Q, W_K, {"Q": Q, "K": K, "scores": SCORES})
TWICE = Given(np.tile(X, (2, 1)), W_Q, W_K, {})  # "baccbacc"
ONE = Given(X[:1], W_Q, W_K, {"Q": Q[:1], "K": K[:1], "scores": SCORES[:1, :1]})
SQUARE = Given(  # n_q = d = T: a missing transpose raises nothing
    np.array([[1.0, 2, -1], [2, 0, 1], [1, 0, 2]]),
    np.array([[-1.0, 0, 0], [1, 0, -1], [0, -1, 1]]),
    np.array([[0.0, 2, -1], [1, 1, 0], [0, 0, -1]]),
    {
        "Q": np.array([[-1.0, 2, -3], [-2, 1, 1], [-1, -1, 2]]),
        "K": np.array([[5.0, 3, 1], [-1, 2, -1], [-2, 1, -2]]),
        "scores": np.array([[-2.0, 8, 10], [-6, 3, 3], [-6, -3, -3]]),
    },
)
WIDE = Given(  # n_q > d; the fourth row of X is zero, and with it some scores
    np.array([[1.0, -1], [1, 1], [2, -1], [0, 0], [-1, 1]]),
    np.array([[1.0, 1], [-1, 2], [0, 1]]),
    np.array([[0.0, 1], [2, -1], [-1, 1]]),
    {
        "Q": np.array([[0.0, -3, -1], [2, 1, 1], [1, -4, -1], [0, 0, 0], [0, 3, 1]]),
        "K": np.array([[-1.0, 3, -2], [1, 1, 0], [-1, 5, -3], [0, 0, 0], [1, -3, 2]]),
        "scores": np.array(
            [[-7.0, -3, -12, 0, 7], [-1, 3, 0, 0, 1], [-11, -3, -18, 0, 11], [0, 0, 0, 0, 0], [7, 3, 12, 0, -7]]
        ),
    },
)
# Scores in the thousands leave all the weight to the largest, shared where several are the largest.
FIRST = Given(40 * X, 10 * W_Q, W_K, {"weights": np.eye(4)[[0, 0, 0, 0]]})
LAST = Given(
    40 * X[::-1],
    10 * W_Q,
    W_K,
    {"weights": np.array([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 1]])},
)

HINTS = {
    "Q": "rows are tokens: one query for each row of X.",
    "K": "rows are tokens: one key for each row of X.",
    "scores": "row i holds the products of query i with every key; this assignment does not scale them.",
    "masked": "-inf above the diagonal, your scores on and below it.",
    "weights": "softmax along each row of masked.",
}


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(*given.inputs())


def _five(got: Any) -> dict[str, Any]:
    names = ", ".join(STEPS)
    expect(got is not None, f"expected ({names}), nothing came back (None). Is there a `return`?")
    several = isinstance(got, tuple | list) and len(got) == len(STEPS)
    expect(several, f"expected the five arrays ({names}) in this order; yours is {describe(got)}.")
    return dict(zip(STEPS, got, strict=True))


def _expect(step: Any, wanted: Any, name: str, given: Given) -> None:
    expect_close(step, wanted, f"{name} {given}", hint=HINTS[name])


@judged(
    "Q and K: one row for each token",
    call,
    [PAPER, SQUARE, WIDE, ONE],
    outcome=lambda got: got[:2],
    in_turn=True,
    slip="queries or keys that are not X times the matrices",
)
def queries(got: Any, given: Given) -> None:
    steps = _five(got)
    for name in ("Q", "K"):
        _expect(steps[name], given.known[name], name, given)


@judged(
    "scores: every query with every key, not scaled",
    call,
    [PAPER, SQUARE, WIDE, ONE],
    outcome=lambda got: got[2],
    in_turn=True,
    slip="scores that are not the products of queries with keys",
)
def scores(got: Any, given: Given) -> None:
    _expect(_five(got)["scores"], given.known["scores"], "scores", given)


@judged(
    "masked: -inf above the diagonal, your scores on and below it",
    call,
    [PAPER, WIDE, TWICE, ONE],
    outcome=lambda got: got[3],
    in_turn=True,
    slip="a mask that does more or less than write -inf over the future",
)
def masked(got: Any, given: Given) -> None:
    steps, square = _five(got), (len(given.X),) * 2
    own = expect_shape(steps["scores"], square, f"scores {given}")
    _expect(steps["masked"], np.where(np.tri(len(own), dtype=bool), own, -np.inf), "masked", given)


def _rows(got: Any, given: Given) -> np.ndarray:
    """masked, where each row leaves something to attend to."""
    found = expect_shape(_five(got)["masked"], (len(given.X),) * 2, f"masked {given}").astype(float)
    some = np.isfinite(found).any(axis=-1) & ~np.isnan(found).any(axis=-1)
    expect(some.all(), f"masked {given}: {(~some).sum()} of {len(found)} rows hold NaN, or nothing to attend to.")
    return found


@judged(
    "weights: softmax along each row of your masked scores, each row with a sum of 1",
    call,
    [PAPER, WIDE, TWICE, ONE],
    outcome=lambda got: got[4],
    in_turn=True,
    slip="weights that are not the softmax of the masked scores",
)
def weights(got: Any, given: Given) -> None:
    wanted = torch.softmax(torch.from_numpy(_rows(got, given)), dim=-1)
    _expect(_five(got)["weights"], wanted, "weights", given)


@judged(
    "Scores in the thousands: weights that are finite and right",
    call,
    [FIRST, LAST],
    outcome=lambda got: got[4],
    in_turn=True,
    slip="a softmax that fails for large scores",
)
def large(got: Any, given: Given) -> None:
    asked = f"the weights of large scores, {given}"
    found = as_array(_five(got)["weights"], asked)
    hint = "subtract the largest number of each row of masked before exp; the weights stay the same."
    hint = "" if np.isfinite(found).all() else hint
    # Scores up to 1e5 keep 1e-11 of their 16 digits; 1e-5 is ample.
    expect_close(found, given.known["weights"], asked, hint=hint, atol=1e-5)


def _afterwards(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    return library("course_lib.doubles").call_keeping_inputs(answer, *given.inputs())


@judged("", call, [PAPER])
def _form(got: Any, given: Given) -> None:
    _five(got)


@judged(
    "X, W_q and W_k stay as they were",
    _afterwards,
    [PAPER],
    in_turn=True,
    needs=_form,
    slip="an input that is changed in place",
)
def untouched(kept: Any, given: Given) -> None:
    for name, before, after in zip(("X", "W_q", "W_k"), given.inputs(), kept, strict=True):
        expect(np.array_equal(before, as_array(after, name)), f"{name} was changed in place; work on a copy.")
