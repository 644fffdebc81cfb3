"""Hidden suite of `trace_first`: Q and K from their own W_first, each later step from the one before.

Where W_first is missing or has other shapes, Q and K must still come from this string's X, by some matrix.
"""

from autograder.suite import StudentError, Wrong, hidden
from course_lib.check.a1_attention_by_hand import trace_first as public
from course_lib.check.a1_attention_by_hand._heads import pair
from course_lib.check.properties import holds


def own_matrices(student):
    try:
        return pair(student.value("W_first"), 3)
    except (StudentError, Wrong):
        return None, None


def test_queries(student, value):
    """Q and K: your string's letters, seen through your own W_first"""
    holds(public.queries, value, own_matrices(student))


test_scores = hidden(public.scores)
test_masked = hidden(public.masked)
test_weights = hidden(public.weights, points=2)
