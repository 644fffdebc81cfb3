"""Looking into a network whose layers have names, biases and shapes that nobody prescribed.

A right answer may keep its weights as three linear layers, as one fused layer or as bare parameters. What can be said
of all of them alike: every matrix can be filled with one number, every gradient asked for, every call watched.
These functions run beside the student's code and hold no expected values.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from course_lib import probes
from course_lib.probes import ready_made_attention, reseeds, torch_calls

__all__ = [
    "RESIDUE",
    "fill",
    "is_vector",
    "left_behind",
    "parameter_shapes",
    "parameters",
    "reached",
    "ready_made_attention",
    "reseeds",
    "set_parameters",
    "torch_calls",
    "untouched",
    "weight_count",
]

RESIDUE = 3e-6  # of the largest gradient: what rounding can leave where an exact calculation has 0


def parameters(model: nn.Module) -> list[torch.Tensor]:
    """The parameters that training may change, in the model's own order."""
    return [value for value in probes.named(model).values() if value.requires_grad]


def parameter_shapes(model: nn.Module) -> list[tuple[int, ...]]:
    """The shapes of the parameters that training may change."""
    return [tuple(parameter.shape) for parameter in parameters(model)]


def is_vector(shape: tuple[int, ...]) -> bool:
    """Whether all but one of the dimensions are 1, a bias or a gain, (n,) or (1, 1, n); or some biases, (3, 1, n)."""
    return not shape or torch.Size(shape).numel() == max(shape) or 1 in shape[1:-1]


def set_parameters(model: nn.Module, values: list[torch.Tensor]) -> None:
    """Give the parameters these values, in the order of `parameter_shapes`."""
    with torch.no_grad():
        for parameter, value in zip(parameters(model), values, strict=True):
            parameter.copy_(value)


def fill(model: nn.Module, weight: float, tables: Any = ()) -> int:
    """Give every matrix the same number everywhere, and every bias 0.

    A linear map of n numbers then gives `weight` times their sum, whichever way round its matrix is kept, and three
    maps fused into one do the same as three. tables: pairs (rows, width); a parameter of shape (len(rows), width) or
    (width, len(rows)) gets the number rows[i] all along row i. Returns how many parameters took a table.
    """
    found = 0
    with torch.no_grad():
        for parameter in parameters(model):
            parameter.fill_(0.0 if is_vector(tuple(parameter.shape)) else weight)
            for rows, width in tables:
                rows = torch.as_tensor(rows, dtype=parameter.dtype)
                shape = tuple(size for size in parameter.shape if size != 1)
                if shape == (len(rows), width):
                    parameter.copy_(rows[:, None].expand(shape).reshape(parameter.shape))
                elif shape == (width, len(rows)):
                    parameter.copy_(rows.expand(shape).reshape(parameter.shape))
                found += shape in ((len(rows), width), (width, len(rows)))
    return found


def weight_count(model: nn.Module) -> int:
    """How many numbers the matrices hold that training may change; biases do not count."""
    return sum(torch.Size(shape).numel() for shape in parameter_shapes(model) if not is_vector(shape))


def left_behind(model: nn.Module) -> list[str]:
    """Names of tensors in plain attributes: they stay where they are when the model moves to another device."""
    return [
        f"{path}.{name}" if path else name
        for path, module in probes.parts(model)
        for name, value in vars(module).items()
        if isinstance(value, torch.Tensor) and value.ndim > 0
    ]


def untouched(model: nn.Module, *args: Any, share: float = 0.0) -> int:
    """How many numbers in the matrices have no influence on `model(*args)`: their gradient is missing or zero.

    share: of the largest gradient (at least 1); what is at most so large counts as zero, see RESIDUE.

    Biases do not count: a key's bias adds the same to all scores of a row, and softmax does not see it.
    """
    output = model(*args)
    output = output[0] if isinstance(output, tuple) else output
    matrices = [parameter for parameter in parameters(model) if not is_vector(tuple(parameter.shape))]
    if not output.requires_grad:
        return sum(parameter.numel() for parameter in matrices)
    # Each number of the output counts differently, so that no influence cancels out.
    weighted = (output * torch.cos(torch.arange(output.numel(), dtype=output.dtype)).view(output.shape)).sum()
    gradients = torch.autograd.grad(weighted, matrices, allow_unused=True)
    found = [gradient.abs()[gradient.isfinite()] for gradient in gradients if gradient is not None]
    largest = max((float(numbers.max()) for numbers in found if len(numbers)), default=0.0)
    zero = share * max(1.0, largest)  # where an output is NaN, rounding may be all that is finite
    return sum(
        parameter.numel() if gradient is None else int((gradient.abs() <= zero).sum())
        for parameter, gradient in zip(matrices, gradients, strict=True)
    )


def reached(model: nn.Module, *args: torch.Tensor) -> list[bool]:
    """For each float input whether a gradient comes back to it from the output, one tensor."""
    leaves = [value.detach().clone().requires_grad_() for value in args]
    output = model(*leaves)
    if not output.requires_grad:
        return [False for _ in leaves]
    found = torch.autograd.grad((output * output).sum(), leaves, allow_unused=True)
    return [gradient is not None and bool(gradient.any()) for gradient in found]
