"""Public check of `masked_attention(Q, K, V)`: causal scaled dot-product attention in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check import kinds
from course_lib.check.diagnosis import in_turn
from course_lib.check.expect import as_array, expect, expect_close, expect_shape

_rng = np.random.default_rng(26)
Q = _rng.normal(size=(4, 5))  # (T, d)
K = _rng.normal(size=(4, 5))  # (T, d)
V = _rng.normal(size=(4, 2))  # (T, d_v)
_BATCH = np.stack([Q, K]), np.stack([K, Q]), np.stack([V, 2 * V])


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """One sequence, its weights, a batch; then, while all is right, large scores, low ones, the inputs afterwards."""

    def batch() -> Any:
        return answer(*(array.copy() for array in _BATCH))

    def heads() -> Any:
        return answer(*(array[None].copy() for array in _BATCH))

    def so_far_right(_: Any) -> bool:
        return _right(answer(Q.copy(), K.copy(), V.copy()), Q, K, V) and _right(batch(), *_BATCH)

    low = np.ones((3, 1)), np.array([[-9e9], [-6e9], [-3e9]]), np.eye(3)

    def inputs_afterwards() -> list[np.ndarray]:
        inputs = [Q.copy(), K.copy(), V.copy()]
        answer(*inputs)
        return inputs

    return {
        "one sequence": lambda: answer(Q.copy(), K.copy(), V.copy()),
        "weights": lambda: answer(Q.copy(), K.copy(), np.eye(4)),
        **in_turn(
            ("batch", batch, so_far_right),
            ("two batch dimensions", heads, lambda got: _right(np.asarray(got)[0], *_BATCH)),
            ("equal scores", lambda: answer(np.zeros((3, 2)), np.zeros((3, 2)), np.eye(3)), _finite),
            ("large scores", lambda: answer(40 * Q, 40 * K, V.copy()), lambda got: _right(got, 40 * Q, 40 * K, V)),
            ("low scores", lambda: answer(*(array.copy() for array in low)), lambda got: _right(got, *low)),
            ("inputs afterwards", inputs_afterwards, bool),
        ),
    }


def _finite(output: Any) -> bool:
    return bool(np.isfinite(as_array(output, "the output")).all())


def _right(output: Any, *inputs: np.ndarray) -> bool:
    queries, keys, values = (torch.from_numpy(array) for array in inputs)
    wanted = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    return expect_close(output, wanted, "the output").size > 0


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes: with queries that are keys and values too."""
    x = np.stack([Q, K])
    return kinds.Trial(
        (x,), lambda x: answer(x, x.copy(), x.copy()), causal=True, past=True, any_length=True, learns=False
    )


def check(answer: Callable[..., Any]) -> None:
    weights = expect_shape(answer(Q.copy(), K.copy(), np.eye(4)), (4, 4), "the output for V = identity (4, 4)")
    asked = "the sum of each row of weights"
    expect_close(weights.sum(-1), np.ones(4), asked, hint="softmax runs over the keys.")
    expect_close(np.triu(weights, 1), np.zeros((4, 4)), "the weight on later tokens", reveal=True)
    expect_close(weights[0], [1, 0, 0, 0], "the weights of the first token, which sees itself", reveal=True)
    # Scores 0 and 4 before the scale, so 0 and 2 after it.
    queries, keys, values = np.array([[0.0] * 4, [2.0] * 4]), np.array([[0.0] * 4, [0.5] * 4]), [[0.0], [1.0]]
    output = answer(queries, keys, np.array(values))
    expect_close(output, [[0.0], [0.880797]], "the output for scores 0 and 4, head size 4", reveal=True)
    large = as_array(answer(40 * Q, 40 * K, V.copy()), "the output for large scores")
    expect(np.isfinite(large).all(), "with scores in the thousands the output is not finite.")
    low = answer(np.ones((2, 1)), np.array([[-9e9], [-3e9]]), np.eye(2))
    expect_close(low, np.eye(2), "the weights for scores far below zero", hint="masked is -inf.", reveal=True)
    batch = expect_shape(answer(*(array.copy() for array in _BATCH)), (2, 4, 2), "the output for a batch of two")
    alone = as_array(answer(Q.copy(), K.copy(), V.copy()), "the output for one sequence")
    expect_close(batch[0], alone, "the first sequence of a batch, beside the same sequence alone")
    heads = answer(Q[None, None].copy(), K[None, None].copy(), V[None, None].copy())
    expect_shape(heads, (1, 1, 4, 2), "the output for one batch of one head, Q of shape (1, 1, 4, 5)")
    inputs = [Q.copy(), K.copy(), V.copy()]
    answer(*inputs)
    for name, before, after in zip("QKV", (Q, K, V), inputs, strict=True):
        expect(np.array_equal(before, after), f"{name} was changed in place; work on a copy.")
