"""Hidden suite of `build_vocab(text)`: properties of the sorted list of a text's characters."""

import string

import numpy as np

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import build_vocab as public

POOL = string.ascii_letters + string.digits + string.punctuation + " \n\t" + "éüßñ×—中文"


def draw(rng, length):
    return "".join(rng.choice(list(POOL), size=length, p=rng.dirichlet(np.ones(len(POOL)))))


def kept(rng, _):
    letters = rng.permutation(list(string.ascii_lowercase))[:6]
    return ["\n\t " + "".join(letters) + " " + "".join(letters[:3]).upper() + " \n"]


test_random_texts = hidden(public.texts, lambda rng, _: [draw(rng, n) for n in (1, 40, 300, 2000)], points=2)
test_each_once = hidden(public.each_once, lambda rng, _: [draw(rng, 200) * 3])
test_case_and_whitespace = hidden(public.kept, kept)
