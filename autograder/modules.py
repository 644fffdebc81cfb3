"""What a suite does to a module in the worker, and what it believes of it.

A module's process says what its parameters and gradients are; that is a claim. It is confirmed by outputs, which are
judged here: a matrix that is there moves the output, and a gradient is as large as what a small step does. `lib` is a
handle to `course_lib.probes`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograder import source
from autograder.student import Handle, Student
from autograder.suite import Wrong, as_array, describe, expect
from course_lib.check.a4_gpt._modules import Parameters, is_vector
from course_lib.probes import weights

Run = Callable[..., Any]
MOST = 1 << 18  # numbers in all parameters of a module; those that are asked for here have some thousand
STEPS = (2e-2, 4e-3)  # of a parameter's own length: rounding is far below, and a ReLU's bend is not crossed by both
CLOSE = 0.15


def parameters(lib: Any, model: Any) -> Parameters:
    """Name -> value of each parameter. Raises Wrong where there are none, or far too many for the sizes asked."""
    values = lib.parameters(model)
    expect(
        isinstance(values, dict) and len(values) > 0,
        "your module has no parameters. Are its layers made in __init__, as attributes of self?",
    )
    numbers = sum(math.prod(value.shape) for value in values.values())
    expect(numbers <= MOST, f"your module has {numbers} numbers to learn; for the sizes asked, {MOST} are too many.")
    return dict(values)


def randomise(lib: Any, model: Any, generator: torch.Generator, spread: float) -> None:
    """Draw all parameters of a module, biases too, from N(0, spread²)."""
    values = parameters(lib, model)
    lib.write(model, {name: spread * torch.randn(value.shape, generator=generator) for name, value in values.items()})


def fill(lib: Any, model: Any, weight: float, tables: Sequence[tuple[torch.Tensor, int]] = ()) -> int:
    """Give every matrix the same number everywhere, and every bias 0.

    A linear map of n numbers then gives `weight` times their sum, whichever way round its matrix is kept, and three
    maps fused into one do the same as three. tables: pairs (rows, width); a parameter of shape (len(rows), width) or
    (width, len(rows)) gets the number rows[i] all along row i. Returns how many parameters took a table.
    """
    filled, found = {}, 0
    for name, value in parameters(lib, model).items():
        filled[name] = torch.full_like(value, 0.0 if is_vector(value) else weight)
        shape = tuple(size for size in value.shape if size != 1)
        for rows, width in tables:
            if shape == (len(rows), width):
                filled[name] = rows[:, None].expand(shape).reshape(value.shape).to(value.dtype)
            elif shape == (width, len(rows)):
                filled[name] = rows.expand(shape).reshape(value.shape).to(value.dtype)
            found += shape in ((len(rows), width), (width, len(rows)))
    lib.write(model, filled)
    return found


def matrix_numbers(lib: Any, model: Any) -> int:
    """How many numbers the matrices of a module hold; biases do not count."""
    return sum(value.numel() for value in parameters(lib, model).values() if not is_vector(value))


def idle(lib: Any, model: Any, *args: torch.Tensor) -> int:
    """How many numbers in the matrices have no influence on `model(*args)`, or are not learnt: no gradient.

    Biases do not count: a key's bias adds the same to all scores of a row, and softmax does not see it.
    Raises Wrong where a gradient is not what a step does.
    """
    values, found = parameters(lib, model), lib.gradients(model, *args)
    expect_true(lib, model, *args, values=values, found=found)
    matrices = {name: value for name, value in values.items() if not is_vector(value)}
    return sum(
        value.numel() if found.get(name) is None else int((found[name] == 0).sum()) for name, value in matrices.items()
    )


def expect_true(
    lib: Any,
    model: Any,
    *args: torch.Tensor,
    values: Parameters | None = None,
    found: dict[str, torch.Tensor | None] | None = None,
) -> None:
    """Raise Wrong unless each matrix moves the output of `model(*args)` by as much as its gradient says.

    values, found: its parameters and their gradients, where they are known already.
    """
    values = parameters(lib, model) if values is None else values
    found = lib.gradients(model, *args) if found is None else found
    for name, value in values.items():
        gradient = found.get(name)
        if is_vector(value) or gradient is None or not bool(gradient.any()):
            continue
        expect(gradient.shape == value.shape, f"the gradient of {name} has another shape than {name}.")
        size = float(gradient.double().norm())
        direction = gradient / size

        def along(step: float, name: str = name, value: torch.Tensor = value, way: torch.Tensor = direction) -> float:
            lib.write(model, {name: value + step * way})
            return _total(model, args)

        slopes = []
        for share in STEPS:
            step = share * max(1.0, float(value.norm()))
            slopes.append((along(step) - along(-step)) / (2 * step))
        lib.write(model, {name: value})
        expect(
            any(abs(slope - size) <= CLOSE * size for slope in slopes),
            f"the gradient of {name} is not what a small change of {name} does to the output. Is it used in forward, "
            "and does nothing in between detach or leave torch?",
        )


def expect_input_gradients(student: Student, module: Any, *inputs: torch.Tensor) -> None:
    """Raise Wrong unless the gradients that come back to each float input of a module are its output's derivatives."""
    mix = weights(_output(module, inputs))
    found = student.gradients(module, *inputs, weights=mix)["inputs"]
    for at, (value, gradient) in enumerate(zip(inputs, found, strict=True)):
        hint = "\nHint: no detach, no torch.no_grad, nothing by way of numpy."
        expect(
            gradient is not None and bool(gradient.any()),
            f"no gradient reaches an input, so that layers before this one could not learn.{hint}",
        )
        expect(gradient.shape == value.shape, "the gradient of an input has another shape than the input.")
        size = float(gradient.double().norm())
        slopes = []
        for share in STEPS:
            step = share * float(value.norm())
            ahead, back = (
                _total(module, [*inputs[:at], value + way * step * gradient / size, *inputs[at + 1 :]])
                for way in (1, -1)
            )
            slopes.append((ahead - back) / (2 * step))
        expect(
            any(abs(slope - size) <= CLOSE * size for slope in slopes),
            f"the gradient that flows back to an input is not the derivative of the output.{hint}",
        )


def expect_loss_slope(
    lib: Any, model: Any, idx: torch.Tensor, targets: torch.Tensor, found: dict[str, torch.Tensor] | None
) -> None:
    """Raise Wrong unless a step along the loss's gradients changes the loss by as much as they say.

    found: parameter name -> gradient of the loss of `model(idx, targets)`.
    """
    values, found = parameters(lib, model), {} if found is None else found
    size = math.sqrt(sum(float(gradient.double().square().sum()) for gradient in found.values()))
    expect(
        size > 0 and found.keys() <= values.keys(),
        "no gradient flows from the loss to the parameters, so that the model cannot be trained.\n"
        "Hint: return what cross_entropy returns; no .item(), no .detach(), no torch.no_grad().",
    )
    length = math.sqrt(sum(float(values[name].double().square().sum()) for name in found))

    def loss(step: float) -> float:
        lib.write(model, {name: values[name] + step / size * gradient for name, gradient in found.items()})
        return float(as_array(model(idx, targets)[1], "the loss"))

    slopes = [(loss(share * length) - loss(-share * length)) / (2 * share * length) for share in STEPS]
    lib.write(model, values)
    expect(
        any(abs(slope - size) <= CLOSE * size for slope in slopes),
        "the loss's gradients are not what a small change of the parameters does to the loss.\n"
        "Hint: nothing between the parameters and the loss may detach or leave torch.",
    )


def expect_buffers(nodes: Sequence[ast.stmt]) -> None:
    """Raise Wrong where a class keeps a tensor as a plain attribute and moves nothing along in its calls."""
    moves = any(
        isinstance(part, ast.Attribute) and part.attr in ("to", "device") for node in nodes for part in ast.walk(node)
    )
    found = [] if moves else source.plain_tensors(nodes)
    expect(
        not found,
        f"{', '.join(found)}: a tensor kept as a plain attribute stays behind when the model moves to a GPU; use "
        "register_buffer.",
    )


def _total(model: Any, args: Sequence[Any]) -> float:
    output = _output(model, args)
    return float((output * weights(output)).sum())


def _output(model: Any, args: Sequence[Any]) -> torch.Tensor:
    got = model(*args)
    got = got[0] if isinstance(got, tuple | list) and got else got
    if isinstance(got, Handle):
        raise Wrong(f"the output: expected numbers, yours is {describe(got)}.")
    return torch.from_numpy(as_array(got, "the output").astype("float64"))
