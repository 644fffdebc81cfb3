"""Public check of `generate(model, idx, max_new_tokens, block_size)`: tokens drawn one by one, the context cropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import Wrong, as_array, describe, expect
from course_lib.probes import Window

C = 7
CERTAIN = torch.full((C, C), -1e4)  # row r is certain of 3 r + 1 modulo C
for _row in range(C):
    CERTAIN[_row, (3 * _row + 1) % C] = 0.0
PROMPT = torch.tensor([[1, 0, 5, 2, 6], [2, 2, 4, 1, 3], [0, 3, 6, 6, 1]])  # (3, 5)
# Probabilities 0.62, 0.27, 0.11 in every context; the logits are all positive, their softmax is not changed by that.
SHARES = (0.62, 0.27, 0.11)
UNEVEN = (torch.tensor(SHARES).log() + 3).repeat(3, 1)
# 60 symbols, the least probable one with 0.008: in 4,000 draws one stays away with probability 60 · 0.992^4000 < 1e-12.
NEARLY = torch.linspace(0.0, 0.1, 7).repeat(7, 1)  # nearly equal probabilities, no two of them tied
GENTLE = torch.linspace(0, 1, 60).repeat(60, 1)


def continuation(successor: torch.Tensor, idx: torch.Tensor, new: int, block_size: int) -> torch.Tensor:
    """What a `Window` model that is certain of successor[row] says after idx."""
    for _ in range(new):
        kept = idx.narrow(1, max(0, idx.shape[1] - block_size), min(block_size, idx.shape[1]))
        row = ((kept + 1) * torch.arange(1, kept.shape[1] + 1)).sum(1, keepdim=True) % len(successor)
        idx = torch.hstack([idx, successor[row]])
    return idx


def coarse(tokens: Any, parts: int) -> Any:
    """The shares of the tokens 0, 1, 2 in so many parts; "one for all" where the draw decides which."""
    if len(tokens) and (tokens == tokens[0]).all():
        return "one for all" if tokens[0] else "token 0"
    return [round(float((tokens == c).mean()) * parts) for c in range(3)]


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Certain models, whose continuation no draw can change; coarse shares of 4,000 draws; draws that repeat."""

    def tokens(length: int, new: int, block_size: int, room: int = 0) -> Any:
        model = Window(CERTAIN, room or block_size)
        first, *others = (answer(model, PROMPT[:, :length].clone(), new, block_size) for _ in "abc")
        return first if all(torch.equal(first, other) for other in others) else "varies"

    def shares() -> Any:
        got = as_array(answer(Window(UNEVEN, 4), torch.ones(4000, 1).long(), 1, 4), "the tokens")[:, -1]
        return coarse(got, 8)

    def repeats() -> list[bool]:
        first, second = (
            as_array(answer(Window(NEARLY, 4), torch.zeros(5, 1).long(), 12, 4), "the tokens") for _ in "ab"
        )
        return [
            bool((first == second).all()),
            bool((first == first[0]).all()),
            bool((first[:, 1:] == first[:, -1:]).all()),
        ]

    def two_kinds() -> list[Any]:
        """Prompts certain of token 0, and prompts that know it is 1 or 2: coarse shares of the tokens for each."""
        logits = torch.tensor([[0.0, -1e4, -1e4], [-1e4, 0.0, 0.5], [0.0, 0.0, 0.0]])
        prompt = torch.tensor([2, 0]).repeat(2000)[:, None]  # rows 0 and 1 of the table
        got = as_array(answer(Window(logits, 4), prompt, 1, 4), "the tokens")[:, -1].reshape(2000, 2)
        # 0 and 0.38, 0.62; with two softmaxes 0.58, 0.21 and 0.23, 0.34, 0.43: thirds keep away from all of them.
        return [coarse(got[:, row], 3) for row in range(2)]

    def all_symbols() -> bool:
        got = as_array(answer(Window(GENTLE, 4), torch.ones(4000, 1).long(), 1, 4), "the tokens")[:, -1]
        return len(set(got.tolist())) == len(GENTLE)

    def prompt_kept(block_size: int) -> bool:
        idx = PROMPT.clone()
        answer(Window(CERTAIN, block_size), idx, 2, block_size)
        return bool(torch.equal(idx, PROMPT))

    return {
        "within": lambda: tokens(2, 4, 8),
        "beyond": lambda: tokens(2, 6, 4),
        "full": lambda: tokens(4, 3, 4),
        "long prompt": lambda: tokens(5, 4, 3),
        "one": lambda: tokens(3, 3, 1),
        "a model with more room": lambda: tokens(2, 6, 3, room=20),
        "more room, long prompt": lambda: tokens(5, 4, 3, room=20),
        "more room, many tokens": lambda: tokens(2, 12, 3, room=20),
        "shares": shares,
        "two kinds of rows": two_kinds,
        "all symbols": all_symbols,
        "repeats": repeats,
        "prompt kept": lambda: prompt_kept(8),
        "long prompt kept": lambda: prompt_kept(3),
        "integers": lambda: str(answer(Window(CERTAIN, 8), PROMPT.clone(), 2, 8).dtype),
    }


def check(answer: Callable[..., Any]) -> None:
    successor = CERTAIN.argmax(1)
    for length, new, block_size in ((2, 4, 8), (2, 6, 4), (5, 4, 3), (3, 3, 1)):
        idx = PROMPT[:, :length].clone()
        asked = f"prompt {tuple(idx.shape)}, max_new_tokens={new}, block_size={block_size}"
        try:
            got = answer(Window(CERTAIN, block_size), idx, new, block_size)
        except ValueError as error:
            raise Wrong(f"{asked}: {error}.\nHint: hand the model the last block_size ids only.") from error
        expect(isinstance(got, torch.Tensor), f"{asked}: expected a tensor, yours is {describe(got)}.")
        expect(got.dtype == torch.int64, f"{asked}: ids are int64, yours are {got.dtype}.")
        shape = (len(idx), length + new)
        expect(got.shape == shape, f"{asked}: expected shape {shape}, yours has shape {tuple(got.shape)}.")
        expect(torch.equal(got[:, :length], PROMPT[:, :length]), f"{asked}: the prompt no longer stands at the front.")
        expect(torch.equal(idx, PROMPT[:, :length]), f"{asked}: idx was changed in place.")
        wanted = continuation(successor, PROMPT[:, :length], new, block_size)
        expect(
            torch.equal(got, wanted),
            f"{asked}: the model is certain of each next token; expected\n{wanted.tolist()}\nyours\n{got.tolist()}",
        )
    got = as_array(answer(Window(UNEVEN, 4), torch.ones(4000, 1).long(), 1, 4), "the tokens")[:, -1]
    # Hoeffding, 4,000 draws, three tokens: a share is more than 0.05 off with probability 6·exp(-2·4000·0.05²) < 2e-8.
    for token, share in enumerate(SHARES):
        found = float((got == token).mean())
        expect(abs(found - share) < 0.05, f"a token of probability {share} came up in {found:.2f} of 4,000 draws.")
