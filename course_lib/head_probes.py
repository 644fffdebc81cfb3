"""Gradients of inputs, asked beside the student's code; and which parameters are no matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch


def is_vector(shape: tuple[int, ...]) -> bool:
    """Whether all but one of the dimensions are 1, a bias or a gain, (n,) or (1, 1, n); or some biases, (3, 1, n)."""
    return not shape or torch.Size(shape).numel() == max(shape) or 1 in shape[1:-1]


def input_gradients(
    function: Callable[..., Any], inputs: Sequence[torch.Tensor], mix: torch.Tensor, part: int = 0
) -> list[torch.Tensor | None]:
    """Gradients of sum(mix · function(*inputs)) with respect to each input; None where none arrives.

    mix: of the output's shape; of several outputs it is number `part` that counts.
    """
    leaves = [value.detach().clone().requires_grad_(True) for value in inputs]
    output = function(*(leaf * 1 for leaf in leaves))  # the input of a layer inside a network is no leaf
    output = output[part] if isinstance(output, tuple | list) else output
    if not output.requires_grad:
        return [None for _ in leaves]
    return list(torch.autograd.grad((output * mix).sum(), leaves, allow_unused=True))
