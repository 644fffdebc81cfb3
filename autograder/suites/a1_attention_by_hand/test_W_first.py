"""Hidden suite of `W_first`. Any n_q, scale and sign will do: what counts is where the weight goes."""

from autograder.suite import points
from course_lib.check.a1_attention_by_hand._heads import expect_on_first, pair
from course_lib.patterns import EXHAUSTIVE, LONGEST


@points(2)
def test_every_pattern(student):
    """Every pattern of vowels and consonants up to 12 letters: most of the weight is on the first"""
    expect_on_first(*pair(student.value("W_first"), 3), EXHAUSTIVE)


def test_margin(student):
    """Up to 64 letters: the first outweighs 63 others"""
    expect_on_first(*pair(student.value("W_first"), 3), LONGEST)
