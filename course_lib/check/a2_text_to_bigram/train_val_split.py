"""What `train_val_split(data, val_fraction)` does: the first part to train on, the last part to validate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from course_lib.check.expect import as_array, describe, expect
from course_lib.check.properties import judged


class Given(NamedTuple):
    """data: distinct tokens, in a tensor, a list or a string."""

    data: Any
    fraction: float

    def __str__(self) -> str:
        kind = type(self.data).__name__.lower()
        return f"for {len(self.data)} tokens in a {kind} and val_fraction {self.fraction}"


DATA = torch.arange(100, 140)


def split(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(_copied(given.data), given.fraction)


def _copied(data: Any) -> Any:
    return data.clone() if isinstance(data, torch.Tensor) else data[:]


def _tokens(part: Any, asked: str) -> list[Any]:
    """A part as a list of its tokens."""
    if isinstance(part, str):
        return list(part)
    array = as_array(part, asked)
    expect(array.ndim == 1, f"{asked} has one dimension; yours has shape {array.shape}.")
    return array.tolist()


def _parts(got: Any, given: Given) -> tuple[list[Any], list[Any], str]:
    """The tokens of train and of val, and what was asked and came. Raises `Wrong` unless there are two such parts."""
    expect(
        isinstance(got, list | tuple) and len(got) == 2,
        f"{given} expected two parts, (train, val), yours is {describe(got)}.",
    )
    train, val = (_tokens(part, f"{name} {given}") for name, part in zip(("train", "val"), got, strict=True))
    return train, val, f"{given} yours have shapes {(len(train),)} and {(len(val),)}"


def _facts(got: Any) -> dict[str, Any]:
    """Of the 40 tokens of DATA: sizes up to rounding, what is missing or doubled, how each part lies in the data."""
    parts = [as_array(part, "a part") for part in got]
    together = [token for part in parts for token in part.tolist()]
    stretches = all(sorted(part.tolist()) == list(range(part.min(), part.max() + 1)) for part in parts)
    return {
        "sizes": [round(len(part) / 4) for part in parts],
        "missing": 40 - len(set(together)),
        "doubled": len(together) - len(set(together)),
        "stretches": stretches,
        "evenly spaced": [len(set((part[1:] - part[:-1]).tolist())) == 1 for part in parts],
        "last": 139 in together,
        "ordered": all(part.tolist() == sorted(part.tolist()) for part in parts),
        "begins with the first": stretches and bool(parts[0].min() == 100) and not bool(parts[1].min() == 100),
    }


@judged(
    "val_fraction is the share of the validation part",
    split,
    [Given(DATA, 0.2), Given(DATA, 0.3)],
    outcome=_facts,
    in_turn=True,
    slip="parts of other sizes",
)
def sizes(got: Any, given: Given) -> None:
    train, val, came = _parts(got, given)
    n, wanted = len(given.data), round(given.fraction * len(given.data), 6)
    ways = sorted({math.ceil(wanted), math.floor(wanted)})
    expected = " or ".join(f"{(n - way,)} and {(way,)}" for way in ways)
    # Either way of rounding is right, and len(data) * (1 - val_fraction) in floating point may come out one below.
    # Eighths are exact in binary, and so is the product.
    off = abs(len(val) - wanted)
    expect(off < 1 if float(8 * given.fraction).is_integer() else off <= 1 + 1e-6, f"{came}; expected {expected}.")
    # One token doubled or lost at the cut is for `nothing_lost`; the training part is about the rest.
    expect(abs(len(train) - (n - wanted)) <= 2, f"{came}; expected {expected}: the training part is the rest.")


def _counts(got: Any) -> list[int]:
    """How many tokens there are, and how many different ones; which, depends on the way of rounding."""
    together = [token for part in got for token in as_array(part, "a part").tolist()]
    return [len(together), len(set(together))]


@judged(
    "Train followed by val is the data: nothing lost, doubled or shuffled",
    split,
    [Given(DATA[:13], 0.15), Given(DATA[:26], 0.3), Given(DATA[:3], 0.125)],
    outcome=_counts,
    in_turn=True,
    slip="tokens lost, doubled or shuffled at the cut",
)
def nothing_lost(got: Any, given: Given) -> None:
    train, val, came = _parts(got, given)
    together, data = [*train, *val], _tokens(given.data, "the data")
    lost, doubled = len(set(data) - set(together)), len(together) - len(set(together))
    expect(not lost and not doubled, f"{came}; tokens lost: {lost}, in both parts or doubled: {doubled}.")
    expect(set(together) == set(data), f"{came}, with tokens that the data does not have.")
    expect(together == data, f"{came}: the tokens are all there, but train followed by val is not the data in order.")


@judged(
    "The validation part is the end of the data, the training part its beginning",
    split,
    [Given(DATA, 0.2), Given(DATA[:13], 0.3)],
    outcome=lambda got: [int(got[0][0]), int(got[1][-1])],
    in_turn=True,
    slip="a validation part that is not the end",
)
def last(got: Any, given: Given) -> None:
    train, val, came = _parts(got, given)
    data = _tokens(given.data, "the data")
    expect(train and val, f"{came}: one of the parts is empty.")
    expect(train[0] == data[0], f"{given} the training part does not start where the data starts.")
    expect(val[-1] == data[-1], f"{given} the validation part does not end where the data ends.")
    expect(val == data[len(data) - len(val) :], f"{given} the validation part is not the end of the data.")


@judged(
    "Lists and strings are cut as well; a part is of the data's own type",
    split,
    [Given(DATA, 0.2), Given(DATA.tolist(), 0.2), Given("quick jabs", 0.15)],
    outcome=lambda got: [type(part).__name__ for part in got],
    in_turn=True,
    slip="data that come back in another form",
)
def others(got: Any, given: Given) -> None:
    kind, came = type(given.data).__name__, " and ".join(type(part).__name__ for part in got)
    sizes.judge(got, given)
    nothing_lost.judge(got, given)
    fits = all(isinstance(part, type(given.data)) for part in got)
    expect(fits, f"{given}: slices of a {kind.lower()} are of type {kind}, yours are {came}.")


def _keeping(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    return library("course_lib.doubles").call_keeping_inputs(answer, _copied(given.data), given.fraction)[0]


@judged(
    "The data that were given stay as they are",
    _keeping,
    [Given(list(range(10)), 0.5)],
    in_turn=True,
    needs=sizes,
    slip="data that are changed in place",
)
def kept(got: Any, given: Given) -> None:
    same = _tokens(got, "the data") == _tokens(given.data, "the data")
    expect(same, f"{given}: the list that was given has been changed; leave it as it is.")


def _lengths(got: Any) -> Any:
    """Of three tokens with an eighth for validation, either way of rounding is right."""
    train, val = map(len, got)
    return val <= 1 if train + val == 3 else [train, val]


def _eighths(*pairs: tuple[int, float]) -> list[Given]:
    return [Given(torch.arange(n), fraction) for n, fraction in pairs]


@judged(
    "Less than one token away, also where nothing is to be rounded and where the validation part may be empty",
    split,
    _eighths((8, 0.25), (200, 0.125), (8, 0.0), (8, 1.0), (3, 0.125)),
    outcome=_lengths,
    in_turn=True,
    slip="a cut that is a token off where shares are small",
)
def edge(got: Any, given: Given) -> None:
    sizes.judge(got, given)
    nothing_lost.judge(got, given)
