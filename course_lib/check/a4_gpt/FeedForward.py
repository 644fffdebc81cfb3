"""Public check of `FeedForward(n_embd, dropout)`: two linear layers, four times wider between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import probes
from course_lib.check import kinds, parameters
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import expect, expect_shape

C = 12
RATE = 0.25
X = torch.sin(1.0 + 1.3 * torch.arange(2 * 5 * C)).reshape(2, 5, C) + torch.tensor([0.3, -0.4, 0.1, 0.5, -0.1])[:, None]


def make(lib: Any, answer: Any, n_embd: int, dropout: float = 0.0, seed: int | None = None) -> Any:
    """A module of the answer in evaluation mode; with a seed its parameters are scattered."""
    model = _modules.build(lib, answer, (n_embd,), dropout=dropout)
    if seed is not None:
        lib.write(model, _modules.scattered(lib.parameters(model), torch.Generator().manual_seed(seed)))
    return model


def levelled(lib: Any, answer: Any, n_embd: int, size: float, **options: Any) -> Any:
    model = _modules.build(lib, answer, (n_embd,), **options)
    lib.write(model, _modules.level(lib.parameters(model), size))
    return model


def fits(lib: Any, answer: Any, x: torch.Tensor) -> dict[str, float]:
    """Activation -> how far the levelled module is from two layers with this activation between them."""
    n_embd, gaps = x.shape[-1], dict.fromkeys(_modules.ACTIVATIONS, 0.0)
    for size in (_modules.LEVEL, -_modules.LEVEL):
        got = _modules.tensor(levelled(lib, answer, n_embd, size, dropout=0.3)(x), tuple(x.shape), "the output")
        for name, function in _modules.ACTIVATIONS.items():
            wanted = levelled(probes, probes.TwoLayers, n_embd, size, activation=function)(x).detach().double()
            gaps[name] = max(gaps[name], _modules.gap(got, wanted))
    return gaps


def expect_value(lib: Any, answer: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` unless the levelled module computes linear, ReLU or GELU, linear. x: (B, T, n_embd)."""
    name, off = min(fits(lib, answer, x).items(), key=lambda pair: pair[1])
    expect(
        off < _modules.SAME,
        f"with all weights ±{_modules.LEVEL} and biases 0 the output is off by {off:.2g} of its largest number from "
        f"two linear layers with {name} between them, the nearest of ReLU and GELU.",
        slip="another layer than two linear maps with an activation between",
    )


def dropped(lib: Any, answer: Any, n_embd: int, seed: int) -> list[Any]:
    """What dropout does to the output, see `_modules.dropped`."""
    x = torch.randn(20, 1, n_embd, generator=torch.Generator().manual_seed(seed))
    model = make(lib, answer, n_embd, RATE, seed)
    return _modules.dropped(lib, model, x, RATE, _modules.vectors(lib.parameters(model)))


def expect_dropped(lib: Any, answer: Any, n_embd: int, seed: int) -> None:
    """Raise `Wrong` if dropout takes whole tokens away."""
    whole, _, _ = dropped(lib, answer, n_embd, seed)
    expect(
        not whole, "dropout takes whole tokens away; it works on each number by itself.", slip="dropout of whole tokens"
    )


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Outcomes that are the same for ReLU and GELU, whatever the parameters are called."""
    if probes.loose_modules(make(probes, answer, C)):
        return {"registered": lambda: False}

    def value(size: float) -> Any:
        # Sums of ± 60 make hidden features of ± 9, where GELU is ReLU.
        x = torch.tensor([5.0, -5.0, 6.0]).reshape(1, 3, 1) + torch.tensor([20.0, -20.0] + [0.0] * (C - 2))
        out = levelled(probes, answer, C, size)(x.clone()).detach()
        return [list(out.shape), out[0, :, 0], (out - out[..., :1]).abs().max()]

    def activation() -> Any:
        return "right" if min(fits(probes, answer, X).values()) < _modules.SAME else "other"

    def alone() -> Any:
        model = make(probes, answer, C, seed=3)
        return bool(_modules.gap(model(X.clone())[:, 2:3], model(X[:, 2:3].clone())) > _modules.SAME)

    def dropout() -> Any:
        facts = _modules.modes(probes, lambda rate: make(probes, answer, C, rate, seed=3), X)
        return _modules.about_dropout(
            facts,
            lambda: _modules.passes(expect_value, probes, answer, X),
            lambda: dropped(probes, answer, C, 3),
        )

    return {
        "matrices": lambda: parameters.in_matrices(probes.parameters(make(probes, answer, C))) / C**2,
        "value": lambda: value(_modules.LEVEL),
        "negative": lambda: value(-_modules.LEVEL),
        "activation": activation,
        "alone": alone,
        "dropout": dropout,
        "start alike": lambda: _modules.starts_alike(probes, lambda: make(probes, answer, C)),
        "slope": lambda: _modules.slope_is_right(probes, make(probes, answer, C, seed=3), X),
        "reach": lambda: not _modules.unreached(probes, make(probes, answer, C, seed=3), X),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def build(dropout: float | None, room: int | None) -> Any:
        return make(probes, answer, C, dropout or 0.0, seed=3)

    return kinds.Trial((X,), make=build, any_length=True)


def check(answer: Callable[..., Any]) -> None:
    model = make(probes, answer, C)
    expect_shape(model(X), tuple(X.shape), f"the output for x {tuple(X.shape)}")
    _modules.expect_matrices(
        probes, model, 8 * C**2, "two linear layers with a hidden width of 4 · n_embd, 8 · n_embd²"
    )
    expect_value(probes, answer, X)
    model = make(probes, answer, C, seed=1)
    _modules.expect_rows_apart(model, X, tuple(X.shape))
    _modules.expect_dropout(_modules.modes(probes, lambda rate: make(probes, answer, C, rate, seed=3), X))
    expect_dropped(probes, answer, C, 4)
    _modules.expect_random_start(probes, lambda: make(probes, answer, C))
    _modules.expect_gradients(probes, model, X)
    _modules.expect_slope(probes, model, X)
