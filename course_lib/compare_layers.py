"""Where do two models part? Their layers' outputs on one input, side by side, and the first layer that differs.

    mine = compare_layers.in_order(model, (LayerNorm, CausalSelfAttention, FeedForward, Block), idx)
    print(compare_layers.compare(model, mine, reference, reference.layers, idx))

Works for any two models and any two equally long lists of (name, module) pairs. Outputs are taken by forward hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Named = tuple[str, nn.Module]
SHOWN = 60  # rows of a printed table


@dataclass(frozen=True)
class Row:
    """One pair of layers. name, other: what they are called. difference: the largest, inf if they cannot be compared.

    shape, other_shape: of their outputs, None if the layer did not run. parted: the difference exceeds the tolerance.
    """

    name: str
    other: str
    difference: float
    shape: tuple[int, ...] | None
    other_shape: tuple[int, ...] | None
    parted: bool


@dataclass(frozen=True)
class Comparison:
    """rows: one for each pair of layers, in order; the last is the models' own output. tolerance: what is equal.

    note: why only the outputs are compared, if that is so.
    """

    rows: tuple[Row, ...]
    tolerance: float
    note: str = ""

    @property
    def first(self) -> Row | None:
        """The first pair of layers that differ; None if all agree."""
        return next((row for row in self.rows if row.parted), None)

    def __str__(self) -> str:
        wide = max(len(row.name) for row in self.rows)
        other = max(len(row.other) for row in self.rows)
        lines = [f"{'layer':{wide}}   {'reference':{other}}   largest difference"]
        first = self.first
        for row in self.rows[:SHOWN]:
            gap = f"{row.difference:.1e}" if row.difference < float("inf") else _why(row)
            here = "  ← here they part" if row is first else ""
            lines.append(f"{row.name:{wide}}   {row.other:{other}}   {'≠' if row.parted else '='} {gap}{here}")
        if len(self.rows) > SHOWN:
            lines.append(f"… and {len(self.rows) - SHOWN} more")
        if first is None:
            lines.append(f"All {len(self.rows)} agree within {self.tolerance:.0e}.")
        else:
            lines.append(f"The first to differ by more than {self.tolerance:.0e}: {first.name} ({first.other}).")
        return "\n".join([*lines, self.note] if self.note else lines)


def compare(
    model: Callable[[torch.Tensor], Any],
    layers: Sequence[Named],
    reference: Callable[[torch.Tensor], Any],
    reference_layers: Sequence[Named],
    idx: torch.Tensor,
    *,
    tolerance: float = 1e-4,
) -> Comparison:
    """Run both models on `idx` and compare the outputs of their layers, pair by pair, and their own.

    layers, reference_layers: (name, module) pairs, in the order in which they run; first is compared with first.
    A layer's output is the tensor that it returns, or the first of a tuple's. tolerance: the largest difference
    of two equal layers; 1e-4 leaves room for float32 sums in another order.
    Lists that are not equally long cannot be paired: then the outputs alone are compared, and a note says so.
    """
    note = ""
    if len(layers) != len(reference_layers):
        ours, theirs = (", ".join(name for name, _ in pairs) or "none" for pairs in (layers, reference_layers))
        note = (
            f"Only the outputs are compared: {len(layers)} layers cannot be paired with {len(reference_layers)}. "
            f"Yours are {ours}; the other ones {theirs}."
        )
        layers = reference_layers = ()
    outputs, output = _outputs(model, layers, idx)
    wanted, wanted_output = _outputs(reference, reference_layers, idx)
    names = [*(name for name, _ in layers), "output"]
    others = [*(name for name, _ in reference_layers), "output"]
    rows = [
        _row(name, other, one, two, tolerance)
        for name, other, one, two in zip(names, others, [*outputs, output], [*wanted, wanted_output], strict=True)
    ]
    return Comparison(tuple(rows), tolerance, note)


def in_order(model: nn.Module, kinds: type[nn.Module] | tuple[type[nn.Module], ...], *inputs: Any) -> list[Named]:
    """The modules of these classes inside a model, in the order in which they finish when it runs on the inputs."""
    finished: list[Named] = []
    chosen = [(name, module) for name, module in model.named_modules() if name and isinstance(module, kinds)]
    with _hooked(chosen, lambda pair, _output: finished.append(pair)), torch.no_grad():
        model(*inputs)
    return finished


@contextmanager
def _hooked(layers: Sequence[Named], report: Callable[[Named, Any], None]) -> Iterator[None]:
    """While this lasts, `report(pair, output)` is called whenever one of the layers has run."""

    def hook(pair: Named) -> Callable[..., None]:
        return lambda _module, _inputs, output: report(pair, output)

    handles = [pair[1].register_forward_hook(hook(pair)) for pair in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _outputs(
    model: Callable[[torch.Tensor], Any], layers: Sequence[Named], idx: torch.Tensor
) -> tuple[list[torch.Tensor | None], torch.Tensor | None]:
    came: dict[int, torch.Tensor | None] = {}  # by module: the same module may stand in the list twice

    def keep(pair: Named, output: Any) -> None:
        came[id(pair[1])] = _tensor(output)

    with _hooked(layers, keep), torch.no_grad():
        output = _tensor(model(idx))
    return [came.get(id(module)) for _, module in layers], output


def _tensor(output: Any) -> torch.Tensor | None:
    """The tensor of an output: itself, a tuple's first, or a result object's logits."""
    if isinstance(output, tuple | list):
        output = output[0] if output else None
    output = getattr(output, "logits", output)
    return output.detach().clone() if isinstance(output, torch.Tensor) else None


def _row(name: str, other: str, one: torch.Tensor | None, two: torch.Tensor | None, tolerance: float) -> Row:
    shape, other_shape = (None if part is None else tuple(part.shape) for part in (one, two))
    difference = float("inf")
    if one is not None and two is not None and shape == other_shape:
        difference = float((one.double() - two.double()).abs().max()) if one.numel() else 0.0
    return Row(name, other, difference, shape, other_shape, not difference <= tolerance)


def _why(row: Row) -> str:
    if row.shape is None or row.other_shape is None:
        return f"{row.name if row.shape is None else row.other} gave no tensor"
    if row.shape != row.other_shape:
        return f"shapes {row.shape} and {row.other_shape}"
    return "not a finite number"
