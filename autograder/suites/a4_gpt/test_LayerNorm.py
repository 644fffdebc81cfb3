"""Hidden suite of `LayerNorm(n_embd, eps)`; the oracle is torch's layer_norm."""

import pytest
import torch
import torch.nn.functional as F

from autograder import source
from autograder.suite import expect, expect_close, points
from course_lib.check.a4_gpt import LayerNorm, _modules


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


@pytest.fixture
def answer(student):
    return student.handle("LayerNorm")


def close(got, wanted, asked, hint=""):
    # float32, up to 40 features: sums of squares agree to 1e-6, a small variance beside eps to 1e-4 of itself.
    expect_close(got, wanted, asked, hint=hint, atol=2e-4, rtol=1e-3)


def vectors(torch_rng, C):
    return 1 + 0.5 * torch.randn(C, generator=torch_rng), torch.randn(C, generator=torch_rng)


@points(2)
def test_fresh(lib, answer, rng, torch_rng):
    """A fresh layer: each token's features have mean 0 and variance 1"""
    for axes in (3, 2, 4):
        C = int(rng.integers(5, 13))
        x = torch.randn(*rng.integers(2, 5, size=axes - 1).tolist(), C, generator=torch_rng)
        x = 3 * x + 5 * torch.randn(C, generator=torch_rng)
        got = _modules.build(lib, answer, (C,))(x)
        hint = "mean and variance are taken over the last axis; the variance is divided by n_embd."
        close(got, F.layer_norm(x, (C,)), f"the output for x {tuple(x.shape)}", hint)


@points(2)
def test_gain_and_bias(lib, answer, rng, torch_rng):
    """The learned gain multiplies, the learned bias is added"""
    for _ in range(2):
        C = int(rng.integers(5, 40))
        gain, bias = vectors(torch_rng, C)
        x = torch.randn(2, 5, C, generator=torch_rng) * 2 + 10
        model = LayerNorm.filled(lib, answer, gain, bias)
        close(model(x), F.layer_norm(x, (C,), gain, bias), "the output with another gain and bias")


@points(2)
def test_eps(lib, answer, rng, torch_rng):
    """eps is added to the variance, inside the root"""
    C = int(rng.integers(6, 20))
    gain, bias = vectors(torch_rng, C)
    hint = "sqrt(variance + eps), with the eps that was given."
    for args, scale in (((), 3e-3), ((0.3,), 1.0), ((1e-2,), 0.1)):
        x = scale * torch.randn(3, 4, C, generator=torch_rng)
        model = LayerNorm.filled(lib, answer, gain, bias, *args)
        wanted = F.layer_norm(x, (C,), gain, bias, *args)
        close(model(x), wanted, "the output for features whose variance is near eps", hint)
    flat = torch.ones(2, 3, C) * float(rng.normal())
    model = LayerNorm.filled(lib, answer, gain, bias)
    got = model(flat)
    # Rounding of the mean leaves 1e-7 of a feature, which 1/sqrt(eps) makes 3e-5 times its size.
    expect_close(
        got,
        bias.expand(2, 3, C),
        "the output for equal features",
        atol=1e-3,
        rtol=1e-3,
        hint=hint,
        slip="a division by a variance of 0",
    )


@points(1)
def test_learning(student, lib, answer, rng, torch_rng):
    """Gain and bias are learned, and saved with the model; gradients flow through, and the input is left as it is"""
    C = int(rng.integers(5, 20))
    gain, bias = vectors(torch_rng, C)
    model = LayerNorm.filled(lib, answer, gain, bias)
    x = torch.randn(4, 3, C, generator=torch_rng)
    for name, gradient in lib.gradients(model, x).items():
        expect(gradient is not None and bool((gradient != 0).any()), f"no gradient reaches {name}.")
    _modules.expect_slope(lib, model, x.flatten(0, 1)[:, None])  # each token by itself: no chance hides a gradient
    _modules.expect_input_kept(student.library("course_lib.doubles"), model, x)
    other = _modules.build(lib, answer, (C,))
    other.load_state_dict(model.state_dict())
    close(other(x), model(x), "the output after load_state_dict(model.state_dict())")


@points(1)
def test_written_out(student, lib, answer, torch_rng):
    """The normalisation is written out, without torch's own layer norm"""
    model = _modules.build(lib, answer, (8,))
    x = torch.randn(2, 3, 8, generator=torch_rng)
    close(model(x), F.layer_norm(x, (8,)), "the output for x (2, 3, 8)")
    named = source.uses(student.statements(), {"layer_norm", "native_layer_norm", "LayerNorm"})
    called = LayerNorm.shortcuts(lib.operations(model, x))
    expect(not called and not named, "torch's own layer norm is called; write it out.", slip="torch's own layer norm")
