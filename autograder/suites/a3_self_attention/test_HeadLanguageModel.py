"""Hidden suite of `HeadLanguageModel(vocab_size, n_embd, head_size, block_size)`, and its loss."""

import torch
import torch.nn.functional as F

from autograder import modules
from autograder.oracles import filled_attention
from autograder.suite import as_array, describe, expect, expect_close, points
from autograder.suites.a3_self_attention._modules import expect_no_seed, probes
from course_lib.check import with_targets


def sizes(rng):
    """vocab_size, n_embd, head_size, block_size, all different."""
    return tuple(int(size) for size in rng.permutation([5, 6, 7, 8, 10, 11, 13])[:4])


def build(student, rng, torch_rng):
    """A model with random weights, and its sizes."""
    wanted = sizes(rng)
    model = student.HeadLanguageModel(*wanted)
    modules.randomise(probes(student), model, torch_rng, 0.4)
    return model, *wanted


def logits_of(model, idx, vocab_size):
    got = model(idx)
    expect(
        isinstance(got, tuple | list) and len(got) == 2, f"model(idx) returns (logits, loss), yours {describe(got)}."
    )
    expect(got[1] is None, f"model(idx) without targets: the loss is None, yours is {describe(got[1])}.")
    logits, wanted = as_array(got[0], "the logits"), (*idx.shape, vocab_size)
    expect(logits.shape == wanted, f"for idx {tuple(idx.shape)} expected logits {wanted}, yours {logits.shape}.")
    return torch.from_numpy(logits).double()


@points(1)
def test_shape(student, rng, torch_rng):
    """model(idx) returns logits (B, T, vocab_size) and no loss, for every T up to block_size"""
    vocab_size, n_embd, head_size, block_size = sizes(rng)
    model = student.HeadLanguageModel(vocab_size, n_embd, head_size, block_size)
    for B, T in ((3, block_size), (2, block_size - 1), (1, 2), (4, 1)):
        logits_of(model, torch.randint(vocab_size, (B, T), generator=torch_rng), vocab_size)
    long = student.HeadLanguageModel(vocab_size, n_embd, head_size, 70)
    logits_of(long, torch.randint(vocab_size, (1, 70), generator=torch_rng), vocab_size)


@points(3)
def test_known_weights(student, rng, torch_rng):
    """With known weights: embedding, causal head, linear map to logits"""
    for _ in range(2):
        vocab_size, n_embd, head_size, block_size = sizes(rng)
        model = student.HeadLanguageModel(vocab_size, n_embd, head_size, block_size)
        weight = float(rng.uniform(0.1, 0.2))
        tokens, positions = (torch.randn(size, generator=torch_rng) for size in (vocab_size, block_size))
        if (
            modules.fill(probes(student), model, weight, [(tokens, n_embd), (positions, n_embd)]) != 2
        ):  # both tables in one, or in another form
            tokens, positions = torch.full((vocab_size,), weight), torch.full((block_size,), weight)
            modules.fill(probes(student), model, weight)
        T = int(rng.integers(3, block_size + 1))
        idx = torch.randint(vocab_size, (3, T), generator=torch_rng)
        x = (tokens[idx] + positions[:T])[..., None].expand(3, T, n_embd)
        mixed = filled_attention(x, x, weight, head_size, causal=True)
        wanted = (weight * mixed.sum(-1, keepdim=True)).expand(3, T, vocab_size)
        hint = "tokens plus positions, the head, then one linear map; the logits as they are."
        # float32: scores of some hundreds to within 1e-4, logits of some tens.
        asked = f"the logits for idx {(3, T)} and known weights"
        expect_close(logits_of(model, idx, vocab_size), wanted, asked, hint=hint, atol=1e-3, rtol=1e-3)


@points(2)
def test_context(student, rng, torch_rng):
    """The past matters, so does its order, and the future does not"""
    model, vocab_size, *_ = build(student, rng, torch_rng)
    idx = torch.stack([torch.randperm(vocab_size, generator=torch_rng)[:4] for _ in range(2)])
    before = logits_of(model, idx, vocab_size)
    t = int(rng.integers(1, 4))
    later = idx.clone()
    later[:, t] = (later[:, t] + 1) % vocab_size
    after = logits_of(model, later, vocab_size)
    expect_close(
        after[:, :t], before[:, :t], f"logits before {t} after token {t} has changed", hint="a causal head.", atol=1e-5
    )
    # Random weights: that vocab_size >= 5 logits move by less than 1e-6 does not happen by chance.
    earlier = idx.clone()
    earlier[:, 0] = (earlier[:, 0] + 1) % vocab_size
    moved = (logits_of(model, earlier, vocab_size)[:, 3] - before[:, 3]).abs().amax(-1)
    expect(
        bool((moved > 1e-6).all()),
        "the last logits do not notice a change of the first token.\nHint: the head mixes in the past.",
    )
    swapped = idx[:, [1, 0, 2, 3]]
    moved = (logits_of(model, swapped, vocab_size)[:, 3] - before[:, 3]).abs().amax(-1)
    expect(
        bool((moved > 1e-6).all()),
        "the last logits do not notice that tokens 0 and 1 changed places.\nHint: add positions.",
    )
    alone = logits_of(model, idx[1:], vocab_size)
    expect_close(before[1:], alone, "a sequence in a batch, beside the same sequence alone", atol=1e-5)


@points(2)
def test_loss(student, rng, torch_rng):
    """With targets, the same logits (B, T, vocab_size) come back, and their mean cross-entropy"""
    for _ in range(2):
        model, vocab_size, _, _, block_size = build(student, rng, torch_rng)
        B, T = int(rng.integers(2, 5)), int(rng.integers(2, block_size + 1))
        idx, targets = (torch.randint(vocab_size, (B, T), generator=torch_rng) for _ in range(2))
        known = logits_of(model, idx, vocab_size)
        got, _, kinds = student.library("course_lib.doubles").call_with_kinds(model, idx, targets)
        expect(
            isinstance(got, tuple | list) and len(got) == 2,
            f"model(idx, targets) returns (logits, loss), yours {describe(got)}.",
        )
        # float32, up to 50 terms: 1e-5 relative and absolute.
        wanted = F.cross_entropy(known.reshape(-1, vocab_size), targets.reshape(-1))
        expect_close(got[1], wanted, f"the loss for idx and targets {(B, T)}", atol=1e-5, rtol=1e-4)
        with_targets.expect_logits(got[0], kinds[0], known)
    gradients = student.library("course_lib.doubles").parameter_gradients(model, idx, targets)
    expect(gradients is not None, "no gradient flows from the loss; return the tensor itself, not a plain number.")
    modules.expect_loss_slope(probes(student), model, idx, targets, gradients)


@points(2)
def test_layers(student, rng, torch_rng):
    """Two tables, three maps of the head, one map to logits, and all of them matter; no seed is set"""
    model, vocab_size, n_embd, head_size, block_size = build(student, rng, torch_rng)
    wanted = (vocab_size + block_size + 3 * head_size) * n_embd + head_size * vocab_size
    count = modules.matrix_numbers(probes(student), model)
    expect(
        count == wanted,
        f"for sizes {(vocab_size, n_embd, head_size, block_size)} (vocabulary, n_embd, head, block) expected {wanted} "
        f"weights besides biases, yours has {count}.\n"
        "Hint: token table, position table, three maps of the head, one map to logits.",
    )
    n = -(-vocab_size // block_size)
    everything = (torch.arange(n * block_size) % vocab_size).view(n, block_size)
    idle = modules.idle(probes(student), model, everything)
    expect(idle == 0, f"{idle} weights have no influence on the logits, though every token and position occurs.")
    make = student.handle("HeadLanguageModel")
    expect_no_seed(student, make, (vocab_size, n_embd, head_size, block_size), everything)
