"""Hidden suite of `W_first`. Any n_q, scale and sign will do: what counts is where the weight goes."""

from autograder.suite import hidden
from course_lib.check.a1_attention_by_hand import W_first as public

test_every_pattern = hidden(public.every_pattern, points=2)
test_margin = hidden(public.margin)
