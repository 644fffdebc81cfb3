"""Hidden suite of `average_loop(x)`: the tests of `_averages`."""

from autograder.suites.a3_self_attention import _averages
from course_lib.check.a3_self_attention import average_loop as public

test_average, test_lengths, test_tensor, test_future, test_kept = _averages.tests(public)
