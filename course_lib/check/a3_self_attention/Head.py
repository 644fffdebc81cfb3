"""Public check of `Head(n_embd, head_size, block_size, dropout)`: one head of causal self-attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib import head_probes as probes
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import BLOCK_SIZE, HEAD_SIZE, LONGEST, N_EMBD, TOKENS, X
from course_lib.check.expect import expect, expect_close

SIZES = (N_EMBD, HEAD_SIZE, BLOCK_SIZE)
TWO = torch.tensor([0.1, 0.3])[:, None].expand(2, N_EMBD)  # two tokens with moderate scores


def _dropped(answer: Callable[..., Any], training: bool) -> Any:
    """The different outputs for two tokens at dropout 0.25: each position's, and whether a row drops as a whole."""
    model = _heads.filled(answer, *SIZES, 0.25)
    model.train(training)
    rows = model(TWO.expand(400, 2, N_EMBD)).detach()  # (400, 2, head_size)
    kinds = [sorted({round(float(number), 3) for number in rows[:, t].flatten()}) for t in range(2)]
    whole = bool((rows == rows[..., :1]).all())
    return [found if len(found) <= 8 else "many" for found in kinds], whole


def _asks_for_itself(answer: Callable[..., Any]) -> bool:
    """Whether 40 tokens all give more weight to themselves than to a token of zeros, as when keys are queries."""
    model = answer(*SIZES)
    generator = torch.Generator().manual_seed(3)
    shapes = probes.parameter_shapes(model)
    values = [0.0 if probes.is_vector(shape) else 1.0 for shape in shapes]
    probes.set_parameters(
        model, [scale * torch.randn(shape, generator=generator) for scale, shape in zip(values, shapes, strict=True)]
    )
    tokens = torch.stack([torch.zeros(40, N_EMBD), torch.randn(40, N_EMBD, generator=generator)], dim=1)
    both, alone = model(tokens)[:, 1], model(tokens[:, 1:])[:, 0]  # without biases, the zeros have the value 0
    return bool((both.norm(dim=1) >= 0.4999 * alone.norm(dim=1)).all())


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Equal weights everywhere, a full block, one token, dropout in both modes, what the layers hold."""
    return {
        "equal weights": lambda: _heads.filled(answer, *SIZES)(X),
        "full block": lambda: _heads.filled(answer, *SIZES)(LONGEST),
        "one token": lambda: _heads.filled(answer, *SIZES)(X[:, :1]),
        "asks for itself": lambda: _asks_for_itself(answer),
        "dropout in training": lambda: _dropped(answer, True),
        "dropout in eval mode": lambda: _dropped(answer, False),
        **_heads.layer_questions(answer, SIZES, LONGEST),
    }


def check(answer: Callable[..., Any]) -> None:
    torch.manual_seed(0)
    model = answer(*SIZES)
    _heads.expect_module(model, "Head")
    for tokens in (X, LONGEST, X[:, :1]):
        shape = (*tokens.shape[:2], HEAD_SIZE)
        _heads.output(model, shape, f"Head{SIZES} for x of shape {tuple(tokens.shape)}", tokens)
    later = X.clone()
    later[:, 2:] += 1
    before, after = (_heads.output(model, (2, 4, HEAD_SIZE), "the output", tokens) for tokens in (X, later))
    asked = "outputs 0 and 1 after tokens 2 and 3 have changed"
    expect_close(after[:, :2], before[:, :2], asked, hint="a token sees itself and what came before.", atol=1e-5)
    expect(not np.allclose(after[:, 3], before[:, 3]), "the last output does not change when the last tokens do.")
    _heads.expect_filled(answer(2, 4, 3), [0.5, 0.865529], TOKENS)
    _heads.expect_batches_apart(model, HEAD_SIZE, X)
    _heads.expect_layers(model, (LONGEST,))
    found = probes.ready_made_attention(model, X)
    expect(not found, f"this head calls {', '.join(found)}; assemble attention from its parts here.")
    _expect_dropout(answer)


def _expect_dropout(answer: Callable[..., Any]) -> None:
    model = answer(*SIZES, 0.5)
    model.eval()
    first, again = (_heads.output(model, (2, 4, HEAD_SIZE), "the output in eval mode", X) for _ in range(2))
    expect(np.array_equal(first, again), "in eval mode two calls differ; dropout is for training.")
    # One token alone has one weight, 1: dropped it leaves 0, kept it is doubled.
    alone = X[:1, :1]
    value = _heads.output(model, (1, 1, HEAD_SIZE), "the output in eval mode", alone)[0, 0]
    model.train()
    rows = _heads.output(model, (64, 1, HEAD_SIZE), "the output in training mode", alone.expand(64, 1, N_EMBD))[:, 0]
    zero, doubled = np.isclose(rows, 0).all(1), np.isclose(rows, 2 * value, atol=1e-5).all(1)
    hint = "Dropout acts on the weights, after the softmax."
    expect((zero | doubled).all(), f"with dropout 0.5 and one token, outputs are the value times 0 or 2. {hint}")
    expect(
        zero.any() and doubled.any(),
        f"with dropout 0.5, 64 weights were all {'dropped' if zero.all() else 'kept'}. {hint}",
    )
