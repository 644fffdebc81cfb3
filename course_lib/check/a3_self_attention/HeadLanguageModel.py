"""What `HeadLanguageModel(vocab_size, n_embd, head_size, block_size)` does: embedding, head, logits, loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.check import kinds, parameters, with_targets
from course_lib.check.a3_self_attention import _embeddings
from course_lib.check.a3_self_attention._embeddings import EVERYTHING, IDX, Given, Layers
from course_lib.check.expect import as_array, describe, expect, expect_close
from course_lib.check.properties import Library, judged

SPREAD = 0.4  # of random weights
SIZES = VOCAB_SIZE, N_EMBD, HEAD_SIZE, BLOCK_SIZE = 7, 4, 3, 5
TARGETS = torch.tensor([[3, 3, 6, 1], [0, 1, 2, 4]])
SMALL = (6, 5, 7, 4)
FEW = torch.tensor([[4, 0, 1, 5], [2, 3, 5, 0]])
RANDOM = [Given(SIZES, IDX[:, [0, 1, 3]], seed=1), Given(SMALL, FEW, seed=2)]


def _pair(got: Any, asked: str) -> tuple[Any, Any]:
    two = isinstance(got, tuple | list) and len(got) == 2
    expect(two, f"{asked} returns (logits, loss); yours is {describe(got)}.")
    return got[0], got[1]


def _logits(got: Any, given: Given) -> np.ndarray:
    """The logits (B, T, vocab_size) of a call without targets. Raises Wrong for anything else."""
    logits, loss = _pair(got, f"model(idx), for {given},")
    expect(loss is None, f"model(idx) without targets: the loss is None, yours is {describe(loss)}.")
    found, wanted = as_array(logits, "the logits"), (*given.idx.shape, given.sizes[0])
    expect(found.shape == wanted, f"for {given} expected logits {wanted}, yours {found.shape}.")
    return found.astype(float)


class Called(NamedTuple):
    """got: of model(idx). took: whether two parameters took the tables."""

    got: Any
    took: bool


def _call(answer: Callable[..., Any], given: Given, library: Library) -> Called:
    model, took = _embeddings.made(answer, given, library, SPREAD)
    return Called(model(given.idx.clone()), took)


def _parts(found: Called) -> list[str]:
    return [describe(part) for part in found.got] if isinstance(found.got, tuple | list) else [describe(found.got)]


@judged(
    "model(idx) returns logits (B, T, vocab_size) and no loss, for every T up to block_size",
    _call,
    [
        *(Given(SIZES, idx) for idx in (IDX, EVERYTHING, IDX[:, :1])),
        Given(SMALL, FEW),
        Given((*SIZES[:3], 70), EVERYTHING.repeat(1, 14)),
    ],
    outcome=_parts,
    slip="an output of another shape",
)
def shape(found: Called, given: Given) -> None:
    _logits(found.got, given)


@judged(
    "Two tables, three maps of the head, one map to logits, and all of them matter; no seed is set",
    _embeddings.layers,
    [Given(SIZES, EVERYTHING, seed=6), Given(SMALL, _embeddings.everything(SMALL), seed=7)],
    outcome=_embeddings.about_layers,
    slip="parts that are missing, unused, or never learn",
)
def layers(found: Layers, given: Given) -> None:
    vocab_size, n_embd, head_size, block_size = given.sizes
    parts = {
        "token table": vocab_size * n_embd,
        "position table": block_size * n_embd,
        "head": 3 * n_embd * head_size,
        "linear map to logits": head_size * vocab_size,
    }
    listed = " + ".join(f"{number} ({name})" for name, number in parts.items())
    wanted = sum(parts.values())
    expect(found.held == wanted, f"expected {listed} = {wanted} weights besides biases; yours has {found.held}.")
    parameters.expect_used(found.claims, "the logits, though every token and position occurs")
    _embeddings.expect_no_seed(found)


@judged(
    "With known weights: embedding, causal head, linear map to logits",
    _call,
    [
        *(_embeddings.known(SIZES, idx, 0.7) for idx in (IDX, EVERYTHING, IDX[:, :1])),
        _embeddings.known(SMALL, FEW, 0.3),
    ],
    outcome=lambda found: found.got[0] if isinstance(found.got, tuple | list) else found.got,
)
def known_weights(found: Called, given: Given) -> None:
    got = _logits(found.got, given)
    # Queries, keys and values are the same all along each of them: weight · n_embd · the sum of two rows.
    each = given.weight * given.sizes[1] * _embeddings.sums(given, found.took)
    each = each.expand(*given.idx.shape, given.sizes[2])
    mixed = F.scaled_dot_product_attention(each, each, each, is_causal=True)
    wanted = (given.weight * mixed.sum(-1, keepdim=True)).expand(got.shape)
    tables = "known tables" if found.took else f"every number of its tables {given.weight:.2g}"
    asked = f"the logits for {given}, with {tables}, all other weights {given.weight:.2g} and no bias"
    hint = "tokens plus positions, the head, then one linear map; the logits as they are."
    # float32: scores of some hundreds to within 1e-4, logits of some tens.
    expect_close(got, wanted, asked, hint=hint, atol=1e-3, rtol=1e-3)


class Context(NamedTuple):
    """Logits (B, T, vocab_size), after a shorter text has been there: before, and after a change of the last token; of
    the first one; of the order of the first two. alone: of each sequence by itself. training: in training mode."""

    before: np.ndarray
    last: np.ndarray
    first: np.ndarray
    swapped: np.ndarray
    alone: np.ndarray
    training: np.ndarray


def _context(answer: Callable[..., Any], given: Given, library: Library) -> Context:
    """given.idx: three tokens or more, the first two of each sequence differ."""
    model, _ = _embeddings.made(answer, given, library, SPREAD)

    def logits(idx: torch.Tensor) -> np.ndarray:
        return _logits(model(idx.clone()), given._replace(idx=idx))

    last, first, swapped = (given.idx.clone() for _ in range(3))
    for at, changed in ((-1, last), (0, first)):
        changed[:, at] = (changed[:, at] + 1) % given.sizes[0]
    swapped[:, [0, 1]] = swapped[:, [1, 0]]
    logits(given.idx[:, :2])
    before, *others = [logits(idx) for idx in (given.idx, last, first, swapped)]
    alone = np.concatenate([logits(given.idx[b : b + 1]) for b in range(len(given.idx))])
    model.train()
    training = logits(given.idx)
    model.eval()
    return Context(before, others[0], others[1], others[2], alone, training)


def _moved(found: Context) -> list[bool]:
    """Whether the last logits notice another first token, another order. Random weights: that all vocab_size >= 5 of
    them move by less than 1e-6 does not happen by chance."""
    return [
        bool((abs(other[:, -1] - found.before[:, -1]).max(-1) > 1e-6).all()) for other in (found.first, found.swapped)
    ]


def _about_context(found: Context) -> list[bool]:
    pairs = [(found.last[:, :-1], found.before[:, :-1]), (found.alone, found.before), (found.training, found.before)]
    return [*(bool(np.allclose(one, other, rtol=1e-5, atol=1e-5)) for one, other in pairs), *_moved(found)]


@judged(
    "The past matters, so does its order, and the future does not; sequences do not mix",
    _context,
    RANDOM,
    outcome=_about_context,
    slip="a past that is not heard, or a future that is",
)
def context(found: Context, given: Given) -> None:
    T = given.idx.shape[1]
    asked = f"logits 0 to {T - 2} after token {T - 1} has changed, for {given}"
    expect_close(found.last[:, :-1], found.before[:, :-1], asked, hint="a causal head.", atol=1e-5)
    first, order = _moved(found)
    expect(first, "the last logits do not notice a change of the first token.\nHint: the head mixes in the past.")
    expect(
        order,
        "the last logits do not notice that tokens 0 and 1 have changed places.\nHint: positions go into the head.",
    )
    expect_close(found.before, found.alone, "sequences in a batch, beside the same ones alone", atol=1e-5)
    asked = "the logits in training mode, beside those in evaluation mode"
    slip = "dropout that nobody asked for"
    expect_close(found.training, found.before, asked, hint="there is no dropout here.", atol=1e-5, slip=slip)


class Loss(NamedTuple):
    """idx, targets (B, T). alone: the logits without targets. got: of model(idx, targets); kinds: of its parts, see
    `doubles.kind`. claim: of the loss's gradients."""

    idx: torch.Tensor
    targets: torch.Tensor
    alone: torch.Tensor
    got: Any
    kinds: list[str]
    claim: parameters.Claim


def _loss(answer: Callable[..., Any], given: Given, library: Library) -> Loss:
    lib, doubles = library("course_lib.probes"), library("course_lib.doubles")
    model, _ = _embeddings.made(answer, given, library, SPREAD)
    idx, targets = given.idx, given.targets
    assert targets is not None
    alone = torch.from_numpy(_logits(model(idx.clone()), given))
    got, _, kinds = doubles.call_with_kinds(model, idx.clone(), targets.clone())
    _pair(got, f"model(idx, targets), for {given},")
    claim = parameters.of_loss(lib, model, idx, targets, doubles.parameter_gradients(model, idx, targets))
    return Loss(idx, targets, alone, got, [str(kind) for kind in kinds], claim)


def _about_loss(found: Loss) -> list[Any]:
    """Which loss it is: the mean, the sum, one of the ways to be a position off; what became of the logits; whether it
    can be learnt from."""
    log, targets = found.alone.log_softmax(-1), found.targets[..., None]
    each = -log.gather(-1, targets)
    known = {
        "mean": each.mean(),
        "sum": each.sum(),
        "shifted": -log[:, :-1].gather(-1, targets[:, 1:]).mean(),
        "inputs": -log.gather(-1, found.idx[..., None]).mean(),
        "softmax twice": -found.alone.softmax(-1).log_softmax(-1).gather(-1, targets).mean(),
        "last": each[:, -1].mean(),
    }
    loss = as_array(found.got[1], "the loss")
    named = [name for name, number in known.items() if loss.shape == () and abs(float(loss) - float(number)) < 1e-4]
    return [*(named[:1] or ["another"]), _about_logits(found), found.claim.arrives and found.claim.holds]


def _about_logits(found: Loss) -> Any:
    """The same question as to a model, put to what it has said."""
    raw, loss = found.got

    def said(idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, Any]:
        if targets is None:
            return found.alone, None
        logits = raw.detach().requires_grad_(found.kinds[0] == "graph") if hasattr(raw, "detach") else raw
        return logits, torch.as_tensor(as_array(loss, "the loss"))

    return with_targets.about_logits(said, found.idx, found.targets)


@judged(
    "With targets, the same logits (B, T, vocab_size) come back, and their mean cross-entropy",
    _loss,
    [
        Given(SIZES, IDX, seed=3, targets=TARGETS),
        Given(SIZES, IDX[:1, :1], seed=4, targets=TARGETS[:1, :1]),
        Given(SMALL, FEW[:, :2], seed=5, targets=torch.tensor([[0, 5], [4, 1]])),
    ],
    outcome=_about_loss,
    slip="a loss or logits that change with the targets' arrival",
)
def loss(found: Loss, given: Given) -> None:
    assert given.targets is not None
    logits, got = found.got
    # float32, up to 50 terms: 1e-5 relative and absolute.
    wanted = F.cross_entropy(found.alone.flatten(0, 1), given.targets.flatten())
    asked = (
        f"the loss for {given} and targets {tuple(given.targets.shape)}, beside the mean cross-entropy of your logits"
    )
    expect_close(got, wanted, asked, atol=1e-5, rtol=1e-4)
    with_targets.expect_logits(logits, found.kinds[0], found.alone)
    parameters.expect_loss(found.claim)


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(VOCAB_SIZE, N_EMBD, HEAD_SIZE, room or BLOCK_SIZE))

    return kinds.Trial((IDX,), make=make, causal=True, past=True, any_length=True, ids=VOCAB_SIZE)
