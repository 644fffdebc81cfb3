"""Hidden suite of `context_target_pairs(block)`: each prefix and what follows it, on random blocks."""

import torch

from autograder.suite import as_array, describe, expect, points


def draw(rng, T=None):
    """A block of T + 1 distinct ids; a short one unless T is given: only `test_how_many` asks for long ones."""
    T = T or int(rng.integers(4, 9))
    return torch.from_numpy(rng.permutation(500)[: T + 1].copy())


def pairs(student, block):
    """The student's pairs as ([ids of the context], [ids of the target])."""
    got = student.context_target_pairs(block)
    expect(isinstance(got, list | tuple), f"the result is a list of pairs, yours is {describe(got)}.")
    found = []
    for pair in got:
        expect(isinstance(pair, list | tuple) and len(pair) == 2, "every entry is a pair (context, target).")
        context, target = as_array(pair[0], "a context"), as_array(pair[1], "a target")
        expect(target.size == 1, f"a target is a single id, yours has shape {target.shape}.")
        expect(context.ndim == 1, f"a context has one dimension, yours has shape {context.shape}.")
        found.append((context.tolist(), int(target.reshape(()))))
    return found


@points(1)
def test_how_many(student, rng):
    """A block of T + 1 ids gives T pairs, with contexts of 1 to T tokens"""
    for T in (1, 2, int(rng.integers(40, 80))):
        block = draw(rng, T)
        found = pairs(student, block)
        expect(len(found) == T, f"a block of {T + 1} ids gives {T} pairs, yours gives {len(found)}.")
        lengths = sorted(len(context) for context, _ in found)
        expect(lengths == list(range(1, T + 1)), f"the contexts have 1 to {T} tokens, yours have {lengths}.")


@points(2)
def test_contexts(student, rng):
    """Each context is the beginning of the block, up to and including the current token"""
    for _ in range(3):
        block = draw(rng)
        found = pairs(student, block)
        expect(len(found) == len(block) - 1, f"expected {len(block) - 1} pairs, yours are {len(found)}.")
        for t, (context, _) in enumerate(found):
            expect(
                context == block[: t + 1].tolist(),
                f"context {t + 1} of {len(block) - 1} (yours has {len(context)} tokens): not the first of the block.",
            )


@points(2)
def test_targets(student, rng):
    """Each target is the one token that follows its context"""
    for _ in range(3):
        block = draw(rng).tolist()
        found = pairs(student, torch.tensor(block))
        expect(len(found) == len(block) - 1, f"expected {len(block) - 1} pairs, yours are {len(found)}.")
        for t, (context, target) in enumerate(found):
            expect(target in block, f"target {t + 1} is not a token of the block.")
            off = block.index(target) - (t + 1)
            way = f"{abs(off)} {'place' if abs(off) == 1 else 'places'} {'later' if off > 0 else 'earlier'}"
            expect(off == 0, f"target {t + 1}: yours stands {way}.")
            expect(target not in context, f"context {t + 1} already holds its own target.")
