"""Whether a mask holds whatever the scores are: the first token sees itself alone, however large the weights.

A finite number in place of -inf hides the future only as long as all other scores are larger. With weights scaled up,
scores of both signs reach from some tens to ten thousand millions, as in the first assignment: wherever the first
token's score with itself is the lower one, the future gets the weight. The first output of a right answer depends on no
score at all (its weight is 1), so that no rounding touches it.

The public checks and the hidden suites both use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from course_lib.check.expect import Wrong, expect_shape

# Scores grow with the square of the weights. Small steps too: an answer that overflows further up is caught before.
SPREADS = (5.0, 30.0, 1e3, 1e5)
HINT = 'a masked score is float("-inf"): any finite number is, somewhere, larger than the scores beside it.'


def first_output_moves(run: Callable[[torch.Tensor], Any], x: torch.Tensor, other: torch.Tensor, width: int) -> bool:
    """Whether the first output changes when all later tokens do.

    run: (B, T, …) -> (B, T, width). x, other: inputs that differ everywhere. Rows that are not finite do not
    count: what is asked is the mask. Raises `Wrong` for an output of another shape.
    """
    shape = (*x.shape[:2], width)
    mixed = torch.cat([x[:, :1], other[:, 1:]], dim=1)
    before, after = (
        torch.from_numpy(expect_shape(run(tokens), shape, "the output").astype("float64"))[:, 0]
        for tokens in (x.clone(), mixed)
    )
    finite = before.isfinite().all(-1) & after.isfinite().all(-1)
    before, after = before[finite], after[finite]
    # The same product of the same numbers: float32 leaves 1e-6 of the largest, a leak a good part of it.
    scale = torch.maximum(before.abs().amax(-1), after.abs().amax(-1))
    return bool(((after - before).abs().amax(-1) > 1e-3 * scale).any())


def leaks(
    fill: Callable[[float], Any], run: Callable[[torch.Tensor], Any], x: torch.Tensor, other: torch.Tensor, width: int
) -> bool:
    """Whether the future comes through at some size of the weights. fill: gives a model weights of this spread."""
    return any(True for _ in _leaking(fill, run, x, other, width))


def expect_mask_holds(
    fill: Callable[[float], Any], run: Callable[[torch.Tensor], Any], x: torch.Tensor, other: torch.Tensor, width: int
) -> None:
    """Raise `Wrong` unless the first output stays as it is while later tokens change, for weights of every spread."""
    for spread in _leaking(fill, run, x, other, width):
        raise Wrong(
            f"with weights about {spread:g} times as large as usual, so that scores are large, changing later tokens "
            f"changes the first output: the mask lets the future through.\nHint: {HINT}",
            slip="a mask that large scores get through",
        )


def _leaking(
    fill: Callable[[float], Any], run: Callable[[torch.Tensor], Any], x: torch.Tensor, other: torch.Tensor, width: int
) -> Iterable[float]:
    for spread in SPREADS:
        fill(spread)
        if first_output_moves(run, x, other, width):
            yield spread
