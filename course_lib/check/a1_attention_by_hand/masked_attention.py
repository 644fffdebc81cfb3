"""Public check of `masked_attention(Q, K, V)`: causal scaled dot-product attention in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.check.expect import expect, expect_close

_rng = np.random.default_rng(26)
Q = _rng.normal(size=(4, 3))  # (T, d)
K = _rng.normal(size=(4, 3))  # (T, d)
V = _rng.normal(size=(4, 2))  # (T, d_v)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """One sequence, a batch of two, scores near 1000, and the weights themselves (V = identity)."""
    return {
        "one sequence": lambda: answer(Q.copy(), K.copy(), V.copy()),
        "batch": lambda: answer(np.stack([Q, K]), np.stack([K, Q]), np.stack([V, 2 * V])),
        "large scores": lambda: answer(40 * Q, 40 * K, V.copy()),
        "weights": lambda: answer(Q.copy(), K.copy(), np.eye(4)),
    }


def check(answer: Callable[..., Any]) -> None:
    weights = np.asarray(answer(Q.copy(), K.copy(), np.eye(4)))
    expect(weights.shape == (4, 4), f"for Q (4, 3), K (4, 3), V (4, 4) the output has shape (4, 4), yours
    {weights.shape}.") expect_close(weights.sum(-1), np.ones(4), "the sum of each row of weights",
    hint="softmax runs over the keys.") expect_close(np.triu(weights, 1), np.zeros((4, 4)), "the weight on
    later tokens", reveal=True) expect_close(weights[0], [1, 0, 0, 0], "the weights of the first token, which
    sees only itself", reveal=True) two = np.array([[0.0], [1.0]])  # scores of the second row: 0 and 4 before
    the scale output = answer(np.array([[0.0] * 4, [2.0] * 4]), np.array([[0.0] * 4, [0.5] * 4]), two)
    expect_close(output, [[0.0], [0.880797]], "the output for scores 0 and 4, head size 4", reveal=True)
    expect(np.isfinite(answer(40 * Q, 40 * K, V)).all(), "with scores near 1000 the output is not finite.")
    batch = np.asarray(answer(np.stack([Q, K]), np.stack([K, Q]), np.stack([V, 2 * V]))) expect(batch.shape ==
    (2, 4, 2), f"for a batch of two the output has shape (2, 4, 2), yours {batch.shape}.")
