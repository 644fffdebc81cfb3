"""What `encode(text, vocab)` does: characters to ids, ValueError for a character that has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib.check.expect import as_array, describe, expect, expect_close, shown
from course_lib.check.properties import judged

LARGE = [chr(0x4E00 + place) for place in range(300)]  # more than a byte can count
VOCAB = ["\n", " ", "!", "a", "b", "e", "r", "z"]


class Given(NamedTuple):
    """A text and a vocabulary. unknown: the character of the text that the vocabulary lacks."""

    text: str
    vocab: list[str]
    unknown: str = ""

    def __str__(self) -> str:
        sizes = f"a text of {len(self.text)} characters and a vocabulary of {len(self.vocab)}"
        return sizes if len(self.text + "".join(self.vocab)) > 40 else shown(f"{self.text!r} and {self.vocab}", sizes)


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(given.text, list(given.vocab))


def _listed(got: Any) -> list[int]:
    return [int(i) for i in got]


@judged(
    "Random texts and vocabularies: each id is the character's position in the vocabulary",
    call,
    [Given("bar!", VOCAB), Given("a zebra\nbar", VOCAB), Given("e", ["z", "r", "e", "b", "a"])],
    outcome=_listed,
    slip="ids that are not the places in the vocabulary",
)
def ids(got: Any, given: Given) -> None:
    asked = f"for {given}"
    found = as_array(got, f"{asked} the ids")
    size = len(given.text)
    expect(found.shape == (size,), f"{asked} expected {size} ids, shape ({size},), yours has shape {found.shape}.")
    expect(size == 0 or found.dtype.kind in "iu", f"ids are integers; {asked} yours are {found.dtype}.")
    hint = "vocab[0] has id 0, vocab[1] has id 1, and so on; the text need not use all of them."
    wanted = (np.array(list(given.text))[:, None] == np.array(given.vocab)).argmax(1) if size else found
    expect_close(found, wanted, f"{asked} the ids", hint=hint, atol=0, rtol=0)


whole = ids.at(
    "The vocabulary itself, as a text, becomes 0, 1, 2, …, however large it is; no text has no ids",
    [Given("zreba", ["z", "r", "e", "b", "a"]), Given("".join(LARGE), LARGE), Given("", VOCAB)],
    slip="ids that go wrong in a large vocabulary",
)


class Tried(NamedTuple):
    """What became of an unknown character.

    kinds: names of the exception's class and its bases, none if nothing was raised. named, bare: whether its text holds
    repr(character), the character. came: what was returned, by its type's name if it is an exception.
    """

    kinds: list[str]
    text: str
    named: bool
    bare: bool
    came: Any


def tried(answer: Callable[..., Any], given: Any) -> Tried:
    """Beside the answer, in its own process."""
    text, vocab, unknown = given
    try:
        came = answer(text, list(vocab))
    except NotImplementedError:
        raise
    except Exception as error:
        said = str(error)[:500]
        return Tried(
            [kind.__name__ for kind in type(error).__mro__], said, repr(unknown) in said, unknown in said, None
        )
    return Tried([], "", False, False, type(came).__name__ if isinstance(came, Exception) else came)


def _try(answer: Callable[..., Any], given: Given, library: Any) -> Tried:
    return Tried(*library(__name__).tried(answer, tuple(given)))


def _outcome(got: Tried) -> Any:
    if got.kinds:
        return {"error": got.kinds[0], "named": got.named, "shown": got.bare}
    return got.came if isinstance(got.came, str) else [None if i is None else int(i) for i in got.came]


def _is_value_error(got: Tried, given: Given) -> str:
    """How the question goes on in messages. Raises `Wrong` for anything else than a ValueError."""
    place = f"character {given.text.find(given.unknown) + 1} of {len(given.text)}"
    asked = f"{shown(f'{given.unknown!r} in {given.text!r}', place)} is not in the vocabulary of {len(given.vocab)}:"
    if not got.kinds:
        came = shown(f"{got.came}"[:80], describe(got.came))
        expect(False, f"{asked} expected a ValueError, yours returns {came}.")
    name = got.kinds[0]
    said = name if name.isidentifier() and name.isascii() else repr(name[:80])
    expect("ValueError" in got.kinds, f"{asked} expected a ValueError, yours raises {said}.")
    return asked


@judged(
    "An unknown character raises ValueError, and its message shows the character",
    _try,
    [Given("a?b", VOCAB, "?"), Given("Z", VOCAB, "Z"), Given("a\tb", VOCAB, "\t"), Given("bar\r", VOCAB, "\r")],
    outcome=_outcome,
    slip="unknown characters that are not reported by name",
)
def unknown(got: Tried, given: Given) -> None:
    asked = _is_value_error(got, given)
    expect(
        got.named,
        f"{asked} the message of your ValueError{shown(f' is {got.text!r} and')} does not show repr(character)"
        f"{shown(f', here {given.unknown!r}')}, the form in which a tab is seen.",
    )


@judged(
    "A capital is unknown when the vocabulary has only the small letter",
    _try,
    [Given("B", VOCAB, "B")],
    outcome=_outcome,
    slip="small and capital letters taken for one another",
)
def relative(got: Tried, given: Given) -> None:
    _is_value_error(got, given)
