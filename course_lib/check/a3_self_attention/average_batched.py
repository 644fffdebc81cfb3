"""Public check of `average_batched(x)`: the causal average of each sequence of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import head_probes
from course_lib.check import kinds
from course_lib.check.a3_self_attention._averages import SMALL, SMALL_AVERAGE, X
from course_lib.check.expect import as_array, describe, expect, expect_close, expect_shape

BATCH = torch.stack([X, X.flip(0)])  # (B, T, C) = (2, 4, 3)


def _more_calls(answer: Callable[..., Any], x: torch.Tensor) -> bool:
    return head_probes.torch_calls(answer, x) > head_probes.torch_calls(answer, BATCH.clone())


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """A batch, as many sequences as positions, one sequence, one position, whether it loops."""
    return {
        "loops over sequences": lambda: _more_calls(answer, BATCH.repeat(3, 1, 1)),
        "loops over positions": lambda: _more_calls(answer, BATCH.repeat(1, 3, 1)),
        "batch": lambda: answer(BATCH.clone()),
        "as many sequences as positions": lambda: answer(BATCH[:, :2].clone()),
        "one sequence": lambda: answer(BATCH[:1].clone()),
        "one position": lambda: answer(BATCH[:, :1].clone()),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((BATCH,), answer, causal=True, past=True, any_length=True)


def check(answer: Callable[..., Any]) -> None:
    got = answer(BATCH.clone())
    expect_shape(got, (2, 4, 3), "the average for x of shape (2, 4, 3)")
    expect(isinstance(got, torch.Tensor), f"expected a tensor, yours is {describe(got)}.")
    asked = f"the average for x = [{SMALL.tolist()}]"
    expect_close(answer(SMALL[None].clone()), [SMALL_AVERAGE], asked, reveal=True, atol=1e-5)
    alone = as_array(answer(BATCH[1:].clone()), "the average of one sequence")
    together = as_array(answer(BATCH.clone()), "the average of two sequences")
    expect_close(together[1:], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)
    for x, what in ((BATCH.repeat(3, 1, 1), "sequences"), (BATCH.repeat(1, 3, 1), "positions")):
        expect(not _more_calls(answer, x), f"more {what} take more torch calls: this loops over them; use one product.")
