"""Hidden suite of `generate(model, idx, max_new_tokens, block_size)`: certain models, whose text no draw can change and
which refuse more than block_size ids, and shares of many draws."""

import numpy as np
import torch

from autograder.suite import as_array, expect, expect_shape, points
from course_lib.check.a4_gpt.generate import GENTLE, continuation

DRAWS = 4000


def window(student, table, block_size):
    return student.library("course_lib.probes").Window(table, block_size)


def certain(successor):
    """Logits of 0 for one next token and -10,000 for all others, whose probability is then exactly 0 in float32."""
    table = torch.zeros(2 * [len(successor)]) - 1e4
    table[torch.arange(len(successor)), successor] = 0.0
    return table


def expect_text(student, rng, torch_rng, B, T, new, block_size):
    C = int(rng.choice([7, 11, 13]))
    successor = torch.randperm(C, generator=torch_rng)
    idx = torch.randint(C, (B, T), generator=torch_rng)
    asked = f"prompt {(B, T)}, max_new_tokens={new}, block_size={block_size}"
    got = student.generate(window(student, certain(successor), block_size), idx, new, block_size)
    expect(isinstance(got, torch.Tensor), f"{asked}: a tensor of ids was expected.")
    expect(got.dtype == torch.int64, f"{asked}: ids are int64, yours are {got.dtype}.", slip="ids of another type")
    got = expect_shape(got, (B, T + new), asked)
    expect(
        (got[:, :T] == idx.numpy()).all(),
        f"{asked}: the prompt no longer stands at the front of the result.",
        slip="a prompt that comes back changed",
    )
    wrong = int((got != continuation(successor, idx, new, block_size).numpy()).sum())
    expect(
        wrong == 0,
        f"{asked}: {wrong} of {B * new} new tokens are not the ones that the model is certain of.\n"
        "Hint: the context is the last block_size ids, prompt and new ones; the next id comes from the last position.",
        slip="a context that is not the last block_size ids",
    )


@points(2)
def test_within_the_block(student, rng, torch_rng):
    """While everything fits into block_size, the model sees all of it"""
    for _ in range(2):
        B, T, new = (int(size) for size in rng.permutation(range(2, 7))[:3])
        expect_text(student, rng, torch_rng, B, T, new, T + new + int(rng.integers(0, 4)))
    zeros = window(student, certain(torch.zeros(5, dtype=torch.int64)), 9)  # id 0 is like any other: no end of the text
    expect_shape(student.generate(zeros, torch.ones(2, 3).long(), 5, 9), (2, 8), "5 new tokens for a prompt (2, 3)")


@points(3)
def test_beyond_the_block(student, rng, torch_rng):
    """Later the model sees the last block_size ids"""
    for _ in range(2):
        block_size = int(rng.integers(3, 7))
        expect_text(
            student,
            rng,
            torch_rng,
            3,
            int(rng.integers(1, block_size)),
            block_size + int(rng.integers(2, 6)),
            block_size,
        )


@points(2)
def test_long_prompt(student, rng, torch_rng):
    """A prompt longer than block_size is cropped for the model, and kept in the result"""
    block_size = int(rng.integers(3, 6))
    expect_text(student, rng, torch_rng, 2, block_size + int(rng.integers(1, 5)), int(rng.integers(3, 7)), block_size)
    expect_text(student, rng, torch_rng, 4, block_size, 3, block_size)
    expect_text(student, rng, torch_rng, 3, 4, 5, 1)


@points(2)
def test_shares(student, rng):
    """Tokens come up as often as the softmax says"""
    # Hoeffding: a share of n = 4,000 draws is more than e off with probability 2·exp(-2·n·e²). e = 0.05 gives 4.2e-9,
    # and 2 models × 3 shares are asked: less than 3e-8. (Sharpened or flattened shares are 0.1 and more off.)
    for shift in (0.0, 3.0):  # adding a number to all logits changes nothing
        shares = np.array([0.62, 0.27, 0.11]) + float(rng.uniform(-0.02, 0.02)) * np.array([1, -1, 0])
        table = torch.from_numpy(np.log(shares) + shift).float().repeat(3, 1)
        prompt = torch.arange(DRAWS)[:, None] % 3
        got = expect_shape(
            student.generate(window(student, table, 4), prompt, 1, 4), (DRAWS, 2), f"one new token for {DRAWS} prompts"
        )
        off = max(abs(float((got[:, 1] == c).mean()) - shares[c]) for c in range(3))
        expect(
            off < 0.05,
            f"in {DRAWS} draws the share of a token is {off:.2f} away from its probability.\n"
            "Hint: the last position's softmax gives the shares; each row draws for itself.",
            slip="draws in other shares than the softmax gives",
        )
    got = student.generate(window(student, GENTLE, 4), torch.arange(DRAWS)[:, None] % 60, 1, 4)
    got = expect_shape(got, (DRAWS, 2), f"one new token for {DRAWS} prompts")
    expect(
        len(set(got[:, 1].tolist())) == 60,
        "some symbols are never drawn, although each is probable enough.",
        slip="symbols that are never drawn",
    )


@points(1)
def test_independent(student, rng):
    """Each row, each step and each call draws for itself, and the prompt is left as it is"""
    # 7 equally likely tokens, 40 steps: two given rows, or two calls, agree by chance with probability 7^-40.
    prompt = torch.zeros(6, 1, dtype=torch.int64)
    model = window(student, torch.zeros(7, 7), 5)
    expect_shape(student.generate(model, prompt, 3, 5), (6, 4), "3 new tokens for 6 prompts")
    first, second = (
        expect_shape(student.generate(model, prompt, 40, 5), (6, 41), "40 new tokens for 6 prompts")[:, 1:]
        for _ in "ab"
    )
    expect(
        (first != first[:1]).any(), "the rows of a batch all get the same tokens.", slip="rows that share their draws"
    )
    expect(not (first == first[:, :1]).all(), "each row repeats its first new token.")
    expect(
        (first != second).any(), "two calls gave the same text.\nHint: no seed inside generate.", slip="a seed inside"
    )
    calls = student.library("course_lib.doubles")
    for T in (1, 8):
        prompt = torch.full((6, T), 3)
        kept = as_array(calls.call_keeping_inputs(student.handle("generate"), model, prompt, 3, 5)[1], "the prompt")
        expect(
            kept.shape == (6, T) and bool((kept == 3).all()),
            "the prompt was changed in place.",
            slip="an input that is changed in place",
        )
