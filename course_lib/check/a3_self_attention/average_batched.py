"""What `average_batched(x)` does: the causal average of each sequence of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _averages
from course_lib.check.a3_self_attention._averages import AVERAGES, SMALL, X
from course_lib.check.expect import expect, expect_close, expect_shape
from course_lib.check.properties import Library, judged


class Given(NamedTuple):
    """x (B, T, C), and its averages (B, T, C)."""

    x: torch.Tensor
    averages: torch.Tensor


class Change(NamedTuple):
    """x (B, T, C), and another one that differs in sequence b only."""

    x: torch.Tensor
    other: torch.Tensor
    b: int


class Sizes(NamedTuple):
    """x (B, T, C), and larger ones: more of what -> x."""

    x: torch.Tensor
    larger: dict[str, torch.Tensor]


def _given(x: torch.Tensor, *averages: Any) -> Given:
    return Given(x, torch.stack([torch.as_tensor(one) for one in averages]))


BATCH = torch.stack([X, X.flip(0)])  # (B, T, C) = (2, 4, 3)
BACKWARDS = [[6.0, 1.0, -3.0], [1.0, 4.0, -0.5], [1.666667, 4.0, -0.166667], [1.5, 2.5, 1.125]]
BOTH = _given(BATCH, AVERAGES, BACKWARDS)
ONE_SEQUENCE = _given(BATCH[:1], AVERAGES)
ONE_TOKEN = Given(BATCH[:, :1], BATCH[:, :1])
EQUAL = _given(torch.stack([X, -X, 2 * X])[:, :3], *(factor * AVERAGES[:3] for factor in (1, -1, 2)))
AS_MANY = Given(BATCH[:, :2], BOTH.averages[:, :2])  # sequences as tokens
MORE = {"sequences": BATCH.repeat(3, 1, 1), "positions": BATCH.repeat(1, 3, 1)}


@judged(
    "Each sequence of a batch is averaged over its own past",
    _averages.call,
    [_given(SMALL.x[None], SMALL.averages), BOTH],
)
def batch(got: Any, given: Given) -> None:
    asked = f"the average for x of shape {tuple(given.x.shape)}"
    if given.x.numel() == SMALL.x.numel() and torch.equal(given.x[0], SMALL.x):
        asked = f"the average for x = {given.x.tolist()}"
    # float32, up to 10 terms of size 10: 1e-5.
    expect_close(got, given.averages, asked, hint="time is dimension 1 of (B, T, C).", atol=1e-5)


sizes = batch.at(
    "One sequence, one token, equal dimensions",
    [ONE_SEQUENCE, ONE_TOKEN, EQUAL, AS_MANY],
    slip="one sequence or one token treated otherwise",
)


def _others(answer: Callable[..., Any], given: Change, _: Library) -> list[np.ndarray]:
    """The outputs of the sequences other than b, for both inputs."""
    asked = f"the average for x of shape {tuple(given.x.shape)}"
    both = [expect_shape(answer(x.clone()), tuple(given.x.shape), asked) for x in given[:2]]
    return [np.delete(got, given.b, axis=0) for got in both]


def _same(got: list[np.ndarray]) -> bool:
    return bool(np.allclose(got[0], got[1], rtol=1e-5, atol=1e-5))


@judged(
    "Sequences do not mix: changing one leaves the others alone",
    _others,
    [Change(BATCH, torch.stack([X + 1, X.flip(0)]), 0), Change(EQUAL.x, torch.cat([EQUAL.x[:2], BATCH[:1, :3]]), 2)],
    outcome=_same,
    slip="sequences that mix",
)
def separate(got: list[np.ndarray], given: Change) -> None:
    expect(_same(got), f"the averages of other sequences change when sequence {given.b} does.")


tensor = _averages.tensor.at("What comes back is one tensor", [BOTH, ONE_TOKEN], slip="something else than one tensor")


def _steps(answer: Callable[..., Any], given: Sizes, library: Library) -> dict[str, list[int]]:
    """More of what -> calls of torch for x, and for the larger one."""
    calls = library("course_lib.probes").torch_calls
    few = int(calls(answer, given.x.clone()))
    return {what: [few, int(calls(answer, x.clone()))] for what, x in given.larger.items()}


@judged(
    "No loop: a larger batch and longer sequences take as many steps as small ones",
    _steps,
    [Sizes(BATCH, MORE)],
    outcome=lambda found: {what: more > few for what, (few, more) in found.items()},
    needs=_averages.tensor.needs,
    slip="a loop",
)
def no_loop(found: dict[str, list[int]], given: Sizes) -> None:
    for what, (few, more) in found.items():
        expect(
            more <= few,
            f"the number of torch calls grows with the number of {what}: {few} for x of shape "
            f"{tuple(given.x.shape)}, {more} for {tuple(given.larger[what].shape)}.\n"
            "Hint: no loop; (T, T) @ (B, T, C) averages every sequence at once.",
        )


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((BATCH,), answer, causal=True, past=True, any_length=True)
