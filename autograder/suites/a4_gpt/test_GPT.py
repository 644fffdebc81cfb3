"""Hidden suite of `GPT`. Judged with torch's layers in place of the student's own Block and its parts; the oracle is
built from nn.TransformerEncoderLayer, and the loss is compared with F.cross_entropy of the model's own logits."""

import pytest
import torch

from autograder import modules
from autograder.suite import expect, points
from course_lib.check import causality
from course_lib.check.a4_gpt import GPT, _modules


@pytest.fixture
def lib(student):
    return student.library("course_lib.probes")


@pytest.fixture
def answer(student):
    return student.handle("GPT")


def draw(rng, layers=(1, 2, 3)):
    """Random sizes; no two of the numbers that make shapes are equal."""
    n_head = int(rng.integers(2, 4))
    return (
        int(rng.choice([13, 17, 29])),
        6 * n_head,
        n_head,
        int(rng.choice(list(layers))),
        int(rng.choice([8, 10, 11])),
    )


def text(torch_rng, sizes, B, T):
    return torch.randint(sizes[0], (B, T), generator=torch_rng)


@points(1)
def test_shapes(lib, answer, rng, torch_rng):
    """model(idx) returns logits (B, T, vocab_size) and no loss, for every T up to block_size"""
    sizes = draw(rng)
    model = GPT.make(lib, answer, sizes)
    for T in (sizes[4], int(rng.integers(2, sizes[4])), 1):
        GPT.logits_of(model(text(torch_rng, sizes, 3, T)), (3, T, sizes[0]))


@points(3)
def test_value(lib, answer, rng, torch_rng):
    """The logits: token plus position, the blocks, the last norm, the linear layer"""
    for layers in ((1,), (2, 3)):
        sizes = draw(rng, layers)
        vocab_size, n_embd, _, _, block_size = sizes
        table, places = (torch.randn(rows, n_embd, generator=torch_rng) for rows in (vocab_size, block_size))
        gain = 1.5 * torch.randn(n_embd, generator=torch_rng)
        idx = text(torch_rng, sizes, 2, int(rng.integers(4, block_size)))
        GPT.expect_value(lib, answer, sizes, table, places, gain, idx)


@points(2)
def test_parameters(lib, answer, rng, torch_rng):
    """Tables of the right sizes, n_layer different blocks, gradients everywhere"""
    sizes = draw(rng)
    GPT.expect_parameters(lib, answer, sizes)
    model = GPT.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    gains = _modules.gains(lib.parameters(GPT.make(lib, answer, sizes)))
    # Every token and every position occurs, so that each row of each table is used.
    rows = -(-4 * sizes[0] // sizes[4])
    idx = torch.arange(rows * sizes[4]).reshape(rows, sizes[4]) % sizes[0]
    _modules.expect_gradients(lib, model, idx, also=gains)
    modules.expect_true(lib, model, idx)


@points(2)
def test_loss(student, lib, answer, rng, torch_rng):
    """With targets, the same logits (B, T, vocab_size) come back, and their mean cross-entropy"""
    calls = student.library("course_lib.doubles")
    for _ in range(2):
        sizes = draw(rng)
        model = GPT.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
        B, T = int(rng.integers(2, 5)), int(rng.integers(2, sizes[4]))
        idx, targets = text(torch_rng, sizes, B, T), text(torch_rng, sizes, B, T)
        targets[0, 0] = 0  # an id like any other
        GPT.expect_loss(calls, model, idx, targets, sizes[0])
    found = calls.parameter_gradients(model, idx, targets)
    GPT.expect_loss_gradients(found)
    modules.expect_loss_slope(lib, model, idx, targets, found)


@points(1)
def test_future(lib, answer, rng, torch_rng):
    """Causality, with large scores too: a later token changes no earlier logits, and rows of a batch do not mix"""
    sizes = draw(rng)
    model = GPT.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    idx = text(torch_rng, sizes, 3, sizes[4] - 1)
    shift = torch.randint(1, sizes[0], idx.shape, generator=torch_rng)
    shape = (*idx.shape, sizes[0])
    run = lambda ids: model(ids)[0]  # noqa: E731
    _modules.expect_causal(run, idx, (idx + shift) % sizes[0], shape)
    _modules.expect_rows_apart(run, idx, shape)
    causality.expect_mask_holds(*GPT.large_scores(lib, answer, sizes, torch_rng))


@points(1)
def test_positions(lib, answer, rng, torch_rng):
    """The order of tokens matters, even far back"""
    sizes = draw(rng)
    model = GPT.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    T = sizes[4]
    shape = (1, T, sizes[0])
    same = GPT.logits_of(model(torch.full((1, T), int(rng.integers(sizes[0])))), shape)
    moved = min(_modules.gap(same[:, t], same[:, 0]) for t in range(1, T))
    expect(
        moved > 1e-6, "one token repeated gives the same logits at several positions, as if there were no positions."
    )
    idx = torch.randperm(sizes[0], generator=torch_rng)[None, :T]
    swapped = idx[:, [1, 0, *range(2, T)]]
    before, after = (GPT.logits_of(model(ids), shape)[:, -1] for ids in (idx, swapped))
    expect(_modules.gap(after, before) > 1e-6, "exchanging the first two tokens does not change the last logits.")


@points(1)
def test_dropout(lib, answer, rng, torch_rng):
    """Dropout is passed on, and works in training mode only"""
    # Two calls agree only if some hundred coin flips do.
    sizes, seed = draw(rng), int(rng.integers(1 << 30))
    idx = text(torch_rng, sizes, 3, 6)
    _modules.expect_dropout(_modules.modes(lib, lambda rate: GPT.make(lib, answer, sizes, rate, seed), idx))


@points(1)
def test_state(lib, answer, rng, torch_rng):
    """The state of one model fits another, and each begins with numbers of its own"""
    sizes = draw(rng)
    model = GPT.make(lib, answer, sizes, seed=int(rng.integers(1 << 30)))
    other = GPT.make(lib, answer, sizes)
    other.load_state_dict(model.state_dict())
    idx = text(torch_rng, sizes, 2, 5)
    shape = (2, 5, sizes[0])
    off = _modules.gap(GPT.logits_of(other(idx), shape), GPT.logits_of(model(idx), shape))
    expect(off < 1e-6, "after load_state_dict(model.state_dict()) a second model gives other logits than the first.")
    GPT.expect_own_start(lib, answer, sizes)
