"""Public check of `CrossAttentionHead(n_embd, head_size)`: queries from x, keys and values from the context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check import kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import CONTEXT, HEAD_SIZE, N_EMBD, TOKENS, X
from course_lib.check.expect import expect, expect_close

SIZES = (N_EMBD, HEAD_SIZE)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Equal weights everywhere, as many tokens in x as in the context, a longer context, what the layers hold."""
    return {
        "equal weights": lambda: _heads.filled(answer, *SIZES)(X, CONTEXT),
        "equally long": lambda: _heads.filled(answer, *SIZES)(X[:, :3], CONTEXT),
        "longer context": lambda: _heads.filled(answer, *SIZES)(CONTEXT, X),
        "asks for itself": lambda: _heads.asks_for_itself(answer, SIZES, lambda model, x: model(x[:, -1:], x)[:, 0]),
        **_heads.layer_questions(answer, SIZES, X[:, :3], CONTEXT),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(*SIZES))

    return kinds.Trial((X[:, :3], CONTEXT), make=make, any_length=True)


def check(answer: Callable[..., Any]) -> None:
    torch.manual_seed(0)
    model = answer(*SIZES)
    _heads.expect_module(model, "CrossAttentionHead")
    for x, context in ((X, CONTEXT), (CONTEXT, X)):
        shapes = f"x {tuple(x.shape)} and context {tuple(context.shape)}"
        _heads.output(model, (*x.shape[:2], HEAD_SIZE), f"CrossAttentionHead{SIZES} for {shapes}", x, context)
    before = _heads.output(model, (2, 4, HEAD_SIZE), "the output", X, CONTEXT)
    turned = _heads.output(model, (2, 4, HEAD_SIZE), "the output", X, CONTEXT.flip(1))
    asked = "the output after the context's tokens have changed places"
    expect_close(turned, before, asked, hint="no mask: every query sees the whole context.", atol=1e-5)
    moved = X.clone()
    moved[:, 1] += 1
    after = _heads.output(model, (2, 4, HEAD_SIZE), "the output", moved, CONTEXT)
    kept = [0, 2, 3]
    expect_close(after[:, kept], before[:, kept], "outputs 0, 2 and 3 after token 1 of x has changed", atol=1e-5)
    expect(not np.allclose(after[:, 1], before[:, 1]), "output 1 does not change when token 1 of x does.")
    _heads.expect_filled(answer(2, 4), [0.865529], TOKENS[:, 1:], TOKENS)
    _heads.expect_batches_apart(model, HEAD_SIZE, X, CONTEXT)
    _heads.expect_layers(model, (X, CONTEXT))
