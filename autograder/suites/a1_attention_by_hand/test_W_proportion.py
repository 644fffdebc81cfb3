"""Hidden suite of `W_proportion`. The oracle is counting: consonants so far, divided by letters so far."""

from autograder.suite import points
from course_lib.check.a1_attention_by_hand._heads import expect_proportion, pair
from course_lib.patterns import EXHAUSTIVE, LONGEST


@points(3)
def test_every_pattern(student):
    """Every pattern of vowels and consonants up to 12 letters: the output is the proportion, within 0.01"""
    expect_proportion(*pair(student.value("W_proportion"), 2), EXHAUSTIVE)


def test_long_strings(student):
    """Up to 64 letters: the output is still the proportion"""
    expect_proportion(*pair(student.value("W_proportion"), 2), LONGEST)
