"""Public check of `fuse_heads(multi, fused)`: the weights of separate heads in one fused layer.

It runs on the two classes that stand in the same notebook under the names MultiHeadAttention and CausalSelfAttention.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib import probes
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import describe, expect

FIXED = (12, 3, 8)  # n_embd, n_head, block_size
X = torch.sin(1.0 + 1.3 * torch.arange(2 * 5 * 12)).reshape(2, 5, 12)


def _classes(answer: Callable[..., Any]) -> tuple[Any, Any]:
    return probes.neighbour(answer, "MultiHeadAttention"), probes.neighbour(answer, "CausalSelfAttention")


def pair(lib: Any, multi: Any, fused: Any, sizes: tuple[int, int, int], seed: int = 3) -> tuple[Any, Any]:
    """A MultiHeadAttention and a CausalSelfAttention in evaluation mode, scattered differently."""
    generator = torch.Generator().manual_seed(seed)
    models = []
    for answer in (multi, fused):
        model = _modules.build(lib, answer, sizes)
        lib.write(model, _modules.scattered(lib.parameters(model), generator))
        models.append(model)
    return models[0], models[1]


def difference(multi: Any, fused: Any, x: torch.Tensor) -> float:
    """How far the outputs of both are apart, relative to the largest number."""
    shape = tuple(x.shape)
    return _modules.gap(
        _modules.tensor(fused(x.clone()), shape, "the output of fused"),
        _modules.tensor(multi(x.clone()), shape, "the output of multi"),
    )


def expect_equal(lib: Any, answer: Any, multi: Any, fused: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` unless both compute the same after `answer(multi, fused)`, which returns None."""
    before = difference(multi, fused, x)
    expect(before > 1e-3, "the two modules agree before their weights are moved, so that nothing can be tested.")
    returned = answer(multi, fused)
    expect(
        returned is None, f"fuse_heads changes fused in place and returns None, yours returned {describe(returned)}."
    )
    off = difference(multi, fused, x)
    expect(
        off < _modules.SAME,
        f"after fuse_heads(multi, fused) the outputs still differ, by up to {off:.2g} of the largest number.\n"
        "Hint: head h has its rows in each of the three parts; the projection moves too, and so do all biases.",
    )


def expect_apart(lib: Any, answer: Any, multi: Any, fused: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` unless multi is left as it is, and nothing is shared."""
    kept, names = lib.parameters(multi), list(lib.parameters(fused))
    answer(multi, fused)
    now = lib.parameters(multi)
    same = list(now) == list(kept) and all(torch.equal(now[name], kept[name]) for name in kept)
    expect(same, "multi should be left as it is.")
    expect(
        list(lib.parameters(fused)) == names, "fused has other parameters than before; copy numbers into those it has."
    )
    shape = tuple(x.shape)
    before = _modules.tensor(fused(x.clone()), shape, "the output of fused")
    lib.write(multi, {name: torch.zeros_like(value) for name, value in kept.items()})
    after = _modules.tensor(fused(x.clone()), shape, "the output of fused")
    expect(
        _modules.gap(after, before) < 1e-6,
        "when multi changes later, fused changes too: they share a layer. Copy the numbers.",
    )


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Where the two agree afterwards: everywhere, for one token, for one head, without biases, with even weights."""
    classes = _classes(answer)

    def agree(x: torch.Tensor, n_head: int = 3, without_biases: tuple[int, ...] = ()) -> bool:
        models = pair(probes, *classes, (FIXED[0], n_head, FIXED[2]))
        for which in without_biases:
            values = probes.parameters(models[which])
            probes.write(models[which], {n: torch.zeros_like(v) for n, v in values.items() if _modules.is_vector(v)})
        answer(*models)
        return difference(*models, x) < _modules.SAME

    def one_feature_each() -> bool:
        """The same where a head is one row, so that rows can stand in the wrong order only if heads do."""
        models = pair(probes, *classes, (3, 3, FIXED[2]))
        answer(*models)
        return difference(*models, X[..., :3]) < _modules.SAME

    def symmetric() -> bool:
        """The same where multi's square matrices, its projection above all, are their own transposes."""
        models = pair(probes, *classes, FIXED)
        values = probes.parameters(models[0])
        square = {n: v + v.T for n, v in values.items() if tuple(v.shape) == (FIXED[0], FIXED[0])}
        probes.write(models[0], square)
        answer(*models)
        return difference(*models, X) < _modules.SAME

    def equal_parts() -> bool:
        """The same where all of multi's matrices of one shape hold the same numbers, so that only layouts differ."""
        models = pair(probes, *classes, FIXED)
        values = probes.parameters(models[0])
        of_shape = {tuple(v.shape): v for v in values.values()}
        probes.write(models[0], {n: of_shape[tuple(v.shape)] for n, v in values.items() if not _modules.is_vector(v)})
        answer(*models)
        return difference(*models, X) < _modules.SAME

    def recorded() -> bool:
        with torch.no_grad():
            return agree(X)

    def fused_without(n_head: int, names: list[str]) -> str:
        """What the fused module does when these matrices of multi were 0: "constant", "even" weights, or "other"."""
        multi, fused = pair(probes, *classes, (FIXED[0], n_head, FIXED[2]))
        probes.write(multi, {name: torch.zeros_like(probes.parameters(multi)[name]) for name in names})
        answer(multi, fused)
        return _behaviour(fused)

    def single() -> list[list[str]]:
        multi, _ = pair(probes, *classes, (FIXED[0], 1, FIXED[2]))
        values = probes.parameters(multi)
        found = []
        for name in (name for name, value in values.items() if not _modules.is_vector(value)):
            probes.write(multi, {**values, name: torch.zeros_like(values[name])})
            found.append([_behaviour(multi), fused_without(1, [name])])
        return sorted(found)

    def no_scores() -> str:
        multi, _ = pair(probes, *classes, FIXED)
        values = probes.parameters(multi)
        one_token, names = multi(X[:, :1]).detach(), []
        for name in (name for name, value in values.items() if not _modules.is_vector(value)):
            probes.write(multi, {**values, name: torch.zeros_like(values[name])})
            if _modules.gap(multi(X[:, :1]), one_token) < 1e-6:
                names.append(name)
        return fused_without(3, names)

    def filled() -> float:
        multi, fused = pair(probes, *classes, FIXED)
        probes.write(fused, {n: torch.zeros_like(v) for n, v in probes.parameters(fused).items()})
        answer(multi, fused)
        values = probes.parameters(fused)
        numbers = torch.cat([v.flatten() for v in values.values() if not _modules.is_vector(v)])
        return len(numbers[numbers != 0].unique()) / FIXED[0] ** 2

    def apart() -> bool:
        multi, fused = pair(probes, *classes, FIXED)
        answer(multi, fused)
        before = fused(X.clone()).detach()
        probes.write(multi, {n: torch.zeros_like(v) for n, v in probes.parameters(multi).items()})
        return bool(_modules.gap(fused(X.clone()), before) < 1e-6)

    def multi_kept() -> bool:
        multi, fused = pair(probes, *classes, FIXED)
        before = multi(X.clone()).detach()
        answer(multi, fused)
        return bool(_modules.gap(multi(X.clone()), before) < 1e-6)

    def returned() -> str:
        return describe(answer(*pair(probes, *classes, FIXED)))

    return {
        "all": lambda: agree(X),
        "one token": lambda: agree(X[:, :1]),
        "one head": lambda: agree(X, n_head=1),
        "no biases": lambda: agree(X, without_biases=(0, 1)),
        "no bias in fused": lambda: agree(X, without_biases=(1,)),
        "even weights": lambda: agree(1e-3 * X, without_biases=(0, 1)),
        "heads of one feature": one_feature_each,
        "symmetric projection": symmetric,
        "equal parts": equal_parts,
        "gradients off": recorded,
        "one matrix 0": single,
        "no scores": no_scores,
        "filled": filled,
        "apart": apart,
        "multi kept": multi_kept,
        "returned": returned,
    }


def _behaviour(model: Any) -> str:
    """What attention does: "constant" output, "even" weights (the mean of what single tokens give), or "other"."""
    out, one = model(X.clone()).detach(), model(X.reshape(-1, 1, FIXED[0])).detach().reshape(X.shape)
    if _modules.gap(out, out[:1, :1].expand_as(out)) < _modules.SAME:
        return "constant"
    even = one.cumsum(1) / torch.arange(1, X.shape[1] + 1)[:, None]
    return "even" if _modules.gap(out, even) < _modules.SAME else "other"


def check(answer: Callable[..., Any]) -> None:
    classes = _classes(answer)
    for sizes in (FIXED, (12, 2, 8)):
        expect_equal(probes, answer, *pair(probes, *classes, sizes), X)
    expect_apart(probes, answer, *pair(probes, *classes, FIXED), X)
