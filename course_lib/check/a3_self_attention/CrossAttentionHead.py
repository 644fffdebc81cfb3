"""What `CrossAttentionHead(n_embd, head_size)` does: queries from x, keys and values from the context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import (
    CONTEXT,
    EQUAL,
    HEAD_SIZE,
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
BOTH = [(X, CONTEXT), (CONTEXT, X), (X[:, :1], CONTEXT), (X, CONTEXT[:, :1]), (X[:, :3], CONTEXT)]
RANDOM = [
    Given(SIZES, (normal(2, 3, 7, N_EMBD), normal(3, 3, 4, N_EMBD)), seed=3),
    Given((4, 6), (normal(4, 2, 3, 4), normal(5, 2, 5, 4)), seed=4),
]
SIX = normal(6, 1, 6, N_EMBD)

shape = _heads.shape.at(
    "The output is as long as x and as wide as head_size, whatever the length of the context",
    [Given(SIZES, both) for both in BOTH],
    slip="an output of another shape",
)
scale = _heads.scale.at(
    "Equal weights everywhere: attention from x to the context, scores divided by √head_size",
    [
        Given((2, 4), (TOKENS[:, 1:], TOKENS), 0.5),
        *(Given(SIZES, both, 0.7) for both in BOTH),
        Given((3, 3), (EQUAL, EQUAL.flip(0)), 0.7),
    ],
)
mixture = _heads.mixture.at(
    "Random weights: the output is what softmax makes of one and of two tokens of the context",
    [Given(SIZES, (SIX, SIX), seed=7), Given((4, 6), (normal(8, 1, 2, 4), normal(9, 1, 5, 4)), seed=8)],
)


class Roles(NamedTuple):
    """of_x: when token t of x changes. of_context: when the last token of the context does. turned: with the context's
    tokens in the opposite order."""

    of_x: Change
    of_context: Change
    turned: np.ndarray


def _roles(answer: Callable[..., Any], given: Given, library: Library) -> Roles:
    x, context = given.inputs
    model = _heads.made(answer, given, library)
    other = context.clone()
    other[:, -1] = 1.5 - other[:, -1]
    of_x = _heads.changed(answer, given, library)
    before, after = (_heads.output(model, given, x, one) for one in (context, other))
    return Roles(of_x, Change(before, after, -1), _heads.output(model, given, x, context.flip(1)))


def _about_roles(found: Roles) -> list[bool]:
    moved = found.of_x.moved()
    rest = np.delete(moved, found.of_x.t, axis=1)
    turned = _heads.same([found.turned, found.of_context.before])
    return [turned, bool(moved[:, found.of_x.t].all()), not rest.any(), bool(found.of_context.moved().all())]


@judged(
    "Who asks and who answers: each token of x asks for itself, and the context's order does not matter",
    _roles,
    [_heads.with_other(RANDOM[0], 5), _heads.with_other(RANDOM[1], 0)],
    outcome=_about_roles,
    slip="the roles of x and context exchanged or mixed",
)
def roles(found: Roles, given: Given) -> None:
    before, after, t = found.of_x
    asked = f"the output after the context's tokens have changed places, for {given}"
    hint = "no mask: every query sees the whole context."
    expect_close(found.turned, found.of_context.before, asked, hint=hint, atol=1e-5)
    asked = f"the other outputs after token {t} of x has changed, for {given}"
    expect_close(np.delete(after, t, axis=1), np.delete(before, t, axis=1), asked, atol=1e-5)
    expect(found.of_x.moved()[:, t].all(), f"output {t} does not notice a change of token {t} of x.")
    expect(
        found.of_context.moved().all(),
        f"some output does not notice a change of the context's last token.\nHint: {hint}",
    )


batch = _heads.batch.at(
    _heads.batch.title, [*RANDOM, Given((3, 3), (EQUAL, EQUAL.flip(0)), seed=8)], slip="sequences that mix"
)
layers = _heads.layers.at(
    "Three maps from n_embd to head_size, all used; gradients reach x and context; no seed is set",
    RANDOM,
    slip="maps that are missing, unused, or cut off from gradients",
)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(*SIZES))

    return kinds.Trial((X[:, :3], CONTEXT), make=make, any_length=True)
