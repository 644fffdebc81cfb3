"""Public check of `average_softmax(x)`: the causal average, with weights from a masked softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.check.a3_self_attention import _averages
from course_lib.check.a3_self_attention._averages import trial

__all__ = ["check", "questions", "trial"]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The questions that are put to each of the averages."""
    return _averages.questions(answer)


def check(answer: Callable[..., Any]) -> None:
    _averages.check(answer)
