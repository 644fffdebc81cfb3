"""Public check of `score_needed(n_vowels, share)`: the score with which one consonant holds its share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import expect, expect_shape

CASES = [(1, 0.5), (1, 0.8), (9, 0.5), (63, 0.7), (149, 0.5), (20, 0.01)]


def share_of(score: float, n_vowels: int) -> float:
    """The weight of one consonant with this score among `n_vowels` vowels that score 0."""
    scores = torch.zeros(n_vowels + 1, dtype=torch.float64)
    scores[-1] = score
    return float(torch.softmax(scores, dim=0)[-1])


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The scores of six cases."""
    return {f"{n} vowels, share {share}": _call(answer, n, share) for n, share in CASES}


def _call(answer: Callable[..., Any], n_vowels: int, share: float) -> Callable[[], Any]:
    return lambda: answer(n_vowels, share)


def check(answer: Callable[..., Any]) -> None:
    for n_vowels, share in CASES:
        call = f"score_needed({n_vowels}, {share})"
        score = float(expect_shape(answer(n_vowels, share), (), call))
        held = share_of(score, n_vowels)
        beside = "1 vowel" if n_vowels == 1 else f"{n_vowels} vowels"
        # 1e-5 leaves room for an answer that is found by search.
        expect(
            abs(held - share) < 1e-5,
            f"{call} returned {score:.4f}. With that score the consonant holds {held:.4f} of the weight "
            f"beside {beside}, not {share}.",
        )
