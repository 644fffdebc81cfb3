"""Hidden suite of `encode(text, vocab)`: an id is a position in the vocabulary."""

import string

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import encode as public

POOL = string.ascii_letters + string.digits + ".,;!? \n-" + "éü"
STRANGERS = "~#@%&ñ中"  # printable, never in POOL
INVISIBLE = "\t\r'"  # their repr is not the character between two quotes


def draw(rng, length=80):
    """A vocabulary in any order and a text that uses about half of it."""
    vocab = rng.permutation(list(POOL))[: int(rng.integers(15, 50))]
    used = rng.permutation(vocab)[: len(vocab) // 2]
    return public.Given("".join(rng.choice(used, size=length)), vocab.tolist())


def whole(rng, _):
    large = [chr(0x4E00 + place) for place in rng.permutation(2000)[: int(rng.integers(600, 1000))].tolist()]
    return [*(public.Given("".join(vocab), vocab) for vocab in (draw(rng).vocab, large)), public.Given("", large)]


def unknown(rng, _):
    """At the start, in the middle, at the end, alone."""
    for before, after in ((0, 12), (6, 6), (12, 0), (0, 0)):
        stranger = str(rng.choice(list(STRANGERS if after or not before else INVISIBLE)))
        text, vocab, _ = draw(rng, 12)
        yield public.Given(text[:before] + stranger + text[len(text) - after :], vocab, stranger)


def small_letter(rng, _):
    letters = list(string.ascii_lowercase)
    return [public.Given(str(rng.choice(letters)), letters)]


def relatives(rng, _):
    return [public.Given(given.text.upper(), given.vocab, given.text.upper()) for given in small_letter(rng, _)]


test_ids = hidden(public.ids, lambda rng, _: [draw(rng, n) for n in (1, 30, 400)], points=2)
test_whole_vocabulary = hidden(public.whole, whole)
test_unknown = hidden(public.unknown, unknown, points=2)
test_unknown_relatives = hidden(public.relative, relatives)
