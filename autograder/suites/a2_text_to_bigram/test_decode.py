"""Hidden suite of `decode(ids, vocab)`: ids back to text, by the definition of an id."""

import string

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import decode as public

POOL = string.ascii_letters + string.digits + ".,;!? \n-" + "éü"


def given(ids, vocab):
    """The ids in a list and in a tensor."""
    return public.given(ids, "".join(vocab[i] for i in ids), vocab)


def draw(rng, length):
    """Ids and a vocabulary. A text ends with the vocabulary's last character, and from two on begins with its first;
    neither is whitespace."""
    first, last, *others = rng.permutation([character for character in POOL if character.strip()]).tolist()
    vocab = [first, *rng.permutation([*others[: int(rng.integers(12, 47))], " ", "\n"]).tolist(), last]
    ids = rng.integers(0, len(vocab), size=length)
    ids[-1:] = len(vocab) - 1
    if length > 1:
        ids[0] = 0
    return given(ids.tolist(), vocab)


def whole(rng, _):
    vocab = sorted({*draw(rng, 1)[0].vocab, "\n", " "})  # whitespace first
    return given(list(range(len(vocab))), vocab)[:1]


test_list = hidden(public.listed, lambda rng, _: [draw(rng, n)[0] for n in (1, 20, 300, 0)], points=2)
test_tensor = hidden(public.tensor, lambda rng, _: [draw(rng, n)[1] for n in (1, 50, 0)], points=2)
test_whole_vocabulary = hidden(public.whole, whole)
