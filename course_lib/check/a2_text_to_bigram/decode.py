"""What `decode(ids, vocab)` does: ids, in a list or a tensor, back to one string."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from course_lib.check.expect import describe, expect, shown
from course_lib.check.properties import judged

VOCAB = ["\n", " ", "!", "a", "b", "e", "r", "z"]
IDS = [3, 1, 7, 5, 4, 6, 3, 0]


class Given(NamedTuple):
    """ids: in a list or a tensor, and the text that they stand for."""

    ids: list[int] | torch.Tensor
    vocab: list[str]
    text: str

    def __str__(self) -> str:
        kind = "list" if isinstance(self.ids, list) else "tensor"
        size = f"{len(self.ids)} {'id' if len(self.ids) == 1 else 'ids'}, in a {kind}"
        brief = f"{self.ids}" if len(self.ids) < 20 else f"{self.ids[:8]} and so on"
        return shown(f"for the {size}, {brief}, and the vocabulary {self.vocab}", f"for {size},")


def given(ids: list[int], text: str, vocab: list[str] = VOCAB) -> tuple[Given, Given]:
    """The ids in a list and in a tensor."""
    return Given(ids, vocab, text), Given(torch.tensor(ids, dtype=torch.int64), vocab, text)


LISTS, TENSORS = zip(
    given(IDS, "a zebra\n"),
    given([7], "z"),
    given([3, 0, 4], "a\nb"),
    given([], ""),
    given(IDS * 40, "a zebra\n" * 40),
    strict=True,
)


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    ids = given.ids.clone() if isinstance(given.ids, torch.Tensor) else list(given.ids)
    return answer(ids, list(given.vocab))


def _brief(text: str) -> str:
    return repr(text) if len(text) < 60 else f"{text[:20]!r}…"


@judged("A list of ids becomes the text of these characters, nothing between them; no ids become no text", call, LISTS)
def listed(got: Any, given: Given) -> None:
    expect(isinstance(got, str), f"{given} expected one string, yours is {describe(got)}.")
    both = shown(f"expected {_brief(given.text)} and yours is {_brief(got)}")
    wanted = len(given.text)
    expect(len(got) == wanted, f"{given} {both or 'yours is a string'} of length {len(got)}, not {wanted}.")
    wrong = sum(one != other for one, other in zip(got, given.text, strict=True))
    expect(not wrong, f"{given} {both and f'{both}: '}{wrong} of {wanted} characters are not the ones of these ids.")


tensor = listed.at("A tensor of ids is decoded as well", TENSORS, slip="tensors of ids that are not decoded")
whole = listed.at(
    "The ids 0, 1, 2, … spell the vocabulary",
    [Given([0, 1], ["z", "a"], "za"), Given(list(range(8)), VOCAB, "\n !aberz")],
)
