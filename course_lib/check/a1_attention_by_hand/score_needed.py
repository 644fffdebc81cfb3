"""What `score_needed(n_vowels, share)` does: put into the softmax, its score gives one consonant that share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib.check.expect import expect, expect_close, expect_shape
from course_lib.check.properties import judged


class Given(NamedTuple):
    """n_vowels that score 0, and the share of the weight that a consonant beside them is to hold.

    words: the call, where messages may show it.
    """

    n_vowels: int
    share: float
    words: str = ""

    def __str__(self) -> str:
        return self.words or f"score_needed beside {self.n_vowels} vowel{'s' * (self.n_vowels > 1)}"


def _shown(*cases: tuple[int, float]) -> list[Given]:
    return [Given(n_vowels, share, f"score_needed({n_vowels}, {share})") for n_vowels, share in cases]


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(given.n_vowels, given.share)


@judged("A single vowel", call, _shown((1, 0.5), (1, 0.8)))
def one(got: Any, given: Given) -> None:
    score = float(expect_shape(got, (), str(given)))
    expect(np.isfinite(score), f"{given}: the score is not a finite number.")
    weights = np.exp(np.r_[score, np.zeros(given.n_vowels)] - max(score, 0))
    held = weights[0] / weights.sum()
    asked = f"{given} returned {score:.4f}; the share that the consonant holds with it"
    hint = "put your score into the softmax: e^score / (e^score + n_vowels)."
    # 1e-5 leaves room for an answer that is found by search.
    expect_close(held, given.share, asked, hint=hint, atol=1e-5, rtol=0)


shares = one.at(
    "Between 2 and 200 vowels, any share: put into the softmax, the score gives that share",
    _shown((9, 0.5), (63, 0.7), (149, 0.5)),
    slip="a score that misses the share",
)
extremes = one.at(
    "Shares near 0 and near 1: scores below zero, and large ones",
    _shown((20, 0.01), (7, 0.99)),
    slip="a score that misses extreme shares",
)
