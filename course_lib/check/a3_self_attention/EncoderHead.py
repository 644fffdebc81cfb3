"""What `EncoderHead(n_embd, head_size)` does: self-attention in which every token sees every token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import (
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

SIZES = (N_EMBD, HEAD_SIZE)
LONG = X[:1].repeat(1, 20, 1) + 0.1 * normal(1, 1, 80, N_EMBD)
PLAIN = [Given(SIZES, (x,)) for x in (X, LONGEST, X[:, :1], LONG)]
RANDOM = [Given(SIZES, (normal(2, 3, 7, N_EMBD),), seed=3), Given((4, 6), (normal(3, 2, 3, 4),), seed=4)]

shape = _heads.shape.at(
    "The output has shape (B, T, head_size), for any number of tokens", PLAIN, slip="an output of another shape"
)
scale = _heads.scale.at(
    "Equal weights everywhere: the output is attention with scores divided by √head_size",
    [
        Given((2, 4), (TOKENS,), 0.5),
        *(Given(SIZES, (x,), 0.7) for x in (X, LONGEST, X[:, :1])),
        Given((3, 3), (EQUAL,), 0.7),
    ],
)


@judged(
    "Every output notices every token, for any number of tokens",
    _heads.changed,
    [_heads.with_other(RANDOM[0], 6), _heads.with_other(RANDOM[1], 1)],
    outcome=lambda found: bool(found.moved().all()),
    slip="tokens that not everyone sees",
)
def everyone(found: Change, given: Given) -> None:
    # Every weight is positive.
    count = given.inputs[0].shape[1]
    expect(
        found.moved().all(),
        f"after a change of token {given.t}, some of {count} outputs stay as they are.\nHint: no mask.",
    )


mixture = _heads.mixture.at(
    _heads.mixture.title,
    [Given(SIZES, (normal(5, 1, 6, N_EMBD),), seed=6), Given((4, 6), (normal(6, 1, 4, 4),), seed=7)],
)


def _turned(answer: Callable[..., Any], given: Given, library: Library) -> list[np.ndarray]:
    """The outputs with the tokens turned round, and those for the tokens as they were, turned round."""
    model = _heads.made(answer, given, library)
    before = _heads.output(model, given, *given.inputs)
    return [_heads.output(model, given, given.inputs[0].flip(1)), np.flip(before, 1)]


@judged(
    "No positions: tokens that change places take their outputs along",
    _turned,
    RANDOM,
    outcome=_heads.same,
    slip="places that count though there are none",
)
def symmetry(got: list[np.ndarray], given: Given) -> None:
    expect_close(got[0], got[1], f"the outputs after tokens have changed places, for {given}", atol=1e-5)


batch = _heads.batch.at(_heads.batch.title, [*RANDOM, Given((3, 3), (EQUAL,), seed=8)], slip="sequences that mix")
layers = _heads.layers.at(_heads.layers.title, RANDOM, slip="maps that are missing, unused, or cut off from gradients")


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(*SIZES))

    return kinds.Trial((X,), make=make, any_length=True)
