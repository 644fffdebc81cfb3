"""What the checks of `Block` and `PostNormBlock` share: the wiring of attention, feed-forward layer, norms and sums.

A block is judged by itself: where it calls MultiHeadAttention, FeedForward or LayerNorm, torch's own layers stand in.
The measure is torch's transformer layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import doubles, probes
from course_lib.check import causality, kinds, parameters
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import expect, expect_shape

Sizes = tuple[int, int, int]  # n_embd, n_head, block_size
PIECES = ("LayerNorm", "FeedForward", "MultiHeadAttention", "CausalSelfAttention")
FIXED: Sizes = (12, 2, 14)  # a block_size above n_embd, so that one is not taken for the other
X = (
    torch.sin(1.0 + 1.3 * torch.arange(2 * 5 * 12)).reshape(2, 5, 12) * torch.linspace(0.6, 1.5, 5)[:, None]
)  # (B, T, C)
FULL = torch.cat([X, X.flip(1), X[:, :4]], dim=1)  # as long as block_size
MANY = torch.randn(16, 5, FIXED[0], generator=torch.Generator().manual_seed(2))  # so that a ReLU lets some through
GAIN = 0.5 + 2 * torch.sin(2.0 * torch.arange(12))


def make(lib: Any, answer: Any, sizes: Sizes, dropout: float = 0.0, seed: int | None = None) -> Any:
    """A block in evaluation mode; with a seed its parameters are scattered."""
    model = _modules.build(lib, answer, sizes, PIECES, torch.zeros(1, 2, sizes[0]), dropout=dropout)
    if seed is not None:
        lib.write(model, _modules.scattered(lib.parameters(model), torch.Generator().manual_seed(seed)))
    return model


def signed(
    lib: Any, answer: Any, sizes: Sizes, gain: torch.Tensor, own_axis: int = 0, size: float = _modules.LEVEL
) -> Any:
    """A block whose matrices hold ± one number, and whose layer norms have this gain."""
    model = make(lib, answer, sizes, 0.3 if lib is not probes else 0.0)
    lib.write(model, _modules.signs(lib.parameters(model), lib.kinds(model), gain, own_axis=own_axis, size=size))
    return model


def expect_value(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor, gain: torch.Tensor, norm_first: bool) -> None:
    """Raise `Wrong` unless the signed block gives what torch's own gives with the same weights. x: (B, T, n_embd)."""
    model = make(lib, answer, sizes)
    axes = _modules.own_axes(lib.parameters(model), lib.kinds(model))
    outs = [
        _modules.tensor(signed(lib, answer, sizes, gain, axis)(x.clone()), tuple(x.shape), "the output")
        for axis in axes
    ]
    off = float("inf")
    for function in _modules.ACTIVATIONS.values():
        layer = probes.Layer(*sizes, activation=function, norm_first=norm_first).eval()
        values = _modules.signs(probes.parameters(layer), probes.kinds(layer), gain)
        probes.write(layer, values)
        off = min(off, *(_modules.gap(out, layer(x).detach().double()) for out in outs))
    order = "normalise, compute, add" if norm_first else "compute, add, normalise"
    expect(
        off < _modules.SAME,
        f"with all weights ±{_modules.LEVEL} and biases 0 the output is off by up to {off:.2g} of its largest number.\n"
        f"Hint: first attention, then the feed-forward layer; for each of them: {order}.",
    )


def large_scores(lib: Any, answer: Any, sizes: Sizes, generator: torch.Generator) -> tuple[Any, ...]:
    """What the functions of `check.causality` take. A block may bring attention of its own."""
    model = make(lib, answer, sizes)
    x, other = (torch.randn(16, 6, sizes[0], generator=generator) for _ in "ab")
    return _modules.spreader(lib, model, generator), lambda tokens: model(tokens), x, other, sizes[0]


def value_is_right(answer: Any) -> bool:
    """Whether a block is right with known weights, on whichever side its norms are."""
    return any(_modules.passes(expect_value, probes, answer, FIXED, X, GAIN, first) for first in (True, False))


def expect_norms(lib: Any, model: Any, n_embd: int) -> list[str]:
    """Names of the two gains. Raises `Wrong` unless there are two."""
    values = lib.parameters(model)
    found = [name for name in _modules.gains(values) if values[name].numel() == n_embd]
    expect(
        len(found) == 2,
        f"a block has two layer norms, with a gain each; yours has {len(found)}.",
        slip="another number of layer norms than two",
    )
    return found


def still(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor) -> torch.Tensor:
    """The output when all matrices and biases are 0: what the residual connections and norms do alone."""
    model = signed(lib, answer, sizes, torch.ones(sizes[0]), size=0.0)
    return _modules.tensor(model(x.clone()), tuple(x.shape), "the output")


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Outcomes that no name or layout of parameters changes."""
    n_embd = FIXED[0]
    if probes.loose_modules(make(probes, answer, FIXED)):
        return {"registered": lambda: False}

    def value() -> Any:
        model = make(probes, answer, FIXED)
        axis = _modules.own_axes(probes.parameters(model), probes.kinds(model))[-1]
        out = signed(probes, answer, FIXED, GAIN, axis)(X.clone()).detach()
        return [list(out.shape), out[0, :, :4]]

    def full() -> Any:
        return list(make(probes, answer, FIXED)(FULL).shape)

    def leaks() -> bool:
        model = make(probes, answer, FIXED, seed=3)
        before, after = model(X.clone()), model(torch.cat([X[:, :3], -X[:, 3:]], dim=1))
        return bool(_modules.gap(after[:, :3], before[:, :3]) > _modules.SAME)

    def norms() -> int:
        values = probes.parameters(make(probes, answer, FIXED))
        return sum(values[name].numel() == n_embd for name in _modules.gains(values))

    def reach() -> list[Any]:
        model = make(probes, answer, FIXED)
        gains = _modules.gains(probes.parameters(model))
        probes.write(model, _modules.scattered(probes.parameters(model), torch.Generator().manual_seed(3)))
        dead = _modules.unreached(probes, model, MANY, also=gains)
        return [all(name in gains for name in dead), sum(name in gains for name in dead)]

    def input_kept() -> bool:
        x = X.clone()
        with torch.no_grad():
            make(probes, answer, FIXED)(x)
        return bool((x == X).all())

    def large() -> Any:
        if not value_is_right(answer):
            return "not asked"
        return causality.leaks(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))

    def dropout() -> Any:
        facts = _modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), X)
        return _modules.about_dropout(
            facts,
            lambda: value_is_right(answer),
            lambda: dropped(probes, answer, FIXED, X, 3),
        )

    return {
        "matrices": lambda: parameters.in_matrices(probes.parameters(make(probes, answer, FIXED))) / n_embd**2,
        "norms": norms,
        "value": value,
        "still": lambda: still(probes, answer, FIXED, X)[0, 1:3, :4],
        "full length": full,
        "leaks": leaks,
        "leaks at large scores": large,
        "dropout": dropout,
        "reach": reach,
        "slope": lambda: _modules.slope_is_right(probes, make(probes, answer, FIXED, seed=3), X),
        "start alike": lambda: _modules.starts_alike(probes, lambda: make(probes, answer, FIXED)),
        "input kept": input_kept,
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def build(dropout: float | None, room: int | None) -> Any:
        return make(probes, answer, (*FIXED[:2], room or FIXED[2]), dropout or 0.0, seed=3)

    return kinds.Trial((X,), make=build, causal=True, past=True, any_length=True)


def check(answer: Callable[..., Any], norm_first: bool) -> None:
    """The public check, on fixed inputs."""
    n_embd = FIXED[0]
    model = make(probes, answer, FIXED)
    expect_shape(model(X.clone()), tuple(X.shape), f"the output for x {tuple(X.shape)}")
    _modules.expect_matrices(probes, model, 12 * n_embd**2, "attention and feed-forward layer, 12 · n_embd²")
    gains = expect_norms(probes, model, n_embd)
    expect_still(probes, answer, FIXED, X, norm_first)
    expect_value(probes, answer, FIXED, X, GAIN, norm_first)
    _modules.expect_input_kept(doubles, model, X)
    model = make(probes, answer, FIXED, seed=1)
    _modules.expect_causal(model, X, X.flip(1) + 1, tuple(X.shape))
    causality.expect_mask_holds(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))
    _modules.expect_dropout(_modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), X))
    expect_dropped(probes, answer, FIXED, X, 4)
    _modules.expect_gradients(probes, model, MANY, also=gains)
    _modules.expect_slope(probes, model, X)
    _modules.expect_random_start(probes, lambda: make(probes, answer, FIXED))
    _modules.tensor(make(probes, answer, FIXED)(FULL), tuple(FULL.shape), f"the output for {FIXED[2]} tokens")


def expect_still(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor, norm_first: bool) -> None:
    """Raise `Wrong` unless a block of zero matrices hands its input on (normalised, if norms come last)."""
    got = still(lib, answer, sizes, x)
    wanted = x.double()
    if not norm_first:
        wanted = torch.nn.functional.layer_norm(wanted, wanted.shape[-1:])
    off = _modules.gap(got, wanted)
    what = "its input, unchanged" if norm_first else "its input, normalised"
    expect(
        off < 1e-3,  # a second normalisation moves numbers by eps over the variance, some 1e-5
        f"with all weights 0 the sums hand on what was there: expected {what}; yours is off by up to {off:.2g}.",
    )


def dropped(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor, seed: int) -> dict[str, bool]:
    """Where dropout works in training: in the attention, in the feed-forward layer, on what is left without both."""
    model = make(lib, answer, sizes, 0.5)
    model.train()
    fresh = lib.parameters(model)
    gains, values = _modules.gains(fresh), _modules.scattered(fresh, torch.Generator().manual_seed(seed))

    def varies(kept: Callable[[bool], bool]) -> bool:
        filled = {}
        for name, value in values.items():
            wide = 4 * sizes[0] in value.shape  # a matrix of the feed-forward layer
            keep = name in gains or (not _modules.is_vector(value) and kept(wide))
            filled[name] = value if keep else torch.zeros_like(value)
        lib.write(model, filled)
        first, second = (_modules.tensor(model(x.clone()), tuple(x.shape), "the output") for _ in "ab")
        return _modules.gap(first, second) > _modules.SAME

    return {
        "attention": varies(lambda wide: not wide),
        "feed-forward layer": varies(lambda wide: wide),
        "elsewhere": varies(lambda wide: False),
    }


def expect_dropped(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor, seed: int) -> None:
    """Raise `Wrong` unless dropout works in both sub-layers, and not on the residual path."""
    facts = dropped(lib, answer, sizes, x, seed)
    for part in ("attention", "feed-forward layer"):
        expect(
            facts[part],
            f"with dropout=0.5 nothing is dropped in the {part}: hand dropout on to it.",
            slip="dropout that is not handed on",
        )
    expect(
        not facts["elsewhere"],
        "dropout acts on the residual path; it belongs inside the two sub-layers only.",
        slip="dropout on the residual path",
    )
