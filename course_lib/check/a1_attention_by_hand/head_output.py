"""Public check of `head_output(X, W_q, W_k, W_v)`: values, averaged with the weights of each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check.diagnosis import in_turn
from course_lib.check.expect import as_array, expect, expect_close, expect_shape

# "abcce" and the head that looks for consonants: the outputs can be read as "no, yes, yes, yes, yes".
ABCCE = np.array([[1.0, 0], [0, 1], [0, 1], [0, 1], [1, 0]])
ONES, LOOK = np.array([[1.0, 1]]), np.array([[0.0, 5]])
OUTPUT = [[1.0, 0.0], [0.006693, 0.993307], [0.003358, 0.996642], [0.002241, 0.997759], [0.004472, 0.995528]]

_rng = np.random.default_rng(2)
_LONG = tuple(_rng.normal(size=size) for size in ((5, 3), (2, 3), (2, 3), (4, 3)))
_SQUARE = tuple(_rng.normal(size=(4, 3, 3)))


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """5 tokens and 4 numbers of output, square matrices, a single letter; if the first is right, large scores."""
    X, W_q, W_k, W_v = _LONG
    return {
        "square": lambda: answer(*(array.copy() for array in _SQUARE)),
        "one letter": lambda: answer(X[:1].copy(), W_q.copy(), W_k.copy(), W_v.copy()),
        **in_turn(
            ("long", lambda: answer(*(array.copy() for array in _LONG)), _is_output),
            ("large", lambda: answer(20 * X, 20 * W_q, 20 * W_k, W_v.copy()), bool),
        ),
    }


def _is_output(output: Any) -> bool:
    """Whether this is the output for `_LONG`."""
    return expect_close(output, _wanted(), "the output").size > 0


def _wanted() -> torch.Tensor:
    """The output for `_LONG`."""
    X, *matrices = map(torch.from_numpy, _LONG)
    Q, K, V = (F.linear(X, W) for W in matrices)
    return F.scaled_dot_product_attention(Q, K, V, is_causal=True, scale=1.0)


def check(answer: Callable[..., Any]) -> None:
    asked = 'the output for "abcce" with W_q = [1 1], W_k = [0 5], W_v = I'
    # OUTPUT is stored to six decimals, hence the tolerance.
    expect_close(answer(ABCCE.copy(), ONES, LOOK, np.eye(2)), OUTPUT, asked, atol=1e-5, reveal=True)
    asked = "the output for X (5, 3), W_q and W_k (2, 3), W_v (4, 3), all random"
    hint = "scores are the plain products of queries and keys, as in attention_steps."
    expect_close(answer(*(array.copy() for array in _LONG)), _wanted(), asked, hint=hint, reveal=True)
    W_v = np.array([[0.0, 1], [0, 0], [2, 2]])
    wanted = [[second, 0, 2] for _, second in OUTPUT]
    hint = "each value is a letter's embedding seen through W_v, one row for each letter."
    asked = "the output with W_v = [[0, 1], [0, 0], [2, 2]]"
    output = answer(ABCCE.copy(), ONES, LOOK, W_v)
    expect_close(output, wanted, asked, hint=hint, atol=1e-5, reveal=True)
    expect_shape(answer(ABCCE[:1].copy(), ONES, LOOK, W_v), (1, 3), "the output for a single letter and W_v (3, 2)")
    large = as_array(answer(ABCCE.copy(), ONES, 1000 * LOOK, np.eye(2)), "the output for scores of 5000")
    expect(np.isfinite(large).all(), "with scores of 5000 the output is not finite.")
