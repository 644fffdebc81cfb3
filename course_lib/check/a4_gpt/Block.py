"""Public check of `Block(n_embd, n_head, block_size, dropout)`: pre-norm, normalise, compute, add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.check.a4_gpt import _blocks
from course_lib.check.a4_gpt._blocks import questions, trial

__all__ = ["check", "questions", "trial"]


def check(answer: Callable[..., Any]) -> None:
    _blocks.check(answer, norm_first=True)
