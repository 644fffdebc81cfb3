"""What `masked_attention(Q, K, V)` does: causal scaled dot-product attention in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_lib.check import kinds
from course_lib.check.a1_attention_by_hand import _future
from course_lib.check.expect import as_array, expect, expect_close, expect_shape
from course_lib.check.properties import judged


class Given(NamedTuple):
    """Q and K (..., T, d), V (..., T, d_v), and their output (..., T, d_v) where it is asked for.

    words: what messages call them, where shapes alone say too little. changed: K and V with other rows at the end.
    """

    Q: np.ndarray
    K: np.ndarray
    V: np.ndarray
    output: np.ndarray | None = None
    words: str = ""
    changed: tuple[np.ndarray, np.ndarray] | None = None

    def __str__(self) -> str:
        return f"for {self.words or f'Q and K {self.Q.shape}, V {self.V.shape}'}"

    def inputs(self) -> tuple[np.ndarray, ...]:
        return self.Q.copy(), self.K.copy(), self.V.copy()


Q = 1.5 * np.sin(1.7 * np.arange(20.0) ** 2).reshape(4, 5)
K = 1.5 * np.cos(0.9 * np.arange(20.0) ** 2).reshape(4, 5)
V = 2 * np.sin(0.5 * np.arange(1.0, 9) ** 2).reshape(4, 2)
OUTPUT = np.array(
    [[0.95885108, 1.81859485], [-1.93131113, 1.97741146], [0.19631168, 0.052801], [-1.74476559, 1.87872282]]
)
OTHER = np.array(  # of K, Q, 2 V
    [[1.91770215, 3.63718971], [-2.96728369, 3.90562339], [-0.66776467, 0.93292408], [-0.63372277, -1.71833875]]
)
TWO = np.stack([Q, K]), np.stack([K, Q]), np.stack([V, 2 * V])
SEQUENCE = Given(Q, K, V, OUTPUT)
CHANGED = [
    Given(Q[:T, :d], K[:T, :d], V[:T], changed=(np.r_[K[:2, :d], -K[2:T, :d]], np.r_[V[:2], -V[2:T]]))
    for T, d in ((4, 5), (3, 2))
]
# Scores 0 and 4 before the scale, so 0 and 2 after it.
PAIR = Given(
    np.array([[0.0] * 4, [2.0] * 4]),
    np.array([[0.0] * 4, [0.5] * 4]),
    np.array([[0.0], [1.0]]),
    np.array([[0.0], [0.88079708]]),
    "scores 0 and 4, head size 4",
)
EVEN = [
    Given(
        np.zeros((T, 2)), np.zeros((T, 2)), np.eye(T)[:, :3], (np.tri(T) / np.arange(1, T + 1)[:, None])[:, :3], words
    )
    for T, words in ((3, "equal scores"), (8, "equal scores of 8 tokens"))
]
ONE = Given(Q[:1], K[:1], V[:1], V[:1])
BOTH, CROSSED = np.stack([OUTPUT, OTHER]), [[0, 1], [1, 0]]
BATCH = Given(*TWO, BOTH)
SINGLE = Given(Q[None], K[None], V[None], OUTPUT[None])
HEADS = Given(TWO[0][CROSSED], TWO[1][CROSSED], TWO[2][CROSSED], BOTH[CROSSED])
# All the weight is on the largest score that is visible; the largest of the first row is behind the mask.
LARGE = Given(40 * Q, 40 * K, V, V[[0, 1, 2, 1]], "scores in the thousands")
LARGE_BATCH = Given(
    40 * TWO[0],
    40 * TWO[1],
    TWO[2],
    np.stack([V[[0, 1, 2, 1]], 2 * V[[0, 1, 2, 2]]]),
    "a batch, scores in the thousands",
)
LOW = [
    Given(np.ones((T, 1)), np.array([[-9e9], [-6e9], [-3e9]])[3 - T :], np.eye(T), np.eye(T), "scores below -1e9")
    for T in (2, 3)
]


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(*given.inputs())


@judged(
    "The weights (V = identity): rows sum to 1, and none is on later tokens",
    call,
    [Given(Q, K, np.eye(4)), Given(K[:3, :2], Q[:3, :2], np.eye(3))],
)
def weights(got: Any, given: Given) -> None:
    T = len(given.V)
    found = expect_shape(got, (T, T), f"the output for V = identity {given.V.shape}")
    hint = "the softmax runs over the keys, after the mask."
    expect_close(found.sum(-1), np.ones(T), f"the sums of the {T} rows of weights", hint=hint)
    expect_close(np.triu(found, 1), np.zeros((T, T)), f"the weights of {T} tokens on later ones")


@judged("One sequence: the output equals causal scaled dot-product attention", call, [PAIR, *EVEN, SEQUENCE, ONE])
def sequence(got: Any, given: Given) -> None:
    expect_close(got, given.output, f"the output {given}")


@judged(
    "Batches: leading dimensions (batch, heads) are attended separately",
    call,
    [BATCH, SINGLE, HEADS],
    in_turn=True,
    slip="leading dimensions that are not attended one by one",
)
def batch(got: Any, given: Given) -> None:
    hint = "each sequence of a batch comes out as it does alone."
    expect_close(got, given.output, f"the output {given}", hint=hint)


def _twice(answer: Callable[..., Any], given: Given, _: Any) -> tuple[Any, Any]:
    assert given.changed is not None
    K, V = given.changed
    return call(answer, given, _), call(answer, given._replace(K=K, V=V), _)


@judged(
    "Causality: changing a later token leaves earlier outputs alone",
    _twice,
    CHANGED,
    outcome=_future.moved,
    in_turn=True,
    slip="later tokens that change earlier outputs",
)
def future(outputs: tuple[Any, Any], given: Given) -> None:
    assert given.changed is not None
    kept = int(np.argmax((abs(given.V - given.changed[1]) > 1e-6).any(axis=1)))
    _future.expect_causal(outputs, given.V.shape, kept)


MAXIMUM = "mask first, then subtract each row's own maximum before exp."


@judged(
    "Scores in the thousands: finite and right",
    call,
    [LARGE, LARGE_BATCH],
    in_turn=True,
    slip="a softmax that fails for large scores",
)
def large(got: Any, given: Given) -> None:
    found = as_array(got, f"the output {given}")
    # Rounding of scores near 1e4 moves a weight by 1e-12 of itself; outputs reach 200.
    hint = "" if np.isfinite(found).all() else MAXIMUM
    expect_close(found, given.output, f"the output {given}", hint=hint, rtol=1e-4, atol=1e-4)


@judged(
    "Scores far below zero: the mask still holds",
    call,
    LOW,
    in_turn=True,
    slip="a mask that very low scores get through",
)
def low(got: Any, given: Given) -> None:
    found = as_array(got, f"the output {given}")
    hint = "a masked score is -inf: not a large negative number, and not one that is added."
    expect_close(found, given.output, f"the output {given}", hint=hint if np.isfinite(found).all() else MAXIMUM)


def _afterwards(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    return library("course_lib.doubles").call_keeping_inputs(answer, *given.inputs())


@judged("", call, [SEQUENCE])
def _form(got: Any, given: Given) -> None:
    expect_shape(got, given.V.shape, f"the output {given}")


@judged(
    "The inputs are not changed in place",
    _afterwards,
    [SEQUENCE],
    needs=_form,
    in_turn=True,
    slip="an input that is changed in place",
)
def untouched(kept: Any, given: Given) -> None:
    for name, before, after in zip("QKV", given.inputs(), kept, strict=True):
        expect(np.array_equal(before, as_array(after, name)), f"{name} was changed in place; work on a copy.")


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes: with queries that are keys and values too."""
    x = np.stack([Q, K])
    return kinds.Trial(
        (x,), lambda x: answer(x, x.copy(), x.copy()), causal=True, past=True, any_length=True, learns=False
    )
