"""Public check of `Head(n_embd, head_size, block_size, dropout)`: one head of causal self-attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from course_lib import head_probes as probes
from course_lib import probes as module_probes
from course_lib.check import causality, kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.a3_self_attention._heads import BLOCK_SIZE, HEAD_SIZE, LONGEST, N_EMBD, TOKENS, X
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import expect, expect_close

SIZES = (N_EMBD, HEAD_SIZE, BLOCK_SIZE)
EQUAL = wave(HEAD_SIZE, HEAD_SIZE, N_EMBD, step=1.3)  # as many sequences and tokens as features of a head
GROWTH = {"none": 1.0, "as told": 1 / 0.75, "the opposite": 1 / 0.25}
TWO = torch.tensor([0.1, 0.3])[:, None].expand(2, N_EMBD)  # two tokens with moderate scores


def _dropped(answer: Callable[..., Any], training: bool) -> Any:
    """Dropout 0.25 on two tokens: which probability it looks like, the different outputs of each position, whether a
    row drops as a whole, whether the two positions drop for themselves. Outputs are divided by what dropout grows by.
    """
    model = _heads.filled(answer, *SIZES, 0.25)
    model.train(training)
    rows = model(TWO.expand(1000, 2, N_EMBD)).detach()  # (1000, 2, head_size)
    whole = _heads.filled(answer, *SIZES, 0.0)(TWO[None]).detach()
    growth = float(rows[:, 0].max() / whole[0, 0, 0])
    if not 0.999 < growth < 100:  # rounding depends on how many rows there are
        return "not a number" if growth != growth else "something else"
    seen = next((name for name, wanted in GROWTH.items() if abs(growth - wanted) < 1e-3), "another")
    rows = rows / growth
    kinds = [sorted({round(float(number), 3) for number in rows[:, t].flatten()}) for t in range(2)]
    as_one = torch.allclose(rows, rows[..., :1].expand_as(rows), atol=1e-4)
    apart = len({tuple(pair) for pair in (rows[..., 0] * 1000).round().tolist()}) > 4
    return seen, [found if len(found) <= 8 else "many" for found in kinds], as_one, apart


def _needs_a_square(answer: Callable[..., Any]) -> bool:
    try:
        answer(*SIZES)(X)
    except RuntimeError as error:
        return "tril" in str(error)
    return False


def large_scores(lib: Any, model: Any, sizes: tuple[int, int, int], generator: torch.Generator) -> tuple[Any, ...]:
    """What the functions of `check.causality` take: how to fill a head, the head, two inputs, its width.

    lib: `course_lib.probes`, or a handle to it. model: a head of these sizes.
    """
    n_embd, head_size, block_size = sizes
    fresh = lib.parameters(model)

    def fill(spread: float) -> None:
        # Scores of a head whose numbers are N(0, 0.3² spread²) are of size 0.1 · n_embd · spread².
        draws = {name: torch.randn(value.shape, generator=generator) for name, value in fresh.items()}
        lib.write(model, {name: 0.3 * spread * draw for name, draw in draws.items()})

    # 40 sequences: that no first token scores below the mask with itself is rarer than 1e-9.
    x, other = (torch.randn(40, block_size, n_embd, generator=generator) for _ in "ab")
    return fill, model, x, other, head_size


def _leaks_at_large_scores(answer: Callable[..., Any]) -> Any:
    """Asked only where the output for equal weights is right, so that it hides no mistake that weighs more."""
    same = (0.7 * X.sum(-1, keepdim=True)).expand(*X.shape[:2], HEAD_SIZE)
    wanted = F.scaled_dot_product_attention(same, same, same, is_causal=True)
    got = _heads.filled(answer, *SIZES)(X)
    if not isinstance(got, torch.Tensor) or got.shape != wanted.shape or not torch.allclose(got, wanted, atol=1e-4):
        return "not asked"
    model = _heads.made(answer, *SIZES).eval()
    return causality.leaks(*large_scores(module_probes, model, SIZES, torch.Generator().manual_seed(7)))


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Equal weights everywhere, a full block, one token, dropout in both modes, what the layers hold."""
    return {
        "equal weights": lambda: _heads.filled(answer, *SIZES)(X),
        "full block": lambda: _heads.filled(answer, *SIZES)(LONGEST),
        "one token": lambda: _heads.filled(answer, *SIZES)(X[:, :1]),
        "asks for itself": lambda: _heads.asks_for_itself(answer, SIZES, lambda model, x: model(x)[:, -1]),
        "leaks at large scores": lambda: _leaks_at_large_scores(answer),
        "needs a square": lambda: _needs_a_square(answer),
        "equal sizes": lambda: _heads.filled(answer, *SIZES)(EQUAL),
        "sized by block_size": lambda: any(
            BLOCK_SIZE in shape for shape in probes.parameter_shapes(_heads.made(answer, *SIZES))
        ),
        "dropout in training": lambda: _dropped(answer, True),
        "dropout in eval mode": lambda: _dropped(answer, False),
        **_heads.layer_questions(answer, SIZES, LONGEST),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        rate = () if dropout is None else (dropout,)
        return kinds.random_numbers(answer(N_EMBD, HEAD_SIZE, room or BLOCK_SIZE, *rate))

    return kinds.Trial((X,), make=make, causal=True, past=True, any_length=True)


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
    generator = torch.Generator().manual_seed(7)
    causality.expect_mask_holds(*large_scores(module_probes, answer(*SIZES).eval(), SIZES, generator))
    _heads.expect_batches_apart(model, HEAD_SIZE, X)
    _heads.expect_layers(model, (LONGEST,))
    found = probes.ready_made_attention(model, X)
    expect(not found, f"this head calls {', '.join(found)}; assemble attention from its parts here.")
    _expect_dropout(answer)


def _expect_dropout(answer: Callable[..., Any]) -> None:
    model = answer(*SIZES, 0.5)
    model.eval()
    first, again = (_heads.output(model, (2, 4, HEAD_SIZE), "the output in eval mode", X) for _ in range(2))
    expect(np.allclose(first, again, atol=1e-5), "in eval mode two calls differ; dropout is for training.")
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
