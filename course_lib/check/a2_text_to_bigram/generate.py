"""What `generate(model, idx, max_new_tokens)` does: tokens drawn one at a time from the model's own softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import as_array, expect, expect_shape, shown
from course_lib.check.properties import judged


class Given(NamedTuple):
    """A model's table of logits (C, C), a prompt (B, T), how many new tokens.

    memory: the row is that of the sum of all ids so far, modulo C, else that of the last one. right: (B, T + new), the
    prompt and what follows it if the model is certain.
    """

    table: torch.Tensor
    idx: torch.Tensor
    new: int
    right: Any = None
    memory: bool = False

    def __str__(self) -> str:
        return f"a prompt {tuple(self.idx.shape)} and {self.new or 'no'} new token{'' if self.new == 1 else 's'}"


def certain(successor: Any) -> torch.Tensor:
    """Logits of 0 for one next token and -10,000 for all others, whose probability is then exactly 0 in float32."""
    table = torch.full((len(successor), len(successor)), -1e4)
    table[torch.arange(len(successor)), torch.as_tensor(successor)] = 0.0
    return table


CHAIN = certain([2, 3, 1, 0])  # after 0 comes 2, after 2 comes 1, after 1 comes 3, after 3 comes 0
ONE_MORE = certain([1, 2, 3, 0])
PROMPT = torch.tensor([[1, 0], [2, 2], [0, 3]])  # (3, 2)
THREE = Given(CHAIN, PROMPT, 5, [[1, 0, 2, 1, 3, 0, 2], [2, 2, 1, 3, 0, 2, 1], [0, 3, 0, 2, 1, 3, 0]])
SINGLE = Given(CHAIN, PROMPT[:1], 9, [[1, 0, 2, 1, 3, 0, 2, 1, 3, 0, 2]])


def _call(answer: Callable[..., Any], given: Given, library: Any) -> Any:
    model = library("course_lib.doubles").TableModel(given.table, given.memory)
    return answer(model, given.idx.clone(), given.new)


def _keeping(answer: Callable[..., Any], given: Given, library: Any) -> tuple[Any, Any]:
    """The result, and the prompt after another call."""
    doubles = library("course_lib.doubles")
    model = doubles.TableModel(given.table, given.memory)
    return _call(answer, given, library), doubles.call_keeping_inputs(answer, model, given.idx.clone(), given.new)[1]


@judged(
    "The result holds the prompt and max_new_tokens ids after it",
    _keeping,
    [THREE, Given(CHAIN, PROMPT[:2, :1], 1), Given(CHAIN, PROMPT, 0)],
    outcome=lambda got: [as_array(got[0], "the tokens").shape, got[1]],
    slip="a result that is not the prompt and the new tokens",
)
def shape(got: tuple[Any, Any], given: Given) -> None:
    (B, T), C = given.idx.shape, len(given.table)
    tokens, prompt = expect_shape(got[0], (B, T + given.new), f"{given}"), given.idx.numpy()
    expect(tokens.dtype.kind in "iu", f"tokens are integers, yours are {tokens.dtype}.")
    front = (tokens[:, :T] == prompt).all()
    expect(front, f"{given}: the prompt no longer stands at the front of the result{shown(f', {tokens.tolist()}')}.")
    expect(np.array_equal(as_array(got[1], "idx"), prompt), "idx, the caller's prompt, has been changed; leave it.")
    expect(tokens.min() >= 0 and tokens.max() < C, f"with {C} symbols, tokens lie in 0 to {C - 1}.")


def _twice(answer: Callable[..., Any], given: Given, library: Any) -> list[Any]:
    return [_call(answer, given, library) for _ in "ab"]


def _certain(got: list[Any]) -> Any:
    """The tokens, unless they are drawn: two calls then differ, and others would elsewhere."""
    first, second = (as_array(tokens, "the tokens") for tokens in got)
    return first if np.array_equal(first, second) else [*first.shape, "drawn"]


@judged(
    "A model that is certain: each new token follows from the one before", _twice, [THREE, SINGLE], outcome=_certain
)
def chain(got: list[Any], given: Given) -> None:
    (B, T), right = given.idx.shape, np.asarray(given.right)
    kind = "looks at the whole context" if given.memory else "is certain"
    hint = (
        "give the model everything so far, the prompt and the tokens added since."
        if given.memory
        else "the next token comes from the logits of the last position, and is then part of the context."
    )
    for part in got:
        tokens = expect_shape(part, (B, T + given.new), f"{given}")
        wrong, both = int((tokens != right).sum()), f"\nexpected:\n{right}\nyours:\n{tokens}"
        expect(
            not wrong,
            f"{given}: with a model that {kind}, {wrong} of {tokens.size} tokens are not the certain ones."
            f"{shown(both)}\nHint: {hint}",
        )


whole_context = chain.at(
    "The model is given everything so far, the prompt and the new tokens",
    [
        Given(ONE_MORE, PROMPT, 4, [[1, 0, 2, 0, 0, 0], [2, 2, 1, 2, 0, 0], [0, 3, 0, 0, 0, 0]], True),
        Given(ONE_MORE, PROMPT[1:, :1], 3, [[2, 3, 2, 0], [0, 1, 2, 0]], True),
    ],
    slip="a model that is not shown the whole context",
)


class Drawn(NamedTuple):
    """shares: probabilities of 3 tokens after each of 2. shift: added to all logits. draws: after each."""

    shares: Any
    shift: float
    draws: int


def _shares(answer: Callable[..., Any], given: Drawn, library: Any) -> np.ndarray:
    """How often each token came after each, (2, 3); before it stands token 2, which is followed as token 0 is."""
    table = torch.as_tensor(np.log(np.vstack([given.shares, given.shares[:1]])) + given.shift).float()
    prompt = torch.tensor([[2, 0], [2, 1]]).repeat(given.draws, 1)
    got = answer(library("course_lib.doubles").TableModel(table), prompt, 1)
    tokens = expect_shape(got, (2 * given.draws, 3), f"one new token for {2 * given.draws} prompts of 2")[:, 2]
    return np.array([[(tokens[now::2] == c).mean() for c in range(3)] for now in range(2)])


SHARES = np.array([[0.62, 0.27, 0.11], [0.55, 0.09, 0.36]])


def _like(found: np.ndarray) -> str:
    """What the shares of the public model look like. No two of these are less than 0.09 apart."""
    logits, among = np.log(SHARES) + 3, SHARES / SHARES.sum(0)
    sizes = {"right": SHARES, "even": np.ones((2, 3)), "likeliest": SHARES == SHARES.max(1, keepdims=True)}
    sizes |= {"logits": logits, "sizes": np.abs(logits - 3), "squares": SHARES**2, "twice": np.exp(SHARES)}
    sizes |= {"over the batch": among, "over time": np.stack([np.ones(3), among[1]])}
    off = {name: np.abs(found - size / size.sum(1, keepdims=True)).max() for name, size in sizes.items()}
    nearest = min(off, key=lambda name: off[name])
    return nearest if off[nearest] < 0.045 else "others"


@judged(
    "Tokens come up as often as the softmax says",
    _shares,
    [Drawn(SHARES, 3.0, 4000), Drawn(SHARES, 0.0, 4000)],  # adding a number to all logits changes nothing
    outcome=_like,
    slip="draws that do not follow the softmax",
)
def shares(found: np.ndarray, given: Drawn) -> None:
    # Hoeffding: a share of n draws is more than e off with probability 2·exp(-2·n·e²), here 2·exp(-20.2) < 4e-9, and
    # 2 models × 2 tokens × 3 shares are asked: less than 5e-8. Squared probabilities are 0.1 and more off.
    off = np.abs(found - given.shares)
    most = np.unravel_index(off.argmax(), off.shape)
    seen = f", {found[most]:.2f} instead of {np.asarray(given.shares)[most]:.2f}"
    expect(
        off.max() < math.sqrt(10.1 / given.draws),
        f"in {given.draws} draws the share of a token is {off.max():.2f} away from its probability{shown(seen)}.\n"
        "Hint: softmax over the symbols of the last position, then one draw for each row.",
    )


def _repeats(got: list[Any]) -> list[bool]:
    """Whether the rows get the same tokens, each row repeats one, two calls give the same."""
    first, second = (as_array(tokens, "the tokens")[:, 2:] for tokens in got)
    return [bool((first == first[:1]).all()), bool((first == first[:, :1]).all()), bool(np.array_equal(first, second))]


def even(rows: int, new: int) -> Given:
    """7 tokens of nearly equal probability, no two of them tied; prompts of two."""
    return Given(torch.linspace(0.0, 0.1, 7).repeat(7, 1), torch.zeros(rows, 2, dtype=torch.int64), new)


@judged(
    "Each row, each step and each call draws for itself",
    _twice,
    [even(5, 12)],
    outcome=_repeats,
    slip="draws that repeat",
)
def independent(got: list[Any], given: Given) -> None:
    # 12 steps or more: two given rows, or two calls, agree by chance with probability (0.151)^12 < 1e-9.
    for part in got:
        expect_shape(part, (len(given.idx), 2 + given.new), f"{given}")
    rows, steps, calls = _repeats(got)
    expect(not rows, "the rows of a batch all get the same tokens.")
    expect(not steps, "each row repeats its first new token.")
    expect(not calls, "two calls gave the same text.\nHint: no seed inside generate.")


class Nearly(NamedTuple):
    """tokens: so many, of nearly equal probability, no two of them tied; which is which, in the order of logits."""

    order: Any
    rows: int
    new: int


def _different(answer: Callable[..., Any], given: Nearly, library: Any) -> int:
    table = torch.linspace(0.0, 0.1, len(given.order))[torch.as_tensor(given.order)].repeat(len(given.order), 1)
    model = library("course_lib.doubles").TableModel(table)
    got = answer(model, torch.zeros(given.rows, 1, dtype=torch.int64), given.new)
    return len(np.unique(as_array(got, "the tokens")[:, 1:]))


@judged(
    "Of many tokens that are almost equally likely, each comes",
    _different,
    [Nearly(list(range(20)), 1000, 1)],
    outcome=lambda came: {1: "one", 20: "all"}.get(came, "few" if came < 10 else "most"),
    slip="tokens that never come",
)
def variety(came: int, given: Nearly) -> None:
    # Each of n tokens is above 0.9 / n: one of 60 does not come in 3,000 draws with probability below
    # 60·(1 - 0.9/60)^3000 < 1e-17, one of 20 in 1,000 below 1e-18.
    n = len(given.order)
    expect(came == n, f"of {n} almost equally likely tokens only {came} ever come; draw from all of them.")
