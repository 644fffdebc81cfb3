"""Hidden suite of `FeedForward(n_embd, dropout)`; the oracle is two torch linear layers, filled alike."""

import pytest
import torch

from autograder import modules
from autograder.suite import expect, points
from course_lib.check.a4_gpt import FeedForward, _modules


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


@pytest.fixture
def answer(student):
    return student.handle("FeedForward")


def tokens(torch_rng, B, T, C):
    return torch.randn(B, T, C, generator=torch_rng)


@points(2)
def test_value(lib, answer, rng, torch_rng):
    """Linear, ReLU or GELU, linear"""
    for shift in (0.0, 8.0):  # hidden features near the bend, and some tens away from it on either side
        B, T, C = int(rng.integers(2, 4)), int(rng.integers(1, 7)), int(rng.integers(8, 25))
        x = tokens(torch_rng, B, T, C) + shift
        FeedForward.expect_value(lib, answer, torch.cat([x, -x]))  # else all features may lie on one side, by chance


@points(1)
def test_width(lib, answer, rng):
    """The hidden layer is 4 · n_embd wide"""
    C = int(rng.integers(8, 25))
    model = FeedForward.make(lib, answer, C)
    _modules.expect_matrices(lib, model, 8 * C**2, "two linear layers with a hidden width of 4 · n_embd, 8 · n_embd²")


@points(1)
def test_tokens_apart(lib, answer, rng, torch_rng):
    """Each token is computed by itself"""
    B, T, C = int(rng.integers(2, 4)), int(rng.integers(4, 7)), int(rng.integers(8, 25))
    model = FeedForward.make(lib, answer, C, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, B, T, C)
    together = _modules.tensor(model(x), (B, T, C), "the output")
    each = _modules.tensor(model(x.reshape(B * T, 1, C)), (B * T, 1, C), "the output for tokens alone")
    off = _modules.gap(each.reshape(B, T, C), together)
    expect(off < _modules.SAME, f"a token gives another output alone than among others, by up to {off:.2g}.")


@points(1)
def test_dropout(lib, answer, rng, torch_rng):
    """Dropout: in training mode only, as much as asked for"""
    # Two calls agree only if more than a hundred coin flips do.
    C, seed = int(rng.integers(8, 25)), int(rng.integers(1 << 30))
    x = tokens(torch_rng, 3, 6, C)
    _modules.expect_dropout(_modules.modes(lib, lambda rate: FeedForward.make(lib, answer, C, rate, seed), x))
    FeedForward.expect_dropped(lib, answer, C, seed)


@points(1)
def test_learning(lib, answer, rng, torch_rng):
    """Weights start at random, gradients reach them and the input, and the state of one fits another"""
    C = int(rng.integers(8, 25))
    model = FeedForward.make(lib, answer, C, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, 8, 6, C)  # a hidden feature that is off for all 48 tokens: rare, and a fifth of them never
    _modules.expect_gradients(lib, model, x)
    modules.expect_true(lib, model, x)
    _modules.expect_slope(lib, model, x)
    _modules.expect_random_start(lib, lambda: FeedForward.make(lib, answer, C))
    other = FeedForward.make(lib, answer, C)
    other.load_state_dict(model.state_dict())
    shape = tuple(x.shape)
    off = _modules.gap(_modules.tensor(other(x), shape, "the output"), _modules.tensor(model(x), shape, "the output"))
    expect(off < 1e-6, "after load_state_dict(model.state_dict()) a second module gives another output than the first.")
