"""What `trace_first` is: the steps of a head for problem 2, from a string to its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape
from course_lib.check.properties import judged
from course_lib.letters import VOWELS, embed_with_position
from course_lib.patterns import LONGEST

KEYS = ("string", "Q", "K", "scores", "masked", "weights")
MOST = 200  # letters of the string, and numbers of a query: all steps together have some T * T * n_q numbers
LOOSE = 1e-4  # absolute and relative: numbers may be single precision, or typed in from a printed array


class Trace:
    """A trace, read step by step; each step is judged from the one before, so that one slip costs one step.

    Reading a step raises `Wrong` when it is not numeric or its shape does not fit the string.
    """

    def __init__(self, answer: Any) -> None:
        keys = ", ".join(KEYS)
        expect(isinstance(answer, dict), f"expected a dict with keys {keys}; yours is {describe(answer)}.")
        missing = ", ".join(key for key in KEYS if key not in answer)
        expect(not missing, f"the dict has no {missing}; its keys should be {keys}.")
        self.answer = answer

    @property
    def string(self) -> str:
        string = self.answer["string"]
        expect(isinstance(string, str), f"string: expected text, yours is {describe(string)}.")
        expect(len(string) >= 3, f"string: choose at least 3 letters; yours has {len(string)}.")
        expect(len(string) <= MOST, f"string: choose at most {MOST} letters; yours has {len(string)}.")
        for character in string:
            expect("a" <= character <= "z", f"string: {character!r} is not a letter from a to z in lower case.")
        return string

    @property
    def X(self) -> np.ndarray:
        """(T, 3) the rows of problem 2 for this string."""
        return embed_with_position(self.string)

    def rows(self, step: str) -> np.ndarray:
        """Q or K: (T, n_q)."""
        array, T = as_array(self.answer[step], step), len(self.string)
        expect(
            array.ndim == 2 and array.shape[0] == T and array.shape[1] > 0,
            f"{step}: expected a row for each of the {T} letters, shape ({T}, n_q); yours is {array.shape}.",
        )
        expect(array.shape[1] <= MOST, f"{step}: n_q is at most {MOST} here; yours is {array.shape[1]}.")
        return array.astype(float)

    def square(self, step: str) -> np.ndarray:
        """scores, masked or weights: (T, T)."""
        T = len(self.string)
        return expect_shape(self.answer[step], (T, T), step).astype(float)

    def expect_rows(self, step: str, W: np.ndarray | None = None) -> None:
        """Q or K come from this string's X by W (n_q, 3); without W, by one matrix, whichever it was."""
        hint = "X has the columns vowel, consonant, is position 1; every letter goes through the same W."
        rows = self.rows(step)
        if W is None:
            W = np.linalg.lstsq(self.X, rows, rcond=None)[0].T  # the matrix that comes nearest
        expect_close(rows, self.X @ W.T, f"{step} of your string", hint=hint, atol=LOOSE, rtol=LOOSE)

    def expect_scores(self) -> None:
        wanted = self.products()
        hint = "each query with each key, one row for each query; this assignment does not scale them."
        expect_close(self.square("scores"), wanted, "scores, from your Q and K", hint=hint, atol=LOOSE, rtol=LOOSE)

    def expect_masked(self) -> None:
        scores, masked = self.square("scores"), self.square("masked")
        later = np.triu(np.ones(masked.shape, dtype=bool), 1)
        expect((masked[later] == -np.inf).all(), "masked: every number above the diagonal should be -inf.")
        asked, hint = "masked, on and below the diagonal", "there the scores stay as they were."
        expect_close(masked[~later], scores[~later], asked, hint=hint, atol=LOOSE, rtol=LOOSE)

    def expect_weights(self) -> None:
        masked = self.square("masked")
        some = np.isfinite(masked).any(axis=-1) & ~np.isnan(masked).any(axis=-1)
        expect(some.all(), f"masked: {(~some).sum()} of {len(some)} rows hold NaN, or nothing to attend to.")
        wanted = softmax(masked)
        hint = "softmax along each row of masked: every row sums to 1."
        asked = "weights, from your masked scores"
        expect_close(self.square("weights"), wanted, asked, hint=hint, atol=LOOSE, rtol=LOOSE)

    def products(self) -> np.ndarray:
        """(T, T) each query of the trace with each of its keys."""
        Q, K = self.rows("Q"), self.rows("K")
        expect(Q.shape == K.shape, f"Q and K should have the same shape; yours are {Q.shape} and {K.shape}.")
        return np.einsum("td,sd->ts", Q, K)


def softmax(masked: np.ndarray) -> np.ndarray:
    return torch.softmax(torch.from_numpy(masked), dim=-1).numpy()


def _string(trace: Trace) -> str:
    string = trace.answer["string"]
    if not isinstance(string, str):
        return "no text"
    if not all("a" <= letter <= "z" for letter in string):
        return "other characters"
    if len(string) != len(as_array(trace.answer["weights"], "weights")):
        return "another length than the weights"
    return "short" if len(string) < 3 else "right"


def _rows(trace: Trace) -> str:
    Q, K, T = as_array(trace.answer["Q"], "Q"), as_array(trace.answer["K"], "K"), len(trace.string)
    if Q.ndim == K.ndim == 2 and len(Q) != T and Q.shape[1] == K.shape[1] == T:
        return "columns are tokens"
    try:
        trace.expect_rows("Q")
        trace.expect_rows("K")
    except Wrong:
        return "no matrix does this"
    # A later letter of the same kind as the first shows whether position 1 changes anything.
    kinds = [letter in VOWELS for letter in trace.string]
    if kinds[0] in kinds[1:]:
        twin = kinds.index(kinds[0], 1)
        both = np.concatenate([trace.rows("Q"), trace.rows("K")], axis=1)
        if np.allclose(both[0], both[twin]):
            return "the same without positions"
    return "right"


def _scores(trace: Trace) -> str:
    plain, scores = trace.products(), trace.square("scores")
    if np.allclose(scores, plain, atol=LOOSE, rtol=LOOSE):
        return "right"
    if np.allclose(scores, plain.T, atol=LOOSE, rtol=LOOSE):
        return "a column for each query"
    factor = (scores * plain).sum() / max((plain * plain).sum(), 1e-12)
    return "scaled" if np.allclose(scores, factor * plain, atol=LOOSE, rtol=LOOSE) else "other"


def _masked(trace: Trace) -> str:
    scores, masked = trace.square("scores"), trace.square("masked")
    later = np.triu(np.ones(masked.shape, dtype=bool), 1)
    if np.allclose(masked.sum(axis=-1), 1, atol=LOOSE) and (trace.square("weights")[later] == -np.inf).all():
        return "exchanged with weights"
    if not np.allclose(masked[~later], scores[~later], atol=LOOSE, rtol=LOOSE):
        return "other numbers on and below the diagonal"
    future = masked[later]
    kinds = {
        "right": (future == -np.inf).all(),
        "zeros": (future == 0).all(),
        "large negative numbers": (future < -1e3).all(),
        "scores": np.allclose(future, scores[later], atol=LOOSE, rtol=LOOSE),
    }
    return next((kind for kind, holds in kinds.items() if holds), "other")


def _weights(trace: Trace) -> str:
    if _masked(trace) != "right":
        return "not asked"
    masked, weights = trace.square("masked"), trace.square("weights")
    unmasked = softmax(trace.square("scores"))
    explanations = {
        "right": softmax(masked),
        "of all scores": unmasked,
        "of all scores, then cut": np.tril(unmasked),
        "along columns": softmax(masked.T.copy()).T,
    }
    return next((name for name, known in explanations.items() if np.allclose(weights, known, atol=LOOSE)), "other")


def _on_first(trace: Trace) -> str:
    if _rows(trace) != "right":
        return "not asked"
    scores = trace.products()[:LONGEST, :LONGEST]  # a right W_first need not hold beyond
    scores[np.triu_indices(len(scores), 1)] = -np.inf
    return "right" if (softmax(scores)[:, 0] > 0.5).all() else "no"


def _told(*facts: Callable[[Trace], str]) -> Callable[[Any], Any]:
    """Which of these steps follow from the ones before, and which known slip explains those that do not.

    What is told does not depend on which string or which matrices were chosen.
    """

    def tell(trace: Trace, fact: Callable[[Trace], str]) -> str:
        try:
            return fact(trace)
        except Wrong:
            return "another shape"

    def outcome(answer: Any) -> Any:
        trace = Trace(answer)
        string = _string(trace)
        return [tell(trace, fact) for fact in facts] if string == "right" else string

    return outcome


@judged(
    "Q and K: your string's letters, seen through your own W_first",
    _heads.itself,
    [(None, None)],
    outcome=_told(_rows, _on_first),
    slip="queries and keys of other matrices, or rounded",
)
def queries(answer: Any, matrices: tuple[np.ndarray | None, np.ndarray | None]) -> None:
    trace = Trace(answer)
    for step, W in zip("QK", matrices, strict=True):
        trace.expect_rows(step, W)


@judged(
    "scores: your queries with your keys",
    _heads.itself,
    [None],
    outcome=_told(_scores),
    slip="scores that are not your queries times your keys",
)
def scores(answer: Any, _: None) -> None:
    Trace(answer).expect_scores()


@judged(
    "masked: -inf above the diagonal, your scores on and below it",
    _heads.itself,
    [None],
    outcome=_told(_masked),
    slip="a mask that does more or less than write -inf over the future",
)
def masked(answer: Any, _: None) -> None:
    Trace(answer).expect_masked()


@judged(
    "weights: softmax along each row of your masked scores",
    _heads.itself,
    [None],
    outcome=_told(_weights),
    slip="weights that are not the softmax of your masked scores",
)
def weights(answer: Any, _: None) -> None:
    Trace(answer).expect_weights()
