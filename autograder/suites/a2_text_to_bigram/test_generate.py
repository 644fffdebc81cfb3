"""Hidden suite of `generate(model, idx, max_new_tokens)`: certain models, whose text no draw can change, and shares of
many draws."""

import numpy as np
import torch

from autograder.suite import as_array, expect, expect_shape, points

DRAWS = 6000


def certain(successor):
    """Logits of 0 for one next token and -10,000 for all others, whose probability is then exactly 0 in float32."""
    table = torch.full((len(successor), len(successor)), -1e4)
    table[torch.arange(len(successor)), torch.as_tensor(successor)] = 0.0
    return table


def model_of(student, table, memory=False):
    return student.library("course_lib.doubles").TableModel(table, memory)


def cycle(rng, C):
    """A random order of all tokens in one circle: successor[token]."""
    order = rng.permutation(C)
    successor = np.empty(C, dtype=int)
    successor[order] = np.roll(order, -1)
    return successor


@points(1)
def test_shape(student, rng, torch_rng):
    """The result holds the prompt and max_new_tokens ids after it"""
    for _ in range(3):
        C, B, T, new = int(rng.integers(3, 9)), *(int(size) for size in rng.permutation(range(1, 8))[:3])
        idx = torch.randint(C, (B, T), generator=torch_rng)
        model = model_of(student, torch.randn(C, C, generator=torch_rng))
        got = expect_shape(student.generate(model, idx, new), (B, T + new), f"a prompt {(B, T)} and {new} new tokens")
        expect(got.dtype.kind in "iu", f"tokens are integers, yours are {got.dtype}.")
        expect((got[:, :T] == idx.numpy()).all(), "the prompt no longer stands at the front of the result.")
        keeping = student.library("course_lib.doubles").call_keeping_inputs
        kept = as_array(keeping(student.handle("generate"), model, idx, new)[1], "idx")
        expect(np.array_equal(kept, idx), "idx, the caller's prompt, has been changed; leave it as it is.")
        expect(got.min() >= 0 and got.max() < C, f"with {C} symbols, tokens lie in 0 to {C - 1}.")
    got = expect_shape(student.generate(model, idx, 0), (B, T), f"a prompt {(B, T)} and no new tokens")
    expect((got == idx.numpy()).all(), "with no new tokens the prompt comes back as it is.")


@points(2)
def test_chain(student, rng, torch_rng):
    """A model that is certain: each new token follows from the one before"""
    for rows in (None, None, 1):  # one row alone, and more steps than symbols: whatever stops early does so here
        C, B, T, new = (int(size) for size in rng.integers((5, 3, 2, 4), (12, 7, 7, 12)))
        B, new = (B, new) if rows is None else (rows, C + new)
        successor = cycle(rng, C)
        idx = torch.randint(C, (B, T), generator=torch_rng)
        asked = f"the continuation of a prompt {(B, T)} by a model that is certain"
        got = expect_shape(student.generate(model_of(student, certain(successor)), idx, new), (B, T + new), asked)
        wanted = idx.numpy()
        for _ in range(new):
            wanted = np.concatenate([wanted, successor[wanted[:, -1:]]], axis=1)
        wrong = int((got != wanted).sum())
        expect(
            wrong == 0,
            f"{asked}: {wrong} of {B * new} new tokens are not the certain ones.\n"
            "Hint: the next token comes from the logits of the last position, and is then part of the context.",
        )


@points(1)
def test_whole_context(student, rng, torch_rng):
    """The model is given everything so far, the prompt and the new tokens"""
    C, B, T, new = (int(size) for size in rng.integers((7, 3, 3, 5), (12, 6, 6, 9)))
    successor = cycle(rng, C)
    idx = torch.randint(C, (B, T), generator=torch_rng)
    asked = f"the continuation of a prompt {(B, T)} by a model that looks at the whole context"
    got = expect_shape(student.generate(model_of(student, certain(successor), True), idx, new), (B, T + new), asked)
    wanted = idx.numpy()
    for _ in range(new):
        wanted = np.concatenate([wanted, successor[wanted.sum(1, keepdims=True) % C]], axis=1)
    expect((got == wanted).all(), f"{asked}: not the tokens that it is certain of.")


@points(2)
def test_shares(student, rng):
    """Tokens come up as often as the softmax says"""
    # Hoeffding: a share of n = 6,000 draws is more than e off with probability 2·exp(-2·n·e²). e = 0.041 gives 3.5e-9,
    # and 2 models × 2 tokens × 3 shares are asked: less than 5e-8. Squared probabilities are 0.1 and more off.
    for shift in (0.0, 3.0):  # adding a number to all logits changes nothing
        shares = np.array([[0.62, 0.27, 0.11], [0.55, 0.09, 0.36]]) + rng.uniform(-0.02, 0.02, size=(2, 1)) * [
            [1, -1, 0]
        ]
        table = torch.from_numpy(np.log(np.vstack([shares, shares[:1]])) + shift).float()
        prompt = torch.arange(2 * DRAWS)[:, None] % 2
        got = as_array(student.generate(model_of(student, table), prompt, 1), f"one new token for {2 * DRAWS} prompts")
        expect(
            got.shape == (2 * DRAWS, 2),
            f"one new token for {2 * DRAWS} prompts of 1: expected {(2 * DRAWS, 2)}, yours {got.shape}.",
        )
        for token in range(2):
            found = np.array([(got[token::2, 1] == c).mean() for c in range(3)])
            off = np.abs(found - shares[token]).max()
            expect(
                off < 0.041,
                f"in {DRAWS} draws the share of a token is {off:.2f} away from its probability.\n"
                "Hint: softmax over the symbols of the last position, then one draw for each row.",
            )


@points(1)
def test_independent(student, rng):
    """Each row, each step and each call draws for itself"""
    # 7 equally likely tokens, 40 steps: two given rows, or two calls, agree by chance with probability 7^-40.
    prompt = torch.zeros(6, 1, dtype=torch.int64)
    model = model_of(student, torch.zeros(7, 7))
    first, second = (
        expect_shape(student.generate(model, prompt, 40), (6, 41), "40 new tokens for 6 prompts")[:, 1:] for _ in "ab"
    )
    expect((first != first[:1]).any(), "the rows of a batch all get the same tokens.")
    expect(not (first == first[:, :1]).all(), "each row repeats its first new token.")
    expect((first != second).any(), "two calls gave the same text.\nHint: no seed inside generate.")
    # 60 tokens of nearly equal probability, above 0.9 / 60, so that no two are tied; 3,000 draws: one of them never
    # comes with probability below 60·(1 - 0.9/60)^3000 < 1e-17.
    nearly = torch.from_numpy(rng.permutation(np.linspace(0.0, 0.1, 60))).float().repeat(60, 1)
    drawn = student.generate(model_of(student, nearly), torch.zeros(300, 1, dtype=torch.int64), 10)
    came = len(np.unique(as_array(drawn, "the tokens")[:, 1:]))
    expect(came == 60, f"of 60 almost equally likely tokens only {came} ever come; draw from all of them.")
