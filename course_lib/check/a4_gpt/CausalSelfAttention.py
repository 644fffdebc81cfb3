"""Public check of `CausalSelfAttention(n_embd, n_head, block_size, dropout)`: all heads in one product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib import probes
from course_lib.check.a4_gpt import _attention
from course_lib.check.a4_gpt._attention import X, operations, trial
from course_lib.check.expect import expect

__all__ = ["check", "questions", "trial"]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Those of any causal attention, and whether the work grows with the number of heads."""

    def one_by_one() -> bool:
        few, many = (operations(probes, answer, (24, n_head, 8), X) for n_head in (2, 8))
        return many > few

    return {**_attention.questions(answer), "one by one": one_by_one}


def check(answer: Callable[..., Any]) -> None:
    _attention.check(answer)
    few, many = (operations(probes, answer, (24, n_head, 8), X) for n_head in (2, 8))
    expect(
        many <= few,
        f"with 8 heads your attention needs {many} matrix products, with 2 heads {few}: the heads are still taken one "
        "by one.",
    )
