"""What `train(model, batches, lr)` does: one AdamW step for each batch, and the losses on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from course_lib.check.expect import as_array, expect, expect_close, expect_shape, shown
from course_lib.check.properties import judged


class Given(NamedTuple):
    """A model's table (C, C), batches (x, y), lr; and what torch.optim.AdamW makes of them.

    after: the table afterwards. losses: on the way. gain: of the model's gradients. held: the batch whose gradients the
    model holds before.
    """

    table: torch.Tensor
    batches: list[Any]
    lr: float
    after: Any
    losses: Any
    gain: float = 1.0
    held: Any = None

    def __str__(self) -> str:
        count = len(self.batches)
        return f"{count} batch{'' if count == 1 else 'es'}{shown(f' with lr = {self.lr}')}"


TABLE = torch.tensor([[4.0, -2.0, 1.0], [-3.0, 2.0, 5.0], [1.5, 6.0, -4.0]], dtype=torch.float64)
BATCHES = [
    (torch.tensor([[0, 1, 0]]), torch.tensor([[1, 0, 2]])),
    (torch.tensor([[1, 1], [0, 2]]), torch.tensor([[1, 2], [0, 0]])),
    (torch.tensor([[2, 0], [0, 0]]), torch.tensor([[0, 1], [1, 1]])),
]
ONE = Given(
    TABLE,
    BATCHES[:1],
    0.5,
    [[3.48000001, -1.49000002, 1.49499998], [-2.48500002, 1.49000032, 4.47500002], [1.4925, 5.97, -3.98]],
    [5.71693279],
)
THREE = Given(
    TABLE,
    BATCHES,
    0.5,
    [
        [2.73422457, -0.74675805, 1.83758414],
        [-1.86877161, 2.09004961, 3.5664542],
        [2.27689886, 5.11116274, -4.73920151],
    ],
    [5.71693279, 1.92726806, 4.33464845],
)
STEEP = THREE._replace(
    gain=40.0,
    after=[
        [2.70114025, -0.74476424, 2.07241984],
        [-1.86787966, 2.62796778, 3.56176408],
        [2.27705166, 5.1110099, -3.9402995],
    ],
)
TINY = THREE._replace(
    lr=1e-4,
    after=[
        [3.99974106, -1.99974778, 1.00020274],
        [-2.99977226, 2.00001734, 4.99971168],
        [1.50015576, 5.99982174, -4.00014807],
    ],
)
SMALL = THREE._replace(
    lr=0.05,
    after=[
        [3.87072542, -1.87396688, 1.10034453],
        [-2.88620333, 2.008705, 4.85592015],
        [1.5778615, 5.91089412, -4.07402594],
    ],
)


def _model(given: Given, doubles: Any) -> Any:
    model = doubles.TableModel(given.table, gain=given.gain)
    return model if given.held is None else doubles.after_a_loss(model, *given.held)


def _losses(answer: Callable[..., Any], given: Given, library: Any) -> tuple[Any, list[str]]:
    """The losses and their kinds."""
    doubles = library("course_lib.doubles")
    found, _, kinds = doubles.call_with_kinds(answer, _model(given, doubles), list(given.batches), given.lr)
    return found, kinds


def _numbers(got: tuple[Any, list[str]]) -> Any:
    found, kinds = got
    return ["graph" in kinds, [as_array(loss, "a loss") for loss in found] if isinstance(found, list) else found]


@judged("The loss of a batch comes back, as a plain number", _losses, [ONE], outcome=_numbers)
def loss(got: tuple[Any, list[str]], given: Given) -> None:
    found, kinds = got
    graphs = "your losses are tensors that hold on to their whole computation; keep plain numbers."
    expect("graph" not in kinds, graphs)
    array = expect_shape(found, (len(given.batches),), f"the losses of {given}")
    # 1e-5: losses may have passed through float32.
    expect_close(array[0], given.losses[0], "the loss of the first batch, before its step", atol=1e-5)
    expect_close(array, given.losses, f"the losses of {given}, each before its own step", atol=1e-5)


def _table(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    model = _model(given, library("course_lib.doubles"))
    answer(model, list(given.batches), given.lr)
    return model.state_dict()["table"]


def _compare(found: Any, given: Given, hint: str, asked: str = "") -> None:
    table = expect_shape(found, tuple(given.table.shape), "the parameters afterwards")
    expect((table != given.table.numpy()).any(), f"after {given}{asked} the parameters are what they were before.")
    # Everything is float64, so that different orders of the same sums agree to 1e-10; decay alone moves a weight of
    # size 1 by lr · 0.01 in a step.
    expect_close(table, given.after, f"the parameters after {given}{asked}", hint=hint, atol=1e-7, rtol=1e-6)


@judged(
    "One batch: the parameters make one AdamW step with this learning rate",
    _table,
    [ONE],
    slip="a step that is not AdamW's",
)
def one_step(found: Any, given: Given) -> None:
    _compare(found, given, "torch.optim.AdamW with the given lr and defaults otherwise; backward comes before step.")


@judged(
    "Many batches: one AdamW step for each of them",
    _table,
    [THREE, STEEP],
    slip="steps after the first that are not AdamW's",
)
def steps(found: Any, given: Given) -> None:
    hint = "zero the gradients, go backward, step: once for each batch, with one AdamW for all of them."
    _compare(found, given, hint, f" (gradients {given.gain:.0f} times as large)" if given.gain > 1 else "")


@judged(
    "Gradients that the model held before do not count",
    _table,
    [ONE._replace(held=BATCHES[1])],
    slip="gradients of before that count",
)
def held(found: Any, given: Given) -> None:
    hint = "loss, gradients to zero, gradients, step: zero comes before backward."
    _compare(found, given, hint, " (the model held gradients before)")


@judged(
    "A tiny learning rate moves the parameters a little, a larger one more",
    _table,
    [TINY, SMALL],
    slip="a learning rate that does not count",
)
def learning_rate(found: Any, given: Given) -> None:
    _compare(found, given, "AdamW moves a parameter by about lr in a step: pass lr on to the optimizer.")


losses = loss.at(
    "The losses come back, one number for each batch", [THREE], slip="losses that are not one for each batch"
)


def _streamed(answer: Callable[..., Any], given: Given, library: Any) -> tuple[Any, Any]:
    """The table afterwards, and the losses."""
    doubles = library("course_lib.doubles")
    model = _model(given, doubles)
    found = answer(model, doubles.once(given.batches), given.lr)
    return model.state_dict()["table"], found


@judged(
    "Batches may come from a generator, one after another",
    _streamed,
    [THREE],
    outcome=lambda got: got[0],
    slip="batches that are gone through twice",
)
def stream(got: tuple[Any, Any], given: Given) -> None:
    _compare(got[0], given, "go through the batches once, with a for loop.", " from a generator")
    expect_shape(got[1], (len(given.batches),), f"the losses of {given} from a generator")


def _modes(answer: Callable[..., Any], given: Given, library: Any) -> list[bool]:
    """In which modes the model was called that came in training mode."""
    model = library("course_lib.doubles").TwoModeModel(given.table, given.table)
    answer(model, list(given.batches), given.lr)
    return sorted({training for training, _ in model.calls})


@judged("A model in training mode is trained in it", _modes, [THREE], slip="a model trained in evaluation mode")
def mode(modes: list[bool], given: Given) -> None:
    expect(modes, "the model was never called.")
    expect(modes == [True], "the model came in training mode and was trained in evaluation mode, without its dropout.")
