"""Hidden suite of `average_batched(x)`; the oracle is a running sum along time, divided by the number of its terms."""

import torch

from autograder.suite import expect, expect_close, expect_shape, points
from autograder.suites.a3_self_attention._functions import expect_tensor


def oracle(x):
    return x.double().cumsum(1) / torch.arange(1, x.shape[1] + 1)[:, None]


@points(2)
def test_batch(student, rng, torch_rng):
    """Each sequence of a batch is averaged over its own past"""
    for _ in range(3):
        B, T, C = (int(size) for size in rng.permutation(range(2, 10))[:3])
        x = 1 + 3 * torch.randn(B, T, C, generator=torch_rng)
        # float32, up to 10 terms of size 10: 1e-5.
        hint = "time is dimension 1 of (B, T, C)."
        expect_close(
            student.average_batched(x), oracle(x), f"the average for x of shape {(B, T, C)}", hint=hint, atol=1e-5
        )


def test_sizes(student, torch_rng):
    """One sequence, one token, all three dimensions equal"""
    for shape in ((1, 4, 3), (3, 1, 2), (4, 4, 4)):
        x = torch.randn(*shape, generator=torch_rng)
        expect_close(student.average_batched(x), oracle(x), f"the average for x of shape {shape}", atol=1e-5)


def test_separate(student, rng, torch_rng):
    """Sequences do not mix: changing one leaves the others alone"""
    B, T, C = (int(size) for size in rng.permutation(range(3, 9))[:3])
    x = torch.randn(B, T, C, generator=torch_rng)
    b = int(rng.integers(B))
    other = x.clone()
    other[b] = torch.randn(T, C, generator=torch_rng)
    before, after = (expect_shape(student.average_batched(each), (B, T, C), "the average") for each in (x, other))
    rest = [row for row in range(B) if row != b]
    expect_close(after[rest], before[rest], f"the other sequences after sequence {b} has changed", atol=1e-5)


def test_no_loop(student, torch_rng):
    """One tensor, and no loop: a larger batch and longer sequences take as many steps as small ones"""
    answer = student.handle("average_batched")
    expect_tensor(student, answer, torch.randn(2, 3, 4, generator=torch_rng))
    calls = student.library("course_lib.probes").torch_calls
    few = int(calls(answer, torch.randn(3, 4, 2, generator=torch_rng)))
    for shape, what in (((9, 4, 2), "sequences"), ((3, 11, 2), "positions")):
        more = int(calls(answer, torch.randn(*shape, generator=torch_rng)))
        expect(
            more <= few,
            f"the number of torch calls grows with the number of {what}: {few} for x of shape (3, 4, 2), {more} for "
            f"{shape}.\nHint: no loop; (T, T) @ (B, T, C) averages every sequence at once.",
        )
