"""What `get_batch(data, batch_size, block_size)` does: random windows and the same windows one token later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import as_array, describe, expect
from course_lib.check.properties import judged


class Given(NamedTuple):
    """data: distinct tokens, so that a token tells its position. rows, width: of a batch. calls: how many batches."""

    data: torch.Tensor
    rows: int
    width: int
    calls: int = 1

    def __str__(self) -> str:
        return f"for data of {len(self.data)} tokens, batch_size {self.rows}, block_size {self.width}"


DATA = torch.arange(20)


def _places(data: torch.Tensor, part: Any, name: str) -> np.ndarray:
    """Where in the data each token of x or y stands, -1 for none."""
    places = {token: place for place, token in enumerate(data.tolist())}
    tokens = as_array(part, name)
    return np.array([places.get(token, -1) for token in tokens.reshape(-1).tolist()]).reshape(tokens.shape)


def _form(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return [describe(part) for part in answer(given.data.clone(), given.rows, given.width)]


@judged(
    "x and y are int64 tensors of shape (batch_size, block_size)",
    _form,
    [Given(DATA, 6, 4), Given(DATA, 1, 7)],
    slip="a batch of another form",
)
def form(got: list[str], given: Given) -> None:
    shape = (given.rows, given.width)
    expect(len(got) == 2, f"get_batch returns two tensors, (x, y); yours returns {len(got)} things.")
    expect(
        got == [f"tensor of shape {shape}, int64"] * 2,
        f"{given} x and y are int64 tensors of shape {shape}; yours: {' and '.join(got)}.",
    )


def _batches(answer: Callable[..., Any], given: Given, _: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where the tokens of x and y stand in the data, (calls, rows, width) each."""
    found: list[Any] = [[], []]
    for _ in range(given.calls):
        for places, part, name in zip(found, answer(given.data.clone(), given.rows, given.width), "xy", strict=True):
            array = _places(given.data, part, name)
            wanted = (given.rows, given.width)
            expect(array.shape == wanted, f"{name} {given}: expected shape {wanted}, yours is {array.shape}.")
            places.append(array)
    return np.array(found[0]), np.array(found[1])


def _steps(got: tuple[np.ndarray, np.ndarray]) -> Any:
    """How far apart the neighbours in a row of x stand in the data, those in y, and how much later y is than x."""
    x, y = got
    found = [np.diff(x, axis=2), np.diff(y, axis=2), y - x]
    return ["many" if len(values) > 4 else values for values in (sorted(set(one.flat)) for one in found)]


@judged(
    "Every row of x is a window of the data, and y is the same window one token later",
    _batches,
    [Given(DATA, 6, 4, 40), Given(DATA, 3, 1, 40)],
    outcome=_steps,
    slip="rows that are no windows with their next tokens",
)
def windows(got: tuple[np.ndarray, np.ndarray], given: Given) -> None:
    x, y = got
    for name, places in zip("xy", got, strict=True):
        expect(places.min() >= 0, f"{name} {given} holds tokens that are not in the data.")
    expect((np.diff(x, axis=2) == 1).all(), f"{given} a row of x is not a stretch of the data.")
    later = sorted(set((y - x).flat))
    expect(
        later == [1],
        f"{given}: each token of y follows the token of x at its place; yours stand {later[:4]} places later.",
    )


def _shares(got: tuple[np.ndarray, np.ndarray]) -> Any:
    starts = got[0][:, :, 0]
    return [sorted(set(starts.flat)), bool((starts == starts.max()).mean() > 0.15)]


@judged(
    "Every window can be drawn, the first and the last too, and none comes too often",
    _batches,
    [Given(DATA, 8, 4, 60)],
    outcome=_shares,
    slip="windows that never come, or too often",
)
def every(got: tuple[np.ndarray, np.ndarray], given: Given) -> None:
    # n draws from w windows: one given window stays away with probability (1 - 1/w)^n, below 1e-8 for 16 windows and
    # 480 draws and for 20 and 400; drawing without replacement within a batch makes it less still. That one comes more
    # than 2.4 n/w times is rarer than 1e-8 too (Chernoff).
    starts = got[0][:, :, 0].reshape(-1)
    count = len(given.data) - given.width
    never = sorted(set(range(count)) - set(starts.tolist()))
    expect(not never, f"{given} there are {count} windows; yours never start at {never[:8]}.")
    often, times = max(((start, int((starts == start).sum())) for start in range(count)), key=lambda pair: pair[1])
    expect(
        times <= 2.4 * len(starts) / count,
        f"{given}: of {len(starts)} windows, {times} start at {often}, where {len(starts) // count} are expected; all "
        "are equally likely.",
    )


def _first(answer: Callable[..., Any], given: Given, library: Any) -> list[float]:
    found = library("course_lib.doubles").first_tokens(answer, given.calls, given.data, given.rows, given.width)
    return [float((found == token).double().mean()) for token in given.data[: len(given.data) - given.width]]


def _even(shares: list[float]) -> bool:
    # 3 windows, 1,200 draws: a share is 0.081 off 1/3 with probability below 6·exp(-2·1200·0.081²) < 1e-6 (Hoeffding;
    # drawing the two of a batch without replacement makes it less). Ends half as likely are 0.083 and 0.167 off.
    return max(abs(share - 1 / len(shares)) for share in shares) < 0.081


@judged(
    "The first and the last window come as often as those between",
    _first,
    [Given(DATA[:7], 2, 4, 600)],
    outcome=_even,
    slip="a first or last window that comes less often",
)
def ends(shares: list[float], given: Given) -> None:
    expect(
        _even(shares),
        f"of three windows, one comes with a share of {max(shares):.2f} and another with {min(shares):.2f}; "
        "all are equally likely.\nHint: torch.randint draws each number below its bound equally often.",
    )


def _repeats(got: tuple[np.ndarray, np.ndarray]) -> list[bool]:
    """Whether all calls give the same, all rows are one window, the rows stand at the same distance in each call."""
    starts = got[0][:, :, 0]
    gaps = starts - starts[:, :1]
    return [bool((starts == starts[:1]).all()), bool((gaps == 0).all()), bool((gaps == gaps[:1]).all(0)[1:].any())]


@judged(
    "Rows are drawn independently, and afresh in each call",
    _batches,
    [Given(torch.arange(200), 8, 4, 12)],
    outcome=_repeats,
    slip="windows that are not drawn for themselves",
)
def random(got: tuple[np.ndarray, np.ndarray], given: Given) -> None:
    # About 190 windows, 12 calls: that rows or calls agree throughout by chance has probability below (1/100)^11.
    same, one, apart = _repeats(got)
    expect(not same, f"{given.calls} calls gave the same batch.\nHint: no seed inside get_batch.")
    expect(not one, "all rows of a batch are the same window; draw a start for each row.")
    expect(not apart, "the rows of a batch always stand at the same distance from each other; draw a start for each.")


smallest = windows.at(
    "Data of block_size + 1 tokens: its only window is drawn, for every row",
    [Given(DATA[3:8], rows, 4) for rows in (1, 3)],
    outcome=lambda got: [places.tolist() for places in got],
    slip="the only window missed",
)
