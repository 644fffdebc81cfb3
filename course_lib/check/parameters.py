"""What checks give to the parameters of a module whose layers nobody prescribed, and what they ask of its gradients.

A right answer may keep its weights as three linear layers, as one fused layer or as bare parameters, with biases or
without. What can be said of all of them alike: every matrix can be filled with one number or with random ones, and a
gradient is as large as what a small step does. `lib` is `course_lib.probes` where the module is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import as_array, describe, expect
from course_lib.head_probes import is_vector
from course_lib.probes import weights

Parameters = dict[str, torch.Tensor]
MOST = 1 << 18  # numbers in all parameters of a module; those that are asked for here have some thousand
STEPS = (2e-2, 4e-3)  # of a parameter's own length: rounding is far below, and a ReLU's bend is not crossed by both
CLOSE = 0.15
RESIDUE = 3e-6  # of the largest gradient (at least 1): what rounding can leave where an exact calculation has 0


def numbers(lib: Any, model: Any) -> Parameters:
    """Name -> value of each parameter. Raises Wrong where there are none, or far too many for the sizes asked."""
    values = lib.parameters(model)
    expect(
        isinstance(values, dict) and len(values) > 0,
        "your module has no parameters. Are its layers made in __init__, as attributes of self?",
    )
    count = sum(math.prod(value.shape) for value in values.values())
    expect(count <= MOST, f"your module has {count} numbers to learn; for the sizes asked, {MOST} are too many.")
    return dict(values)


def in_matrices(values: Parameters) -> int:
    """How many numbers the matrices hold; biases do not count."""
    return sum(value.numel() for value in values.values() if not is_vector(tuple(value.shape)))


def level(lib: Any, model: Any, weight: float, tables: Sequence[tuple[torch.Tensor, int]] = ()) -> int:
    """Give every matrix the same number everywhere, and every bias 0.

    A linear map of n numbers then gives `weight` times their sum, whichever way round its matrix is kept, and three
    maps fused into one do the same as three. tables: pairs (rows, width); a parameter of shape (len(rows), width) or
    (width, len(rows)) gets the number rows[i] all along row i. Returns how many parameters took a table.
    """
    filled, found = {}, 0
    for name, value in numbers(lib, model).items():
        filled[name] = torch.full_like(value, 0.0 if is_vector(tuple(value.shape)) else weight)
        shape = tuple(size for size in value.shape if size != 1)
        for rows, width in tables:
            if shape == (len(rows), width):
                filled[name] = rows[:, None].expand(shape).reshape(value.shape).to(value.dtype)
            elif shape == (width, len(rows)):
                filled[name] = rows.expand(shape).reshape(value.shape).to(value.dtype)
            found += shape in ((len(rows), width), (width, len(rows)))
    lib.write(model, filled)
    return found


def draw(lib: Any, model: Any, seed: int, spread: float) -> None:
    """Draw all parameters of a module, biases too, from N(0, spread²)."""
    source = np.random.RandomState(seed)  # draws the same in every version
    values = numbers(lib, model)
    drawn = {name: spread * torch.from_numpy(source.standard_normal(value.shape)) for name, value in values.items()}
    lib.write(model, {name: value.float() for name, value in drawn.items()})


class Claim(NamedTuple):
    """What a gradient says, and what small steps along it do.

    name: of what it belongs to. shape: of that. arrives: whether there is a gradient of this shape. idle: in how many
    places it is 0; faint: or no more than what rounding can leave of 0. size: how steeply the output rises along it.
    slopes: how steeply it does, for steps of `STEPS`.
    """

    name: str
    shape: tuple[int, ...]
    arrives: bool
    idle: int
    faint: int
    size: float
    slopes: list[float]

    @property
    def holds(self) -> bool:
        """Whether small steps do what it says."""
        return any(abs(slope - self.size) <= CLOSE * self.size for slope in self.slopes)


def of_matrices(lib: Any, model: Any, *args: torch.Tensor) -> list[Claim]:
    """The claims of the gradients of each matrix, for a fixed random sum of `model(*args)`.

    Biases do not count: a key's bias adds the same to all scores of a row, and softmax does not see it.
    """
    values, found = numbers(lib, model), lib.gradients(model, *args)
    finite = [gradient[gradient.isfinite()].abs() for gradient in found.values() if gradient is not None]
    largest = max([1.0, *(float(gradient.max()) for gradient in finite if len(gradient))])
    claims = []
    for name, value in values.items():
        if not is_vector(tuple(value.shape)):

            def along(step: torch.Tensor, name: str = name, value: torch.Tensor = value) -> float:
                lib.write(model, {name: value + step})
                return _total(model, args)

            claims.append(_claim(name, value, found.get(name), along, max(1.0, float(value.norm())), largest))
            lib.write(model, {name: value})
    return claims


def of_inputs(given: Any, module: Any, *inputs: torch.Tensor) -> list[Claim]:
    """The claims of the gradients of each float input. given: `course_lib.head_probes` where the module is."""
    found = given.input_gradients(module, list(inputs), weights(_output(module, inputs)))
    claims = []
    for at, (value, gradient) in enumerate(zip(inputs, found, strict=True)):

        def along(step: torch.Tensor, at: int = at, value: torch.Tensor = value) -> float:
            return _total(module, [*inputs[:at], value + step, *inputs[at + 1 :]])

        claims.append(_claim(f"input {at}", value, gradient, along, float(value.norm())))
    return claims


def of_loss(lib: Any, model: Any, idx: torch.Tensor, targets: torch.Tensor, found: Any) -> Claim:
    """What the gradients of the loss of `model(idx, targets)` claim, all of them together.

    found: parameter name -> gradient, or None.
    """
    values = numbers(lib, model)
    named = {name: value for name, value in (found or {}).items() if name in values}
    size = math.sqrt(sum(float(gradient.double().square().sum()) for gradient in named.values()))
    if size == 0 or len(named) < len(found):
        return Claim("loss", (), False, 0, 0, 0.0, [])
    length = math.sqrt(sum(float(values[name].double().square().sum()) for name in named))

    def loss(step: float) -> float:
        lib.write(model, {name: values[name] + step / size * gradient for name, gradient in named.items()})
        return float(as_array(model(idx, targets)[1], "the loss"))

    slopes = [(loss(step) - loss(-step)) / (2 * step) for step in (share * length for share in STEPS)]
    lib.write(model, values)
    return Claim("loss", (), True, 0, 0, size, slopes)


def expect_loss(claim: Claim) -> None:
    """Raise Wrong unless a step along the loss's gradients changes the loss by as much as they say."""
    expect(
        claim.arrives,
        "no gradient flows from the loss to the parameters, so that the model cannot be trained.\n"
        "Hint: return what cross_entropy returns; no .item(), no .detach(), no torch.no_grad().",
    )
    expect(
        claim.holds,
        "the loss's gradients are not what a small change of the parameters does to the loss.\n"
        "Hint: nothing between the parameters and the loss may detach or leave torch.",
    )


def expect_used(claims: Sequence[Claim], what: str, hint: str = "") -> None:
    """Raise Wrong unless each number of the matrices moves the output. what: they move, and a hint, for messages."""
    hint = hint and f"\nHint: {hint}"
    expect(
        any(claim.size > 0 for claim in claims),
        f"no weight has an influence on {what}, as far as gradients tell: no detach, no torch.no_grad, nothing by way "
        "of numpy.",
    )
    idle = sum(claim.idle for claim in claims)
    expect(idle == 0, f"{idle} weights have no influence on {what}.{hint}")
    expect_true(claims)


def expect_true(claims: Sequence[Claim]) -> None:
    """Raise Wrong unless each matrix that has a gradient moves the output by as much as that says."""
    for claim in claims:
        expect(
            claim.holds or claim.size == 0,
            f"the gradient of {claim.name} is not what a small change of {claim.name} does to the output. Is it used "
            "in forward, and does nothing in between detach or leave torch?",
        )


def expect_inputs(claims: Sequence[Claim]) -> None:
    """Raise Wrong unless the gradients that come back to the inputs are the output's derivatives."""
    hint = "\nHint: no detach, no torch.no_grad, nothing by way of numpy."
    for claim in claims:
        expect(
            claim.arrives and claim.size > 0,
            f"no gradient reaches an input, so that layers before this one could not learn.{hint}",
        )
        expect(claim.holds, f"the gradient that flows back to an input is not the derivative of the output.{hint}")


def _claim(name: str, value: torch.Tensor, gradient: Any, along: Any, length: float, largest: float = 1.0) -> Claim:
    shape = tuple(value.shape)
    if gradient is None or tuple(gradient.shape) != shape or not bool(gradient.any()):
        arrives = gradient is not None and tuple(gradient.shape) == shape
        return Claim(name, shape, arrives, value.numel(), value.numel(), 0.0, [])
    size = float(gradient.double().norm())
    way = gradient / size
    slopes = [(along(step * way) - along(-step * way)) / (2 * step) for step in (share * length for share in STEPS)]
    idle, faint = (int((gradient.abs() <= most).sum()) for most in (0.0, RESIDUE * largest))
    return Claim(name, shape, True, idle, faint, size, slopes)


def _total(model: Any, args: Sequence[Any]) -> float:
    output = _output(model, args)
    return float((output * weights(output)).sum())


def _output(model: Any, args: Sequence[Any]) -> torch.Tensor:
    got = model(*args)
    got = got[0] if isinstance(got, tuple | list) and got else got
    expect(hasattr(got, "shape"), f"the output: expected numbers, yours is {describe(got)}.")
    return torch.from_numpy(as_array(got, "the output").astype("float64"))
