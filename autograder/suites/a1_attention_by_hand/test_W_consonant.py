"""Hidden suite of `W_consonant`. Any n_q, scale and sign will do: what counts is where the weight goes."""

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import W_consonant as public

test_every_pattern = hidden(public.every_pattern, points=3)
test_margin = hidden(public.margin, points=2)
