"""Public check of `scaled_scores(q, k)`: dot products of queries and keys, divided by √head_size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import doubles
from course_lib.check import kinds
from course_lib.check.expect import as_array, expect, expect_close, expect_shape


def wave(*shape: int, step: float) -> torch.Tensor:
    """Numbers between -1 and 1 without a pattern, the same on every machine."""
    count = torch.Size(shape).numel()
    return torch.sin(1.0 + step * torch.arange(count, dtype=torch.float64)).float().reshape(shape)


Q = 2 * wave(2, 3, 5, step=1.7)  # (B, T, head_size)
K = 2 * wave(2, 3, 5, step=2.3)
LEAF = torch.ones((), requires_grad=True)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """A batch, as many sequences as positions, one sequence, head size 1, the inputs afterwards, gradients."""

    def kept() -> list[bool]:
        pairs = zip(doubles.call_keeping_inputs(answer, Q.clone(), K.clone()), (Q, K), strict=True)
        return [torch.equal(after, before) for after, before in pairs]

    return {
        "inputs kept": kept,
        "gradient": lambda: answer(Q.clone() + 0 * LEAF, K.clone() + 0 * LEAF).requires_grad,
        "batch": lambda: answer(Q.clone(), K.clone()),
        "as many sequences as positions": lambda: answer(Q[:, :2].clone(), K[:, :2].clone()),
        "equal sizes": lambda: answer(wave(3, 3, 3, step=1.7), wave(3, 3, 3, step=2.3)),
        "one sequence": lambda: answer(Q[:1].clone(), K[:1].clone()),
        "head size 1": lambda: answer(Q[..., :1].clone(), K[..., :1].clone()),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((Q, K), answer, time=False)


def check(answer: Callable[..., Any]) -> None:
    got = expect_shape(answer(Q.clone(), K.clone()), (2, 3, 3), "the scores for q, k of shape (2, 3, 5)")
    queries, keys = torch.tensor([[[1.0, 1, 1, 1], [2, 0, 0, 0]]]), torch.tensor([[[3.0, 1, 0, 0], [0, 5, 5, 0]]])
    asked = "the scores for q = [1 1 1 1], [2 0 0 0] and k = [3 1 0 0], [0 5 5 0]"
    hint = "row i holds the scores of query i, divided by √4 = 2."
    expect_close(answer(queries, keys), [[[2.0, 5.0], [3.0, 0.0]]], asked, hint=hint, reveal=True)
    pair = torch.ones(1, 1, 2)
    expect_close(answer(pair, pair.clone()), [[[1.414214]]], "the score for q = k = [1 1]", hint="√2.", reveal=True)
    alone = as_array(answer(Q[1:].clone(), K[1:].clone()), "the scores of one sequence")
    expect_close(got[1:], alone, "a sequence in a batch, beside the same sequence alone")
    for name, before, after in zip(
        "qk", (Q, K), doubles.call_keeping_inputs(answer, Q.clone(), K.clone()), strict=True
    ):
        expect(torch.equal(after, before), f"{name} was changed in place; make a new tensor.")
    tracked = answer(Q.clone() + 0 * LEAF, K.clone() + 0 * LEAF)
    expect(tracked.requires_grad, "no gradient can flow back from the scores; does something detach?")
