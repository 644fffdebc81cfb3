"""Public check of `BigramLanguageModel(vocab_size)`: the next-token logits of each token, and the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from course_lib import doubles
from course_lib.check import kinds, with_targets
from course_lib.check.expect import as_array, describe, expect, expect_close

IDX = torch.tensor([[0, 3, 3, 1], [4, 2, 0, 0]])  # (B, T)
TARGETS = torch.tensor([[3, 3, 1, 5], [2, 0, 0, 4]])
SIZE = 6
WIDE = 50
LOSS = 3.576255  # of the table that `_filled` lays down, for these ids and targets


def _filled(answer: Callable[..., Any], size: int) -> tuple[Any, bool]:
    """A model with known parameters, and whether it holds a square table.

    The table is symmetric, so that it does not matter which way it is read, and has full rank.
    """
    model = answer(size)
    half = torch.sin(1.0 + 1.7 * torch.arange(size * size, dtype=torch.float64)).reshape(size, size)  # rank 2
    half = half + torch.diag(torch.linspace(1, 3, size) if size == WIDE else torch.zeros(size))
    square = any(parameter.shape == (size, size) for parameter in model.parameters())
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.shape == (size, size):
                parameter.copy_(3 * (half + half.mT))
            elif parameter.ndim == 1 and square:
                parameter.zero_()
            else:
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return model, square


def _logits(got: Any) -> torch.Tensor:
    return torch.as_tensor(got[0] if isinstance(got, list | tuple) else got).detach()


def _rank(answer: Callable[..., Any]) -> str:
    """How much a model of 50 symbols can tell apart: one row for all, a narrow table, a full one."""
    found = _logits(_filled(answer, WIDE)[0](torch.arange(WIDE)[None]))[0]
    values = torch.linalg.svdvals(found.reshape(len(found), -1))
    share = float((values > 1e-4 * values[0]).sum()) / WIDE
    return "one row" if share <= 1 / WIDE else "full" if share > 0.9 else "narrow"


def _learns(answer: Callable[..., Any]) -> str:
    """Which numbers of the parameters get a gradient when every token comes: cross-entropy spares none of a table."""
    every = torch.arange(SIZE)[None]
    found = doubles.parameter_gradients(_filled(answer, SIZE)[0], every, every.flip(1))
    reached = torch.cat([part.reshape(-1) != 0 for part in (found or {"none": torch.zeros(1)}).values()])
    return "all" if reached.all() else "some" if reached.any() else "none"


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """What comes back with and without targets, logits and loss of a known table, what repeats, what can be learnt."""

    def parts(*args: Any) -> Any:
        got = answer(SIZE)(*args)
        if not isinstance(got, tuple | list):
            return doubles.kind(got).replace("graph", "tensor"), list(_logits(got).shape)
        return [None if part is None else list(as_array(part, "a part").shape) for part in got]

    def loss_alone(*args: Any) -> Any:
        """What comes back with targets, but for the first part: that is asked last, so that it hides nothing else."""
        found = parts(*args)
        return found[1:] if isinstance(found, list) else found

    def logits() -> Any:
        model, square = _filled(answer, SIZE)
        found = _logits(model(IDX))
        return found - found.mean(-1, keepdim=True) if square else "no square table"

    def loss() -> Any:
        model, square = _filled(answer, SIZE)
        return model(IDX, TARGETS)[1] if square else "no square table"

    def repeats() -> bool:
        model = answer(SIZE)
        return torch.equal(_logits(model(IDX)), _logits(model(IDX)))

    def learnt() -> Any:
        found = doubles.parameter_gradients(_filled(answer, SIZE)[0], IDX, TARGETS)
        return None if found is None else any(bool(part.any()) for part in found.values())

    def numbers() -> str:
        count = sum(parameter.numel() for parameter in answer(SIZE).parameters())
        return "fewer" if count < SIZE * SIZE else "more" if count > SIZE * SIZE else "a table"

    return {
        "without targets": lambda: parts(IDX),
        "with targets": lambda: loss_alone(IDX, TARGETS),
        "logits": logits,
        "loss": loss,
        "one position": lambda: loss_alone(IDX[:1, :1], TARGETS[:1, :1]),
        "repeats": repeats,
        "rank": lambda: _rank(answer),
        "learnt": learnt,
        "all learn": lambda: _learns(answer),
        "numbers": numbers,
        "logits with targets": lambda: with_targets.about_logits(_filled(answer, SIZE)[0], IDX, TARGETS),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(SIZE))

    return kinds.Trial((IDX,), make=make, causal=True, any_length=True, ids=SIZE)


def check(answer: Callable[..., Any]) -> None:
    model = answer(SIZE)
    expect(
        isinstance(model, nn.Module), f"BigramLanguageModel({SIZE}) is not an nn.Module; yours is {describe(model)}."
    )
    expect(any(True for _ in model.parameters()), "your model has no parameters, so nothing in it can be learnt.")
    got = model(IDX)
    expect(
        isinstance(got, tuple | list) and len(got) == 2, f"model(idx) returns (logits, loss), yours {describe(got)}."
    )
    logits = as_array(got[0], "the logits")
    expect(logits.shape == (2, 4, SIZE), f"for idx (2, 4) expected logits (2, 4, {SIZE}), yours {logits.shape}.")
    expect(got[1] is None, f"without targets the loss is None, yours is {describe(got[1])}.")
    both = model(IDX, TARGETS)
    expect(
        isinstance(both, tuple | list) and len(both) == 2,
        f"model(idx, targets) returns (logits, loss), yours {describe(both)}.",
    )
    with_targets.expect_logits(both[0], doubles.kind(both[0]), torch.as_tensor(logits))
    loss = as_array(both[1], "the loss")
    expect(loss.shape == (), f"with targets (2, 4) the loss is one number, shape (), yours has shape {loss.shape}.")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    at_zero = float(as_array(model(IDX, TARGETS)[1], "the loss"))
    expect(
        abs(at_zero - 1.791759) < 1e-4, f"with all parameters 0 the loss is ln {SIZE} = 1.7918, yours is {at_zero:.4f}."
    )
    rank = _rank(answer)
    expect(rank != "one row", f"for {WIDE} symbols all {WIDE} tokens get the same logits; each has a row of its own.")
    expect(rank == "full", f"for {WIDE} symbols, a table of shape ({WIDE}, {WIDE}) does not fit into your parameters.")
    model, square = _filled(answer, SIZE)
    count, wanted = sum(parameter.numel() for parameter in model.parameters()), SIZE * SIZE
    asked = f"with {SIZE} symbols the table ({SIZE}, {SIZE}), the only parameter, has {wanted} numbers"
    expect(count == wanted, f"{asked}; your parameters have {count} in all.")
    expect(
        bool((_logits(model(IDX)) < 0).any()), "logits may be negative, yours never are; return the table's rows raw."
    )
    if square:
        hint = "the loss compares position t of the logits with position t of the targets."
        asked = f"the loss of a known table for targets (2, 4) and {SIZE} symbols"
        expect_close(model(IDX, TARGETS)[1], LOSS, asked, hint=hint, atol=1e-4, reveal=True)
    found = doubles.parameter_gradients(model, IDX, TARGETS)
    expect(found is not None, "no gradient flows from the loss: return the tensor, not a plain number made from it.")
    learns = _learns(answer)
    expect(learns == "all", f"some of {SIZE} tokens never learn: no gradient reaches their row of the table.")
