"""Hidden suite of `scaled_scores(q, k)`; the oracle is a dot product for each pair, in float64."""

import torch

from autograder.suite import as_array, expect, expect_close, points
from autograder.suites.a3_self_attention._functions import expect_gradients, expect_kept

HINT = "q times k with its last two dimensions exchanged, divided by the square root of q's last dimension."


def oracle(q, k):
    return torch.einsum("bid,bjd->bij", q.double(), k.double()) / q.shape[-1] ** 0.5


def draw(torch_rng, *shape):
    return (torch.randn(*shape, generator=torch_rng) for _ in range(2))


@points(3)
def test_scores(student, rng, torch_rng):
    """Entry [b, i, j] is query i times key j of sequence b, divided by √head_size"""
    for _ in range(3):
        shape = tuple(int(size) for size in rng.permutation(range(2, 12))[:3])
        q, k = draw(torch_rng, *shape)
        # float32, sums of up to 11 products: 1e-5.
        expect_close(
            student.scaled_scores(q, k), oracle(q, k), f"the scores for q, k of shape {shape}", hint=HINT, atol=1e-5
        )


def test_sizes(student, rng, torch_rng):
    """One token, one sequence, head size 1, equal sizes"""
    for shape in ((2, 1, 3), (1, 4, 6), (3, 2, 1), (5, 5, 5)):
        q, k = draw(torch_rng, *shape)
        expect_close(student.scaled_scores(q, k), oracle(q, k), f"the scores for q, k of shape {shape}", atol=1e-5)


def test_variance(student, torch_rng):
    """Random queries and keys: scores have variance 1 at every head size"""
    for head_size in (16, 256):
        q, k = draw(torch_rng, 40, 20, head_size)
        scores = as_array(student.scaled_scores(q, k), f"the scores for q, k of shape {tuple(q.shape)}")
        # Within a sequence the 400 scores are uncorrelated products of 20 queries and 20 keys: the variance of all
        # 16,000 has a standard error below 0.03, so a deviation of 0.25 is further than 8 of them.
        variance = float(scores.var())
        expect(
            abs(variance - 1) < 0.25,
            f"for random queries and keys of head size {head_size} the scores have variance {variance:.3g}, not 1.",
        )


def test_inputs_and_gradients(student, torch_rng):
    """q and k are left as they are, and gradients reach both"""
    q, k = draw(torch_rng, 3, 4, 6)
    expect_kept(student, student.handle("scaled_scores"), q=q, k=k)
    weights = torch.randn(3, 4, 4, generator=torch_rng)
    leaves = [value.double().requires_grad_() for value in (q, k)]
    wanted = torch.autograd.grad((oracle(*leaves) * weights).sum(), leaves)
    expect_gradients(student, student.handle("scaled_scores"), weights, dict(zip("qk", wanted, strict=True)), q, k)
