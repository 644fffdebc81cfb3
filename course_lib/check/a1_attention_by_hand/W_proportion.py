"""What `W_proportion` is: a pair W_q, W_k whose output is the proportion of consonants so far."""

from __future__ import annotations

from typing import Any

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.check.properties import judged
from course_lib.patterns import EXHAUSTIVE, LONGEST, on_consonants


def _preferred(answer: Any) -> Any:
    """Which letters each kind of query prefers, if any, whatever the scale."""
    shapes = _heads.shapes(answer, 2)
    if shapes != "right":
        return shapes
    return [_heads.sign(more, _heads.EVEN) for more in _heads.preferences(*_heads.pair(answer, 2))]


def _still_looks(answer: Any) -> Any:
    """Whether it answers yes or no, as W_consonant does."""
    if _preferred(answer) != ["more", "more"]:
        return "not asked"
    return _heads.strength(*_heads.pair(answer, 2), on_consonants) == "long"


@judged(
    "Every pattern of vowels and consonants up to 12 letters: the output is the proportion, within 0.01",
    _heads.itself,
    [EXHAUSTIVE],
    outcome=_preferred,
)
def every_pattern(answer: Any, longest: int) -> None:
    _heads.expect_proportion(*_heads.pair(answer, 2), longest)


long_strings = every_pattern.at(
    "Up to 64 letters: the output is still the proportion",
    [LONGEST],
    outcome=_still_looks,
    slip="weights that are nearly even, which longer strings show",
)
