"""Public check of `decode(ids, vocab)`: ids, in a list or a tensor, back to one string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import describe, expect

VOCAB = ["\n", " ", "!", "a", "b", "e", "r", "z"]
IDS = [3, 1, 7, 5, 4, 6, 3, 0]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Ids in a list and in a tensor, the first and the last id, a vocabulary in another order."""
    return {
        "list": lambda: answer(list(IDS), list(VOCAB)),
        "tensor": lambda: answer(torch.tensor(IDS), list(VOCAB)),
        "last": lambda: answer([7], list(VOCAB)),
        "line end inside": lambda: answer([3, 0, 4], list(VOCAB)),
        "no ids": lambda: answer([], list(VOCAB)),
        "another order": lambda: answer([0, 1], ["z", "a"]),
    }


def check(answer: Callable[..., Any]) -> None:
    for ids in (list(IDS), torch.tensor(IDS)):
        got = answer(ids, list(VOCAB))
        given = "a list of 8 ids" if isinstance(ids, list) else "a tensor of 8 ids, shape (8,)"
        expect(isinstance(got, str), f"for {given} expected one string, yours is {describe(got)}.")
        expect(
            got == "a zebra\n",
            f"for {given} expected 'a zebra\\n' of length 8, yours is {got!r} of length {len(got)}.",
        )
    for ids in ([], torch.tensor([], dtype=torch.int64)):
        got = answer(ids, list(VOCAB))
        expect(got == "", f"no ids, in a {type(ids).__name__.lower()}, are the empty string '', yours is {got!r}.")
    got = answer([0, 1], ["z", "a"])
    expect(got == "za", f"with the vocabulary ['z', 'a'], the ids [0, 1] are 'za', yours is {got!r}.")
