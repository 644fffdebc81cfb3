"""What `TokenPositionEmbedding(vocab_size, n_embd, block_size)` does: token rows plus position rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check import kinds, parameters
from course_lib.check.a3_self_attention import _embeddings
from course_lib.check.a3_self_attention._embeddings import EVERYTHING, IDX, Given, Layers
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape
from course_lib.check.properties import Library, judged

SIZES = VOCAB_SIZE, N_EMBD, BLOCK_SIZE = 7, 4, 5
SMALL = (5, 6, 3)
FEW = torch.tensor([[4, 0, 1], [2, 2, 3]])
TOKENS = torch.tensor([0.0, 10, 20, 30, 40, 50, 60])
POSITIONS = torch.tensor([0.0, 1, 2, 3, 4])


def _output(got: Any, given: Given, asked: str) -> np.ndarray:
    if isinstance(got, tuple | list):
        raise Wrong(f"{asked}: expected one tensor, yours is {describe(got)}.")
    return expect_shape(got, (*given.idx.shape, given.sizes[1]), asked)


class Sums(NamedTuple):
    """got: the output. took: whether two parameters took the tables."""

    got: Any
    took: bool


def _call(answer: Callable[..., Any], given: Given, library: Library) -> Sums:
    model, took = _embeddings.made(answer, given, library)
    return Sums(model(given.idx.clone()), took)


@judged(
    "The output has shape (B, T, n_embd), for every T up to block_size",
    _call,
    [
        *(Given(SIZES, idx) for idx in (IDX, EVERYTHING, IDX[:, :1])),
        Given(SMALL, FEW),
        Given((VOCAB_SIZE, N_EMBD, 70), EVERYTHING.repeat(1, 14)),
    ],
    outcome=lambda found: describe(found.got),
    slip="an output of another shape",
)
def shape(found: Sums, given: Given) -> None:
    _output(found.got, given, f"the output for {given}")


@judged(
    "Two tables to learn, of vocab_size and of block_size rows, and every row of them is used; no seed is set",
    _embeddings.layers,
    [Given(SIZES, EVERYTHING, seed=3), Given(SMALL, _embeddings.everything(SMALL), seed=4)],
    outcome=_embeddings.about_layers,
    slip="rows of a table that are never learnt",
)
def learnt(found: Layers, given: Given) -> None:
    vocab_size, n_embd, block_size = given.sizes
    wanted = (vocab_size + block_size) * n_embd
    expect(
        found.held == wanted,
        f"expected a table of {vocab_size} token rows and one of {block_size} position rows, {n_embd} numbers each: "
        f"{wanted} numbers to learn; yours has {found.held}.",
    )
    parameters.expect_used(found.claims, "the output, though every token and position occurs")
    _embeddings.expect_no_seed(found)


def _along(found: Sums) -> Any:
    """What stands along each vector, if it is one number; a buffer of random numbers has others in every version."""
    got = as_array(found.got, "the output").astype(float)
    if found.took or got.ndim != 3:
        return got
    return got[..., 0] if np.allclose(got, got[..., :1], atol=1e-5) else "numbers that differ along a vector"


@judged(
    "With known tables: a token's row plus its position's row",
    _call,
    [
        *(Given(SIZES, idx, TOKENS, POSITIONS) for idx in (IDX, EVERYTHING, IDX[:, 1:2], IDX % BLOCK_SIZE)),
        _embeddings.known(SMALL, FEW),
    ],
    outcome=_along,
    slip="something else than token row plus position row",
)
def known_tables(found: Sums, given: Given) -> None:
    tables = "known tables" if found.took else f"every number of its tables {given.weight:g}"
    asked = f"the output for {given}, with {tables}"
    if given.tokens is TOKENS and found.took:
        asked = f"the output for idx = {given.idx.tolist()}, with token rows 0, 10, 20, … and position rows 0, 1, 2, …"
    got = _output(found.got, given, asked)
    wanted = _embeddings.sums(given, found.took).expand(got.shape)
    expect_close(got, wanted, asked, hint="token row plus position row.", atol=1e-5)


class Random(NamedTuple):
    """table (vocab_size, block_size, n_embd): row i is token i all along. idx (B, block_size), got: for mixed ones."""

    table: np.ndarray
    idx: np.ndarray
    got: np.ndarray

    def added(self) -> np.ndarray:
        """What token i + 1 adds to token i, at each position."""
        return self.table[1:] - self.table[:-1]

    def steps(self) -> np.ndarray:
        """What token 0 changes by, from one position to the next."""
        return self.table[0, 1:] - self.table[0, :-1]

    def looked_up(self) -> np.ndarray:
        return self.table[self.idx, np.arange(self.idx.shape[1])]


def _random(answer: Callable[..., Any], given: Given, library: Library) -> Random:
    model, _ = _embeddings.made(answer, given, library)
    vocab_size, _, block_size = given.sizes
    repeated = given._replace(idx=torch.arange(vocab_size)[:, None].repeat(1, block_size))
    table, got = (_output(model(one.idx.clone()), one, f"the output for {one}") for one in (repeated, given))
    return Random(table.astype(float), given.idx.numpy(), got.astype(float))


def _about_random(found: Random) -> list[bool]:
    added = found.added()
    return [
        bool(np.allclose(added, added[:, :1], atol=1e-5)),
        bool((abs(added[:, 0]) > 1e-3).any(-1).all()),
        bool((abs(found.steps()) > 1e-3).any(-1).all()),
        bool(np.allclose(found.got, found.looked_up(), atol=1e-5)),
    ]


@judged(
    "With random tables: what a token adds is the same at every place, what a place adds the same for every token",
    _random,
    [Given(SIZES, EVERYTHING, seed=1), Given(SMALL, FEW, seed=2)],
    outcome=_about_random,
    slip="rows that are not added, or changed on the way",
)
def sums(found: Random, given: Given) -> None:
    added = found.added()
    expect_close(added, np.broadcast_to(added[:, :1], added.shape), "what a token adds, at all positions", atol=1e-5)
    # Rows of random tables differ by more than 1e-3 in some of n_embd >= 4 numbers, but for one draw in 1e12.
    expect((abs(added[:, 0]) > 1e-3).any(-1).all(), "two different tokens have the same vector.")
    expect(
        (abs(found.steps()) > 1e-3).any(-1).all(),
        "a token has the same vector in two places.\nHint: positions 0, 1, …, T - 1.",
    )
    asked = "the output for mixed tokens, beside the same tokens repeated"
    expect_close(found.got, found.looked_up(), asked, hint="each token is looked up for itself.", atol=1e-5)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(VOCAB_SIZE, N_EMBD, room or BLOCK_SIZE))

    return kinds.Trial((IDX,), make=make, causal=True, any_length=True, ids=VOCAB_SIZE)
