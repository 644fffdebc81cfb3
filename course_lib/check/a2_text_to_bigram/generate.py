"""Public check of `generate(model, idx, max_new_tokens)`: tokens drawn one at a time from the model's own softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check.expect import as_array, expect
from course_lib.doubles import TableModel

CHAIN = torch.full((4, 4), -1e4)  # certain: after 0 comes 2, after 2 comes 1, after 1 comes 3, after 3 comes 0
for _now, _next in ((0, 2), (2, 1), (1, 3), (3, 0)):
    CHAIN[_now, _next] = 0.0
PROMPT = torch.tensor([[1, 0], [2, 2], [0, 3]])  # (3, 2)
# Probabilities 0.62, 0.27, 0.11 after every token; the logits are all positive, their softmax is not changed by that.
SHARES = (0.62, 0.27, 0.11)
UNEVEN = (torch.tensor(SHARES).log() + 3).repeat(3, 1)
# The certain token depends on the whole context: one more than the sum of its ids, modulo 4.
MEMORY = torch.full((4, 4), -1e4)
for _now in range(4):
    MEMORY[_now, (_now + 1) % 4] = 0.0


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Certain models, whose continuation no draw can change; coarse shares of 4,000 draws; repeats and variety."""

    def shares(prompt: torch.Tensor) -> Any:
        got = as_array(answer(TableModel(UNEVEN), prompt.repeat(4000, 1), 1), "the tokens")[:, -1]
        if (got == got[0]).all():
            return "one for all"  # which one, the draw decides
        return [round(float((got == c).mean()) * 8) for c in range(3)]

    def repeats() -> list[bool]:
        nearly = torch.linspace(0.0, 0.1, 7).repeat(7, 1)  # no two of them tied
        first, second = (as_array(answer(TableModel(nearly), torch.zeros(5, 1).long(), 12), "the tokens") for _ in "ab")
        return [
            bool((first == second).all()),
            bool((first == first[0]).all()),
            bool((first[:, 1:] == first[:, -1:]).all()),
        ]

    return {
        "chain": lambda: answer(TableModel(CHAIN), PROMPT.clone(), 5),
        "one token": lambda: answer(TableModel(CHAIN), PROMPT[:, :1].clone(), 1),
        "memory": lambda: answer(TableModel(MEMORY, memory=True), PROMPT.clone(), 5),
        "one row": lambda: answer(TableModel(CHAIN), PROMPT[:1].clone(), 9),
        "nothing new": lambda: answer(TableModel(CHAIN), PROMPT.clone(), 0),
        "shares": lambda: shares(torch.tensor([[1]])),
        "repeats": repeats,
        "variety": lambda: len(np.unique(_equal(answer))),
    }


def _equal(answer: Callable[..., Any]) -> np.ndarray:
    """1,000 draws from 20 tokens of nearly equal probability, no two of them tied.

    Each is above 0.95 / 20, so one is missing with probability below 20·(1 - 0.95/20)^1000 < 1e-19.
    """
    nearly = torch.linspace(0.0, 0.1, 20).repeat(20, 1)
    return as_array(answer(TableModel(nearly), torch.zeros(1000, 1).long(), 1), "the tokens")[:, -1]


def check(answer: Callable[..., Any]) -> None:
    got = as_array(answer(TableModel(CHAIN), PROMPT.clone(), 5), "the tokens")
    expect(got.shape == (3, 7), f"a prompt (3, 2) and 5 new tokens make shape (3, 7), yours has shape {got.shape}.")
    expect(got.dtype.kind in "iu", f"ids are integers; yours are {got.dtype}.")
    expect((got[:, :2] == PROMPT.numpy()).all(), "the prompt no longer stands at the front of the result.")
    right = [[1, 0, 2, 1, 3, 0, 2], [2, 2, 1, 3, 0, 2, 1], [0, 3, 0, 2, 1, 3, 0]]
    expect(
        got.tolist() == right,
        f"with a model that is certain of 0 → 2 → 1 → 3 → 0, expected\n{right}\nyours\n{got.tolist()}",
    )
    got = as_array(answer(TableModel(CHAIN), PROMPT[:1].clone(), 9), "the tokens")
    expect(got.shape == (1, 11), f"a prompt (1, 2) and 9 new tokens make shape (1, 11), yours has shape {got.shape}.")
    got = as_array(answer(TableModel(CHAIN), PROMPT.clone(), 0), "the tokens")
    expect(got.tolist() == PROMPT.tolist(), "with no new tokens the prompt comes back as it is; yours does not.")
    got = as_array(answer(TableModel(MEMORY, memory=True), PROMPT.clone(), 3), "the tokens")
    expect(
        got.tolist() == [[1, 0, 2, 0, 0], [2, 2, 1, 2, 0], [0, 3, 0, 0, 0]],
        "with a model that looks at the whole context your tokens are not the ones it is certain of.\n"
        "Hint: give the model everything so far, the prompt and the tokens added since.",
    )
    got = as_array(answer(TableModel(UNEVEN), torch.ones(4000, 1).long(), 1), "the tokens")[:, -1]
    # Hoeffding, 4,000 draws, three tokens: a share is more than 0.05 off with probability 6·exp(-2·4000·0.05²) < 2e-8.
    for token, share in enumerate(SHARES):
        found = float((got == token).mean())
        expect(
            abs(found - share) < 0.05,
            f"a token of probability {share} came up in {found:.2f} of 4,000 draws, shape (4000, 1).",
        )
    came = len(np.unique(_equal(answer)))
    expect(came == 20, f"of 20 almost equally likely tokens only {came} ever come; draw from all of them.")
    again = as_array(answer(TableModel(UNEVEN), torch.ones(4000, 1).long(), 1), "the tokens")[:, -1]
    expect((got != again).any(), "two calls drew the same 4,000 tokens; leave seeds outside of the function.")
