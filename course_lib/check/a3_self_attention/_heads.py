"""What the three heads do. Nothing here depends on the names, biases or order of a head's layers.

Two ways to know an output in advance. Fill every matrix with one number: queries, keys and values are then multiples of
(1, …, 1) that follow from the sums of the inputs. Or take any weights, and learn what they do from the smallest cases:
one token alone shows its value, two tokens how a query divides its weight.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check import parameters
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import Wrong, describe, expect, expect_close, expect_shape
from course_lib.check.properties import Library, judged

SPREAD = 0.2  # of random weights: scores differ by about 1, so that no attention weight vanishes
N_EMBD, HEAD_SIZE, BLOCK_SIZE = 5, 3, 6
X = wave(2, 4, N_EMBD, step=1.7)  # (B, T, C)
CONTEXT = wave(2, 3, N_EMBD, step=2.3)  # (B, S, C)
LONGEST = wave(1, BLOCK_SIZE, N_EMBD, step=0.9)
# For two numbers in, head size 4 and all weights 0.5, these tokens have q = k = v = 0.5 and 1, so the second one's
# scores are 1 and 2 and its weights 0.2689 and 0.7311.
TOKENS = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]])
EQUAL = wave(3, 3, 3, step=1.3)  # as many sequences and tokens as features


class Given(NamedTuple):
    """A head, and what it is called with.

    sizes: n_embd, head_size, and for a causal head block_size. inputs: x (B, T, n_embd), and for cross-attention a
    context (B, S, n_embd). weight: in every matrix, with biases 0; or seed: of random weights; or neither, for weights
    as they are. other: another x, or another context. t: the token in which it differs.
    """

    sizes: tuple[int, ...]
    inputs: tuple[torch.Tensor, ...]
    weight: float = 0.0
    seed: int = 0
    other: torch.Tensor | None = None
    t: int = 0

    def __str__(self) -> str:
        names = zip(("x", "context"), self.inputs, strict=False)
        shapes = " and ".join(
            f"{name} = {value.tolist()}" if value.numel() < 5 else f"{name} {tuple(value.shape)}"
            for name, value in names
        )
        sizes = zip(("n_embd", "head_size", "block_size"), self.sizes, strict=False)
        filled = f", every weight {self.weight:.2g} and no bias" if self.weight else ""
        return f"{', '.join(f'{name} {size}' for name, size in sizes)}{filled}, {shapes}"

    @property
    def causal(self) -> bool:
        return len(self.sizes) > 2  # a head that is told a block size

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the output."""
        return (*self.inputs[0].shape[:2], self.sizes[1])


def normal(seed: int, *shape: int) -> torch.Tensor:
    """Numbers from N(0, 1), the same in every version."""
    return torch.from_numpy(np.random.RandomState(seed).standard_normal(shape)).float()


def made(answer: Any, given: Given, library: Library, *more: Any) -> Any:
    """The head in eval mode. more: further arguments of its class. Raises Wrong where it is no module, or empty."""
    lib = library("course_lib.probes")
    model = answer(*given.sizes, *more)
    expect(lib.is_module(model), f"expected an nn.Module, yours is {describe(model)}.")
    parameters.numbers(lib, model)
    if given.weight:
        parameters.level(lib, model, given.weight)
    elif given.seed:
        parameters.draw(lib, model, given.seed, SPREAD)
    model.eval()
    return model


def output(model: Any, given: Given, *inputs: torch.Tensor) -> np.ndarray:
    """The output for these inputs, float64. Raises Wrong for another shape."""
    asked = f"the output for {given._replace(inputs=inputs)}"
    return _expect_output(model(*(value.clone() for value in inputs)), given._replace(inputs=inputs), asked)


def _expect_output(got: Any, given: Given, asked: str) -> np.ndarray:
    if isinstance(got, tuple | list):
        raise Wrong(f"{asked}: expected one tensor, the output, yours is {describe(got)}.")
    return expect_shape(got, given.shape, asked).astype(np.float64)


# ---- the output ------------------------------------------------------------------------------------------------------


def _call(answer: Any, given: Given, library: Library) -> Any:
    return made(answer, given, library)(*(value.clone() for value in given.inputs))


@judged("The output has shape (B, T, head_size)", _call, outcome=describe)
def shape(got: Any, given: Given) -> None:
    _expect_output(got, given, f"the output for {given}")


@judged("Equal weights everywhere: scores are divided by √head_size", _call, in_turn=True)
def scale(got: Any, given: Given) -> None:
    asked = f"the output for {given}"
    root = f"√head_size = √{given.sizes[1]}"
    where = "mask, then softmax over the keys, then the values" if given.causal else "softmax over the keys, no mask"
    if len(given.inputs) > 1:
        where = "queries from x, keys and values from the context; softmax over the context, no mask"
    queries, keys = (
        (given.weight * value.double().sum(-1, keepdim=True)).expand(*value.shape[:2], given.sizes[1])
        for value in (given.inputs[0], given.inputs[-1])
    )
    wanted = F.scaled_dot_product_attention(queries, keys, keys, is_causal=given.causal)
    _expect_output(got, given, asked)
    # float32: scores of up to 10 to within 1e-5.
    expect_close(got, wanted, asked, hint=f"scores are divided by {root}; {where}.", atol=1e-4, rtol=1e-4)


# ---- one token, two tokens, all of them ------------------------------------------------------------------------------


class Pieces(NamedTuple):
    """values: (S, d), the output for each token alone. pairs: (T, S, d), the output of query t when only tokens j and
    its reference are there to be seen. whole: (T, d). cross: the reference is token 0 of the context, not t itself."""

    values: np.ndarray
    pairs: np.ndarray
    whole: np.ndarray
    cross: bool
    causal: bool


def _pieces(answer: Any, given: Given, library: Library) -> Pieces:
    """inputs: x (1, T, C), and for cross-attention a context (1, S, C)."""
    model = made(answer, given, library)
    whole = output(model, given, *given.inputs)[0]
    x, context = given.inputs[0][0], given.inputs[-1][0]
    T, S = len(x), len(context)
    if len(given.inputs) == 1:
        values = output(model, given, x[:, None])[:, 0]
        two = torch.stack([torch.stack([x[j], x[t]]) for t in range(T) for j in range(T)])  # (T * T, 2, C)
        pairs = output(model, given, two)[:, 1].reshape(T, T, -1)
    else:
        values = output(model, given, x[:1].expand(S, 1, -1), context[:, None])[:, 0]
        two = torch.stack([torch.stack([context[j], context[0]]) for j in range(S)]).repeat(T, 1, 1)  # (T * S, 2, C)
        pairs = output(model, given, x.repeat_interleave(S, 0)[:, None], two)[:, 0].reshape(T, S, -1)
    return Pieces(values, pairs, whole, len(given.inputs) > 1, given.causal)


def _log_odds(pieces: Pieces) -> torch.Tensor:
    """(T, S): by how much the score of key j exceeds that of its query's reference. Raises Wrong for no mixture."""
    T, S = pieces.pairs.shape[:2]
    found = torch.zeros(T, S, dtype=torch.float64)
    for t in range(T):
        r = 0 if pieces.cross else t
        for j in {*range(S)} - {r}:
            along, moved = pieces.values[j] - pieces.values[r], pieces.pairs[t, j] - pieces.values[r]
            share = float(moved @ along / (along @ along))
            off = float(abs(moved - share * along).max())
            # At the spreads used, log-odds have a standard deviation of 1 at most: 11.5 of them, a share of 1e-5, does
            # not occur. float32 leaves 1e-6 of the values' size.
            expect(
                1e-5 < share < 1 - 1e-5 and off < 1e-3,
                "with two tokens to see, the output is not a mixture of the outputs for each of them alone.\n"
                "Hint: weights between 0 and 1 that sum to 1 over the keys, times the values.",
            )
            found[t, j] = math.log(share / (1 - share))
    return found


def _mixed(pieces: Pieces) -> np.ndarray:
    """The whole output (T, d) that follows from single tokens and pairs of them."""
    scores = _log_odds(pieces)
    if pieces.causal:
        scores = scores.masked_fill(~torch.ones_like(scores, dtype=torch.bool).tril(), -torch.inf)
    return (scores.softmax(-1) @ torch.from_numpy(pieces.values)).numpy()


def _about_pieces(pieces: Pieces) -> dict[str, Any]:
    """Whether the whole follows from the pieces; whether keys are queries.

    Then the scores of tokens with each other are the products of a set of vectors with itself, and no pair of tokens
    has more for each other than for themselves.
    """
    odds = _log_odds(pieces)
    square = odds.shape[0] == odds.shape[1]
    own = odds.diagonal() if square else odds
    each_other = bool((odds + odds.mT - own[:, None] - own > 1e-3).any()) if square else None
    return {"follows": bool(np.allclose(pieces.whole, _mixed(pieces), atol=2e-3)), "prefers another": each_other}


@judged(
    "Random weights: the output is what softmax makes of the outputs for one and for two tokens",
    _pieces,
    outcome=_about_pieces,
)
def mixture(pieces: Pieces, given: Given) -> None:
    asked = f"the output for {given} and random weights, beside what follows from two tokens at a time"
    keys = "keys that a token may see" if given.causal else "keys"
    hint = f"softmax over all {keys}, and nothing that depends on the place."
    # Shares read off two tokens are known to about 1e-5, a hundredth of this.
    expect_close(pieces.whole, _mixed(pieces), asked, hint=hint, atol=2e-3, rtol=1e-3)


# ---- who hears whom --------------------------------------------------------------------------------------------------


class Change(NamedTuple):
    """Outputs (B, T, d) for x, and for another x that differs in token t."""

    before: np.ndarray
    after: np.ndarray
    t: int

    def moved(self) -> np.ndarray:
        """Which outputs differ, (B, T). That all numbers of one stay within 1e-6 does not happen by chance."""
        return (abs(self.after - self.before) > 1e-6).any(-1)


def changed(answer: Any, given: Given, library: Library) -> Change:
    """After a shorter text, of which nothing may be kept. Raises Wrong where training mode alone changes the output."""
    model = made(answer, given, library)
    assert given.other is not None
    first, second = ((x, *given.inputs[1:]) for x in (given.inputs[0], given.other))
    output(model, given, first[0][:, :2], *first[1:])
    before, after = output(model, given, *first), output(model, given, *second)
    model.train()
    training = output(model, given, *first)
    model.eval()
    asked = f"the output in training mode without dropout, for {given}, beside that in evaluation mode"
    expect_close(training, before, asked, atol=1e-5, slip="dropout that nobody asked for, or a mode that changes more")
    return Change(before, after, given.t)


def with_other(given: Given, t: int) -> Given:
    """The same, and another x that differs in token t."""
    other = given.inputs[0].clone()
    other[:, t] = 1.5 - other[:, t]
    return given._replace(other=other, t=t)


# ---- sequences, layers -----------------------------------------------------------------------------------------------


def _apart(answer: Any, given: Given, library: Library) -> list[np.ndarray]:
    """Each sequence of a batch, and the same alone."""
    model = made(answer, given, library)
    alone = [output(model, given, *(value[b : b + 1] for value in given.inputs)) for b in range(len(given.inputs[0]))]
    return [output(model, given, *given.inputs), np.concatenate(alone)]


def same(got: list[np.ndarray]) -> bool:
    """Whether two outputs agree: the same numbers, up to the order of float32 sums."""
    return bool(np.allclose(got[0], got[1], rtol=1e-5, atol=1e-5))


@judged("Batches never mix: each sequence has the output that it has alone", _apart, outcome=same)
def batch(got: list[np.ndarray], given: Given) -> None:
    asked = f"each sequence of a batch, beside the same sequence alone, for {given}"
    expect_close(got[0], got[1], asked, hint="softmax runs over the last dimension, the keys.", atol=1e-5)


class Layers(NamedTuple):
    """held: numbers in matrices. maps: how many times n_embd × head_size that is. claims: of the matrices; inputs: of
    x and context. seeds: whether torch's seed is set."""

    held: int
    maps: float
    claims: list[parameters.Claim]
    inputs: list[parameters.Claim]
    seeds: bool


def _layers(answer: Any, given: Given, library: Library) -> Layers:
    lib = library("course_lib.probes")
    model = made(answer, given, library)
    held = parameters.in_matrices(parameters.numbers(lib, model))
    return Layers(
        held,
        held / math.prod(given.sizes[:2]),
        parameters.of_matrices(lib, model, *given.inputs),
        parameters.of_inputs(library("course_lib.head_probes"), model, *given.inputs),
        bool(lib.reseeds(answer, list(given.sizes), *given.inputs)),
    )


def _about_layers(found: Layers) -> list[Any]:
    used = sum(math.prod(claim.shape) - claim.faint for claim in found.claims) / (found.held or 1)
    reached = [claim.arrives and claim.size > 0 for claim in found.inputs]
    return [round(found.maps, 2), round(found.maps * used, 2), reached, found.seeds]


@judged(
    "Three maps from n_embd to head_size, all of them learnt, all of them used; gradients reach x; no seed is set",
    _layers,
    outcome=_about_layers,
)
def layers(found: Layers, given: Given) -> None:
    n_embd, head_size = given.sizes[:2]
    expect(
        abs(found.maps - 3) < 1e-9,
        f"expected three maps from n_embd to head_size (queries, keys, values), {3 * n_embd * head_size} weights "
        f"besides biases for n_embd {n_embd} and head_size {head_size}; yours has {found.held}.",
    )
    parameters.expect_used(found.claims, "the output", "queries, keys and values each have a map.")
    parameters.expect_inputs(found.inputs)
    expect(
        not found.seeds,
        "torch's seed is set inside the class: every module made after it, and every draw, is then the same.\n"
        "Hint: leave torch.manual_seed to whoever uses the class.",
    )
