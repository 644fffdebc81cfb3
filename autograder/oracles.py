"""What attention modules with unknown insides must compute, for suites that may not rely on names or layouts.

Two ways to know an output in advance. Fill every matrix with one number (`modules.fill`): queries, keys
and values are then multiples of (1, …, 1) that follow from the sums of the inputs. Or take any weights, and learn what
they do from the smallest cases: one token alone shows its value, two tokens how a query divides its weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from autograder.suite import Wrong, describe, expect_shape

Run = Callable[..., Any]


def filled_attention(
    x: torch.Tensor, context: torch.Tensor, weight: float, head_size: int, causal: bool
) -> torch.Tensor:
    """The output (B, T, head_size) of a head all of whose matrices hold `weight`. x: (B, T, C). context: (B, S, C)."""
    queries, keys = (
        (weight * tokens.double().sum(-1, keepdim=True)).expand(*tokens.shape[:2], head_size) for tokens in (x, context)
    )
    return F.scaled_dot_product_attention(queries, keys, keys, is_causal=causal)


def by_pairs(values: torch.Tensor, pairs: torch.Tensor, visible: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """The outputs that follow from single tokens and pairs of tokens.

    values: (S, d), the output for each token alone. reference: (T,), for each query a token that it sees.
    pairs: (T, S, d), the output of query t when only tokens j and reference[t] are there to be seen.
    visible: (T, S), which tokens query t sees when all are there.
    Returns (T, d). Raises Wrong where the output for two tokens is no mixture of the outputs for each of them.
    """
    logits = torch.full(visible.shape, -torch.inf, dtype=torch.float64)
    for t, j in visible.nonzero().tolist():
        r = int(reference[t])
        if j == r:
            logits[t, j] = 0.0
            continue
        along, moved = values[j] - values[r], pairs[t, j] - values[r]
        share = float(moved @ along / (along @ along))
        off = float((moved - share * along).abs().max())
        # At the spreads used, log-odds have a standard deviation of 1 at most: 11.5 of them, a share of 1e-5, does not
        # occur. float32 leaves 1e-6 of the values' size.
        if not 1e-5 < share < 1 - 1e-5 or off > 1e-3:
            raise Wrong(
                "with two tokens to see, the output is not a mixture of the outputs for each of them alone.\n"
                "Hint: weights between 0 and 1 that sum to 1 over the keys, times the values."
            )
        logits[t, j] = math.log(share / (1 - share))
    return logits.softmax(-1) @ values


def head_by_pairs(run: Run, x: torch.Tensor, causal: bool, width: int) -> torch.Tensor:
    """What a self-attention head must return for x (T, C), learnt from its outputs for one and for two tokens.

    run: (B, T, C) -> (B, T, width).
    """
    T = len(x)
    values = call(run, (T, 1, width), "the output for sequences of one token", x[:, None])[:, 0]
    two = torch.stack([torch.stack([x[j], x[t]]) for t in range(T) for j in range(T)])  # (T * T, 2, C)
    pairs = call(run, (T * T, 2, width), "the output for sequences of two tokens", two)[:, 1].view(T, T, width)
    visible = torch.ones(T, T, dtype=torch.bool)
    return by_pairs(values, pairs, visible.tril() if causal else visible, torch.arange(T))


def cross_by_pairs(run: Run, x: torch.Tensor, context: torch.Tensor, width: int) -> torch.Tensor:
    """The same for a cross-attention head. x: (T, C). context: (S, C). run: (B, T, C), (B, S, C) -> (B, T, width)."""
    T, S = len(x), len(context)
    asked = "the output for one token of x and one of the context"
    values = call(run, (S, 1, width), asked, x[:1].expand(S, 1, -1), context[:, None])[:, 0]
    asked = "the output for one token of x and two of the context"
    queries = x.repeat_interleave(S, 0)[:, None]  # (T * S, 1, C)
    two = torch.stack([torch.stack([context[j], context[0]]) for j in range(S)]).repeat(T, 1, 1)  # (T * S, 2, C)
    pairs = call(run, (T * S, 1, width), asked, queries, two)[:, 0].view(T, S, width)
    return by_pairs(values, pairs, torch.ones(T, S, dtype=torch.bool), torch.zeros(T, dtype=torch.int64))


def call(run: Run, shape: tuple[int, ...], asked: str, *args: Any) -> torch.Tensor:
    """`run(*args)` as a tensor of this shape. Raises Wrong with both shapes."""
    got = run(*args)
    if isinstance(got, tuple | list):
        raise Wrong(f"{asked}: expected one tensor of shape {shape}, yours is {describe(got)}.")
    return torch.from_numpy(expect_shape(got, shape, asked).astype(np.float64))
