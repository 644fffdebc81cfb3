"""The tests that a block has to pass, whichever side its norms are on. A suite imports them with the fixture `lib` and
provides `answer`, a handle to the class, and `norm_first`, whether each norm comes before its sub-layer. Judged with
torch's layers in place of the student's own attention, feed-forward and norm: see `course_lib.check.a4_gpt._blocks`.
"""

import pytest
import torch

from autograder import modules
from autograder.suite import expect, points
from course_lib.check import causality
from course_lib.check.a4_gpt import _blocks, _modules


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


def draw(rng):
    """Random sizes with a head size of 6 or 9, and a block_size above all of them."""
    n_head = int(rng.integers(2, 4))
    return n_head * int(rng.choice([6, 9])), n_head, int(rng.integers(29, 33))


def tokens(torch_rng, B, T, C):
    return torch.randn(B, T, C, generator=torch_rng)


@points(3)
def test_wiring(lib, answer, norm_first, rng, torch_rng):
    """The output: two sub-layers, each with its norm and its residual connection"""
    for T in (int(rng.integers(3, 8)), 1):
        sizes = draw(rng)
        gain = 1.5 * torch.randn(sizes[0], generator=torch_rng)
        _blocks.expect_value(lib, answer, sizes, tokens(torch_rng, 2, T, sizes[0]), gain, norm_first)


@points(1)
def test_residual(lib, answer, norm_first, rng, torch_rng):
    """With all weights 0 only the residual path is left"""
    sizes = draw(rng)
    _blocks.expect_still(lib, answer, sizes, tokens(torch_rng, 2, sizes[2], sizes[0]), norm_first)


@points(1)
def test_parts(lib, answer, rng, torch_rng):
    """Two norms, one attention, one feed-forward layer, started at random, and gradients reach them all"""
    sizes = draw(rng)
    model = _blocks.make(lib, answer, sizes)
    _modules.expect_matrices(lib, model, 12 * sizes[0] ** 2, "attention and feed-forward layer, 12 · n_embd²")
    gains = _blocks.expect_norms(lib, model, sizes[0])
    model = _blocks.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, 6, 6, sizes[0])
    _modules.expect_gradients(lib, model, x, also=gains)
    modules.expect_true(lib, model, x)
    _modules.expect_slope(lib, model, x)
    _modules.expect_random_start(lib, lambda: _blocks.make(lib, answer, sizes))


@points(1)
def test_future(lib, answer, rng, torch_rng):
    """Causality, with large scores too: a later token changes no earlier output, and rows of a batch do not mix"""
    sizes = draw(rng)
    model = _blocks.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x, other = (tokens(torch_rng, 3, sizes[2] - 1, sizes[0]) for _ in "ab")
    _modules.expect_causal(model, x, other, tuple(x.shape))
    _modules.expect_rows_apart(model, x, tuple(x.shape))
    causality.expect_mask_holds(*_blocks.large_scores(lib, answer, sizes, torch_rng))


@points(1)
def test_dropout(lib, answer, rng, torch_rng):
    """Dropout is passed on to both sub-layers, and works in training mode only"""
    # Two calls agree only if some hundred coin flips do.
    sizes, seed = draw(rng), int(rng.integers(1 << 30))
    x = tokens(torch_rng, 3, 6, sizes[0])
    _modules.expect_dropout(_modules.modes(lib, lambda rate: _blocks.make(lib, answer, sizes, rate, seed), x))
    _blocks.expect_dropped(lib, answer, sizes, x, seed)


@points(1)
def test_input_and_state(student, lib, answer, rng, torch_rng):
    """The input is left as it is, and the state of one block fits another"""
    sizes = draw(rng)
    model = _blocks.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    x = tokens(torch_rng, 2, 5, sizes[0])
    _modules.expect_input_kept(student.library("course_lib.doubles"), model, x)
    other = _blocks.make(lib, answer, sizes)
    other.load_state_dict(model.state_dict())
    shape = tuple(x.shape)
    off = _modules.gap(_modules.tensor(other(x), shape, "the output"), _modules.tensor(model(x), shape, "the output"))
    expect(off < 1e-6, "after load_state_dict(model.state_dict()) a second block gives another output than the first.")
