"""What `attention(q, k, v, mask=None)` does: masked scaled dot-product attention. torch's own is the measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _functions
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import Wrong, describe, expect, expect_close, expect_shape
from course_lib.check.properties import Library, judged

Pair = list[np.ndarray]  # the output (B, T, d_v) and the weights (B, T, S)


class Given(NamedTuple):
    """q (B, T, d), k (B, S, d), v (B, S, d_v), and a mask, True where a query may attend; (B, T, S) when broadcast."""

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    mask: torch.Tensor | None = None

    def __str__(self) -> str:
        masked = "" if self.mask is None else f" and a mask of shape {tuple(self.mask.shape)}"
        return f"for q {tuple(self.q.shape)}, k {tuple(self.k.shape)}, v {tuple(self.v.shape)}{masked}"


class Mix(NamedTuple):
    """q, k, v as above, and a factor for each number of the output (B, T, d_v) and of the weights (B, T, S)."""

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    of_output: torch.Tensor
    of_weights: torch.Tensor


def _visible(mask: torch.Tensor) -> torch.Tensor:
    """The mask, with the last key to be seen where no other is."""
    return torch.cat([mask[..., :-1], mask[..., -1:] | ~mask[..., :-1].any(-1, keepdim=True)], -1)


Q = 2 * wave(2, 3, 5, step=1.7)
K = 2 * wave(2, 4, 5, step=2.3)
V = wave(2, 4, 2, step=0.9)
MASK = torch.tensor([[True, False, True, True], [True, True, False, False], [False, False, True, True]])  # (T, S)
OWN = torch.stack([MASK, MASK.flip(0)])  # one for each sequence
PAST = torch.ones(3, 3, dtype=torch.bool).tril()
# Scores 0 and 4 before the scale, so 0 and 2 after it.
SMALL = Given(torch.ones(1, 1, 4), torch.tensor([[[0.0] * 4, [1.0] * 4]]), torch.tensor([[[0.0], [10.0]]]))
EQUAL = Given(wave(3, 3, 3, step=1.7), wave(3, 3, 3, step=2.3), wave(3, 3, 3, step=0.9))
ONE_KEY = Given(Q[:1, :1], K[:1, :1], V[:1, :1])
# More sequences than queries and keys, so that a mask that is cut along the batch shows.
MANY = 2 * wave(5, 2, 4, step=1.7), 2 * wave(5, 3, 4, step=2.3), wave(5, 3, 2, step=0.9)
SHAPES = [(5, 2, 3), (5, 1, 3), (1, 2, 3), (1, 3)]
# Scores of -3e9 and less, the best of them hidden: a mask that writes -1e9, or adds it, lets it win.
LOW = Given(
    torch.ones(1, 2, 1),
    torch.tensor([[[-9e9], [-6e9], [-3e9]]]),
    torch.eye(3)[None],
    torch.tensor([[True, False, False], [True, True, False]]),
)
LOWER = Given(
    torch.ones(2, 1, 1),
    torch.tensor([[[-3e9], [-12e9]], [[-4e9], [-8e9]]]),
    torch.tensor([[[1.0], [2.0]], [[3.0], [4.0]]]),
    torch.tensor([[False, True]]),
)


def _call(answer: Callable[..., Any], given: Given, _: Library) -> Pair:
    got = answer(*(value.clone() for value in given if value is not None))
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong(f"attention returns two things, (output, weights); yours is {describe(got)}.")
    wanted = (*given.q.shape[:2], given.v.shape[2]), (*given.q.shape[:2], given.k.shape[1])
    names = (f"the output {given}", f"the weights {given}")
    return [expect_shape(part, shape, name) for part, shape, name in zip(got, wanted, names, strict=True)]


def _wanted(given: Given) -> list[torch.Tensor]:
    """Output and weights by torch's own attention; the weights are what it hands over of unit vectors."""
    q, k, v = (value.double() for value in given[:3])
    eye = torch.eye(k.shape[1], dtype=torch.float64).expand(len(k), -1, -1)
    return [F.scaled_dot_product_attention(q, k, values, attn_mask=given.mask) for values in (v, eye)]


def _expect_right(got: Pair, given: Given, hint: str, atol: float = 1e-5) -> None:
    for name, part, wanted in zip(("weights", "output"), got[::-1], _wanted(given)[::-1], strict=True):
        expect_close(part, wanted, f"the {name} {given}", hint=hint, atol=atol)


def _expect_hidden(got: Pair, given: Given, hint: str) -> None:
    assert given.mask is not None
    hidden = np.broadcast_to(~given.mask.numpy(), got[1].shape)
    found = got[1][hidden]
    expect((np.isnan(found) | (found == 0)).all(), f"{given}, some weight lies where the mask is False.\nHint: {hint}")


@judged("Without a mask: output and weights of scaled dot-product attention", _call, [SMALL, Given(Q, K, V), EQUAL])
def plain(got: Pair, given: Given) -> None:
    asked = f"the sum of each row of weights {given}"
    expect_close(got[1].sum(-1), np.ones(got[1].shape[:2]), asked, hint="softmax runs over the keys.", atol=1e-5)
    scale = f"√d = √{given.q.shape[-1]}"
    if given is SMALL:
        asked, hint = "the weights for scores 0 and 4 and queries of length 4", "divide by √d, here 2."
        expect_close(got[1], _wanted(given)[1], asked, hint=hint, atol=1e-5)
    # float32, up to 10 terms: 1e-5.
    _expect_right(got, given, f"softmax over the keys of the scores divided by {scale}, then times v.")


@judged(
    "With a mask: True may attend, False gets no weight, rows still sum to 1",
    _call,
    [Given(Q, K, V, MASK), Given(Q[:, :, :3], K[:, :3, :3], V[:, :3], PAST)],
    in_turn=True,
    slip="a mask that is not followed",
)
def mask(got: Pair, given: Given) -> None:
    _expect_hidden(got, given, "True means that a query may attend.")
    asked = f"the sum of each row of weights {given}"
    expect_close(got[1].sum(-1), np.ones(got[1].shape[:2]), asked, hint="mask, then softmax.", atol=1e-5)
    _expect_right(got, given, "mask the scores, then softmax over the keys, then times v.")


@judged(
    "Masks of other shapes: one for each sequence, one row for all queries, one key",
    _call,
    [
        Given(Q, K, V, OWN),
        *(Given(*MANY, _visible(wave(*shape, step=2.9) > 0)) for shape in SHAPES),
        ONE_KEY._replace(mask=torch.tensor([[True]])),
    ],
    slip="masks of other shapes that do not broadcast",
)
def mask_shapes(got: Pair, given: Given) -> None:
    _expect_hidden(got, given, "the mask is broadcast to (B, T, S).")
    _expect_right(got, given, "the mask is broadcast to (B, T, S).")


@judged(
    "Scores of several hundred: finite and right",
    _call,
    [Given(60 * Q, K, V, MASK), Given(90 * Q[:, :, :2], K[:, :, :2], V)],
    in_turn=True,
    slip="a softmax that fails for large scores",
)
def large(got: Pair, given: Given) -> None:
    hint = "F.softmax does not overflow."
    expect(np.isfinite(got[0]).all(), f"with scores of several hundred the output is not finite.\nHint: {hint}")
    # Scores of up to 5,000 are known to 5e-4 in float32, and so are the logarithms of weights: 1e-2 for the output.
    _expect_right(got, given, hint, atol=1e-2)


@judged(
    "Scores far below zero: the mask still holds",
    _call,
    [LOW, LOWER],
    outcome=lambda got: got[1] > 0.01,
    in_turn=True,
    slip="a mask that very low scores get through",
)
def low(got: Pair, given: Given) -> None:
    hint = "a masked score is -inf: not a large negative number, and not one that is added."
    _expect_hidden(got, given, f"here all scores are below -1e9; {hint}")
    _expect_right(got, given, hint)


@judged("", _call, [Given(Q, K, V)])
def _form(got: Pair, given: Given) -> None:
    """_call has looked at it."""


@judged(
    "The inputs are left as they are",
    _functions.kept("q", "k", "v", "mask"),
    [Given(Q, K, V, OWN), LOW],
    needs=_form,
    slip="an input that is changed in place",
)
def kept(same: dict[str, bool], given: Given) -> None:
    _functions.expect_kept(same, given)


def _gradients(answer: Callable[..., Any], given: Mix, library: Library) -> list[Any]:
    """Of the output with respect to q, k, v, and of the weights, which a head hands on to dropout."""
    mixes = (given.of_output, given.of_weights)
    return [_functions.gradients(answer, given[:3], mix, library, part) for part, mix in enumerate(mixes)]


@judged(
    "Gradients reach q, k and v",
    _gradients,
    [
        Mix(Q, K, V, wave(2, 3, 2, step=0.7), wave(2, 3, 4, step=1.1)),
        Mix(*EQUAL[:3], wave(3, 3, 3, step=0.7), wave(3, 3, 3, step=1.1)),
    ],
    outcome=lambda found: [_functions.arrive(part) for part in found],
    slip="gradients that do not reach every input",
)
def gradient(found: list[Any], given: Mix) -> None:
    for number, (got, name) in enumerate(zip(found, ("the output", "the weights"), strict=True)):
        leaves = [value.double().requires_grad_() for value in given[:3]]
        total = (_wanted(Given(*leaves))[number] * given[3 + number]).sum()
        wanted = torch.autograd.grad(total, leaves, allow_unused=True)  # the weights do not depend on v
        _functions.expect_gradients(got, dict(zip("qkv", wanted, strict=True)), name)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes: with a mask for each sequence."""
    return kinds.Trial((Q, K, V, OWN), answer, time=False)
