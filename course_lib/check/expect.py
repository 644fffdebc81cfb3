"""Assertions that a student can act on: what was asked, which shapes came, how far off, and a hint.

Shared by the public checks (which may show numbers, `reveal=True`) and the hidden suites (which never do).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np


def shown(public: str, hidden: str = "") -> str:
    """The first inside `revealing`, where inputs are public; else the second, which shows none of their values."""
    return public if _revealing.get() else hidden


class Wrong(AssertionError):
    """An answer that is not right yet. Its text is written for the student and holds no hidden value.

    slip: what this shows, a phrase that follows "looks like", where it can mean nothing else. It gives the mistake a
    name where neither a fingerprint nor a kind does. None: its property's. Empty: none, as for another form than was
    asked for.
    """

    def __init__(self, message: str = "", slip: str | None = None) -> None:
        super().__init__(message)
        self.slip = slip


_revealing: ContextVar[bool] = ContextVar("revealing", default=False)


@contextmanager
def revealing() -> Iterator[None]:
    """Comparisons inside show the numbers: for public checks on public inputs."""
    token = _revealing.set(True)
    try:
        yield
    finally:
        _revealing.reset(token)


def expect(condition: Any, message: str, slip: str | None = None) -> None:
    """Raise `Wrong(message, slip)` unless `condition` holds."""
    if not bool(condition):
        raise Wrong(message, slip)


def as_array(value: Any, asked: str) -> np.ndarray:
    """The value as a numeric array. Raises `Wrong` when it is not numeric or ragged.

    A torch tensor is detached and moved to the CPU; booleans and integers keep their kind.
    """
    if value is None:
        raise Wrong(f"{asked}: nothing came back (None). Is there a `return`?", "")
    if value is Ellipsis or isinstance(value, str | bytes | dict):
        raise Wrong(f"{asked}: expected numbers, yours is {describe(value)}.", "")
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong(f"{asked}: expected an array of numbers, yours has rows of different lengths.", "") from None
    if array.dtype.kind not in "biuf":
        raise Wrong(f"{asked}: expected numbers, yours is {describe(value)}.", "")
    return array


def describe(value: Any) -> str:
    """What a value is, in a few words and without its numbers: `array of shape (3, 2), float64`."""
    if value is None:
        return "None"
    if hasattr(type(value), "__described__"):  # a stand-in for something elsewhere says what it stands for
        return str(value.__described__())
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        kind = "tensor" if hasattr(value, "detach") else "array"
        return f"{kind} of shape {tuple(value.shape)}, {str(value.dtype).replace('torch.', '')}"
    if isinstance(value, list | tuple | dict | str):
        return f"{type(value).__name__} of length {len(value)}"
    return type(value).__name__


def expect_shape(got: Any, shape: tuple[int, ...], asked: str, *, slip: str = "") -> np.ndarray:
    """The value as an array of exactly this shape. Raises `Wrong` with both shapes otherwise. slip: see `Wrong`."""
    array = as_array(got, asked)
    expect(array.shape == tuple(shape), f"{asked}: expected shape {tuple(shape)}, yours is {array.shape}.", slip)
    return array


def expect_close(
    got: Any,
    wanted: Any,
    asked: str,
    *,
    hint: str = "",
    atol: float = 1e-6,
    rtol: float = 1e-5,
    reveal: bool = False,
    slip: str | None = None,
) -> np.ndarray:
    """Compare numbers; equal infinities agree, NaN never does.

    got: numbers in any form that numpy understands. wanted: the right numbers, the same shape.
    asked: what the value is, as a noun phrase ("the weights of the last row"). hint: one sentence, optional.
    atol, rtol: as in `numpy.isclose`; state the reason where they differ from the defaults.
    reveal: show both arrays (public checks on public inputs only); so does every comparison inside `revealing`.
    slip: see `Wrong`; of numbers that differ, shapes and NaN have none.
    Returns `got` as an array. Raises `Wrong`.
    """
    wanted = as_array(wanted, asked)
    array = expect_shape(got, wanted.shape, asked)
    if np.isnan(array).any() and not np.isnan(wanted).any():
        raise Wrong(_with(f"{asked}: {int(np.isnan(array).sum())} of {array.size} numbers are NaN.", hint))
    close = np.isclose(array, wanted, atol=atol, rtol=rtol)
    if close.all():
        return array
    finite = np.isfinite(array.astype(float)) & np.isfinite(wanted.astype(float))
    if not finite.any() or not np.array_equal(np.isfinite(array.astype(float)), np.isfinite(wanted.astype(float))):
        text = f"{asked}: infinities stand in the wrong places."
    else:
        gap = np.abs(array[finite].astype(float) - wanted[finite].astype(float)).max()
        wrong = int((~close).sum())
        text = f"{asked}: {wrong} of {array.size} numbers differ, by up to {gap:.3g}."
        if array.ndim == 0:
            text = f"{asked}: yours is off by {gap:.3g}."
    if reveal or _revealing.get():
        with np.printoptions(precision=4, suppress=True, threshold=60, edgeitems=3):
            text += f"\nexpected:\n{wanted}\nyours:\n{array}"
    raise Wrong(_with(text, hint), slip)


def _with(text: str, hint: str) -> str:
    return f"{text}\nHint: {hint}" if hint else text
