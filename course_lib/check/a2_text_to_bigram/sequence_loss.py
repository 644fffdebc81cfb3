"""Public check of `sequence_loss(logits, targets)`: mean cross-entropy over every token of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import doubles
from course_lib.check import kinds
from course_lib.check.expect import as_array, expect, expect_close

LOGITS = 3 * torch.sin(1.7 * torch.arange(30.0) ** 2).reshape(2, 3, 5)  # (B, T, C)
TARGETS = torch.tensor([[1, 4, 0], [3, 3, 2]])  # (B, T)
LOSS = 2.466902  # of these logits and targets, in nats
LARGE = 1810.38  # of a thousand times these logits
SQUARE = 3 * torch.cos(1.1 * torch.arange(32.0) ** 2).reshape(
    2, 4, 4
)  # T = C, where a mix-up of the two goes unnoticed
SQUARE_TARGETS = torch.tensor([[1, 0, 3, 3], [2, 0, 1, 1]])


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """One batch, one with T = C, one token, whether a gradient reaches the logits; large logits, others in pieces."""

    def gradient() -> Any:
        found = doubles.input_gradient(answer, LOGITS, TARGETS)
        return None if found is None else bool((found != 0).all())

    def large() -> str:
        """Not the number: a cap depends on what was added before the logarithm."""
        found = as_array(answer(1000 * LOGITS, TARGETS.clone()), "the loss").mean()
        return "large" if 500 < found < 1e6 else "capped" if 0 <= found < 100 else "something else"

    return {
        "batch": lambda: answer(LOGITS.clone(), TARGETS.clone()),
        "square": lambda: answer(SQUARE.clone(), SQUARE_TARGETS.clone()),
        "one token": lambda: answer(LOGITS[:1, :1].clone(), TARGETS[:1, :1].clone()),
        "gradient": gradient,
        "large": large,
        "strided": lambda: doubles.call_strided(answer, LOGITS, TARGETS),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((LOGITS, TARGETS), answer, batch=False, time=False, loss=True)


def check(answer: Callable[..., Any]) -> None:
    asked = "the loss for logits (2, 3, 5) and targets (2, 3)"
    got = as_array(answer(torch.zeros(2, 3, 5), TARGETS.clone()), asked)
    expect(got.shape == (), f"{asked}: expected one number, shape (), yours has shape {got.shape}.")
    expect_close(got, 1.609438, f"{asked}, all logits 0 (ln 5)", reveal=True)
    sure = torch.zeros(2, 3, 5)
    for b, row in enumerate(TARGETS.tolist()):
        for t, target in enumerate(row):
            sure[b, t, target] = 6.0
    expect_close(answer(sure, TARGETS.clone()), 0.009866, "the loss when the logit of each target is 6, the rest 0",
                 atol=1e-5, reveal=True)  # fmt: skip
    hint = "each row of logits stays together with its own target, and every token counts the same."
    expect_close(answer(LOGITS.clone(), TARGETS.clone()), LOSS, asked, hint=hint, atol=1e-4, reveal=True)
    hint = "let cross-entropy take the logits themselves; the softmax of large ones is 0, whose logarithm is infinite."
    asked = "the loss for logits in the thousands"
    expect_close(answer(1000 * LOGITS, TARGETS.clone()), LARGE, asked, hint=hint, rtol=1e-4, reveal=True)
    asked = "the loss for tensors that do not lie in one piece, as slices do not"
    expect_close(doubles.call_strided(answer, LOGITS, TARGETS), LOSS, asked, atol=1e-4, reveal=True)
    found = doubles.input_gradient(answer, LOGITS, TARGETS)
    expect(found is not None, "no gradient reaches the logits: return the tensor, not a plain number made from it.")
