"""Small stand-ins that checks hand to a student's code: a model with known logits, a call that keeps its inputs.

They run beside the student's code, in the student's own process, and hold nothing that is worth reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import nn


def call_keeping_inputs(function: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """Call `function(*args)` and return the arguments as they are afterwards."""
    function(*args)
    return args


class TableModel(nn.Module):
    """A language model whose next-token logits are rows of a known table, its only parameter.

    table: (C, C) numbers, any floating dtype. memory: which row is read at position t; False: the row of token t,
    True: the row of the sum of tokens 0..t modulo C, so that every token of the context matters.
    Called as `model(idx)` or `model(idx, targets)` it returns (logits (B, T, C), loss or None).
    """

    def __init__(self, table: Any, memory: bool = False):
        super().__init__()
        self.table = nn.Parameter(torch.as_tensor(table).clone())
        self.memory = bool(memory)

    def rows(self, idx: torch.Tensor) -> torch.Tensor:
        return idx.cumsum(-1) % len(self.table) if self.memory else idx

    def current_table(self) -> torch.Tensor:
        return self.table

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, Any]:
        row, table = self.rows(idx), self.current_table()
        known = table.log_softmax(1)
        return table[row], None if targets is None else known[row, targets].mean().neg()


class TwoModeModel(TableModel):
    """A `TableModel` that reads another table in training mode, as a model with dropout computes something else there.

    table, training_table: (C, C). `calls` holds one pair for each call: (in training mode, gradients enabled).
    """

    def __init__(self, table: Any, training_table: Any):
        super().__init__(table)
        self.register_buffer("training_table", torch.as_tensor(training_table).clone())
        self.calls: list[tuple[bool, bool]] = []

    def current_table(self) -> torch.Tensor:
        self.calls.append((self.training, torch.is_grad_enabled()))
        return self.get_buffer("training_table") + 0 * self.table if self.training else self.table


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
