"""Public check of `estimate_loss(model, batches)`: the mean loss over all target tokens, in evaluation mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check.expect import as_array, describe, expect, expect_close
from course_lib.doubles import TwoModeModel, kind, once

TABLE = torch.tensor([[0.5, 2.0, -1.0], [1.0, 0.0, 3.0], [-2.0, 0.5, 0.0]])
NOISY = torch.tensor([[2.0, -1.0, 0.0], [0.0, 3.0, 1.0], [0.5, 0.0, -2.0]])  # what training mode computes instead
BATCHES = (
    (torch.tensor([[1], [1], [0]]), torch.tensor([[2], [2], [1]])),
    (torch.tensor([[0, 1, 0, 2]]), torch.tensor([[1, 0, 2, 1]])),
    (torch.tensor([[2, 0], [2, 2]]), torch.tensor([[0, 0], [2, 0]])),
)
MANY = tuple(batch for batch in BATCHES for _ in range(110))
MEAN = 1.415493  # over the 11 targets, and over those of MANY


def _model(training: bool) -> TwoModeModel:
    model = TwoModeModel(TABLE, NOISY)
    model.train(training)
    return model


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The value from either mode, what is left behind, what the model saw, and what came back."""

    def value(training: bool) -> float:
        return float(answer(_model(training), list(BATCHES)))

    def mode(training: bool) -> list[bool]:
        model = _model(training)
        answer(model, list(BATCHES))
        return model.modes

    def seen(which: int) -> list[bool]:
        model = _model(True)
        answer(model, list(BATCHES))
        return sorted({call[which] for call in model.calls})

    def flags_seen() -> list[bool]:
        """The mode of the model itself, whatever its part's."""
        model, flags = _model(True), set()
        model.register_forward_pre_hook(lambda called, _: flags.add(called.training))
        answer(model, list(BATCHES))
        return sorted(flags)

    def recording_afterwards() -> bool:
        try:
            answer(_model(True), list(BATCHES))
            return torch.is_grad_enabled()
        finally:
            torch.set_grad_enabled(True)

    def trainable_afterwards() -> bool:
        model = _model(True)
        answer(model, list(BATCHES))
        return all(parameter.requires_grad for parameter in model.parameters())

    return {
        "value from training": lambda: value(True),
        "value from evaluation": lambda: value(False),
        "mode after training": lambda: mode(True),
        "mode after evaluation": lambda: mode(False),
        "modes seen": lambda: seen(0),
        "flags seen": flags_seen,
        "gradients seen": lambda: seen(1),
        "stream": lambda: float(answer(_model(False), once(BATCHES))),
        "all of many": lambda: bool(np.isclose(float(answer(_model(False), list(MANY))), MEAN, rtol=1e-3)),
        "trainable afterwards": trainable_afterwards,
        "recording afterwards": recording_afterwards,
        "is a tensor": lambda: kind(answer(_model(True), list(BATCHES))) in ("tensor", "graph"),
    }


def check(answer: Callable[..., Any]) -> None:
    model = _model(True)
    try:
        got = answer(model, list(BATCHES))
        recording = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    expect(recording, "afterwards torch records no gradients any more; with torch.no_grad(): ends by itself.")
    frozen = any(not parameter.requires_grad for parameter in model.parameters())
    expect(not frozen, "the model's parameters can no longer be trained; leave requires_grad alone.")
    number = as_array(got, "the estimate")
    expect(number.shape == (), f"for three batches expected one number, shape (), yours has shape {number.shape}.")
    expect(not hasattr(got, "detach"), f"expected a plain float, yours is a {describe(got)}.")
    modes, gradients = zip(*model.calls, strict=True) if model.calls else ((), ())
    expect(model.calls, "the model was never called.")
    hint = "model.eval() reaches every layer, model.training = False none."
    expect(
        not any(modes), f"a part of the model was in training mode, with dropout, while it was measured.\nHint: {hint}"
    )
    expect(not any(gradients), "gradients were recorded while measuring; nothing here needs them.")
    expect(model.modes == [True], "the model, or a part of it, came in training mode and was left in evaluation mode.")
    shapes = ", ".join(str(tuple(y.shape)) for _, y in BATCHES)
    expect_close(number, MEAN, f"the mean loss over the 11 targets of batches {shapes}",
                 hint="a batch with more targets counts for more.", atol=1e-4, reveal=True)  # fmt: skip
    model = _model(False)
    answer(model, list(BATCHES))
    expect(
        model.modes == [False], "the model came in evaluation mode and it, or a part of it, was left in training mode."
    )
    stream = answer(_model(False), once(BATCHES))
    expect_close(
        stream, MEAN, "the mean loss when the three batches come from a generator, once", atol=1e-4, reveal=True
    )
    asked = f"the mean loss over {len(MANY)} batches, the same three 110 times each"
    expect_close(answer(_model(False), list(MANY)), MEAN, asked, hint="every batch counts.", atol=1e-4, reveal=True)
