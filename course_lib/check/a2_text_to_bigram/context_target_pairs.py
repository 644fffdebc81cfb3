"""Public check of `context_target_pairs(block)`: every prefix of a block with the token that follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import as_array, describe, expect

BLOCK = torch.tensor([7, 1, 4, 4, 9])


def _ids(value: Any) -> list[int]:
    return [int(i) for i in as_array(value, "a context or target").reshape(-1)]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """All pairs of a block of five ids, and of a block of two; how many sixty have; whether they share one context."""

    def pairs(block: torch.Tensor) -> list[list[list[int]]]:
        return [[_ids(context), _ids(target)] for context, target in answer(block.clone())]

    def shared() -> bool:
        found = answer(BLOCK.clone())
        return len({id(context) for context, _ in found}) < len(found)

    return {
        "shared": shared,
        "five": lambda: pairs(BLOCK),
        "two": lambda: pairs(BLOCK[:2]),
        "sixty": lambda: len(list(answer(torch.arange(60)))),
    }


def check(answer: Callable[..., Any]) -> None:
    got = answer(BLOCK.clone())
    expect(isinstance(got, list | tuple), f"expected a list of pairs, yours is {describe(got)}.")
    expect(len(got) == 4, f"a block of 5 ids gives 4 pairs, yours gives {len(got)}.")
    for t, pair in enumerate(got):
        expect(isinstance(pair, list | tuple) and len(pair) == 2, f"pair {t + 1} is not a (context, target) pair.")
        context, target = as_array(pair[0], f"context {t + 1}"), as_array(pair[1], f"target {t + 1}")
        expect(
            context.shape == (t + 1,),
            f"context {t + 1} of block {BLOCK.tolist()}: expected shape ({t + 1},), yours is {context.shape}.",
        )
        expect(target.size == 1, f"target {t + 1} is one id, yours has shape {target.shape}.")
        row = f"pair {t + 1} of block {BLOCK.tolist()}"
        expect(int(context[0]) == 7, f"{row}: a context starts at the first token, yours is {context.tolist()}.")
        following = int(BLOCK[t + 1])
        expect(int(target.reshape(())) == following, f"{row}: the target is {following}, yours is {target.tolist()}.")
        expect(
            torch.equal(torch.as_tensor(context), BLOCK[: context.size]),
            f"{row}: the context is not the beginning of the block, yours is {context.tolist()}.",
        )
    came = len(answer(torch.arange(60)))
    expect(came == 59, f"a block of 60 ids gives 59 pairs, yours gives {came}.")
