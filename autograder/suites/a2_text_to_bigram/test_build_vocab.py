"""Hidden suite of `build_vocab(text)`; the oracle is `numpy.unique` on the characters."""

import string

import numpy as np

from autograder.suite import describe, expect, points

POOL = string.ascii_letters + string.digits + string.punctuation + " \n\t" + "éüßñ×—中文"


def draw(rng, length=300):
    return "".join(rng.choice(list(POOL), size=length, p=rng.dirichlet(np.ones(len(POOL)))))


def vocabulary(student, text):
    """The student's vocabulary as a list of strings."""
    got = student.build_vocab(text)
    expect(isinstance(got, list | tuple), f"the vocabulary: expected a list of characters, yours is {describe(got)}.")
    expect(
        all(isinstance(part, str) for part in got),
        "the vocabulary: expected single characters, yours holds other things.",
    )
    return list(got)


@points(2)
def test_random_texts(student, rng):
    """Random texts: the distinct characters in sorted order"""
    for length in (1, 40, 300, 2000):
        text = draw(rng, length)
        got, wanted = vocabulary(student, text), np.unique(list(text)).tolist()
        expect(
            sorted(got) == wanted,
            f"for a text of {length} characters with {len(wanted)} distinct ones, yours lists {len(got)}: "
            f"{len(set(wanted) - set(got))} missing, {len(got) - len(set(got))} doubled, {len(set(got) - set(wanted))} "
            "that are not in the text.",
        )
        expect(got == wanted, "the right characters, but not in sorted order.")


def test_each_once(student, rng):
    """Every character is listed once, however often it occurs"""
    text = draw(rng, 200) * 3
    got = vocabulary(student, text)
    expect(len(got) == len(set(got)), f"{len(got) - len(set(got))} characters are listed more than once.")
    expect(set(got) == set(text), "the vocabulary and the text do not have the same characters.")
    expect(got == sorted(got), "the characters are not sorted.")


def test_case_and_whitespace(student, rng):
    """Capitals, spaces, tabs and line ends are characters of their own"""
    letters = rng.permutation(list(string.ascii_lowercase))[:6]
    text = "\n\t " + "".join(letters) + " " + "".join(letters[:3]).upper() + " \n"
    got = vocabulary(student, text)
    for what, characters in (
        ("whitespace", set("\n\t ")),
        ("capital letters", {character for character in text if character.isupper()}),
        ("small letters", set(letters.tolist())),
    ):
        expect(characters <= set(got), f"{what}: {len(characters - set(got))} of {len(characters)} are missing.")
    expect(got == np.unique(list(text)).tolist(), "the vocabulary is not the sorted list of the text's characters.")
