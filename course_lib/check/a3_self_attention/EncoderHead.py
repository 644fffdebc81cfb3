"""Public check of `EncoderHead(n_embd, head_size)`: self-attention in which every token sees every token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import HEAD_SIZE, LONGEST, N_EMBD, TOKENS, X
from course_lib.check.expect import expect

SIZES = (N_EMBD, HEAD_SIZE)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Equal weights everywhere, another length, one token, what the layers hold."""
    return {
        "equal weights": lambda: _heads.filled(answer, *SIZES)(X),
        "six tokens": lambda: _heads.filled(answer, *SIZES)(LONGEST),
        "one token": lambda: _heads.filled(answer, *SIZES)(X[:, :1]),
        "asks for itself": lambda: _heads.asks_for_itself(answer, SIZES, lambda model, x: model(x)[:, -1]),
        **_heads.layer_questions(answer, SIZES, LONGEST),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(*SIZES))

    return kinds.Trial((X,), make=make, any_length=True)


def check(answer: Callable[..., Any]) -> None:
    torch.manual_seed(0)
    model = answer(*SIZES)
    _heads.expect_module(model, "EncoderHead")
    for tokens in (X, LONGEST, X[:, :1]):
        shape = (*tokens.shape[:2], HEAD_SIZE)
        _heads.output(model, shape, f"EncoderHead{SIZES} for x of shape {tuple(tokens.shape)}", tokens)
    _heads.output(model, (1, 80, HEAD_SIZE), f"EncoderHead{SIZES} for 80 tokens", X[:1].repeat(1, 20, 1))
    later = X.clone()
    later[:, 3] += 1
    before, after = (_heads.output(model, (2, 4, HEAD_SIZE), "the output", tokens) for tokens in (X, later))
    expect(not np.allclose(after[:, 0], before[:, 0]), "the first output does not notice a change of the last token.")
    _heads.expect_filled(answer(2, 4), [0.811230, 0.865529], TOKENS)
    _heads.expect_batches_apart(model, HEAD_SIZE, X)
    _heads.expect_layers(model, (LONGEST,))
