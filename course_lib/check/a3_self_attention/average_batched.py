"""Public check of `average_batched(x)`: the causal average of each sequence of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.a3_self_attention._averages import SMALL, SMALL_AVERAGE, X
from course_lib.check.expect import as_array, expect_close, expect_shape

BATCH = torch.stack([X, X.flip(0)])  # (B, T, C) = (2, 4, 3)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """A batch, as many sequences as positions, one sequence, one position."""
    return {
        "batch": lambda: answer(BATCH.clone()),
        "as many sequences as positions": lambda: answer(BATCH[:, :2].clone()),
        "one sequence": lambda: answer(BATCH[:1].clone()),
        "one position": lambda: answer(BATCH[:, :1].clone()),
    }


def check(answer: Callable[..., Any]) -> None:
    expect_shape(answer(BATCH.clone()), (2, 4, 3), "the average for x of shape (2, 4, 3)")
    asked = f"the average for x = [{SMALL.tolist()}]"
    expect_close(answer(SMALL[None].clone()), [SMALL_AVERAGE], asked, reveal=True, atol=1e-5)
    alone = as_array(answer(BATCH[1:].clone()), "the average of one sequence")
    together = as_array(answer(BATCH.clone()), "the average of two sequences")
    expect_close(together[1:], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)
