"""Hidden suite of `trace_first`: Q and K from their own W_first, each later step from the one before.

Where W_first is missing or has other shapes, Q and K must still come from this string's X, by some matrix.
"""

from autograder.suite import StudentError, Wrong, points
from course_lib.check.a1_attention_by_hand._heads import pair
from course_lib.check.a1_attention_by_hand.trace_first import Trace


def own_matrices(student):
    try:
        return pair(student.value("W_first"), 3)
    except (StudentError, Wrong):
        return None, None


def test_queries_and_keys(student):
    """Q and K: your string's letters, seen through your own W_first"""
    trace = Trace(student.value("trace_first"))
    W_q, W_k = own_matrices(student)
    trace.expect_rows("Q", W_q)
    trace.expect_rows("K", W_k)


def test_scores(student):
    """scores: your queries with your keys"""
    Trace(student.value("trace_first")).expect_scores()


def test_masked(student):
    """masked: -inf above the diagonal, your scores on and below it"""
    Trace(student.value("trace_first")).expect_masked()


@points(2)
def test_weights(student):
    """weights: softmax along each row of your masked scores"""
    Trace(student.value("trace_first")).expect_weights()
