"""What `W_consonant` is: a pair W_q, W_k with which every letter attends to consonants."""

from __future__ import annotations

from typing import Any

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.check.properties import judged
from course_lib.patterns import EXHAUSTIVE, LONGEST, on_consonants, score_table


def _preferred(answer: Any) -> Any:
    """Which letters each kind of query prefers, whatever the scale."""
    shapes = _heads.shapes(answer, 2)
    if shapes != "right":
        return shapes
    W_q, W_k = _heads.pair(answer, 2)
    facts = [_heads.sign(more) for more in _heads.preferences(W_q, W_k)]  # of vowels, of consonants
    if facts == ["same", "same"]:
        vowel, consonant = (abs(row).max() > 1e-6 for row in score_table(W_q, W_k))
        facts.append("consonants alone ask" if consonant and not vowel else "both or none ask")
    return facts


def _strength(answer: Any) -> str:
    if _preferred(answer) != ["more", "more"]:
        return "not asked"
    return _heads.strength(*_heads.pair(answer, 2), on_consonants)


@judged(
    "Every pattern of vowels and consonants up to 12 letters: most of the weight is on consonants",
    _heads.itself,
    [EXHAUSTIVE],
    outcome=_preferred,
)
def every_pattern(answer: Any, longest: int) -> None:
    _heads.expect_on_consonants(*_heads.pair(answer, 2), longest)


margin = every_pattern.at(
    "Up to 64 letters: a single consonant outweighs 63 vowels",
    [LONGEST],
    outcome=_strength,
    slip="a margin that many vowels together outweigh",
)
