"""What `head_output(X, W_q, W_k, W_v)` does: values, averaged with the weights of each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib.check.a1_attention_by_hand import _future
from course_lib.check.expect import as_array, expect_close
from course_lib.check.properties import judged


class Given(NamedTuple):
    """X (T, d), W_q and W_k (n_q, d), W_v (d_v, d), and their output (T, d_v).

    words: what messages call them, where shapes alone say too little. changed: X with other rows at the end.
    """

    X: np.ndarray
    W_q: np.ndarray
    W_k: np.ndarray
    W_v: np.ndarray
    output: np.ndarray
    words: str = ""
    changed: np.ndarray | None = None

    def __str__(self) -> str:
        return f"for {self.words or f'X {self.X.shape}, W_q and W_k {self.W_q.shape}, W_v {self.W_v.shape}'}"


# "abcce" and the head that looks for consonants: the outputs can be read as "no, yes, yes, yes, yes".
ABCCE = np.array([[1.0, 0], [0, 1], [0, 1], [0, 1], [1, 0]])
ONES, LOOK, SAME = np.array([[1.0, 1]]), np.array([[0.0, 5]]), np.eye(2)
OUTPUT = np.array(
    [[1.0, 0], [0.00669285, 0.99330715], [0.00335766, 0.99664234], [0.00224095, 0.99775905], [0.00447188, 0.99552812]]
)
MIXED = np.array([[0.0, 1], [0, 0], [2, 2]])
HEAD = "W_q = [1 1], W_k = [0 5]"
PAPER = Given(ABCCE, ONES, LOOK, SAME, OUTPUT, f'"abcce" with {HEAD}, W_v = I')
VALUES = Given(ABCCE, ONES, LOOK, MIXED, OUTPUT @ MIXED.T, f'"abcce" with {HEAD}, W_v = [[0, 1], [0, 0], [2, 2]]')
SQUARE = Given(  # a missing transpose raises nothing
    np.array([[1.0, 0, -1], [0, 1, 1], [1, 1, 0], [0, -1, 1]]),
    np.array([[1.0, 0, 0], [0, 1, -1], [1, 0, 1]]),
    np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 1]]),
    np.array([[1.0, 2, 0], [0, 1, 1], [-1, 0, 1]]),
    np.array(
        [
            [1.0, -1, -2],
            [1.95257413, 1.85772238, 0.85772238],
            [2.26272147, 1.71767178, 0.45004862],
            [1.71068205, 1.06889329, 0.01694033],
        ]
    ),
    changed=np.array([[1.0, 0, -1], [0, 1, 1], [0, 2, 0], [1, 1, 1]]),
)
X = np.array([[1.0, -1], [1, 1], [2, -1], [0, 0], [-1, 1]])
W_Q, W_K = np.array([[1.0, 1], [-1, 2], [0, 1]]), np.array([[0.0, 1], [2, -1], [-1, 1]])
W_V = np.array([[1.0, 0], [0, 1], [1, 1], [2, -1]])
WIDE = Given(
    X / 2,
    W_Q,
    W_K,
    W_V,
    np.array(
        [
            [0.5, -0.5, 0, 1.5],
            [0.5, 0.23105858, 0.73105858, 0.76894142],
            [0.51014699, 0.3629222, 0.87306919, 0.65737179],
            [0.5, -0.125, 0.375, 1.125],
            [0.82161691, -0.40419889, 0.41741803, 2.04743271],
        ]
    ),
    changed=np.r_[X[:3], [[2, 2], [-2, 1]]] / 2,
)
AVERAGE = Given(
    np.r_[X, X[:3]], 0 * W_Q, W_K, W_V, np.tri(8) @ np.r_[X, X[:3]] @ W_V.T / np.arange(1, 9)[:, None], "W_q = 0"
)
ONE = WIDE._replace(X=WIDE.X[:1], output=WIDE.output[:1])
# The largest score of a row has all the weight; in LARGE the fourth row's are all 0, and the first row's largest is
# behind the mask.
LETTERS = Given(ABCCE, ONES, 1000 * LOOK, SAME, SAME[[0, 1, 1, 1, 1]], "scores of 5000")
LARGE = Given(
    X,
    100 * W_Q,
    W_K,
    W_V,
    np.array([[1.0, -1, 0, 3], [1, 1, 2, 1], [1, 1, 2, 1], [1, -0.25, 0.75, 2.25], [2, -1, 1, 5]]),
    "scores in the thousands",
)


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(given.X.copy(), given.W_q.copy(), given.W_k.copy(), given.W_v.copy())


@judged("A string of letters and W_v = identity: [1, 0] before any consonant, near [0, 1] after", call, [PAPER])
def letters(got: Any, given: Given) -> None:
    hint = "weights (T, T) times values (T, d_v), where the values are the tokens seen through W_v."
    expect_close(got, given.output, f"the output {given}", hint=hint)


output = letters.at(
    "The output: values averaged with the weights of each row",
    [VALUES, SQUARE, WIDE, AVERAGE, ONE],
    in_turn=True,
    slip="values that are not averaged with the weights",
)


def _twice(answer: Callable[..., Any], given: Given, _: Any) -> tuple[Any, Any]:
    assert given.changed is not None
    return call(answer, given, _), call(answer, given._replace(X=given.changed), _)


@judged(
    "Causality: changing a later token leaves earlier outputs alone",
    _twice,
    [SQUARE, WIDE],
    outcome=_future.moved,
    in_turn=True,
    slip="later letters that change earlier outputs",
)
def future(outputs: tuple[Any, Any], given: Given) -> None:
    assert given.changed is not None
    kept = int(np.argmax((abs(given.X - given.changed) > 1e-6).any(axis=1)))
    _future.expect_causal(outputs, (len(given.X), len(given.W_v)), kept)


@judged(
    "Scores in the thousands: an output that is finite and right",
    call,
    [LETTERS, LARGE],
    in_turn=True,
    slip="a softmax that fails for large scores",
)
def large(got: Any, given: Given) -> None:
    found = as_array(got, f"the output {given}")
    hint = "" if np.isfinite(found).all() else "subtract each row's own largest score before exp."
    # Scores up to 1e5 keep 1e-11 of their 16 digits; 1e-5 is ample.
    expect_close(found, given.output, f"the output {given}", hint=hint, atol=1e-5)
