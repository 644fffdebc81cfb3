"""Hidden suite of `decode(ids, vocab)`: ids back to text, by the definition of an id."""

import string

import torch

from autograder.suite import describe, expect, points

POOL = string.ascii_letters + string.digits + ".,;!? \n-" + "éü"


def draw(rng, length):
    """Ids and a vocabulary. A text ends with the vocabulary's last character, and from two on begins with its first;
    neither is whitespace."""
    first, last, *others = rng.permutation([character for character in POOL if character.strip()]).tolist()
    vocab = [first, *rng.permutation([*others[: int(rng.integers(12, 47))], " ", "\n"]).tolist(), last]
    ids = rng.integers(0, len(vocab), size=length)
    ids[-1:] = len(vocab) - 1
    if length > 1:
        ids[0] = 0
    return ids.tolist(), vocab


def check(student, given, ids, vocab, what):
    got = student.decode(given, vocab)
    expect(isinstance(got, str), f"{what} of length {len(ids)}: expected one string, yours is {describe(got)}.")
    expect(len(got) == len(ids), f"{what} of length {len(ids)}: your string has length {len(got)}.")
    wrong = sum(vocab[i] != character for i, character in zip(ids, got, strict=True))
    expect(wrong == 0, f"{what} of length {len(ids)}: {wrong} characters are not the ones of these ids.")


@points(2)
def test_list(student, rng):
    """A list of ids becomes the text of these characters, nothing between them; no ids become no text"""
    for length in (1, 20, 300, 0):
        ids, vocab = draw(rng, length)
        check(student, ids, ids, vocab, "a list")


@points(2)
def test_tensor(student, rng):
    """A tensor of ids is decoded as well"""
    for length in (1, 50, 0):
        ids, vocab = draw(rng, length)
        check(student, torch.tensor(ids, dtype=torch.int64), ids, vocab, "a tensor")


def test_whole_vocabulary(student, rng):
    """The ids 0, 1, 2, … spell the vocabulary"""
    vocab = sorted({*draw(rng, 1)[1], "\n", " "})  # whitespace first
    check(student, list(range(len(vocab))), list(range(len(vocab))), vocab, "all ids in order")
