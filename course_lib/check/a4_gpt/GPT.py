"""Public check of `GPT(vocab_size, n_embd, n_head, n_layer, block_size, dropout)`: embeddings, blocks, norm, loss.

A GPT is judged by itself: where it calls Block (or its parts), torch's own layers stand in. Its tables are told from
the other matrices by their shapes, and all get the same numbers, so that it does not matter which is which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from course_lib import doubles, probes
from course_lib.check import causality, kinds, parameters, with_targets
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import as_array, describe, expect

Sizes = tuple[int, int, int, int, int]  # vocab_size, n_embd, n_head, n_layer, block_size
PIECES = ("LayerNorm", "FeedForward", "MultiHeadAttention", "CausalSelfAttention", "Block")
FIXED: Sizes = (7, 12, 2, 3, 9)
IDX = torch.tensor([[0, 3, 3, 6, 1], [4, 2, 5, 0, 2]])  # (B, T): every id of the vocabulary
TARGETS = torch.tensor([[3, 3, 6, 1, 5], [2, 5, 0, 2, 4]])
GAIN = 0.5 + 2 * torch.sin(2.0 * torch.arange(12))
TABLE = torch.sin(1.0 + 1.7 * torch.arange(7 * 12)).reshape(7, 12)
PLACES = torch.cos(0.5 + 2.3 * torch.arange(9 * 12)).reshape(9, 12)


def make(lib: Any, answer: Any, sizes: Sizes, dropout: float = 0.0, seed: int | None = None) -> Any:
    """A model in evaluation mode; with a seed its parameters are scattered."""
    example = torch.zeros(1, 2, dtype=torch.int64)
    model = _modules.build(lib, answer, sizes, PIECES, example, dropout=dropout)
    if seed is not None:
        lib.write(model, _modules.scattered(lib.parameters(model), torch.Generator().manual_seed(seed)))
    return model


def tables(values: _modules.Parameters, sizes: Sizes) -> tuple[list[str], list[str]]:
    """Names of the matrices (vocab_size, n_embd) and of those (block_size, n_embd), either way round."""
    vocab_size, n_embd, _, _, block_size = sizes

    def of(rows: int) -> list[str]:
        return [n for n, v in values.items() if sorted(side for side in v.shape if side > 1) == sorted((rows, n_embd))]

    return of(vocab_size), of(block_size)


def filled(
    lib: Any,
    answer: Any,
    sizes: Sizes,
    table: torch.Tensor,
    places: torch.Tensor,
    gain: torch.Tensor,
    own_axis: int = 0,
) -> Any:
    """A model with these tables, (vocab_size, n_embd) and (block_size, n_embd), and signed blocks."""
    model = make(lib, answer, sizes)
    values = lib.parameters(model)
    new = _modules.signs(values, lib.kinds(model), gain, own_axis=own_axis)
    for names, numbers in zip(tables(values, sizes), (table, places), strict=True):
        for name in names:
            turned = [side for side in values[name].shape if side > 1] != list(numbers.shape)
            new[name] = (numbers.T if turned else numbers).reshape(values[name].shape)
    lib.write(model, new)
    return model


def oracle(
    sizes: Sizes, table: torch.Tensor, places: torch.Tensor, gain: torch.Tensor, idx: torch.Tensor, activation: Any
) -> torch.Tensor:
    """The logits (B, T, vocab_size) by torch's layers."""
    _, n_embd, n_head, n_layer, block_size = sizes
    layer = probes.Layer(n_embd, n_head, block_size, activation=activation).eval()
    probes.write(layer, _modules.signs(probes.parameters(layer), probes.kinds(layer), gain))
    with torch.no_grad():
        stream = F.embedding(idx, table).add(places.narrow(0, 0, idx.shape[1]))
        for _ in range(n_layer):
            stream = layer(stream)
        return F.linear(F.layer_norm(stream, (n_embd,), gain), table).double()


def logits_of(got: Any, shape: tuple[int, ...], with_loss: bool = False) -> torch.Tensor:
    """The logits of a pair (logits, loss) as float64. With targets they may be flattened to (B · T, V)."""
    called = "model(idx, targets)" if with_loss else "model(idx)"
    expect(isinstance(got, tuple | list) and len(got) == 2, f"{called} returns (logits, loss), yours {describe(got)}.")
    if not with_loss:
        expect(got[1] is None, f"without targets the loss is None, yours is {describe(got[1])}.")
    found = as_array(got[0], "the logits").astype("float64")
    flat = (shape[0] * shape[1], shape[2])
    allowed = found.shape == shape or (with_loss and found.shape == flat)
    expect(allowed, f"expected logits of shape {shape}, yours have {found.shape}.")
    expect((found == found).all(), "the logits hold NaN.")
    return torch.from_numpy(found.reshape(shape))


def expect_value(
    lib: Any,
    answer: Any,
    sizes: Sizes,
    table: torch.Tensor,
    places: torch.Tensor,
    gain: torch.Tensor,
    idx: torch.Tensor,
) -> None:
    """Raise `Wrong` unless the logits of a filled model are those of torch's layers with the same numbers."""
    model = make(lib, answer, sizes)
    axes = _modules.own_axes(lib.parameters(model), lib.kinds(model))
    shape = (*idx.shape, sizes[0])
    outs = [logits_of(filled(lib, answer, sizes, table, places, gain, axis)(idx.clone()), shape) for axis in axes]
    off = min(
        _modules.gap(out, oracle(sizes, table, places, gain, idx, function))
        for function in _modules.ACTIVATIONS.values()
        for out in outs
    )
    expect(
        off < 3 * _modules.SAME,  # several layers on top of each other
        f"with known weights the logits for idx {tuple(idx.shape)} are off by up to {off:.2g} of the largest.\n"
        "Hint: token plus position embedding, all blocks one after another, the last layer norm, then the logits.",
    )


def expect_parameters(lib: Any, answer: Any, sizes: Sizes) -> None:
    """Raise `Wrong` unless the tables are there and each block has parameters of its own."""
    model = make(lib, answer, sizes)
    _modules.expect_registered(lib, model)
    values = lib.parameters(model)
    words, spots = tables(values, sizes)
    vocab_size, n_embd, n_head, n_layer, block_size = sizes
    expect(words, f"a table of {vocab_size} rows of n_embd = {n_embd} numbers was expected, one row for each token.")
    expect(
        len(spots) == 1,
        f"one table of block_size = {block_size} rows of n_embd = {n_embd} numbers was expected, one for each place; "
        f"yours has {len(spots)}.",
    )
    deeper = lib.parameters(make(lib, answer, (vocab_size, n_embd, n_head, n_layer + 1, block_size)))
    grown = parameters.in_matrices(deeper) - parameters.in_matrices(values)
    expect(
        grown == 12 * n_embd**2,
        f"one block more should bring 12 · n_embd² = {12 * n_embd**2} numbers in matrices, yours brings {grown}.",
        slip="blocks of another size, or too few of them",
    )


def expect_loss(calls: Any, model: Any, idx: torch.Tensor, targets: torch.Tensor, vocab_size: int) -> None:
    """Raise `Wrong` unless targets bring the same logits, and their mean cross-entropy. calls: `course_lib.doubles`."""
    alone = logits_of(model(idx), (*idx.shape, vocab_size))
    got, _, kinds = calls.call_with_kinds(model, idx, targets)
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        f"model(idx, targets) returns (logits, loss), yours {describe(got)}.",
    )
    with_targets.expect_logits(got[0], kinds[0], alone)
    loss = as_array(got[1], "the loss")
    expect(loss.shape == (), f"with targets the loss is one number, shape (), yours has shape {loss.shape}.")
    wanted = float(F.cross_entropy(alone.reshape(-1, vocab_size), targets.reshape(-1)))
    off = abs(float(loss) - wanted)
    expect(
        off < 1e-4 * max(1.0, wanted),
        f"the loss is off by {off:.2g} from the mean cross-entropy of these logits.",
        slip="a loss that is not the mean cross-entropy",
    )


def expect_loss_gradients(found: dict[str, torch.Tensor] | None) -> None:
    """Raise `Wrong` unless the loss has gradients. found: what `doubles.parameter_gradients` makes of it."""
    expect(
        found is not None and any(bool(gradient.any()) for gradient in found.values()),
        "no gradient flows from the loss to the parameters, so that the model cannot be trained.\n"
        "Hint: return what cross_entropy returns; no .item(), no .detach(), no torch.no_grad().",
        slip="a loss cut off from the parameters",
    )


def large_scores(lib: Any, answer: Any, sizes: Sizes, generator: torch.Generator) -> tuple[Any, ...]:
    """What the functions of `check.causality` take. A model may bring attention of its own."""
    vocab_size, model = sizes[0], make(lib, answer, sizes)
    idx = torch.randint(vocab_size, (16, 6), generator=generator)
    other = (idx + torch.randint(1, vocab_size, idx.shape, generator=generator)) % vocab_size
    return _modules.spreader(lib, model, generator), lambda ids: model(ids)[0], idx, other, vocab_size


def starts_alike(lib: Any, answer: Any, sizes: Sizes) -> bool:
    """Whether two models made one after the other hold the same numbers."""
    first, second = (lib.parameters(make(lib, answer, sizes)) for _ in "ab")
    return all(torch.equal(first[name], second[name]) for name in first)


def expect_own_start(lib: Any, answer: Any, sizes: Sizes) -> None:
    """Raise `Wrong` if two models made one after the other hold the same numbers."""
    alike = starts_alike(lib, answer, sizes)
    expect(
        not alike,
        "two models made one after the other hold the same numbers.\nHint: no seed inside the class.",
        slip="a seed inside the class",
    )


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Outcomes that no name or layout of parameters changes."""
    vocab_size, n_embd, n_head, n_layer, block_size = FIXED
    if probes.loose_modules(make(probes, answer, FIXED)):
        return {"registered": lambda: False}

    def parts(*args: Any) -> Any:
        got = make(probes, answer, FIXED)(*args)
        if not isinstance(got, tuple):
            return doubles.kind(got).replace("graph", "tensor")
        return [None if part is None else list(as_array(part, "a part").shape) for part in got]

    def first(got: Any) -> torch.Tensor:
        return (got[0] if isinstance(got, tuple) else got).detach()

    def numbers() -> Any:
        values = probes.parameters(make(probes, answer, FIXED))
        deeper = probes.parameters(make(probes, answer, (vocab_size, n_embd, n_head, n_layer + 1, block_size)))
        grown = parameters.in_matrices(deeper) - parameters.in_matrices(values)
        return [bool(tables(values, FIXED)[0]), len(tables(values, FIXED)[1]), grown / n_embd**2]

    def value(model: Any = None) -> Any:
        model = filled(probes, answer, FIXED, TABLE, PLACES, GAIN)
        out = first(model(IDX.clone()))
        return out.reshape(-1, out.shape[-1])[:5, :4]

    def loss() -> Any:
        model = filled(probes, answer, FIXED, TABLE, PLACES, GAIN)
        return model(IDX.clone(), TARGETS.clone())[1]

    def logits_with_targets() -> Any:
        return with_targets.about_logits(make(probes, answer, FIXED, seed=3), IDX.clone(), TARGETS.clone())

    def lost() -> bool:
        """Whether there is no loss for one token whose target has id 0."""
        try:
            return make(probes, answer, FIXED)(torch.tensor([[1]]), torch.tensor([[0]]))[1] is None
        except Exception:
            return False

    def loss_kind() -> str:
        return doubles.kind(loss())

    def leaks() -> bool:
        model = make(probes, answer, FIXED, seed=3)
        before, after = first(model(IDX.clone())), first(model(torch.cat([IDX[:, :3], 6 - IDX[:, 3:]], dim=1)))
        return bool(_modules.gap(after[:, :3], before[:, :3]) > _modules.SAME)

    def large() -> Any:
        if not _modules.passes(expect_value, probes, answer, FIXED, TABLE, PLACES, GAIN, IDX):
            return "not asked"
        return causality.leaks(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))

    def places_seen() -> bool:
        out = first(make(probes, answer, FIXED, seed=3)(torch.full((1, 5), 2)))
        return bool(_modules.gap(out[:, 1:], out[:, :1].expand_as(out[:, 1:])) > _modules.SAME)

    def reach() -> bool:
        model = make(probes, answer, FIXED)
        gains = _modules.gains(probes.parameters(model))
        probes.write(model, _modules.scattered(probes.parameters(model), torch.Generator().manual_seed(3)))
        return not _modules.unreached(probes, model, torch.cat([IDX, IDX[:, :4]], dim=1), also=gains)

    def norms() -> int:
        values = probes.parameters(make(probes, answer, FIXED))
        return len(_modules.gains(values))

    return {
        "without targets": lambda: parts(IDX.clone()),
        "with targets": lambda: parts(IDX.clone(), TARGETS.clone())[1:],
        "full length": lambda: parts(torch.cat([IDX, IDX[:, :4]], dim=1)),
        "numbers": numbers,
        "norms": norms,
        "value": value,
        "loss": loss,
        "loss kind": loss_kind,
        "loss lost": lost,
        "logits with targets": logits_with_targets,
        "starts alike": lambda: starts_alike(probes, answer, FIXED),
        "leaks": leaks,
        "leaks at large scores": large,
        "places": places_seen,
        "dropout": lambda: _modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), IDX),
        "reach": reach,
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def build(dropout: float | None, room: int | None) -> Any:
        return make(probes, answer, (*FIXED[:4], room or FIXED[4]), dropout or 0.0, seed=3)

    return kinds.Trial((IDX,), make=build, causal=True, past=True, any_length=True, ids=FIXED[0])


def check(answer: Callable[..., Any]) -> None:
    model = make(probes, answer, FIXED)
    logits_of(model(IDX.clone()), (2, 5, 7))
    expect_parameters(probes, answer, FIXED)
    expect_value(probes, answer, FIXED, TABLE, PLACES, GAIN, IDX)
    model = make(probes, answer, FIXED, seed=1)
    expect_loss(doubles, model, IDX.clone(), TARGETS.clone(), 7)
    expect_loss_gradients(doubles.parameter_gradients(model, IDX.clone(), TARGETS.clone()))
    _modules.expect_causal(lambda idx: model(idx)[0], IDX, 6 - IDX, (2, 5, 7), later_matter=False)
    causality.expect_mask_holds(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))
    _modules.expect_dropout(_modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), IDX))
    _modules.expect_gradients(probes, model, torch.cat([IDX, IDX[:, :4]], dim=1))
    expect_own_start(probes, answer, FIXED)
