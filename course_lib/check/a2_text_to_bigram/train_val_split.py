"""Public check of `train_val_split(data, val_fraction)`: the first part to train on, the last part to validate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.diagnosis import in_turn
from course_lib.check.expect import as_array, describe, expect

DATA = torch.arange(100, 140)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The two parts of 40 numbered tokens: sizes, ends, whether the order is kept, what is missing or doubled.

    Also: exact sizes, a validation part of nothing and of everything, a fraction that has to be rounded, what becomes
    of the data.
    """

    def facts(data: Any) -> dict[str, Any]:
        parts = [as_array(part, "a part") for part in answer(data, 0.2)]
        together = [token for part in parts for token in part.tolist()]
        return {
            "sizes": [round(len(part) / 4) for part in parts],
            "missing": 40 - len(set(together)),
            "doubled": len(together) - len(set(together)),
            "contiguous": all(sorted(part.tolist()) == list(range(part.min(), part.max() + 1)) for part in parts),
            "evenly spaced": [len(set((part[1:] - part[:-1]).tolist())) == 1 for part in parts],
            "last": 139 in together,
            "ordered": all(part.tolist() == sorted(part.tolist()) for part in parts),
            "starts with the first": bool(parts[0].min() == 100) and not bool(parts[1].min() == 100),
        }

    def sizes(n: int, fraction: float) -> Any:
        """Where the parts make up the data; other slips are asked for above."""
        data = list(range(n))
        train, val = answer(list(data), fraction)
        return [len(train), len(val)] if train + val == data else "other tokens"

    def kept() -> bool:
        data = list(range(10))
        answer(data, 0.5)
        return data == list(range(10))

    def details() -> list[Any]:
        kinds = [type(part).__name__ for part in answer(DATA.clone(), 0.2)]
        rounded = sizes(10, 0.15) == "other tokens"
        ends = [sizes(8, 0.0), sizes(8, 1.0), sizes(200, 0.125)]
        return [sizes(8, 0.25), sizes(3, 0.125) in ([2, 1], [3, 0]), rounded, kept(), kinds, ends]

    return in_turn(
        ("tensor", lambda: facts(DATA.clone()), _as_asked),
        ("list", lambda: facts(DATA.tolist()), _as_asked),
        ("details", details, bool),
    )


def _as_asked(found: dict[str, Any]) -> bool:
    """Whether the facts are those of a first part of 32 and a last part of 8."""
    return found["ordered"] and found["sizes"] == [8, 2] and not found["missing"] and not found["doubled"]


def check(answer: Callable[..., Any]) -> None:
    got = answer(DATA.clone(), 0.2)
    expect(
        isinstance(got, list | tuple) and len(got) == 2, f"expected two parts, (train, val), yours is {describe(got)}."
    )
    train, val = (as_array(part, name) for part, name in zip(got, ("train", "val"), strict=True))
    shapes = f"for 40 tokens and val_fraction 0.2 yours have shapes {train.shape} and {val.shape}"
    expect(train.ndim == 1 and val.ndim == 1 and abs(val.size - 8) <= 1, f"{shapes}; expected (32,) and (8,).")
    expect(train.size + val.size == 40, f"{shapes}: together {train.size + val.size} tokens, expected 40.")
    expect(train.tolist() + val.tolist() == DATA.tolist(), "train followed by val is not the data in its own order.")
    kind = type(train_part := got[0]).__name__
    expect(isinstance(train_part, torch.Tensor), f"the parts of a tensor are slices of it, yours are of type {kind}.")
    train, val = answer("once upon ", 0.15)
    expect(train + val == "once upon ", f"'once upon ' in two parts: yours are {train!r} and {val!r}.")
    for n, fraction, sizes in ((8, 0.25, [2]), (3, 0.125, [0, 1]), (8, 0.0, [0]), (8, 1.0, [8]), (200, 0.125, [25])):
        data = list(range(n))
        train, val = answer(data, fraction)
        expect(data == list(range(n)), "the list that was given has been changed; leave it as it is.")
        wanted = f"the validation part has {' or '.join(map(str, sizes))}"
        came = f"yours have {len(train)} and {len(val)}"
        right = len(train) + len(val) == n and len(val) in sizes
        expect(right, f"for a list of {n} and val_fraction {fraction}, {wanted}; {came}.")
