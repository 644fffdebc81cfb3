"""What the causal averages do: row t of the output is the mean of rows 0 to t, whichever way it is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _functions
from course_lib.check.expect import expect, expect_close, expect_shape
from course_lib.check.properties import Library, Property, judged


class Given(NamedTuple):
    """x (T, C), and its averages (T, C)."""

    x: torch.Tensor
    averages: torch.Tensor


class Change(NamedTuple):
    """x (T, C), and another one that differs from row t on."""

    x: torch.Tensor
    other: torch.Tensor
    t: int


X = torch.tensor([[1.0, -2.0, 5.0], [3.0, 4.0, 0.5], [-4.0, 7.0, 2.0], [6.0, 1.0, -3.0]])  # (T, C)
AVERAGES = torch.tensor([[1.0, -2.0, 5.0], [2.0, 1.0, 2.75], [0.0, 3.0, 2.5], [1.5, 2.5, 1.125]])
ROWS = Given(X, AVERAGES)
SMALL = Given(
    torch.tensor([[1.0, 10.0], [3.0, 20.0], [8.0, 30.0]]), torch.tensor([[1.0, 10.0], [2.0, 15.0], [4.0, 20.0]])
)
COUNT = torch.arange(20.0)
LONG = Given(torch.stack([COUNT, 2 * COUNT + 1], 1), torch.stack([COUNT / 2, COUNT + 1], 1))
ONE_ROW = Given(X[:1], X[:1])
SQUARE = Given(X[:3], AVERAGES[:3])
LATER = Change(X, torch.cat([X[:3], X[3:] + 1]), 3)
EARLY = Change(X[:, :2], torch.cat([X[:1, :2], 2 * X[1:, :2] + 1]), 1)
# Tiny rows, and a later one that is huge: a weight of e^-100 shows, which is what a mask of -100 leaves of it.
TINY = 1e-3 * X
HUGE = Change(TINY, torch.cat([TINY[:3], torch.full((1, 3), 1e38)]), 3)
HUGE_EARLY = Change(TINY[:3], torch.cat([TINY[:1], torch.full((2, 3), 1e38)]), 1)


def call(answer: Callable[..., Any], given: Given, _: Library) -> Any:
    return answer(given.x.clone())


def average(hint: str) -> Property:
    """hint: for this way to average."""

    @judged("Row t is the mean of rows 0 to t", call, [SMALL, ROWS], in_turn=True)
    def average(got: Any, given: Given) -> None:
        asked = f"the average for x = {given.x.tolist()}" if given is SMALL else _asked(given)
        # float32, up to 10 terms of size 10: 1e-5.
        expect_close(got, given.averages, asked, hint=hint, atol=1e-5)

    return average


@judged(
    "Any length: one token, two, as many tokens as features, many",
    call,
    [ONE_ROW, SQUARE, LONG],
    slip="a length that is treated otherwise",
)
def lengths(got: Any, given: Given) -> None:
    hint = "row t is the mean of rows 0 to t, both included."
    expect_close(got, given.averages, _asked(given), hint=hint, atol=1e-5)


def _asked(given: Given | Change) -> str:
    return f"the average for x of shape {tuple(given.x.shape)}"


def _kind(answer: Callable[..., Any], given: Given, library: Library) -> str:
    kind = library("course_lib.doubles").call_with_kinds(answer, given.x.clone())[1]
    return "tensor" if kind == "graph" else str(kind)


@judged("", call, [ROWS])
def _form(got: Any, given: Given) -> None:
    expect_shape(got, tuple(given.x.shape), "the average")


@judged("What comes back is a tensor", _kind, [ROWS, ONE_ROW], needs=_form, slip="something else than a tensor")
def tensor(kind: str, given: Given) -> None:
    expect(kind == "tensor", f"expected a tensor, yours is of type {kind}.\nHint: torch.stack joins rows.")


def _earlier(answer: Callable[..., Any], given: Change, _: Library) -> list[np.ndarray]:
    """The outputs before row t, for both inputs."""
    return [
        expect_shape(answer(x.clone()), tuple(given.x.shape), _asked(given))[: given.t].astype(float) for x in given[:2]
    ]


def _same(got: list[np.ndarray]) -> bool:
    # The same sums: float32 leaves 1e-5 of numbers up to 10, and 1e-7 of numbers up to 0.01.
    return bool(np.allclose(got[0], got[1], rtol=1e-5, atol=1e-5 * min(1.0, float(np.abs(got[0]).max()))))


@judged(
    "Causality: a later row does not change earlier averages, however large it is",
    _earlier,
    [LATER, EARLY, HUGE, HUGE_EARLY],
    outcome=_same,
    in_turn=True,
    slip="later rows that change earlier averages",
)
def future(got: list[np.ndarray], given: Change) -> None:
    huge = bool((given.other > 1e37).any())
    what = "are 1e38: these have a little weight there.\nHint: a masked score is -inf." if huge else "do."
    expect(_same(got), f"rows 0 to {given.t - 1} change when the rows from {given.t} on {what}")


@judged(
    "x is left as it is", _functions.kept("x"), [ROWS, SMALL], needs=_form, slip="an input that is changed in place"
)
def kept(same: dict[str, bool], given: Given) -> None:
    _functions.expect_kept(same, given)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((X,), answer, batch=False, causal=True, past=True, any_length=True, learns=False, linear=True)
