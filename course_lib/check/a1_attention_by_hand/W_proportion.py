"""Public check of `W_proportion`: a pair W_q, W_k whose output is the proportion of consonants so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.patterns import LONGEST, on_consonants


def questions(answer: Any) -> dict[str, Callable[[], Any]]:
    """Which letters each kind of query prefers, if any, whatever the scale."""
    shapes = _heads.shapes(answer, 2)
    if shapes != "right":
        return _heads.answers({"shapes": shapes})
    W_q, W_k = _heads.pair(answer, 2)
    vowels, consonants = (_heads.sign(more, _heads.EVEN) for more in _heads.preferences(W_q, W_k))
    facts: dict[str, Any] = {
        "shapes": shapes,
        "consonants for vowels": vowels,
        "consonants for consonants": consonants,
    }
    if vowels == consonants == "more":
        facts["still answers yes or no"] = _heads.strength(W_q, W_k, on_consonants) == "long"
    return _heads.answers(facts)


def check(answer: Any) -> None:
    _heads.expect_proportion(*_heads.pair(answer, 2), LONGEST)
