"""Hidden suite of `W_proportion`. The oracle is counting: consonants so far, divided by letters so far."""

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import W_proportion as public

test_every_pattern = hidden(public.every_pattern, points=3)
test_long_strings = hidden(public.long_strings)
