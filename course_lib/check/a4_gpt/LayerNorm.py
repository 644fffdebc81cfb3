"""Public check of `LayerNorm(n_embd, eps)`: each token's features to mean 0 and variance 1, then gain and bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from course_lib import doubles, probes
from course_lib.check import kinds
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import expect, expect_close, expect_shape

C = 6
X = (
    torch.tensor([0.5, 2.0, -1.0]).repeat(2)[:, None, None] * torch.sin(1.7 * torch.arange(6 * 4 * C)).reshape(6, 4, C)
    + 3
)
X = X[:2, :3]  # (B, T, C)
FORBIDDEN = ("layer_norm", "group_norm")


def learned(values: dict[str, torch.Tensor], n_embd: int) -> tuple[str, str]:
    """Names of the gain and the bias of a fresh layer. Raises `Wrong` unless there are these two parameters."""
    ones = [name for name, v in values.items() if v.numel() == n_embd and bool((v == 1).all())]
    zeros = [name for name, v in values.items() if v.numel() == n_embd and bool((v == 0).all())]
    expect(
        len(values) == len(ones) + len(zeros) == 2 and len(ones) == 1,
        f"expected two learned parameters, a gain of {n_embd} ones and a bias of {n_embd} zeros; a fresh layer of "
        f"yours has {len(values)} parameters, {len(ones)} of {n_embd} ones and {len(zeros)} of {n_embd} zeros.",
        slip="other parameters than one gain and one bias",
    )
    return ones[0], zeros[0]


def filled(lib: Any, answer: Any, gain: torch.Tensor, bias: torch.Tensor, *eps: float) -> Any:
    """A layer with this gain and bias, each (n_embd,). eps: the argument, if any."""
    model = _modules.build(lib, answer, (len(gain), *eps))
    values = lib.parameters(model)
    names = learned(values, len(gain))
    lib.write(model, {name: v.reshape(values[name].shape) for name, v in zip(names, (gain, bias), strict=True)})
    return model


def shortcuts(counts: dict[str, int]) -> bool:
    """Whether torch's own layer norm is among the operations."""
    return any(part in name for name in counts for part in FORBIDDEN)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Fresh layers on inputs of ordinary and of tiny variance, the meaning of eps, gain and bias, what is learned."""

    def fresh(*args: Any) -> Any:
        return _modules.build(probes, answer, (C, *args))

    def kinds() -> Any:
        found = [sorted({float(n) for n in v.flatten()}) for v in probes.parameters(fresh()).values()]
        return sorted("ones" if v == [1.0] else "zeros" if v == [0.0] else "other" for v in found)

    def scaled() -> Any:
        model = fresh()
        values = probes.parameters(model)
        ramp = torch.linspace(1, 2, C)
        probes.write(model, {n: (v + ramp.reshape(v.shape) if v.numel() == C else v) for n, v in values.items()})
        return model(X.clone())

    def reach() -> Any:
        model = fresh()
        probes.write(model, {n: v + 0.5 for n, v in probes.parameters(model).items()})
        found = probes.gradients(model, X.clone())
        return [g is not None and bool((g != 0).any()) for g in found.values()]

    def input_kept() -> bool:
        x = X.clone()
        with torch.no_grad():
            fresh()(x)
        return bool((x == X).all())

    first, second = (probes.parameters(fresh()) for _ in "ab")
    if not all(torch.equal(value, second[name]) for name, value in first.items()):
        return {"parameters": kinds, "starts alike": lambda: False}  # what comes out is drawn
    return {
        "fresh": lambda: fresh()(X.clone()),
        "tiny variance": lambda: fresh()(X[:1, :1].clone() * 2e-3),
        "eps": lambda: fresh(0.5)(X[:1].clone()),
        "two axes": lambda: fresh()(X[0].clone()),
        "parameters": kinds,
        "gain and bias": scaled,
        "reach": reach,
        "loose": lambda: bool(probes.left_behind(fresh(), X)),
        "input kept": input_kept,
        "slope": lambda: _modules.slope_is_right(probes, fresh(), X.flatten(0, 1)[:, None]),
        "shortcut": lambda: shortcuts(probes.operations(fresh(), X.clone())),
    }


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""
    return kinds.Trial((X,), make=lambda dropout, room: kinds.random_numbers(answer(C)), any_length=True)


def check(answer: Callable[..., Any]) -> None:
    model = _modules.build(probes, answer, (C,))
    out = expect_shape(model(X), tuple(X.shape), f"the output for x {tuple(X.shape)}")
    zeros = torch.zeros(2, 3)
    expect_close(
        out.mean(-1),
        zeros,
        "the mean of each token's features",
        atol=1e-5,
        reveal=True,
        slip="features whose mean is not taken away",
    )
    hint = "the variance is the mean of the squared distances from the mean: divided by n_embd, not by n_embd - 1."
    expect_close(
        out.var(-1),
        zeros + 1,
        "the variance of each token's features",
        atol=1e-3,
        hint=hint,
        reveal=True,
        slip="features whose variance is not 1",
    )
    learned(probes.parameters(model), C)
    gain, bias = torch.linspace(1, 2, C), torch.linspace(-1, 1, C)
    got = filled(probes, answer, gain, bias)(X[0])
    expect_close(
        got, F.layer_norm(X[0], (C,), gain, bias), "the output with another gain and bias", atol=1e-4, reveal=True
    )
    for eps in (0.5, 1e-5):
        small = 0.01 * X[0]
        got = filled(probes, answer, gain, bias, eps)(small)
        wanted = F.layer_norm(small, (C,), gain, bias, eps)
        asked = f"the output for features of small variance, eps={eps}"
        expect_close(
            got,
            wanted,
            asked,
            atol=1e-4,
            rtol=1e-3,
            hint="eps is added to the variance, inside the root.",
            reveal=True,
            slip="eps that is used otherwise than added to the variance",
        )
    found = probes.gradients(model, X)
    expect(all(g is not None for g in found.values()), "no gradient reaches the gain or the bias.")
    _modules.expect_slope(probes, model, X.flatten(0, 1)[:, None])  # each token by itself: no chance hides a gradient
    _modules.expect_input_kept(doubles, model, X)
    expect(
        not shortcuts(probes.operations(model, X)),
        "write the normalisation out, without torch's own layer norm.",
        slip="torch's own layer norm",
    )
    expect_shape(model(X[0]), tuple(X[0].shape), "the output for x without a batch axis")
