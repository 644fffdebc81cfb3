"""The tests that every way to average has to pass; the oracle is a running sum divided by the number of its terms.

A suite imports them and provides two fixtures: `answer`, a handle to the student's function (x: (T, C)) -> (T, C), and
`hint`, a sentence for when the averages are off.
"""

import torch

from autograder.suite import expect_close, expect_shape, points
from autograder.suites.a3_self_attention._functions import expect_kept, expect_tensor


def oracle(x):
    return x.double().cumsum(0) / torch.arange(1, len(x) + 1)[:, None]


def draw(rng, torch_rng):
    """x (T, C), T and C different, with numbers whose averages do not vanish."""
    T, C = (int(size) for size in rng.permutation(range(3, 11))[:2])
    return 1 + 3 * torch.randn(T, C, generator=torch_rng)


@points(2)
def test_average(answer, hint, rng, torch_rng):
    """Row t is the mean of rows 0 to t"""
    for _ in range(3):
        x = draw(rng, torch_rng)
        asked = f"the average for x of shape {tuple(x.shape)}"
        # float32, up to 10 terms of size 10: 1e-5.
        expect_close(
            answer(x),
            oracle(x),
            asked,
            hint=hint,
            atol=1e-5,
        )


def test_lengths(student, answer, rng, torch_rng):
    """A tensor for any length: one token, two, as many tokens as features"""
    for shape in ((1, 5), (2, 3), (4, 4), (40, 2), (3, 1)):
        x = torch.randn(*shape, generator=torch_rng)
        expect_close(answer(x), oracle(x), f"the average for x of shape {shape}", atol=1e-5)
    expect_tensor(student, answer, x)


def test_future(student, answer, rng, torch_rng):
    """Causality: a later row does not change earlier averages"""
    x = draw(rng, torch_rng)
    t = int(rng.integers(1, len(x)))
    later = x.clone()
    later[t:] = torch.randn(later[t:].shape, generator=torch_rng)
    before, after = (expect_shape(answer(each), tuple(x.shape), "the average") for each in (x, later))
    expect_close(after[:t], before[:t], f"rows 0 to {t - 1} after the rows from {t} on have changed", atol=1e-5)
    # Weights of e^-100, what a mask of -100 leaves, are 4e-44 and show beside numbers of 1e-3 if the future is 1e38.
    small, huge = 1e-3 * x, 1e-3 * x
    huge[t:] = 1e38
    before, after = (expect_shape(answer(each), tuple(x.shape), "the average") for each in (small, huge))
    asked, hint = f"rows 0 to {t - 1} after the rows from {t} on have become huge", "a masked score is -inf."
    expect_close(after[:t], before[:t], asked, hint=hint, atol=1e-7)
    expect_kept(student, answer, x=x)
