"""Public check of `W_first`: a pair W_q, W_k with which every letter attends to the first position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.patterns import EXHAUSTIVE, LONGEST, on_first, score_table


def questions(answer: Any) -> dict[str, Callable[[], Any]]:
    """What the first position is worth to each kind of query, and what competes, whatever the scale."""
    shapes = _heads.shapes(answer, 3)
    if shapes != "right":
        return _heads.answers({"shapes": shapes})
    W_q, W_k = _heads.pair(answer, 3)
    table = score_table(W_q, W_k)  # (4, 4): later vowel, later consonant, first vowel, first consonant
    bonus = table[:, 2] - table[:, 0]  # of a key at position 1, for each kind of query
    vowels, consonants = map(_heads.sign, bonus[:2])
    kinds = [_heads.sign(more) for more in _heads.preferences(W_q, W_k)]
    facts: dict[str, Any] = {"shapes": shapes, "first for vowels": vowels, "first for consonants": consonants}
    if vowels == consonants == "same":
        both = {"more", "less"} <= set(kinds)
        facts["consonants"] = kinds if both else next((kind for kind in kinds if kind != "same"), "same")
        if facts["consonants"] == "same":
            later, first = np.abs(table[:2]).max() > 1e-6, np.abs(table[2:]).max() > 1e-6
            who = "all or none" if later or not first else "the first letter alone"
            facts["who asks"] = who
            facts["what for"] = _heads.sign(bonus[2:].max()) if who == "the first letter alone" else "nothing"
    if vowels == consonants == "more":
        holds = _heads.strength(W_q, W_k, on_first)
        enough = bonus[:2].min() > np.log(LONGEST - 1)  # against letters that score 0
        facts["fails"] = holds != "long" and (kinds if enough else holds)
    return _heads.answers(facts)


def check(answer: Any) -> None:
    W_q, W_k = _heads.pair(answer, 3)
    _heads.expect_on_first(W_q, W_k, EXHAUSTIVE)
    _heads.expect_on_first(W_q, W_k, LONGEST)
