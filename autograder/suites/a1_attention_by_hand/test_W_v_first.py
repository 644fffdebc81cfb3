"""Hidden suite of `W_v_first`: all attention on the first letter, whatever the student's W_first."""

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import W_v_first as public

test_first_number = hidden(public.first, points=2)
test_second_number = hidden(public.second)
