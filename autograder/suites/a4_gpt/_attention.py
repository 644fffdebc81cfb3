"""The tests that causal multi-head attention has to pass, however its heads are computed. No test knows what the
parameters are called or how they are laid out: see `course_lib.check.a4_gpt._modules`. The oracle is torch's
nn.MultiheadAttention. A suite imports them with the fixture `lib` and provides `answer`, a handle to the class.
"""

import pytest
import torch

from autograder import modules
from autograder.suite import expect, points
from course_lib.check import causality
from course_lib.check.a4_gpt import _attention, _modules


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


def tokens(torch_rng, B, T, C):
    return torch.randn(B, T, C, generator=torch_rng)


@points(2)
def test_value(lib, answer, rng, torch_rng):
    """The output: scaled by the head size, masked, softmax over keys, projected"""
    for heads in ((2,), (3, 4)):
        sizes = _attention.draw(rng, heads)
        for T in (int(rng.integers(3, sizes[2])), sizes[2], 1):
            _attention.expect_value(lib, answer, sizes, tokens(torch_rng, 2, T, sizes[0]))


@points(1)
def test_parameters(lib, answer, rng):
    """Queries, keys, values of n_embd // n_head features per head, and a projection"""
    sizes = _attention.draw(rng)
    model = _attention.make(lib, answer, sizes)
    _modules.expect_matrices(lib, model, 4 * sizes[0] ** 2, "queries, keys, values and projection, 4 · n_embd²")


@points(2)
def test_heads(lib, answer, rng, torch_rng):
    """n_head different heads, side by side"""
    _attention.expect_heads(lib, answer, _attention.draw(rng, (3, 4)), torch_rng)


@points(2)
def test_future(lib, answer, rng, torch_rng):
    """Causality: a later token changes no earlier output"""
    sizes = _attention.draw(rng)
    model = _attention.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x, other = (tokens(torch_rng, 2, sizes[2] - 1, sizes[0]) for _ in "ab")
    _modules.expect_growing(model, x, tuple(x.shape))
    _modules.expect_causal(model, x, other, tuple(x.shape))


@points(1)
def test_large_scores(lib, answer, rng, torch_rng):
    """Causality with large scores too: the mask is -inf, and no finite number"""
    causality.expect_mask_holds(*_attention.large_scores(lib, answer, _attention.draw(rng), torch_rng))


@points(1)
def test_batch(lib, answer, rng, torch_rng):
    """Rows of a batch do not mix"""
    sizes = _attention.draw(rng)
    model = _attention.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, 3, sizes[2] - 2, sizes[0])
    _modules.expect_rows_apart(model, x, tuple(x.shape))


@points(1)
def test_dropout(lib, answer, rng, torch_rng):
    """Dropout: in training mode only, in its place, as much as asked for"""
    # Two calls that drop differently agree only if some hundred coin flips do.
    sizes, seed = _attention.draw(rng), int(rng.integers(1 << 30))
    x = tokens(torch_rng, 3, 6, sizes[0])
    _modules.expect_dropout(_modules.modes(lib, lambda rate: _attention.make(lib, answer, sizes, rate, seed), x))
    _attention.expect_dropped(lib, answer, sizes, seed)


@points(1)
def test_learning(student, lib, answer, rng, torch_rng):
    """Weights start at random, gradients reach them and the input, and the state of one fits another"""
    sizes = _attention.draw(rng)
    model = _attention.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, 2, 5, sizes[0])
    _modules.expect_gradients(lib, model, x)
    modules.expect_true(lib, model, x)
    one_head = _attention.make(lib, answer, (sizes[0], 1, sizes[2]), seed=int(rng.integers(1 << 30)))
    _modules.expect_gradients(lib, one_head, x)  # a projection belongs to one head too
    numbers = sum(value.numel() for value in lib.parameters(one_head).values())
    expect(
        numbers >= 4 * sizes[0] ** 2,
        "with n_head=1 too there are queries, keys, values and a projection.",
        slip="one head alone that is treated otherwise",
    )
    _modules.expect_slope(lib, model, x)
    _modules.expect_random_start(lib, lambda: _attention.make(lib, answer, sizes))
    other = _attention.make(lib, answer, sizes)
    _modules.expect_buffers(lib, other, x)
    modules.expect_buffers(student.statements())
    other.load_state_dict(model.state_dict())
    shape = tuple(x.shape)
    off = _modules.gap(_modules.tensor(other(x), shape, "the output"), _modules.tensor(model(x), shape, "the output"))
    expect(off < 1e-6, "after load_state_dict(model.state_dict()) a second module gives another output than the first.")
