"""Public check of `TokenPositionEmbedding(vocab_size, n_embd, block_size)`: token rows plus position rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import head_probes as probes
from course_lib.check import kinds
from course_lib.check.a3_self_attention import _heads
from course_lib.check.expect import expect, expect_close

SIZES = VOCAB_SIZE, N_EMBD, BLOCK_SIZE = 7, 4, 5
IDX = torch.tensor([[0, 3, 3, 6], [5, 0, 1, 2]])  # (B, T)
TOKENS = torch.tensor([0.0, 10, 20, 30, 40, 50, 60])  # what stands along each row of the token table
POSITIONS = torch.tensor([0.0, 1, 2, 3, 4])
SUMS = [[0, 31, 32, 63], [50, 1, 12, 23]]
EVERYTHING = torch.tensor([[0, 1, 2, 3, 4], [5, 6, 0, 1, 2]])  # every token, every position


def _tells_places_apart(answer: Callable[..., Any]) -> bool:
    """Whether a token has another vector in another place, with random numbers in all parameters."""
    model = _heads.made(answer, *SIZES)
    generator = torch.Generator().manual_seed(3)
    shapes = probes.parameter_shapes(model)
    probes.set_parameters(model, [torch.randn(shape, generator=generator) for shape in shapes])
    first, second = model(torch.zeros(1, 2, dtype=torch.int64))[0]
    return not torch.allclose(first, second)


def _filled(answer: Callable[..., Any]) -> Any:
    model = _heads.made(answer, *SIZES)
    probes.fill(model, 0.7, [(TOKENS, N_EMBD), (POSITIONS, N_EMBD)])
    return model


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Known tables, a full block, one token, what the tables hold."""
    return {
        "known tables": lambda: _filled(answer)(IDX),
        "full block": lambda: _filled(answer)(EVERYTHING),
        "one token": lambda: _filled(answer)(IDX[:, 1:2]),
        "numbers": lambda: probes.weight_count(answer(*SIZES)),
        "tells places apart": lambda: _tells_places_apart(answer),
        "few tokens": lambda: _filled(answer)(IDX % BLOCK_SIZE),
        "reseeds": lambda: probes.reseeds(answer, SIZES, EVERYTHING),
        "without influence": lambda: probes.untouched(answer(*SIZES), EVERYTHING, share=probes.RESIDUE),
        "left behind": lambda: len(probes.left_behind(answer(*SIZES))) > 0,
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(VOCAB_SIZE, N_EMBD, room or BLOCK_SIZE))

    return kinds.Trial((IDX,), make=make, causal=True, any_length=True, ids=VOCAB_SIZE)


def check(answer: Callable[..., Any]) -> None:
    model = answer(*SIZES)
    _heads.expect_module(model, "TokenPositionEmbedding")
    for idx in (IDX, EVERYTHING, IDX[:, :1]):
        asked = f"TokenPositionEmbedding{SIZES} for idx of shape {tuple(idx.shape)}"
        _heads.output(model, (*idx.shape, N_EMBD), asked, idx)
    wanted = (VOCAB_SIZE + BLOCK_SIZE) * N_EMBD
    count = probes.weight_count(model)
    expect(
        count == wanted,
        f"expected a table of {VOCAB_SIZE} token rows and one of {BLOCK_SIZE} position rows, {N_EMBD} numbers each: "
        f"{wanted} numbers to learn; yours has {count}.",
    )
    idle = probes.untouched(model, EVERYTHING)
    expect(idle == 0, f"{idle} numbers in the tables have no influence, though every token and position occurs.")
    model = answer(*SIZES)
    if probes.fill(model, 0.7, [(TOKENS, N_EMBD), (POSITIONS, N_EMBD)]) == 2:
        asked = f"the first numbers for idx = {IDX.tolist()}, with token rows 0, 10, 20, … and position rows 0, 1, 2, …"
        got = _heads.output(model, (2, 4, N_EMBD), asked, IDX)
        expect_close(got[..., 0], SUMS, asked, hint="token row plus position row.", reveal=True, atol=1e-4)
        expect_close(got, torch.tensor(SUMS)[..., None].expand(2, 4, N_EMBD), "the other numbers", atol=1e-4)
