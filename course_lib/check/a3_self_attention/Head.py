"""What `Head(n_embd, head_size, block_size, dropout)` does: one head of causal self-attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check import causality, kinds, parameters
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import (
    BLOCK_SIZE,
    EQUAL,
    HEAD_SIZE,
    LONGEST,
    N_EMBD,
    TOKENS,
    Change,
    Given,
    X,
    normal,
)
from course_lib.check.expect import expect, expect_close
from course_lib.check.properties import Library, judged

SIZES = (N_EMBD, HEAD_SIZE, BLOCK_SIZE)
LONG = normal(1, 1, 70, N_EMBD)
RANDOM = [Given(SIZES, (normal(2, 3, 6, N_EMBD),), seed=3), Given((4, 7, 3), (normal(3, 2, 3, 4),), seed=4)]

shape = _heads.shape.at(
    "The output has shape (B, T, head_size), for every T up to block_size",
    [*(Given(SIZES, (x,)) for x in (X, LONGEST, X[:, :1])), Given((N_EMBD, HEAD_SIZE, 70), (LONG,))],
    slip="an output of another shape",
)
scale = _heads.scale.at(
    "Equal weights everywhere: the output is causal attention with scores divided by √head_size",
    [
        Given((2, 4, 3), (TOKENS,), 0.5),
        *(Given(SIZES, (x,), 0.7) for x in (X, LONGEST, X[:, :1])),
        Given((3, 3, 3), (EQUAL,), 0.7),
    ],
)


@judged(
    "Causality: later tokens do not change earlier outputs, earlier tokens do change later ones",
    _heads.changed,
    [_heads.with_other(RANDOM[0], 2), _heads.with_other(RANDOM[1], 1)],
    outcome=lambda found: [
        _heads.same([found.after[:, : found.t], found.before[:, : found.t]]),
        bool(found.moved()[:, found.t :].all()),
    ],
    slip="a future that is seen, or a past that is not",
)
def causal(found: Change, given: Given) -> None:
    before, after, t = found
    asked, hint = f"outputs 0 to {t - 1} after token {t} has changed, for {given}", "token i sees the tokens j ≤ i."
    expect_close(after[:, :t], before[:, :t], asked, hint=hint, atol=1e-5)
    # Every weight is positive, so every later output moves by about the weight times the change of the value.
    expect(
        found.moved()[:, t:].all(), f"some output from {t} on does not notice that token {t} has changed.\nHint: {hint}"
    )


def _leaks(answer: Callable[..., Any], given: Given, library: Library) -> bool:
    """Whether the future comes through at some size of the weights. other: another x, all of whose tokens differ."""
    lib = library("course_lib.probes")
    model = _heads.made(answer, given, library)
    assert given.other is not None

    def fill(spread: float) -> None:
        # Scores of a head whose numbers are N(0, 0.3² spread²) are of size 0.1 · n_embd · spread².
        parameters.draw(lib, model, given.seed, 0.3 * spread)

    return causality.leaks(fill, model, given.inputs[0], given.other, given.sizes[1])


# 40 sequences: that no first token scores below the mask with itself is rarer than 1e-9.
@judged(
    "Causality with large scores too: the mask is -inf, and no finite number",
    _leaks,
    [
        Given(SIZES, (normal(4, 40, BLOCK_SIZE, N_EMBD),), seed=5, other=normal(5, 40, BLOCK_SIZE, N_EMBD)),
        Given((4, 7, 3), (normal(6, 40, 3, 4),), seed=6, other=normal(7, 40, 3, 4)),
    ],
    in_turn=True,
    slip="a mask that large scores get through",
)
def large_scores(leaks: bool, given: Given) -> None:
    expect(
        not leaks,
        "with large weights, so that scores are large, changing later tokens changes the first output: the mask lets "
        f"the future through.\nHint: {causality.HINT}",
    )


mixture = _heads.mixture.at(
    _heads.mixture.title,
    [Given(SIZES, (normal(8, 1, 6, N_EMBD),), seed=7), Given((4, 7, 5), (normal(9, 1, 5, 4),), seed=8)],
)
batch = _heads.batch.at(_heads.batch.title, [*RANDOM, Given((3, 3, 3), (EQUAL,), seed=9)], slip="sequences that mix")
layers = _heads.layers.at(
    _heads.layers.title, RANDOM, slip="maps that are missing, too many, unused, or cut off from gradients"
)


def _left_behind(answer: Callable[..., Any], given: Given, library: Library) -> list[str]:
    return [str(name) for name in library("course_lib.probes").loose_tensors(answer(*given.sizes))]


@judged(
    "Everything moves along to another device: no tensor in a plain attribute",
    _left_behind,
    [Given(SIZES, (X,)), Given((4, 7, 3), (X,))],
    outcome=bool,
    slip="a tensor that stays behind",
)
def device(names: list[str], given: Given) -> None:
    expect(
        not names,
        f"{', '.join(names)}: a tensor in a plain attribute stays behind when the head moves to a GPU.\n"
        "Hint: register_buffer.",
    )


def _ready_made(answer: Callable[..., Any], given: Given, library: Library) -> list[str]:
    """Which of torch's ready-made attention functions are called, while a head is made and when it is called."""
    x, called = given.inputs[0], library("course_lib.probes").ready_made_attention
    head = answer(*given.sizes)
    runs = (answer, *given.sizes), (head, x), (head.eval(), x[:, :2])
    return sorted({str(name) for run in runs for name in called(*run)})


@judged(
    "Assembled from its parts: PyTorch's ready-made attention is not called",
    _ready_made,
    [Given(SIZES, (X,)), Given((3, 3, 3), (EQUAL,))],
    slip="ready-made attention",
)
def assembled(names: list[str], given: Given) -> None:
    expect(not names, f"this head calls {', '.join(names)}, which is not allowed here; assemble the parts yourself.")


class Drop(NamedTuple):
    """A head with every matrix the same and no biases. calls: how many sequences go through it in training mode."""

    sizes: tuple[int, ...]
    rate: float
    x: torch.Tensor
    weight: float
    calls: int = 2000


class Dropped(NamedTuple):
    """What dropout does.

    still: the output in eval mode; again: once more; without: that of a head without dropout. Of one token in training
    mode, whose only weight is 1: growth, what kept ones grow by; neither, how many outputs are not dropped or kept as a
    whole; share, of those dropped. Of two tokens: ways, how many different outputs the second one has; apart: whether
    the first one's weight drops where both of the second one's are kept; finite: whether all are numbers. rate: asked.
    """

    still: np.ndarray
    again: np.ndarray
    without: np.ndarray
    growth: float
    neither: int
    share: float
    ways: int
    apart: bool
    finite: bool
    rate: float


def _dropped(answer: Callable[..., Any], given: Drop, library: Library) -> Dropped:
    filled = Given(given.sizes, (given.x,), given.weight)
    without = _heads.made(answer, filled, library, 0.0)
    head = _heads.made(answer, filled, library, given.rate)
    still, again, plain = (_heads.output(model, filled, given.x) for model in (head, head, without))
    head.train()
    n_embd = given.sizes[0]
    value = given.weight * n_embd
    rows = _heads.output(head, filled, torch.ones(given.calls, 1, n_embd))[:, 0] / value
    growth = float(rows.max())
    lost = np.isclose(rows, 0, atol=1e-4).all(1)
    kept = np.isclose(rows, growth, atol=1e-3).all(1)
    two = torch.tensor([0.2, 0.5])[:, None].expand(given.calls, 2, n_embd)
    both = _heads.output(head, filled, two)
    first, second = both[..., 0].T
    ways = 1 + int((np.diff(np.sort(second)) > 1e-3).sum())
    alone = np.isclose(first, 0, atol=1e-4) & np.isclose(second, second.max(), atol=1e-3)
    neither = int((~(lost | kept)).sum())
    finite = bool(np.isfinite(both).all())
    return Dropped(
        still, again, plain, growth, neither, float(lost.mean()), ways, bool(alone.any()), finite, given.rate
    )


def _about_dropout(found: Dropped) -> list[Any]:
    rate, growth = found.rate, found.growth
    known = {"none": 1.0, "as told": 1 / (1 - rate), "the opposite": 1 / rate}
    grown = next((name for name, wanted in known.items() if abs(growth - wanted) < 1e-3), "another")
    steady = [bool(np.allclose(found.still, other, atol=1e-5)) for other in (found.again, found.without)]
    return [steady, grown, found.neither > 0, found.share > 0, min(found.ways, 5), found.apart, found.finite]


@judged(
    "Dropout: weights are dropped in training mode with the given probability, never in eval mode",
    _dropped,
    [Drop(SIZES, 0.25, LONGEST, 0.2), Drop((4, 7, 3), 0.4, normal(10, 2, 3, 4), 0.2)],
    outcome=_about_dropout,
    slip="dropout in another place, mode or amount",
)
def dropout(found: Dropped, given: Drop) -> None:
    expect_close(
        found.again, found.still, "the output in eval mode, asked twice", hint="dropout is for training.", atol=1e-5
    )
    filled = Given(given.sizes, (given.x,), given.weight)
    _heads.scale.judge(found.still, filled)
    rate, count = given.rate, given.calls
    hint = "dropout acts on the attention weights, after the softmax: nn.Dropout(dropout), applied in forward."
    # One token has one attention weight, 1: dropped it is 0, kept it is 1 / (1 - p), for the whole row of the output.
    grown = abs(found.growth - 1 / (1 - rate)) < 1e-3
    expect(
        grown and found.neither == 0,
        f"with one token and dropout p = {rate:.2f}, an output is its value times 0 or 1 / (1 - p) = "
        f"{1 / (1 - rate):.3g}; of yours, {found.neither if grown else 'many'} of {count} are neither.\nHint: {hint}",
    )
    expect(found.finite, f"in training mode some outputs are not numbers.\nHint: {hint}")
    # Hoeffding: a share of n = 2,000 is off by 0.08 with probability at most 2·exp(-2·n·0.08²) = 2e-11.
    expect(
        abs(found.share - rate) < 0.08,
        f"{found.share:.0%} of {count} weights were dropped at dropout {rate:.2f}.\nHint: {hint}",
    )
    # With two tokens each weight is dropped for itself: (nothing, one, the other, both) leave four different outputs.
    # That one of the four does not occur among 2,000 has probability below 4·(1 - 0.06)^2000 < 1e-50.
    expect(
        found.ways == 4,
        f"with two tokens there are four ways to drop weights; the outputs show {found.ways}.\nHint: {hint}",
    )
    # The first token's weight drops for itself too. No such case among 2,000: (1 - 0.25·0.36)^2000 < 1e-80.
    expect(
        found.apart,
        "where the first token's only weight is dropped, so is one of the second token's: each drops for itself.\n"
        f"Hint: {hint}",
    )


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        rate = () if dropout is None else (dropout,)
        return kinds.random_numbers(answer(N_EMBD, HEAD_SIZE, room or BLOCK_SIZE, *rate))

    return kinds.Trial((X,), make=make, causal=True, past=True, any_length=True)
