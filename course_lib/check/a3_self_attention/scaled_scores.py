"""What `scaled_scores(q, k)` does: dot products of queries and keys, divided by √head_size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _functions
from course_lib.check.expect import as_array, expect, expect_close, expect_shape
from course_lib.check.properties import Library, judged


class Given(NamedTuple):
    """q, k (B, T, head_size), and their scores (B, T, T)."""

    q: torch.Tensor
    k: torch.Tensor
    scores: torch.Tensor


class Pair(NamedTuple):
    """q, k (B, T, head_size)."""

    q: torch.Tensor
    k: torch.Tensor


class Mix(NamedTuple):
    """q, k (B, T, head_size), and a factor for each of their scores, (B, T, T)."""

    q: torch.Tensor
    k: torch.Tensor
    mix: torch.Tensor


def wave(*shape: int, step: float) -> torch.Tensor:
    """Numbers between -1 and 1 without a pattern, the same on every machine."""
    count = torch.Size(shape).numel()
    return torch.sin(1.0 + step * torch.arange(count, dtype=torch.float64)).float().reshape(shape)


Q = 2 * wave(2, 3, 5, step=1.7)
K = 2 * wave(2, 3, 5, step=2.3)
SCORES = torch.tensor(
    [
        [[0.644964, 2.520254, 1.791138], [2.091011, -1.397572, -3.441917], [-3.162591, -0.837544, 2.353012]],
        [[-1.817490, -2.365638, -0.469157], [-0.923687, 2.193219, 3.043673], [2.929631, -0.275050, -3.195497]],
    ]
)
SMALL = Given(
    torch.tensor([[[1.0, 1, 1, 1], [2, 0, 0, 0]]]),
    torch.tensor([[[3.0, 1, 0, 0], [0, 5, 5, 0]]]),
    torch.tensor([[[2.0, 5.0], [3.0, 0.0]]]),
)
ONES = Given(torch.ones(1, 1, 2), torch.ones(1, 1, 2), torch.tensor([[[1.414214]]]))
BATCH = Given(Q, K, SCORES)
ONE_SEQUENCE = Given(Q[:1], K[:1], SCORES[:1])
ONE_TOKEN = Given(Q[:, :1], K[:, :1], SCORES[:, :1, :1])
AS_MANY = Given(Q[:, :2], K[:, :2], SCORES[:, :2, :2])  # sequences as tokens
EQUAL = Given(
    Q[:, :2, :2],
    K[:, :2, :2],
    torch.tensor([[[1.812049, 0.795000], [0.258019, -2.168993]], [[-2.219860, 0.169570], [0.740215, 1.806388]]]),
)
ONE_FEATURE = Given(
    Q[:1, :, :1],
    K[:1, :, :1],
    torch.tensor(
        [[[2.832293, -0.223232, -3.048072], [-0.252950, 0.019937, 0.272221], [-2.527736, 0.199228, 2.720311]]]
    ),
)


def call(answer: Callable[..., Any], given: Given, _: Library) -> Any:
    return answer(given.q.clone(), given.k.clone())


@judged(
    "Entry [b, i, j] is query i times key j of sequence b, divided by √head_size",
    call,
    [SMALL, ONES, BATCH],
    slip="scores that are not q times k over √head_size",
)
def scores(got: Any, given: Given) -> None:
    size = given.q.shape[-1]
    asked = f"the scores for q, k of shape {tuple(given.q.shape)}"
    if given is SMALL:
        asked = "the scores for q = [1 1 1 1], [2 0 0 0] and k = [3 1 0 0], [0 5 5 0]"
    hint = f"row i holds the products of query i with each key, divided by √head_size = √{size}."
    # float32, sums of up to 11 products: 1e-5.
    expect_close(got, given.scores, asked, hint=hint, atol=1e-5)


sizes = scores.at(
    "One token, one sequence, head size 1, equal sizes",
    [ONE_TOKEN, ONE_SEQUENCE, ONE_FEATURE, EQUAL, AS_MANY],
    slip="a size that is treated otherwise",
)


@judged("", call, [BATCH])
def _form(got: Any, given: Given) -> None:
    expect_shape(got, (*given.q.shape[:-1], given.k.shape[-2]), "the scores")


@judged(
    "q and k are left as they are",
    _functions.kept("q", "k"),
    [BATCH, SMALL],
    needs=_form,
    name="inputs kept",
    slip="an input that is changed in place",
)
def kept(same: dict[str, bool], given: Any) -> None:
    _functions.expect_kept(same, given)


def _spread(answer: Callable[..., Any], given: Pair, _: Library) -> float:
    """The variance of the scores."""
    got = as_array(answer(given.q.clone(), given.k.clone()), f"the scores for q, k of shape {tuple(given.q.shape)}")
    return float(got.astype(float).var())


def _normal(head_size: int) -> Pair:
    numbers = np.random.RandomState(head_size)
    q, k = (torch.from_numpy(numbers.standard_normal((40, 20, head_size))).float() for _ in "qk")
    return Pair(q, k)


def _is_one(variance: float) -> bool:
    # Within a sequence the 400 scores are uncorrelated products of 20 queries and 20 keys: the variance of all 16,000
    # has a standard error below 0.03, so a deviation of 0.25 is further than 8 of them.
    return abs(variance - 1) < 0.25


@judged(
    "Random queries and keys: scores have variance 1 at every head size",
    _spread,
    [_normal(16), _normal(64)],
    outcome=_is_one,
    slip="scores whose variance is not 1",
)
def variance(got: float, given: Pair) -> None:
    expect(
        _is_one(got),
        f"for random queries and keys of head size {given.q.shape[-1]} the scores have variance {got:.3g}, not 1.",
    )


def _gradients(answer: Callable[..., Any], given: Mix, library: Library) -> Any:
    return _functions.gradients(answer, given[:2], given.mix, library)


@judged(
    "Gradients reach q and k",
    _gradients,
    [Mix(Q, K, wave(2, 3, 3, step=0.7)), Mix(Q[:1, :2], K[:1, :2], wave(1, 2, 2, step=0.7))],
    outcome=_functions.arrive,
    slip="gradients that do not reach every input",
)
def gradient(found: Any, given: Mix) -> None:
    scale = given.q.shape[-1] ** -0.5
    # Query i moves score (i, j) by key j, and key j moves it by query i.
    wanted = {"q": scale * given.mix @ given.k, "k": scale * given.mix.mT @ given.q}
    _functions.expect_gradients(found, wanted, "the scores")


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((Q, K), answer, time=False)
