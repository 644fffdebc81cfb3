"""Hidden suite of `score_needed(n_vowels, share)`: softmax of the score beside n zeros gives the share."""

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import score_needed as public


def draw(rng, n_vowels, shares):
    """n_vowels: (least, most), shares: (least, most)."""
    return public.Given(int(rng.integers(*n_vowels, endpoint=True)), float(rng.uniform(*shares)))


def extremes(rng, _):
    return [draw(rng, (2, 19), shares) for shares in ((0.002, 0.02), (0.98, 0.998))]


test_shares = hidden(public.shares, lambda rng, _: [draw(rng, (2, 199), (0.05, 0.95)) for _ in range(8)], points=2)
test_one = hidden(public.one, lambda rng, _: [draw(rng, (1, 1), (0.05, 0.95)) for _ in range(4)])
test_extremes = hidden(public.extremes, extremes)
