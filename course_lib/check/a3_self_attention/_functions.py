"""What the functions of the assignment share: they leave their inputs as they are, and gradients go through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from course_lib.check.expect import as_array, expect, expect_close
from course_lib.check.properties import Library

Measure = Callable[[Any, Any, Library], Any]


def kept(*names: str) -> Measure:
    """name -> whether the input of this name is after the call what it was before."""

    def measure(answer: Any, given: Any, library: Library) -> dict[str, bool]:
        inputs = [getattr(given, name) for name in names]
        after = library("course_lib.doubles").call_keeping_inputs(answer, *(value.clone() for value in inputs))
        return {
            name: np.array_equal(as_array(now, name), before.numpy())
            for name, now, before in zip(names, after, inputs, strict=True)
        }

    return measure


def expect_kept(same: dict[str, bool], _: Any) -> None:
    for name, holds in same.items():
        expect(holds, f"{name} was changed in place; make a new tensor.")


def gradients(answer: Any, inputs: Sequence[torch.Tensor], mix: torch.Tensor, library: Library, part: int = 0) -> Any:
    """The gradients of sum(mix · answer(*inputs)) with respect to each input. part: which of several outputs."""
    return library("course_lib.head_probes").input_gradients(answer, list(inputs), mix, part)


def arrive(found: Sequence[Any]) -> list[bool]:
    """Which gradients there are, and not zero everywhere."""
    return [gradient is not None and bool(as_array(gradient, "a gradient").any()) for gradient in found]


def expect_gradients(found: Sequence[Any], wanted: dict[str, torch.Tensor | None], what: str) -> None:
    """wanted: name of an input -> its gradient, None where it does not matter. what: of which output, for messages."""
    for (name, gradient), got in zip(wanted.items(), found, strict=True):
        if gradient is None:
            continue
        hint = "does something in between detach, or leave torch?"
        expect(got is not None, f"no gradient reaches {name} from {what}.\nHint: {hint}")
        asked = f"the gradient with respect to {name}, for {name} of shape {tuple(gradient.shape)}"
        expect_close(got, gradient, asked, hint=hint, atol=1e-4, rtol=1e-4)
