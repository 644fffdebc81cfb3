"""Small stand-ins that checks hand to a student's code: a model with known logits, a call that keeps its inputs.

They run beside the student's code, in the student's own process, and hold nothing that is worth reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


def call_keeping_inputs(function: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """Call `function(*args)` and return the arguments as they are afterwards."""
    function(*args)
    return args


def call_strided(function: Callable[..., Any], *tensors: torch.Tensor) -> Any:
    """`function(*tensors)` with the same numbers, laid out in memory as slices and transposes are: not in one piece."""
    return function(*(tensor.transpose(0, 1).contiguous().transpose(0, 1) for tensor in tensors))


class TableModel(nn.Module):
    """A language model whose next-token logits are rows of a known table, its only parameter.

    table: (C, C) numbers, any floating dtype. memory: which row is read at position t; False: the row of token t,
    True: the row of the sum of tokens 0..t modulo C, so that every token of the context matters. gain: factor of the
    rows, and so of the gradients.
    Called as `model(idx)` or `model(idx, targets)` it returns (logits (B, T, C), loss or None).
    """

    def __init__(self, table: Any, memory: bool = False, gain: float = 1.0):
        super().__init__()
        self.table = nn.Parameter(torch.as_tensor(table).clone())
        self.memory, self.gain = bool(memory), gain

    def rows(self, idx: torch.Tensor) -> torch.Tensor:
        return idx.cumsum(-1) % len(self.table) if self.memory else idx

    def current_table(self) -> torch.Tensor:
        return self.table if self.gain == 1 else self.gain * self.table

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, Any]:
        row, table = self.rows(idx), self.current_table()
        known = table.log_softmax(1)
        return table[row], None if targets is None else known[row, targets].mean().neg()


def after_a_loss(model: Model, *args: Any) -> Model:
    """The model with the gradients of the loss of `model(*args)` in it, as a part of a notebook leaves them behind."""
    model(*args)[1].backward()
    return model


class Switch(nn.Module):
    """A part that lets a table through in eval mode and puts another in its place in training, as dropout would."""

    def __init__(self, training_table: Any):
        super().__init__()
        self.register_buffer("training_table", torch.as_tensor(training_table).clone())

    def forward(self, table: torch.Tensor) -> torch.Tensor:
        return self.get_buffer("training_table") + 0 * table if self.training else table


class Shared(list[tuple[bool, bool]]):
    """A list that a copy of its owner goes on writing to."""

    def __deepcopy__(self, memo: Any) -> Shared:
        return self


class TwoModeModel(TableModel):
    """A `TableModel` that reads another table in training mode, as a model with dropout computes something else there.

    table, training_table: (C, C). A part of the model makes the difference, so it is that part's mode which counts.
    """

    def __init__(self, table: Any, training_table: Any):
        super().__init__(table)
        self.switch = Switch(training_table)
        self._calls = Shared()

    def current_table(self) -> torch.Tensor:
        return self.switch(self.table)

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, Any]:
        logits, loss = super().forward(idx, targets)
        self._calls.append((self.switch.training, logits.requires_grad))
        return logits, loss

    @property
    def calls(self) -> list[tuple[bool, bool]]:
        """For each call, of copies too: (the part in training mode, gradients recorded)."""
        return list(self._calls)

    @property
    def modes(self) -> list[bool]:
        """The modes, in training or not, of the model and its part; one if they agree."""
        return sorted({module.training for module in self.modules()})


def first_tokens(function: Callable[..., Any], times: int, *args: Any) -> torch.Tensor:
    """Call `function(*args)` so many times; the first id in each row of the first part of what it returns.

    The rows of all calls in one tensor of shape (rows,).
    """
    return torch.cat([torch.as_tensor(function(*args)[0])[:, 0] for _ in range(times)])


def once(values: Iterable[Any]) -> Iterator[Any]:
    """The values one after another, for a single pass: no length, no index, no second time."""
    yield from values


def kind(value: Any) -> str:
    """ "graph" for a tensor that still holds its computation, "tensor" for any other, else the type's name."""
    if isinstance(value, torch.Tensor):
        return "graph" if value.requires_grad else "tensor"
    return type(value).__name__


def call_with_kinds(function: Callable[..., Any], *args: Any) -> tuple[Any, str, list[str]]:
    """Call `function(*args)`; returns the result, its kind, and the kinds of its parts if it is a list or tuple."""
    result = function(*args)
    parts = result if isinstance(result, list | tuple) else []
    plain = [part.detach() if isinstance(part, torch.Tensor) else part for part in parts]
    return plain if isinstance(result, list | tuple) else result, kind(result), [kind(part) for part in parts]


def input_gradient(function: Callable[..., Any], logits: torch.Tensor, *args: Any) -> torch.Tensor | None:
    """The gradient of `function(logits, *args)` with respect to the logits; None if it does not depend on them."""
    leaf = logits.detach().clone().requires_grad_(True)
    value = function(leaf, *args)
    if kind(value) != "graph" or value.numel() != 1:
        return None
    return torch.autograd.grad(value, leaf, allow_unused=True)[0]


def parameter_gradients(model: nn.Module, *args: Any) -> dict[str, torch.Tensor] | None:
    """Parameter name -> gradient of the loss of `model(*args)`, zeros where it does not reach; None without a graph."""
    loss = model(*args)[1]
    if kind(loss) != "graph" or loss.numel() != 1:
        return None
    named = dict(model.named_parameters())
    found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return {
        name: torch.zeros_like(parameter) if gradient is None else gradient
        for (name, parameter), gradient in zip(named.items(), found, strict=True)
    }
