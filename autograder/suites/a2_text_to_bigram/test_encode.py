"""Hidden suite of `encode(text, vocab)`: an id is a position in the vocabulary."""

import string

import numpy as np

from autograder.suite import StudentError, as_array, describe, expect, points
from autograder.words import kind

POOL = string.ascii_letters + string.digits + ".,;!? \n-" + "éü"
STRANGERS = "~#@%&ñ中"  # printable, never in POOL
INVISIBLE = "\t\r'"  # their repr is not the character between two quotes


def draw(rng, length=80, size=None):
    """A vocabulary in any order and a text that uses about half of it."""
    vocab = rng.permutation(list(POOL))[: size or int(rng.integers(15, 50))]
    used = rng.permutation(vocab)[: len(vocab) // 2]
    return vocab.tolist(), "".join(rng.choice(used, size=length))


def ids(student, text, vocab):
    got = as_array(student.encode(text, vocab), f"the ids of a text of {len(text)} characters")
    expect(
        got.shape == (len(text),), f"a text of {len(text)} characters has {len(text)} ids, yours has shape {got.shape}."
    )
    expect(got.dtype.kind in "iu", f"ids are integers, yours are {got.dtype}.")
    return got


@points(2)
def test_ids(student, rng):
    """Random texts and vocabularies: each id is the character's position in the vocabulary"""
    for length in (1, 30, 400):
        vocab, text = draw(rng, length)
        got = ids(student, text, vocab)
        expect(((got >= 0) & (got < len(vocab))).all(), f"some ids are outside 0 to {len(vocab) - 1}.")
        wrong = sum(vocab[i] != character for i, character in zip(got.tolist(), text, strict=True))
        expect(
            wrong == 0,
            f"{wrong} of {length} ids point at another character of the vocabulary.\n"
            "Hint: vocab[0] has id 0, vocab[1] has id 1, and so on; the text need not use all of them.",
        )


def test_whole_vocabulary(student, rng):
    """The vocabulary itself, as a text, becomes 0, 1, 2, …, however large it is; no text has no ids"""
    large = [chr(0x4E00 + place) for place in rng.permutation(2000)[: int(rng.integers(600, 1000))].tolist()]
    for vocab in (draw(rng)[0], large):
        got = ids(student, "".join(vocab), vocab)
        right = (got == np.arange(len(vocab))).all()
        expect(right, f"a vocabulary of {len(vocab)} characters, written as a text, is not encoded as 0, 1, 2, ….")
    got = student.encode("", large)
    expect(len(got) == 0, f"a text of no characters has no ids, yours is {describe(got)}.")


@points(2)
def test_unknown(student, rng):
    """An unknown character raises ValueError, and its message shows the character"""
    for place in ("start", "middle", "end", "alone"):
        vocab, text = draw(rng, 12)
        stranger = str(rng.choice(list(INVISIBLE if place == "end" else STRANGERS)))
        at = {"start": 0, "middle": 6, "end": 12, "alone": 0}[place]
        text = stranger if place == "alone" else text[:at] + stranger + text[at:]
        try:
            got = student.encode(text, vocab)
        except StudentError as error:
            if "NotImplementedError" in error.kinds:
                raise
            expect(
                "ValueError" in error.kinds,
                f"unknown character at the {place}: expected a ValueError, yours raised {kind(error.kind)}.",
            )
            expect(
                repr(stranger) in error.message,
                f"unknown character at the {place}: the message of your ValueError does not show repr(character), "
                "the form in which a tab is seen.",
            )
        else:
            expect(False, f"unknown character at the {place}: expected a ValueError, yours returned a {describe(got)}.")


def test_unknown_relatives(student, rng):
    """A capital is unknown when the vocabulary has only the small letter"""
    letter = str(rng.choice(list(string.ascii_lowercase)))
    vocab = list(string.ascii_lowercase)
    got = ids(student, letter, vocab)
    expect(vocab[int(got[0])] == letter, "a single small letter got the id of another one.")
    try:
        student.encode(letter.upper(), vocab)
    except StudentError as error:
        if "NotImplementedError" in error.kinds:
            raise
        expect("ValueError" in error.kinds, f"expected a ValueError for a capital, yours raised {kind(error.kind)}.")
    else:
        expect(
            False, "a vocabulary of small letters has no id for a capital: expected a ValueError, yours returned ids."
        )
