"""What `estimate_loss(model, batches)` does: the mean loss over all target tokens, in evaluation mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import describe, expect, expect_close, expect_shape
from course_lib.check.properties import judged
from course_lib.doubles import TwoModeModel


class Given(NamedTuple):
    """table (C, C), noisy: what training mode computes instead. batches: (x, y). mean: over all targets, with table.

    training: the mode in which the model comes. once: the batches come from a generator.
    """

    table: torch.Tensor
    noisy: torch.Tensor
    batches: list[Any]
    mean: float
    training: bool = False
    once: bool = False

    def __str__(self) -> str:
        shapes = [tuple(y.shape) for _, y in self.batches]
        listed = ", ".join(map(str, shapes)) if len(shapes) < 9 else f"{shapes[0]} and so on, {len(shapes)} of them"
        return f"{listed}, from a generator" if self.once else listed


TABLE = torch.tensor([[0.5, 2.0, -1.0], [1.0, 0.0, 3.0], [-2.0, 0.5, 0.0]])
NOISY = torch.tensor([[2.0, -1.0, 0.0], [0.0, 3.0, 1.0], [0.5, 0.0, -2.0]])
BATCHES = [
    (torch.tensor([[1], [1], [0]]), torch.tensor([[2], [2], [1]])),
    (torch.tensor([[0, 1, 0, 2]]), torch.tensor([[1, 0, 2, 1]])),
    (torch.tensor([[2, 0], [2, 2]]), torch.tensor([[0, 0], [2, 0]])),
]
THREE = Given(TABLE, NOISY, BATCHES, 1.415493)
EQUAL = [BATCHES[2], (torch.tensor([[0, 1], [1, 0]]), torch.tensor([[1, 2], [2, 1]]))]


class Seen(NamedTuple):
    """What came back, and what became of the model.

    calls: (the part in training mode, gradients recorded) for each. modes: of the model and its part, afterwards.
    recording: whether torch still does. trainable: whether the model still is.
    """

    value: Any
    calls: list[tuple[bool, bool]]
    modes: list[bool]
    recording: bool
    trainable: bool


def estimate(answer: Callable[..., Any], given: Given, library: Any) -> Seen:
    doubles, there = library("course_lib.doubles"), library("torch")
    model = doubles.TwoModeModel(given.table, given.noisy)
    model.train(given.training)
    try:
        value = answer(model, doubles.once(given.batches) if given.once else list(given.batches))
        recording = there.is_grad_enabled()
    finally:
        there.set_grad_enabled(True)  # for what comes after
    calls, modes = model.calls, model.modes
    return Seen(value, calls, modes, recording, doubles.parameter_gradients(model, *given.batches[0]) is not None)


def _value(seen: Seen) -> float:
    return float(seen.value)


@judged(
    "No gradients are recorded, and a plain float comes back",
    estimate,
    [THREE._replace(training=True)],
    outcome=lambda seen: [seen.recording, seen.trainable, sorted({call[1] for call in seen.calls}), _plain(seen)],
    slip="gradients that are recorded, or a loss that is no plain float",
)
def no_gradients(seen: Seen, given: Given) -> None:
    expect_shape(seen.value, (), f"the mean loss over batches {given}")
    expect(seen.recording, "afterwards torch records no gradients any more; with torch.no_grad(): ends by itself.")
    expect(seen.trainable, "the model's parameters can no longer be trained; leave requires_grad alone.")
    recorded = any(recorded for _, recorded in seen.calls)
    expect(not recorded, "gradients were recorded while measuring; wrap the loop in torch.no_grad().")
    expect(_plain(seen), f"expected a plain float, yours is a {describe(seen.value)}.")


def _plain(seen: Seen) -> bool:
    return isinstance(seen.value, float | np.floating)


PART = (
    "a part of the model was in training mode, with dropout, while it was measured.\n"
    "Hint: model.eval() reaches every layer, model.training = False none."
)


def _close(seen: Seen, given: Given, hint: str) -> None:
    # float32 losses of up to about 20, summed: 1e-4 relative.
    asked = f"the mean loss over batches {given}"
    expect_close(seen.value, given.mean, asked, hint=hint, atol=1e-5, rtol=1e-4)


@judged(
    "The model is measured in evaluation mode, without dropout",
    estimate,
    [THREE._replace(training=True)],
    outcome=lambda seen: [sorted({call[0] for call in seen.calls}), _value(seen)],
    slip="a loss measured with dropout",
)
def evaluation(seen: Seen, given: Given) -> None:
    expect_shape(seen.value, (), f"the mean loss over batches {given}")
    expect(seen.calls, "the model was never called.")
    expect(not any(training for training, _ in seen.calls), PART)
    _close(seen, given, "model.eval() first, and a batch with more targets counts for more.")


def _flags(answer: Callable[..., Any], given: Given, _: Any) -> list[bool]:
    """In the notebook alone: the modes of the model itself, whatever its part's, when it was called."""
    model, flags = TwoModeModel(given.table, given.noisy), set()
    model.register_forward_pre_hook(lambda called, _: flags.add(called.training))
    try:
        answer(model, list(given.batches))
    finally:
        torch.set_grad_enabled(True)
    return sorted(flags)


@judged(
    "The model itself is in evaluation mode too", _flags, [THREE], slip="a model that is not put into evaluation mode"
)
def flags(found: list[bool], given: Given) -> None:
    expect(True not in found, PART)


@judged(
    "Afterwards the model is in the mode it came in",
    estimate,
    [THREE._replace(training=training) for training in (True, False)],
    outcome=lambda seen: seen.modes,
    slip="a model that does not come back in its mode",
)
def restored(seen: Seen, given: Given) -> None:
    came, left = ("training", "evaluation") if given.training else ("evaluation", "training")
    expect(
        seen.modes == [given.training],
        f"the model, or a part of it, came in {came} mode and was left in {left} mode.",
    )


@judged(
    "Batches of unequal size: every token counts the same",
    estimate,
    [THREE],
    outcome=_value,
    slip="batches that count the same, whatever their size",
)
def unequal(seen: Seen, given: Given) -> None:
    _close(seen, given, "a batch with more targets counts for more: weight its mean by their number.")


@judged(
    "Batches of equal size, a few and more than a thousand: the mean of all token losses",
    estimate,
    [
        Given(TABLE, NOISY, EQUAL, 1.204419),
        Given(TABLE, NOISY, EQUAL[:1] * 510 + EQUAL[1:] * 510, 1.204419),  # the same mean, and another one before
    ],
    outcome=_value,
)
def equal(seen: Seen, given: Given) -> None:
    _close(seen, given, "each batch counts, and the sum is divided by how many there are.")


@judged(
    "Batches may come from a generator, one after another",
    estimate,
    [THREE._replace(once=True)],
    outcome=_value,
    slip="batches that are gone through twice",
)
def stream(seen: Seen, given: Given) -> None:
    _close(seen, given, "go through the batches once, with a for loop.")
