"""What the modules that look up tokens and positions are built with: known tables, or random weights."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch

from course_lib.check import parameters
from course_lib.check.a3_self_attention.scaled_scores import wave
from course_lib.check.expect import describe, expect
from course_lib.check.properties import Library

IDX = torch.tensor([[0, 3, 3, 6], [5, 0, 1, 2]])  # (B, T)
EVERYTHING = torch.tensor([[0, 1, 2, 3, 4], [5, 6, 0, 1, 2]])  # every token of 7, every position of 5


class Given(NamedTuple):
    """A module, and what it is called with.

    sizes: vocab_size, n_embd, …, block_size. idx, targets: (B, T). tokens (vocab_size,) and positions (block_size,):
    what stands all along each row of its tables, with `weight` in every other matrix and biases 0; or seed: of random
    weights; or neither, for weights as they are.
    """

    sizes: tuple[int, ...]
    idx: torch.Tensor
    tokens: torch.Tensor | None = None
    positions: torch.Tensor | None = None
    weight: float = 1.0
    seed: int = 0
    targets: torch.Tensor | None = None

    def __str__(self) -> str:
        names = ("vocab_size", "n_embd", *(["head_size"] if len(self.sizes) > 3 else []), "block_size")
        sizes = zip(names, self.sizes, strict=True)
        return f"{', '.join(f'{name} {size}' for name, size in sizes)}, idx {tuple(self.idx.shape)}"


def known(sizes: tuple[int, ...], idx: torch.Tensor, weight: float = 1.0) -> Given:
    """With tables of numbers that tell their rows apart."""
    return Given(sizes, idx, wave(sizes[0], step=1.7), 0.5 * wave(sizes[-1], step=2.3), weight)


def everything(sizes: tuple[int, ...]) -> torch.Tensor:
    """Ids (n, block_size) in which every token and every position occurs."""
    vocab_size, block_size = sizes[0], sizes[-1]
    rows = -(-vocab_size // block_size)
    return (torch.arange(rows * block_size) % vocab_size).view(rows, block_size)


def made(answer: Any, given: Given, library: Library, spread: float = 1.0) -> tuple[Any, bool]:
    """The module in eval mode, and whether two parameters took the tables; the answer may keep them as one, or in
    another form: then all its matrices hold `weight`. Raises Wrong where it is no module, or empty."""
    lib = library("course_lib.probes")
    model = answer(*given.sizes)
    expect(lib.is_module(model), f"expected an nn.Module, yours is {describe(model)}.")
    parameters.numbers(lib, model)
    took = False
    if given.tokens is not None and given.positions is not None:
        tables = [(given.tokens, given.sizes[1]), (given.positions, given.sizes[1])]
        took = parameters.level(lib, model, given.weight, tables) == 2
        if not took:
            parameters.level(lib, model, given.weight)
    elif given.seed:
        parameters.draw(lib, model, given.seed, spread)
    model.eval()
    return model, took


def sums(given: Given, took: bool) -> torch.Tensor:
    """The sum of a token's row and its position's, which is the same all along it: (B, T, 1)."""
    assert given.tokens is not None and given.positions is not None
    each = given.tokens[given.idx] + given.positions[: given.idx.shape[1]]
    return (each if took else torch.full_like(each, 2 * given.weight))[..., None].double()


class Layers(NamedTuple):
    """held: numbers in matrices. claims: of the matrices' gradients, when every token and position occurs. seeds:
    whether torch's seed is set."""

    held: int
    claims: list[parameters.Claim]
    seeds: bool


def layers(answer: Any, given: Given, library: Library) -> Layers:
    """given.idx: ids in which every token and position occurs."""
    lib = library("course_lib.probes")
    model, _ = made(answer, given, library, 0.4)
    held = parameters.in_matrices(parameters.numbers(lib, model))
    claims = parameters.of_matrices(lib, model, given.idx)
    return Layers(held, claims, bool(lib.reseeds(answer, list(given.sizes), given.idx)))


def about_layers(found: Layers) -> list[Any]:
    """How many numbers there are, and how many of them matter; whether the seed is set."""
    used = sum(math.prod(claim.shape) - claim.faint for claim in found.claims)
    return [found.held, used, found.seeds]


def expect_no_seed(found: Layers) -> None:
    expect(
        not found.seeds,
        "torch's seed is set inside the class: every module made after it, and every draw, is then the same.\n"
        "Hint: leave torch.manual_seed to whoever uses the class.",
    )
