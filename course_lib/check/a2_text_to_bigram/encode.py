"""Public check of `encode(text, vocab)`: characters to ids, ValueError for a character that has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.check.expect import as_array, describe, expect

LARGE = [chr(0x4E00 + place) for place in range(300)]  # more than a byte can count
VOCAB = ["\n", " ", "!", "a", "b", "e", "r", "z"]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The ids of a text that does not use the whole vocabulary, and what an unknown character leads to."""

    def unknown(text: str, character: str) -> Any:
        try:
            got = answer(text, list(VOCAB))
            return type(got).__name__ if isinstance(got, Exception) else [int(i) for i in got]
        except Exception as error:
            said = str(error)
            return {"error": type(error).__name__, "named": repr(character) in said, "shown": character in said}

    return {
        "known": lambda: [int(i) for i in answer("a zebra\nbar", list(VOCAB))],
        "another order": lambda: [int(i) for i in answer("zebra", ["z", "r", "e", "b", "a"])],
        "a large vocabulary": lambda: [int(i) for i in answer("".join(LARGE[::-50]), list(LARGE))],
        "unknown in the middle": lambda: unknown("a?b", "?"),
        "unknown alone": lambda: unknown("Z", "Z"),
        "unknown tab": lambda: unknown("a\tb", "\t"),
    }


def check(answer: Callable[..., Any]) -> None:
    got = as_array(answer("bar!", list(VOCAB)), "the ids of 'bar!'")
    expect(got.shape == (4,), f"for 'bar!' expected 4 ids, shape (4,), yours has shape {got.shape}.")
    expect(
        got.tolist() == [4, 3, 6, 2], f"with the vocabulary {VOCAB}, 'bar!' is [4, 3, 6, 2], yours is {got.tolist()}."
    )
    expect(got.dtype.kind in "iu", f"ids are integers; yours for 'bar!' are {got.dtype}: {got.tolist()}.")
    got = as_array(answer("zebra", ["z", "r", "e", "b", "a"]), "the ids of 'zebra'").tolist()
    expect(
        got == [0, 2, 3, 1, 4],
        f"with the vocabulary ['z', 'r', 'e', 'b', 'a'], 'zebra' is [0, 2, 3, 1, 4], yours is {got}.",
    )
    got = as_array(answer("".join(LARGE[::-50]), list(LARGE)), "the ids of 6 characters").tolist()
    wanted = list(range(len(LARGE)))[::-50]
    expect(got == wanted, f"in a vocabulary of {len(LARGE)} characters these ids are {wanted}, yours are {got}.")
    got = answer("", list(VOCAB))
    expect(len(got) == 0, f"a text of no characters has no ids, yours is {describe(got)}.")
    for text, character in (("bar?", "?"), ("Bar", "B"), ("bar\t", "\t")):
        try:
            got = answer(text, list(VOCAB))
        except NotImplementedError:
            raise
        except Exception as error:
            expect(
                isinstance(error, ValueError),
                f"{text!r} holds an unknown character: expected a ValueError, yours raises {type(error).__name__}.",
            )
            expect(
                repr(character) in str(error),
                f"your ValueError for {text!r} says '{error}'; put {character!r} into its message, "
                "so that the reader knows which character it was.",
            )
        else:
            expect(False, f"{text!r} holds an unknown character: expected a ValueError, yours returns {got}.")
