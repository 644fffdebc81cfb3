"""Hidden suite of `BigramLanguageModel(vocab_size)`: properties that hold for any way of storing the table."""

import torch
import torch.nn.functional as F

from autograder.suite import as_array, describe, expect, expect_close, points
from course_lib.check import with_targets


def build(student, torch_rng, vocab_size, scale=1.0):
    """A model whose parameters are filled with fresh random numbers."""
    model = student.BigramLanguageModel(vocab_size)
    state = model.state_dict()
    floating = {name: value for name, value in state.items() if value.is_floating_point()}
    expect(floating, "your model has no parameters. Is the table an nn.Embedding or nn.Parameter, made in __init__?")
    fresh = {name: scale * torch.randn(value.shape, generator=torch_rng) for name, value in floating.items()}
    model.load_state_dict({**state, **fresh})
    return model


def draw(rng, torch_rng, vocab_size):
    """idx and targets (B, T), with B, T and vocab_size all different."""
    B, T = (size for size in rng.permutation(range(3, 9)).tolist()[:2])
    return (torch.randint(vocab_size, (B, T), generator=torch_rng) for _ in range(2))


def logits_of(model, idx, vocab_size):
    got = model(idx)
    expect(
        isinstance(got, tuple | list) and len(got) == 2, f"model(idx) returns (logits, loss), yours {describe(got)}."
    )
    expect(got[1] is None, f"model(idx) without targets: the loss is None, yours is {describe(got[1])}.")
    logits = as_array(got[0], "the logits without targets")
    wanted = (*idx.shape, vocab_size)
    expect(
        logits.shape == wanted,
        f"for idx {tuple(idx.shape)} and {vocab_size} symbols expected logits {wanted}, yours {logits.shape}.",
    )
    return torch.from_numpy(logits).double()


def expect_shapes(gradients, state):
    """Each gradient has the shape of its parameter."""
    fit = all(gradient.shape == state[name].shape for name, gradient in gradients.items())
    expect(fit, "a gradient has another shape than its parameter.")


@points(1)
def test_without_targets(student, rng, torch_rng):
    """model(idx) returns logits (B, T, vocab_size) and no loss"""
    for vocab_size in (11, 65):
        model = student.BigramLanguageModel(vocab_size)
        idx, _ = draw(rng, torch_rng, vocab_size)
        logits_of(model, idx, vocab_size)
        logits_of(model, idx[:1, :1], vocab_size)


@points(2)
def test_bigram(student, rng, torch_rng):
    """The logits depend on the current token and on nothing else"""
    vocab_size = int(rng.integers(12, 30))
    model = build(student, torch_rng, vocab_size)
    # Every token alone, then all of them in random places among others: the same token, the same logits.
    alone = logits_of(model, torch.arange(vocab_size)[:, None], vocab_size)[:, 0]
    idx, _ = draw(rng, torch_rng, vocab_size)
    # The same row of the same table; 1e-5 for tables made as matrix products in float32.
    expect_close(logits_of(model, idx, vocab_size), alone[idx], "the logits of a token in the middle of others",
                 hint="a bigram model looks at the current token only.", atol=1e-5, rtol=1e-4)  # fmt: skip


@points(2)
def test_table(student, rng, torch_rng):
    """Each token has a row of raw logits of its own, and any table can be learnt"""
    vocab_size = int(rng.integers(50, 70))
    logits = logits_of(build(student, torch_rng, vocab_size, 10.0), torch.arange(vocab_size)[None], vocab_size)[0]
    expect(
        bool((logits < 0).any()),
        "the logits are never negative; return them raw, before softmax or any other squashing.",
    )
    expect(bool((logits.abs() > 1).any()), "the logits never leave -1 to 1; return them raw, before any squashing.")
    # A random square matrix has singular values spread over (0, 2·sqrt(n)); a tenth of them below 1e-4 of the largest
    # does not happen. A product through fewer than 0.9·n numbers has exactly that many non-zero ones.
    values = torch.linalg.svdvals(logits)
    rank = int((values > 1e-4 * values[0]).sum())
    expect(rank > 1, "all tokens have the same logits, up to a factor.")
    expect(
        rank > 0.9 * vocab_size,
        f"your table of {vocab_size} rows has rank {rank} only, so most bigram tables cannot be learnt.\n"
        "Hint: an embedding of vocab_size rows of vocab_size logits, nothing narrower in between.",
    )


@points(2)
def test_loss(student, rng, torch_rng):
    """With targets, the same logits (B, T, vocab_size) come back, and their mean cross-entropy"""
    for _ in range(3):
        vocab_size = int(rng.integers(12, 30))
        model = build(student, torch_rng, vocab_size, 2.0)
        idx, targets = draw(rng, torch_rng, vocab_size)
        known = logits_of(model, idx, vocab_size)
        got, _, kinds = student.library("course_lib.doubles").call_with_kinds(model, idx, targets)
        expect(
            isinstance(got, tuple | list) and len(got) == 2,
            f"model(idx, targets) returns (logits, loss), yours {describe(got)}.",
        )
        # float32, up to 64 terms: 1e-5 relative and absolute.
        wanted = F.cross_entropy(known.reshape(-1, vocab_size), targets.reshape(-1))
        expect_close(got[1], wanted, f"the loss for idx and targets {tuple(idx.shape)}", atol=1e-5, rtol=1e-4)
        with_targets.expect_logits(got[0], kinds[0], known)


@points(1)
def test_trainable(student, rng, torch_rng):
    """A small step against the gradient lowers the loss"""
    vocab_size = int(rng.integers(12, 30))
    model = build(student, torch_rng, vocab_size)
    idx, targets = draw(rng, torch_rng, vocab_size)
    gradients = student.library("course_lib.doubles").parameter_gradients(model, idx, targets)
    expect(gradients is not None, "no gradient flows from the loss; return the tensor itself, not a plain number.")
    state = model.state_dict()
    expect_shapes(gradients, state)
    count, wanted = sum(gradient.numel() for gradient in gradients.values()), vocab_size * vocab_size
    asked = f"with {vocab_size} symbols the table, the only parameter, has {wanted} numbers"
    expect(count == wanted, f"{asked}; your parameters have {count} in all.")
    size = sum(float((gradient.double() ** 2).sum()) for gradient in gradients.values())
    expect(size > 0, "the gradient of the loss is zero for every parameter.")
    before = float(as_array(model(idx, targets)[1], "the loss"))
    # The first-order fall is step · |gradient|² = 0.01, much above the rounding of float32.
    step = 0.01 / size
    model.load_state_dict({**state, **{name: state[name] - step * gradient for name, gradient in gradients.items()}})
    after = float(as_array(model(idx, targets)[1], "the loss"))
    expect(after < before, "after a small step against the gradient the loss is not lower.")
    # The gradient of cross-entropy is zero for no token: its probabilities are all above 0 and below 1.
    every = torch.arange(vocab_size)[None]
    model = build(student, torch_rng, vocab_size)
    old, state = logits_of(model, every, vocab_size), model.state_dict()
    gradients = student.library("course_lib.doubles").parameter_gradients(model, every, every.flip(1))
    expect_shapes(gradients, state)
    model.load_state_dict({**state, **{name: state[name] - gradient for name, gradient in gradients.items()}})
    still = int((logits_of(model, every, vocab_size) == old).all(-1).sum())
    expect(still == 0, f"{still} of {vocab_size} tokens never learn: no gradient reaches their row of the table.")
