"""Public check of `sinusoidal_positions(block_size, n_embd)`: Vaswani et al. (2017), section 3.5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import doubles
from course_lib.check import kinds
from course_lib.check.expect import describe, expect, expect_close, expect_shape

# Stored numbers: positions 0 to 3, 6 features.
KNOWN = [
    [0.0, 1.0, 0.0, 1.0, 0.0, 1.0],
    [0.841471, 0.540302, 0.0463992, 0.998923, 0.00215443, 0.999998],
    [0.909297, -0.416147, 0.0926985, 0.995694, 0.00430886, 0.999991],
    [0.14112, -0.989992, 0.138798, 0.990321, 0.00646326, 0.999979],
]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Two small tables, and what kind of thing comes back."""
    return {
        # Few positions: where angles are far too large, rounding moves their sines.
        "six features": lambda: answer(2, 6),
        "four features": lambda: answer(3, 4),
        "shape": lambda: list(answer(7, 4).shape),
        "kind": lambda: doubles.kind(answer(4, 6)),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((), lambda: answer(12, 8), batch=False, time=False, learns=False)


def check(answer: Callable[..., Any]) -> None:
    got = answer(4, 6)
    expect(isinstance(got, torch.Tensor), f"expected a tensor, yours is {describe(got)}.")
    expect(
        not got.requires_grad,
        "the table is fixed: it should be a plain tensor that asks for no gradients.",
        slip="a table that learns",
    )
    expect_shape(got, (4, 6), "the table for block_size=4, n_embd=6")
    hint = (
        "columns 0, 2, 4 are sines, columns 1, 3, 5 the cosines of the same angles; position over 10000^(2i / n_embd)."
    )
    expect_close(got, KNOWN, "the table for block_size=4, n_embd=6", hint=hint, atol=1e-5, reveal=True)
    expect_shape(answer(3, 8), (3, 8), "the table for block_size=3, n_embd=8")
    got = torch.as_tensor(answer(5, 8)).double()
    expect_close(got.square().sum(1), [4.0] * 5, "the sums of squares of each row for n_embd=8", atol=1e-4, reveal=True)
