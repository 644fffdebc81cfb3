"""Hidden suite of `W_consonant`. Any n_q, scale and sign will do: what counts is where the weight goes."""

from autograder.suite import points
from course_lib.check.a1_attention_by_hand._heads import expect_on_consonants, pair
from course_lib.patterns import EXHAUSTIVE, LONGEST


@points(3)
def test_every_pattern(student):
    """Every pattern of vowels and consonants up to 12 letters: most of the weight is on consonants"""
    expect_on_consonants(*pair(student.value("W_consonant"), 2), EXHAUSTIVE)


@points(2)
def test_margin(student):
    """Up to 64 letters: a single consonant outweighs 63 vowels"""
    expect_on_consonants(*pair(student.value("W_consonant"), 2), LONGEST)
