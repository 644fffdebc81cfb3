"""Public check of `train(model, batches, lr)`: one AdamW step for each batch, and the losses on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import as_array, expect, expect_close
from course_lib.doubles import TableModel, TwoModeModel, after_a_loss, call_with_kinds, once

TABLE = torch.tensor([[4.0, -2.0, 1.0], [-3.0, 2.0, 5.0], [1.5, 6.0, -4.0]], dtype=torch.float64)
BATCHES = (
    (torch.tensor([[0, 1, 0]]), torch.tensor([[1, 0, 2]])),
    (torch.tensor([[1, 1], [0, 2]]), torch.tensor([[1, 2], [0, 0]])),
    (torch.tensor([[2, 0], [0, 0]]), torch.tensor([[0, 1], [1, 1]])),
)
LR = 0.5
# What torch.optim.AdamW makes of the table with these batches, and the losses on the way.
AFTER_THREE = [
    [2.734225, -0.746758, 1.837584],
    [-1.868772, 2.09005, 3.566454],
    [2.276899, 5.111163, -4.739202],
]
LOSSES = [5.716933, 1.927268, 4.334648]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The table after one and after three batches, the losses and their kind, batches that come only once, modes."""

    def table(count: int) -> torch.Tensor:
        model = TableModel(TABLE)
        answer(model, list(BATCHES[:count]), LR)
        return model.table

    def losses() -> Any:
        got = answer(TableModel(TABLE), list(BATCHES), LR)
        return [as_array(loss, "a loss") for loss in got] if isinstance(got, list | tuple) else got

    def modes() -> list[bool]:
        model = TwoModeModel(TABLE, TABLE)
        answer(model, list(BATCHES), LR)
        return sorted({training for training, _ in model.calls})

    def from_a_stream() -> torch.Tensor:
        model = TableModel(TABLE)
        answer(model, once(BATCHES), LR)
        return model.table

    def held_gradients() -> torch.Tensor:
        model = after_a_loss(TableModel(TABLE), *BATCHES[1])
        answer(model, list(BATCHES[:1]), LR)
        return model.table

    return {
        "held gradients": held_gradients,
        "one step": lambda: table(1),
        "three steps": lambda: table(3),
        "losses": losses,
        "graphs": lambda: "graph" in call_with_kinds(answer, TableModel(TABLE), list(BATCHES), LR)[2],
        "stream": from_a_stream,
        "modes": modes,
    }


def check(answer: Callable[..., Any]) -> None:
    model = TableModel(TABLE)
    losses, _, kinds = call_with_kinds(answer, model, once(BATCHES), LR)
    expect("graph" not in kinds, "your losses are tensors that hold on to their whole computation; keep plain numbers.")
    losses = as_array(losses, "the losses")
    expect(losses.shape == (3,), f"three batches give three losses, shape (3,), yours have shape {losses.shape}.")
    expect_close(losses[0], LOSSES[0], "the loss of the first batch, before its step", atol=1e-4, reveal=True)
    expect_close(
        model.table,
        AFTER_THREE,
        "the parameters after three batches, shape (3, 3)",
        hint="zero the gradients, go backward, step: once for each batch, with one AdamW for all of them.",
        atol=1e-4,
        reveal=True,
    )
    expect_close(losses, LOSSES, "the losses", atol=1e-4, reveal=True)
    tables = [TableModel(TABLE), after_a_loss(TableModel(TABLE), *BATCHES[1])]
    for model in tables:
        answer(model, list(BATCHES[:1]), LR)
    expect_close(
        tables[1].table,
        tables[0].table,
        "the parameters after one batch, if the model held gradients before, beside the same model without",
        hint="loss, gradients to zero, gradients, step: zero comes before backward.",
        atol=1e-4,
        reveal=True,
    )
    model = TwoModeModel(TABLE, TABLE)
    losses = as_array(answer(model, list(BATCHES), LR), "the losses")
    expect(losses.shape == (3,), f"a list of three batches gives three losses, yours have shape {losses.shape}.")
    trained = all(training for training, _ in model.calls)
    expect(trained, "the model came in training mode and was trained in evaluation mode, without its dropout.")
