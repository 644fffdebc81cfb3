"""Hidden suite of `generate(model, idx, max_new_tokens)`: certain models, whose text no draw can change, and shares of
many draws."""

import numpy as np
import torch

from autograder.suite import hidden
from course_lib.check.a2_text_to_bigram import generate as public


def cycle(rng, C):
    """A random order of all tokens in one circle: successor[token]."""
    order = rng.permutation(C)
    successor = np.empty(C, dtype=int)
    successor[order] = np.roll(order, -1)
    return successor


def shapes(rng, torch_rng):
    for new in (None, None, None, 0):
        C, sizes = int(rng.integers(3, 9)), rng.permutation(range(1, 8))[:3].tolist()
        B, T, new = sizes[0], sizes[1], sizes[2] if new is None else new
        idx = torch.randint(C, (B, T), generator=torch_rng)
        yield public.Given(torch.randn(C, C, generator=torch_rng), idx, new)


def certain(rng, torch_rng, C, B, T, new, memory=False):
    successor, idx = cycle(rng, C), torch.randint(C, (B, T), generator=torch_rng)
    right = idx.numpy()
    for _ in range(new):
        row = right.sum(1, keepdims=True) % C if memory else right[:, -1:]
        right = np.concatenate([right, successor[row]], axis=1)
    return public.Given(public.certain(successor), idx, new, right, memory)


def chains(rng, torch_rng):
    """One row alone, and more steps than symbols: whatever stops early does so there."""
    for rows in (None, None, 1):
        C, B, T, new = rng.integers((5, 3, 2, 4), (12, 7, 7, 12)).tolist()
        yield certain(rng, torch_rng, C, rows or B, T, C + new if rows else new)


def whole_context(rng, torch_rng):
    return [certain(rng, torch_rng, *rng.integers((7, 3, 3, 5), (12, 6, 6, 9)).tolist(), memory=True)]


def shares(rng, _):
    for shift in (0.0, 3.0):
        moved = rng.uniform(-0.02, 0.02, size=(2, 1)) * [[1, -1, 0]]
        yield public.Drawn(np.array([[0.62, 0.27, 0.11], [0.55, 0.09, 0.36]]) + moved, shift, 6000)


test_shape = hidden(public.shape, shapes)
test_chain = hidden(public.chain, chains, points=2)
test_whole_context = hidden(public.whole_context, whole_context)
test_shares = hidden(public.shares, shares, points=2)
test_independent = hidden(public.independent, lambda _, __: [public.even(6, 12)], points=0.5)
test_variety = hidden(public.variety, lambda rng, _: [public.Nearly(rng.permutation(60), 300, 10)], points=0.5)
