"""Hidden suite of `gelu_tanh(x)`; the oracle is torch's GELU with approximate="tanh"."""

import torch
import torch.nn.functional as F

from autograder import source
from autograder.suite import expect, expect_close, points
from course_lib.check.a4_gpt.gelu_tanh import shortcut


@points(3)
def test_values(student, rng, torch_rng):
    """The tanh approximation, element by element, for any shape"""
    spread = torch.linspace(-6, 6, 49) + 0.2 * torch.rand(49, generator=torch_rng)
    shapes = ((int(rng.integers(2, 9)),), (2, 3, 5), (1, 4, 1), ())
    for x in (spread, *(2 * torch.randn(shape, generator=torch_rng) for shape in shapes)):
        shape = tuple(x.shape)
        # float32: a few roundings of numbers below 10. The exact GELU is up to 5e-4 away.
        expect_close(
            student.gelu_tanh(x),
            F.gelu(x, approximate="tanh"),
            f"gelu_tanh of shape {shape}",
            atol=3e-6,
            slip="another formula than the tanh approximation of GELU",
        )


@points(1)
def test_far_out(student, rng):
    """Far from 0 it is x, or 0"""
    x = torch.tensor([-1.0, 1.0]) * float(rng.uniform(20, 900))
    expect_close(
        student.gelu_tanh(x),
        x.clamp(min=0),
        "gelu_tanh far from 0",
        atol=1e-4,
        slip="a formula that overflows far from 0",
    )


@points(1)
def test_gradient(student, torch_rng):
    """Gradients flow through it, and x is left as it is"""
    x = torch.randn(4, 3, generator=torch_rng, dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    F.gelu(leaf, approximate="tanh").sum().backward()
    got = student.gradients(student.handle("gelu_tanh"), x, weights=torch.ones(4, 3, dtype=torch.float64))["inputs"][0]
    expect(got is not None, "no gradient flows from the output to x.", slip="a gradient that is cut off")
    expect_close(got, leaf.grad, "the gradient of gelu_tanh(x)", atol=1e-5)
    kept = student.library("course_lib.doubles").call_keeping_inputs(student.handle("gelu_tanh"), x)[0]
    expect(torch.equal(kept, x), "x was changed in place.")


@points(1)
def test_written_out(student, torch_rng):
    """The formula is written out, without F.gelu and nn.GELU"""
    x = torch.randn(5, generator=torch_rng)
    expect_close(student.gelu_tanh(x), F.gelu(x, approximate="tanh"), "gelu_tanh(x)", atol=1e-5)
    counts = student.library("course_lib.probes").operations(student.handle("gelu_tanh"), x)
    named = source.uses(student.statements(), {"gelu", "gelu_", "GELU"})
    expect(
        not shortcut(counts) and not named,
        "torch's own GELU is called; write the formula out.",
        slip="torch's own GELU",
    )
