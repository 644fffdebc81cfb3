"""Hidden suite of `W_v_first`: all attention on the first letter, whatever the student's W_first."""

from autograder.suite import points
from course_lib.check.a1_attention_by_hand.W_v_first import expect_number, read


@points(2)
def test_first_number(student):
    """The first number of the output: 1 when the first letter is a consonant, 0 when it is a vowel"""
    expect_number(read(student.value("W_v_first")), 0)


def test_second_number(student):
    """The second number of the output: always 0"""
    expect_number(read(student.value("W_v_first")), 1)
