"""Hidden suite of `sequence_loss(logits, targets)`; the oracle is `F.cross_entropy`, position by position."""

import torch
import torch.nn.functional as F

from autograder.suite import expect, expect_close, expect_shape, points


def oracle(logits, targets):
    """The mean over all tokens, in float64."""
    tokens = [(b, t) for b in range(logits.shape[0]) for t in range(logits.shape[1])]
    return torch.stack([F.cross_entropy(logits[at].double(), targets[at]) for at in tokens]).mean()


def draw(rng, torch_rng, B=None, T=None, C=None):
    """Logits (B, T, C) and targets (B, T), float32; sizes 3 to 9, all different unless given."""
    sizes = iter(rng.permutation(range(3, 10)).tolist())
    B, T, C = B or next(sizes), T or next(sizes), C or next(sizes)
    return 2 * torch.randn(B, T, C, generator=torch_rng), torch.randint(C, (B, T), generator=torch_rng)


def compare(student, logits, targets, asked):
    # float32, up to a few hundred terms of size 10: 1e-5 relative, 1e-5 absolute.
    return expect_close(student.sequence_loss(logits, targets), oracle(logits, targets), asked, atol=1e-5, rtol=1e-5)


@points(2)
def test_random(student, rng, torch_rng):
    """Random logits and targets: the mean cross-entropy of all tokens"""
    for _ in range(4):
        logits, targets = draw(rng, torch_rng)
        asked = f"the loss for logits {tuple(logits.shape)} and targets {tuple(targets.shape)}"
        expect_shape(student.sequence_loss(logits, targets), (), asked)
        compare(student, logits, targets, asked)


@points(1)
def test_square(student, rng, torch_rng):
    """As many classes as positions: classes and time are not mixed up"""
    size = int(rng.integers(3, 8))
    for B in (1, size + 2, size):
        logits, targets = draw(rng, torch_rng, B=B, T=size, C=size)
        compare(student, logits, targets, f"the loss for logits {tuple(logits.shape)}")


@points(1)
def test_single(student, rng, torch_rng):
    """A single token, a single row, a single position"""
    for B, T in ((1, 1), (1, 6), (5, 1)):
        logits, targets = draw(rng, torch_rng, B=B, T=T)
        compare(student, logits, targets, f"the loss for logits {tuple(logits.shape)}")


@points(1)
def test_any_tensor(student, rng, torch_rng):
    """Logits of any size and any layout in memory"""
    logits, targets = draw(rng, torch_rng)
    for scale in (100.0, 2000.0):
        # float32 keeps 7 digits of a loss of thousands.
        hint = "cross-entropy takes logits; do not take the softmax first, its probabilities become 0."
        got, wanted = student.sequence_loss(scale * logits, targets), oracle(scale * logits, targets)
        expect_close(got, wanted, f"the loss for logits of size {scale:.0f}", hint=hint, rtol=1e-5, atol=1e-3)
    got = student.library("course_lib.doubles").call_strided(student.handle("sequence_loss"), logits, targets)
    asked = "the loss for tensors that do not lie in one piece, as slices do not"
    expect_close(got, oracle(logits, targets), asked, hint=".reshape copies where it must.", atol=1e-5, rtol=1e-5)


@points(1)
def test_gradient(student, rng, torch_rng):
    """The loss can be trained on: its gradient with respect to the logits is right"""
    logits, targets = draw(rng, torch_rng)
    found = student.library("course_lib.doubles").input_gradient(student.handle("sequence_loss"), logits, targets)
    expect(found is not None, "no gradient flows from the loss back to the logits; return the tensor itself.")
    leaf = logits.double().requires_grad_()
    (wanted,) = torch.autograd.grad(oracle(leaf, targets), leaf)
    expect_close(found, wanted, "the gradient of the loss with respect to the logits", atol=1e-6, rtol=1e-4)
