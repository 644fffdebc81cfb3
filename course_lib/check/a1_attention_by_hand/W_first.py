"""What `W_first` is: a pair W_q, W_k with which every letter attends to the first position."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.check.properties import judged
from course_lib.patterns import EXHAUSTIVE, LONGEST, on_first, score_table


def _bonus(answer: Any) -> np.ndarray:
    """(4,) of a key at position 1, for the queries of a later vowel, a later consonant, a first vowel, a first one."""
    table = score_table(*_heads.pair(answer, 3))
    return table[:, 2] - table[:, 0]


def _preferred(answer: Any) -> Any:
    """What the first position is worth to each kind of query, and what competes, whatever the scale."""
    shapes = _heads.shapes(answer, 3)
    if shapes != "right":
        return shapes
    bonus = _bonus(answer)
    facts: list[Any] = [_heads.sign(more) for more in bonus[:2]]
    if facts == ["same", "same"]:
        kinds = _kinds(answer)
        both = {"more", "less"} <= set(kinds)
        facts.append(kinds if both else next((kind for kind in kinds if kind != "same"), "same"))
        if facts[2] == "same":
            table = np.abs(score_table(*_heads.pair(answer, 3)))
            alone = table[:2].max() <= 1e-6 < table[2:].max()
            facts.append(f"the first letter alone asks: {_heads.sign(bonus[2:].max())}" if alone else "all or none ask")
    return facts


def _kinds(answer: Any) -> list[str]:
    """Whether consonants score more than vowels, for the queries of later vowels and of later consonants."""
    return [_heads.sign(more) for more in _heads.preferences(*_heads.pair(answer, 3))]


def _fails(answer: Any) -> Any:
    """How far the head carries, or which letters compete though the first position scores enough."""
    if _preferred(answer) != ["more", "more"]:
        return "not asked"
    strength = _heads.strength(*_heads.pair(answer, 3), on_first)
    enough = _bonus(answer)[:2].min() > np.log(LONGEST - 1)  # against letters that score 0
    return _kinds(answer) if enough and strength != "long" else strength


@judged(
    "Every pattern of vowels and consonants up to 12 letters: most of the weight is on the first",
    _heads.itself,
    [EXHAUSTIVE],
    outcome=_preferred,
)
def every_pattern(answer: Any, longest: int) -> None:
    _heads.expect_on_first(*_heads.pair(answer, 3), longest)


margin = every_pattern.at(
    "Up to 64 letters: the first outweighs 63 others",
    [LONGEST],
    outcome=_fails,
    slip="a margin that many letters together outweigh",
)
