"""Public check of `W_consonant`: a pair W_q, W_k with which every letter attends to consonants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.patterns import EXHAUSTIVE, LONGEST, on_consonants, score_table


def questions(answer: Any) -> dict[str, Callable[[], Any]]:
    """Which letters each kind of query prefers, and how far that carries, whatever the scale."""
    shapes = _heads.shapes(answer, 2)
    if shapes != "right":
        return _heads.answers({"shapes": shapes})
    W_q, W_k = _heads.pair(answer, 2)
    vowels, consonants = map(_heads.sign, _heads.preferences(W_q, W_k))
    facts = {"shapes": shapes, "consonants for vowels": vowels, "consonants for consonants": consonants}
    if vowels == consonants == "more":
        facts["holds"] = _heads.strength(W_q, W_k, on_consonants)
    if vowels == consonants == "same":
        vowel, consonant = (abs(row).max() > 1e-6 for row in score_table(W_q, W_k))
        facts["who asks"] = "consonants alone" if consonant and not vowel else "both or none"
    return _heads.answers(facts)


def check(answer: Any) -> None:
    W_q, W_k = _heads.pair(answer, 2)
    _heads.expect_on_consonants(W_q, W_k, EXHAUSTIVE)
    _heads.expect_on_consonants(W_q, W_k, LONGEST)
