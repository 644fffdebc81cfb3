"""A mask of -inf holds whatever the scores are; a mask of a finite number is found out."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from course_lib.check import causality
from course_lib.check.expect import Wrong

Run = Callable[[torch.Tensor], torch.Tensor]


class OneHead:
    """Attention with matrices that can be filled. hide: (scores, past) -> weights."""

    def __init__(self, hide: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]):
        self.hide = hide
        self.generator = torch.Generator().manual_seed(1)
        self.fill(1.0)

    def fill(self, spread: float) -> None:
        self.matrices = [0.3 * spread * torch.randn(6, 4, generator=self.generator) for _ in range(3)]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (x @ matrix for matrix in self.matrices)
        past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        return self.hide(q @ k.mT / math.sqrt(q.shape[-1]), past) @ v


def masked(value: float) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    return lambda scores, past: F.softmax(scores.masked_fill(~past, value), dim=-1)


def leaks(hide: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> bool:
    generator = torch.Generator().manual_seed(2)
    x, other = (torch.randn(16, 5, 6, generator=generator) for _ in "ab")
    head = OneHead(hide)
    return causality.leaks(head.fill, head, x, other, 4)


@pytest.mark.parametrize(
    "value", [-5.0, -20.0, -100.0, -1e4, float(torch.finfo(torch.float16).min), -1e6, -1e9, 0.0, 1e9]
)
def test_a_finite_number_lets_the_future_through(value):
    assert leaks(masked(value))


@pytest.mark.parametrize("value", [-math.inf, float(torch.finfo(torch.float32).min), -1e30])
def test_what_no_score_comes_near_holds(value):
    assert not leaks(masked(value))


def test_a_finite_number_that_is_added_leaks():
    assert leaks(lambda scores, past: F.softmax(scores - 1e9 * ~past, dim=-1))


@pytest.mark.parametrize(
    "hide",
    [
        lambda scores, past: F.softmax(scores + past.float().log(), dim=-1),
        lambda scores, past: F.softmax(torch.where(past, scores, -math.inf), dim=-1).nan_to_num(),
        # It leaves the range of float32, and hides the future wherever it gives a number.
        lambda scores, past: (lambda w: w / w.sum(-1, keepdim=True))(F.softmax(scores, dim=-1) * past),
        lambda scores, past: (lambda w: w / w.sum(-1, keepdim=True))(scores.exp() * past),
    ],
)
def test_other_ways_to_hide_the_future_hold(hide):
    assert not leaks(hide)


def test_an_exp_that_overflows_does_not_cover_up_a_small_number():
    def hide(scores: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
        weights = scores.masked_fill(~past, -20.0).exp()
        return weights / weights.sum(-1, keepdim=True)

    assert leaks(hide)


def test_torchs_own_attention_holds():
    x, other = torch.randn(16, 5, 4), torch.randn(16, 5, 4)
    spread = [1.0]
    run: Run = lambda x: F.scaled_dot_product_attention(spread[0] * x, -spread[0] * x, x, is_causal=True)  # noqa: E731
    causality.expect_mask_holds(lambda size: spread.__setitem__(0, size), run, x, other, 4)


def test_the_text_says_what_to_write():
    head = OneHead(masked(-20.0))
    with pytest.raises(Wrong, match=r'(?s)lets the future through.*float\("-inf"\)'):
        causality.expect_mask_holds(head.fill, head, torch.randn(16, 5, 6), torch.randn(16, 5, 6), 4)


def test_another_shape_is_said():
    with pytest.raises(Wrong, match="expected shape"):
        causality.first_output_moves(lambda x: x[:, :1], torch.zeros(2, 3, 4), torch.ones(2, 3, 4), 4)
