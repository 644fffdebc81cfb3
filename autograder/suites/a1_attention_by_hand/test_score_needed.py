"""Hidden suite of `score_needed(n_vowels, share)`. The oracle: softmax of the score beside n zeros."""

import numpy as np

from autograder.suite import expect, expect_shape, points
from course_lib.check.a1_attention_by_hand.score_needed import share_of


def holds(student, n_vowels, share):
    """The consonant holds the share that was asked for."""
    score = float(expect_shape(student.score_needed(n_vowels, share), (), "the score"))
    beside = "1 vowel" if n_vowels == 1 else f"{n_vowels} vowels"
    expect(np.isfinite(score), f"beside {beside} the score is not a finite number.")
    held = share_of(score, n_vowels)
    # 1e-5 leaves room for an answer that is found by search.
    expect(
        abs(held - share) < 1e-5,
        f"beside {beside}, the consonant's share is off by {abs(held - share):.2g}. "
        "Put your score into the softmax: e^score / (e^score + n_vowels).",
    )


@points(2)
def test_shares(student, rng):
    """Between 2 and 200 vowels, any share: put into the softmax, the score gives that share"""
    for _ in range(8):
        holds(student, int(rng.integers(2, 200)), float(rng.uniform(0.05, 0.95)))


def test_one_vowel(student, rng):
    """A single vowel"""
    for share in rng.uniform(0.05, 0.95, size=4):
        holds(student, 1, float(share))


def test_small_and_large_shares(student, rng):
    """Shares near 0 and near 1: scores below zero, and large ones"""
    for share in (rng.uniform(0.002, 0.02), rng.uniform(0.98, 0.998)):
        holds(student, int(rng.integers(2, 20)), float(share))
