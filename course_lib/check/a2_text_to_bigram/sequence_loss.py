"""What `sequence_loss(logits, targets)` does: the mean cross-entropy over every token of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from course_lib.check import kinds
from course_lib.check.expect import expect, expect_close, expect_shape
from course_lib.check.properties import judged


class Given(NamedTuple):
    """logits (B, T, C), targets (B, T), and their loss in nats."""

    logits: torch.Tensor
    targets: torch.Tensor
    loss: float


LOGITS = 3 * torch.sin(1.7 * torch.arange(30.0) ** 2).reshape(2, 3, 5)
TARGETS = torch.tensor([[1, 4, 0], [3, 3, 2]])
BATCH = Given(LOGITS, TARGETS, 2.466902)
EVEN = Given(torch.zeros(2, 3, 5), TARGETS, 1.609438)
SURE = Given(6.0 * torch.eye(5)[TARGETS], TARGETS, 0.009866)  # the logit of each target is 6, the rest 0
AS_MANY = 3 * torch.cos(1.1 * torch.arange(32.0) ** 2).reshape(2, 4, 4)  # T = C


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return answer(given.logits.clone(), given.targets.clone())


@judged("Random logits and targets: the mean cross-entropy of all tokens", call, [EVEN, SURE, BATCH])
def batch(got: Any, given: Given) -> None:
    asked = f"the loss for logits {tuple(given.logits.shape)} and targets {tuple(given.targets.shape)}"
    expect_shape(got, (), asked)
    hint = "each row of logits stays together with its own target, and every token counts the same."
    # float32, up to a few hundred terms of size 10
    expect_close(got, given.loss, asked, hint=hint, atol=1e-5, rtol=1e-5)


square = batch.at(
    "As many classes as positions: classes and time are not mixed up",
    [Given(AS_MANY, torch.tensor([[1, 0, 3, 3], [2, 0, 1, 1]]), 1.766274)],
    slip="classes and time mixed up",
)
single = batch.at(
    "A single token, a single row, a single position",
    [Given(LOGITS[:1, :1], TARGETS[:1, :1], 0.768923)],
    slip="a single token or row that is treated otherwise",
)


def _size(got: Any) -> str:
    """Not the number: where logarithms are capped it depends on what was added before."""
    loss = float(torch.as_tensor(got).detach().double().mean())
    return "large" if 500 < loss < 1e6 else "capped" if 0 <= loss < 100 else "something else"


@judged(
    "Logits of any size",
    call,
    [Given(1000 * LOGITS, TARGETS, 1810.38)],
    outcome=_size,
    slip="a loss that fails for large logits",
)
def large(got: Any, given: Given) -> None:
    hint = "let cross-entropy take the logits themselves; the softmax of large ones is 0, whose logarithm is infinite."
    # float32 keeps 7 digits of a loss of thousands.
    expect_close(got, given.loss, "the loss for logits in the thousands", hint=hint, rtol=1e-5, atol=1e-3)


def _strided(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    return library("course_lib.doubles").call_strided(answer, given.logits, given.targets)


@judged("Tensors of any layout in memory", _strided, [BATCH], slip="tensors that must lie in one piece")
def strided(got: Any, given: Given) -> None:
    asked = "the loss for tensors that do not lie in one piece, as slices do not"
    expect_close(got, given.loss, asked, hint=".reshape copies where it must.", atol=1e-5, rtol=1e-5)


def _gradient(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    return library("course_lib.doubles").input_gradient(answer, given.logits, given.targets)


@judged(
    "The loss can be trained on: its gradient with respect to the logits is right",
    _gradient,
    [BATCH],
    outcome=lambda got: None if got is None else bool((abs(got) > 1e-6).all()),
    slip="a gradient that does not reach the logits as it should",
)
def gradient(got: Any, given: Given) -> None:
    expect(got is not None, "no gradient reaches the logits: return the tensor, not a plain number made from it.")
    logits, targets = given.logits.double(), given.targets
    wanted = (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / targets.numel()
    expect_close(got, wanted, "the gradient of the loss with respect to the logits", atol=1e-6, rtol=1e-4)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((LOGITS, TARGETS), answer, batch=False, time=False, loss=True)
