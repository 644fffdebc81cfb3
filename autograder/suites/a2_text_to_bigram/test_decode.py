"""Hidden suite of `decode(ids, vocab)`: ids back to text, by the definition of an id."""

import string

import torch

from autograder.suite import describe, expect, points

POOL = string.ascii_letters + string.digits + ".,;!? \n-" + "éü"


def draw(rng, length):
    vocab = rng.permutation(list(POOL))[: int(rng.integers(15, 50))].tolist()
    return rng.integers(0, len(vocab), size=length).tolist(), vocab


def check(student, given, ids, vocab, what):
    got = student.decode(given, vocab)
    expect(isinstance(got, str), f"{what} of length {len(ids)}: expected one string, yours is {describe(got)}.")
    expect(len(got) == len(ids), f"{what} of length {len(ids)}: your string has length {len(got)}.")
    wrong = sum(vocab[i] != character for i, character in zip(ids, got, strict=True))
    expect(wrong == 0, f"{what} of length {len(ids)}: {wrong} characters are not the ones of these ids.")


@points(2)
def test_list(student, rng):
    """A list of ids becomes the text of these characters, nothing between them"""
    for length in (1, 20, 300):
        ids, vocab = draw(rng, length)
        check(student, ids, ids, vocab, "a list")


@points(2)
def test_tensor(student, rng):
    """A tensor of ids is decoded as well"""
    for length in (1, 50):
        ids, vocab = draw(rng, length)
        check(student, torch.tensor(ids), ids, vocab, "a tensor")


def test_whole_vocabulary(student, rng):
    """The ids 0, 1, 2, … spell the vocabulary"""
    vocab = sorted({*draw(rng, 1)[1], "\n", " "})  # whitespace first
    check(student, list(range(len(vocab))), list(range(len(vocab))), vocab, "all ids in order")
