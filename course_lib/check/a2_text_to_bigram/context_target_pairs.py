"""What `context_target_pairs(block)` does: every prefix of a block with the token that follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import as_array, describe, expect, expect_close, shown
from course_lib.check.properties import judged

BLOCK = torch.tensor([7, 1, 4, 0, 9])


def call(answer: Callable[..., Any], block: torch.Tensor, _: Any) -> Any:
    return answer(block.clone())


def _ids(value: Any) -> list[int]:
    return [int(i) for i in as_array(value, "a context or target").reshape(-1)]


def _contexts(got: Any) -> list[Any]:
    """Whether two pairs share one context, and every context."""
    return [len({id(context) for context, _ in got}) < len(got), *(_ids(context) for context, _ in got)]


def _named(block: torch.Tensor) -> str:
    return shown(f"block {block.tolist()}", f"a block of {len(block)} ids") if len(block) < 20 else "a long block"


def _parts(got: Any, block: torch.Tensor) -> list[tuple[Any, Any]]:
    """The pairs as arrays. Raises `Wrong` unless there are as many as there should be, contexts with a target each."""
    wanted = len(block) - 1
    expect(isinstance(got, list | tuple), f"expected a list of pairs, yours is {describe(got)}.")
    expect(len(got) == wanted, f"a block of {wanted + 1} ids gives {wanted} pairs, yours gives {len(got)}.")
    found = []
    for t, pair in enumerate(got, start=1):
        asked = f"of {_named(block)}"
        expect(isinstance(pair, list | tuple) and len(pair) == 2, f"pair {t} {asked} is not (context, target).")
        context, target = as_array(pair[0], f"context {t} {asked}"), as_array(pair[1], f"target {t} {asked}")
        expect(context.ndim == 1, f"context {t} {asked}: expected one dimension, yours has shape {context.shape}.")
        expect(target.size == 1, f"target {t} {asked} is one id, yours has shape {target.shape}.")
        found.append((context, target.reshape(())))
    return found


@judged(
    "A block of T + 1 ids gives T pairs, with contexts of 1 to T tokens",
    call,
    [BLOCK, BLOCK[:2], torch.arange(60)],
    outcome=len,
    slip="something else than a list of T pairs",
)
def how_many(got: Any, block: torch.Tensor) -> None:
    lengths = sorted(len(context) for context, _ in _parts(got, block))
    for t, length in enumerate(lengths, start=1):
        asked = f"of {_named(block)}, shortest first"
        expect(length == t, f"context {t} {asked}: expected shape ({t},), yours is ({length},).")


@judged(
    "Each context is the beginning of the block, up to and including the current token",
    call,
    [BLOCK, BLOCK[:2], torch.tensor([4, 4, 9])],
    outcome=_contexts,
    slip="contexts that are not the beginnings of the block",
)
def contexts(got: Any, block: torch.Tensor) -> None:
    hint = "context t holds the first t tokens of the block."
    for t, (context, _) in enumerate(_parts(got, block), start=1):
        expect_close(context, block[:t], f"context {t} of {_named(block)}", hint=hint, atol=0, rtol=0)


@judged(
    "Each target is the one token that follows its context",
    call,
    [BLOCK],
    outcome=lambda got: [_ids(target) for _, target in got],
    slip="targets that are not the next token",
)
def targets(got: Any, block: torch.Tensor) -> None:
    tokens = block.tolist()
    for t, (context, target) in enumerate(_parts(got, block), start=1):
        asked = f"target {t} of {_named(block)}{shown(f' is {tokens[t]}, yours is {target}')}"
        expect(int(target) in tokens, f"{asked}: not a token of the block.")
        off = tokens.index(int(target)) - t
        way = f"{abs(off)} {'place' if abs(off) == 1 else 'places'} {'later' if off > 0 else 'earlier'}"
        expect(off == 0, f"{asked}: yours stands {way}.")
        expect(int(target) not in context.tolist(), f"context {t} of {_named(block)} already holds its own target.")
