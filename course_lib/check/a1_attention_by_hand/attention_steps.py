"""Public check of `attention_steps(X, W_q, W_k)`: queries, keys, scores, masked, weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check.diagnosis import in_turn
from course_lib.check.expect import as_array, describe, expect, expect_close, expect_shape

STEPS = ("Q", "K", "scores", "masked", "weights")

# "bacc" with positions, and whole numbers, so that every step can be followed on paper.
X = np.array([[0.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
W_Q = np.array([[1.0, 2, 0], [0, 1, -1]])
W_K = np.array([[0.0, 1, 3], [2, 0, 1]])
_NO = -np.inf
PAPER = {
    "Q": np.array([[2.0, 0], [1, 0], [2, 1], [2, 1]]),
    "K": np.array([[4.0, 1], [0, 2], [1, 0], [1, 0]]),
    "scores": np.array([[8.0, 0, 2, 2], [4, 0, 1, 1], [9, 2, 2, 2], [9, 2, 2, 2]]),
    "masked": np.array([[8.0, _NO, _NO, _NO], [4, 0, _NO, _NO], [9, 2, 2, _NO], [9, 2, 2, 2]]),
}
HINTS = {
    "Q": "rows are tokens: one query for each row of X.",
    "K": "rows are tokens: one key for each row of X.",
    "scores": "row i holds the products of query i with every key; this assignment does not scale them.",
    "masked": "-inf above the diagonal, the scores on and below it.",
    "weights": "softmax along each row of masked.",
}

_rng = np.random.default_rng(1)
_LONG = (_rng.normal(size=(5, 3)), _rng.normal(size=(2, 3)), _rng.normal(size=(2, 3)))
_SQUARE = tuple(_rng.normal(size=(3, 3, 3)))


def five(result: Any) -> dict[str, Any]:
    """What `attention_steps` returned, by name. Raises `Wrong` unless it is five things."""
    names = ", ".join(STEPS)
    expect(result is not None, f"expected ({names}), nothing came back (None). Is there a `return`?")
    several = isinstance(result, tuple | list) and len(result) == len(STEPS)
    expect(several, f"expected the five arrays ({names}) in this order; yours is {describe(result)}.")
    return dict(zip(STEPS, result, strict=True))


def expect_paper(steps: dict[str, Any]) -> None:
    """The steps of `X`, `W_Q`, `W_K` are those found on paper. Raises `Wrong` for the first that is not."""
    wanted = {**PAPER, "weights": _softmax(PAPER["masked"])}
    for name in STEPS:
        expect_close(steps[name], wanted[name], name, hint=HINTS[name], reveal=True)


def _softmax(masked: Any) -> torch.Tensor:
    return torch.softmax(torch.from_numpy(as_array(masked, "masked")).double(), dim=-1)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The steps for 5 tokens and for square matrices; if they are right, large scores, then the inputs afterwards."""

    def on_paper(_: Any) -> bool:
        expect_paper(five(answer(X.copy(), W_Q.copy(), W_K.copy())))
        return True

    def inputs_afterwards() -> list[np.ndarray]:
        inputs = [array.copy() for array in _LONG]
        answer(*inputs)
        return inputs

    return {
        "square": lambda: answer(*(array.copy() for array in _SQUARE)),
        **in_turn(
            ("steps", lambda: answer(*(array.copy() for array in _LONG)), on_paper),
            ("large", lambda: answer(*(20 * array for array in _LONG))[-1], _finite),
            ("inputs afterwards", inputs_afterwards, _finite),
        ),
    }


def _finite(weights: Any) -> bool:
    return bool(np.isfinite(as_array(weights, "weights")).all())


def check(answer: Callable[..., Any]) -> None:
    inputs = [X.copy(), W_Q.copy(), W_K.copy()]
    expect_paper(five(answer(*inputs)))
    for rows in (X, X[::-1]):  # the largest score before the others, and after them
        steps = five(answer(40 * rows, 10 * W_Q, W_K))
        large = as_array(steps["weights"], "weights of large scores")
        expect(np.isfinite(large).all(), "with scores in the thousands, some weights are not finite.")
        expect_close(large, _softmax(steps["masked"]), "weights of large scores", hint=HINTS["weights"], reveal=True)
    for some in (_LONG, (X[:1], W_Q, W_K)):
        steps = five(answer(*(array.copy() for array in some)))
        T = len(some[0])
        masked = expect_shape(steps["masked"], (T, T), f"masked for {T} letters")
        expect_close(steps["weights"], _softmax(masked), f"weights for {T} letters", hint=HINTS["weights"])
    for name, before, after in zip(("X", "W_q", "W_k"), (X, W_Q, W_K), inputs, strict=True):
        expect(np.array_equal(before, after), f"{name} was changed in place; work on a copy.")
