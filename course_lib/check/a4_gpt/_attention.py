"""What the checks of `MultiHeadAttention` and `CausalSelfAttention` share: causal attention with several heads, and a
projection. torch's own multi-head attention is the measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from course_lib import probes
from course_lib.check import causality, kinds, parameters
from course_lib.check.a4_gpt import _modules
from course_lib.check.expect import expect, expect_shape

Sizes = tuple[int, int, int]  # n_embd, n_head, block_size
FIXED: Sizes = (24, 4, 8)
X = torch.sin(1.0 + 1.3 * torch.arange(2 * 5 * 24)).reshape(2, 5, 24)  # (B, T, C)
X = X + torch.tensor([0.2, -0.25, 0.1, 0.3, -0.15])[:, None]


def make(lib: Any, answer: Any, sizes: Sizes, dropout: float = 0.0, seed: int | None = None, scale: float = 1.0) -> Any:
    """A module of the answer in evaluation mode; with a seed its parameters are scattered, see `_modules.scattered`."""
    model = _modules.build(lib, answer, sizes, dropout=dropout)
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        lib.write(model, _modules.scattered(lib.parameters(model), generator, scale))
    return model


def levelled(lib: Any, answer: Any, sizes: Sizes, dropout: float = 0.0) -> Any:
    """A module whose matrices hold one number each, in evaluation mode."""
    model = make(lib, answer, sizes, dropout)
    lib.write(model, _modules.level(lib.parameters(model)))
    return model


def expect_value(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor) -> None:
    """Raise `Wrong` unless the levelled module gives what torch's own gives when levelled. x: (B, T, n_embd)."""
    n_embd, n_head, _ = sizes
    wanted = levelled(probes, probes.Attention, sizes)(x).detach().double()
    got = _modules.tensor(levelled(lib, answer, sizes, 0.3)(x), tuple(x.shape), f"the output for x {tuple(x.shape)}")
    off = _modules.gap(got, wanted)
    expect(
        off < _modules.SAME,
        f"with all weights {_modules.LEVEL} and biases 0, {n_head} heads of {n_embd // n_head}, the output for "
        f"{x.shape[1]} tokens is off by up to {off:.2g} of its largest number.\n"
        "Hint: scores scaled by the root of the head size, masked, softmax over the keys; heads side by side, then a "
        "projection.",
    )


def expect_heads(lib: Any, answer: Any, sizes: Sizes, generator: torch.Generator) -> None:
    """Raise `Wrong` unless there are n_head different heads, side by side."""
    n_embd, n_head, _ = sizes
    seed = int(torch.randint(1 << 30, (1,), generator=generator))
    model = make(lib, answer, sizes, seed=seed, scale=1.7)  # large enough for weights that vary from 0 to 1
    seen = _modules.heads_seen(model, n_embd, generator)
    expect(
        seen == n_head, f"n_head={n_head}: your heads attend in {seen} different ways.", slip="heads that attend alike"
    )
    rank = _modules.one_token_rank(model, n_embd)
    expect(
        rank != -1,
        "for a single token the output is not linear in it, up to a constant, as a weight of 1 would make it.",
    )
    # Summed heads leave rank n_embd / n_head; two thirds of a random square matrix's singular values are far above 0.
    expect(
        rank > n_embd * 2 // 3,
        f"all heads together bring {rank} of {n_embd} features home. Put the heads side by side: torch.cat.",
        slip="heads that are not put side by side",
    )


def large_scores(lib: Any, answer: Any, sizes: Sizes, generator: torch.Generator) -> tuple[Any, ...]:
    """What the functions of `check.causality` take: how to fill a module, the module, two inputs, its width."""
    n_embd, _, block_size = sizes
    model = make(lib, answer, sizes)
    # 16 sequences, 2 heads or more: that no first token scores below the mask with itself is rarer than 1e-9.
    x, other = (torch.randn(16, block_size, n_embd, generator=generator) for _ in "ab")
    return _modules.spreader(lib, model, generator), model, x, other, n_embd


def dropped(lib: Any, answer: Any, sizes: Sizes, seed: int) -> list[Any]:
    """What dropout does to single tokens, see `_modules.dropped`. One head, whose weight is 1 or dropped."""
    n_embd, _, block_size = sizes
    model = make(lib, answer, (n_embd, 1, block_size), 0.25, seed)
    # Which parameters are biases several heads show; with one, a matrix (3, C, n_head, head_size) looks like a vector.
    biases = _modules.vectors(lib.parameters(make(lib, answer, sizes)))
    # Of 100 tokens none is dropped once in 3e12 times.
    x = torch.randn(100, 1, n_embd, generator=torch.Generator().manual_seed(seed))
    return _modules.dropped(lib, model, x, 0.25, biases)


def expect_dropped(lib: Any, answer: Any, sizes: Sizes, seed: int) -> None:
    """Raise `Wrong` unless dropout works on the weights of the heads, on the output or on both, and nowhere else."""
    weights, output, power = dropped(lib, answer, sizes, seed)
    expect(
        power == weights + output,
        "dropout acts in other places than on the weights of the heads and on the output.",
        slip="dropout in other places than weights and output",
    )


def operations(lib: Any, answer: Any, sizes: Sizes, x: torch.Tensor) -> int:
    """How many products of matrices one call needs."""
    counts = lib.operations(make(lib, answer, sizes), x)
    names = ("mm", "addmm", "bmm", "baddbmm", "matmul", "linear", "einsum", "dot", "mv")
    return sum(int(count) for name, count in counts.items() if name in names or "attention" in name)


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Outcomes that no layout or name of parameters changes."""
    n_embd, n_head, block_size = FIXED
    if probes.loose_modules(make(probes, answer, FIXED)):
        return {"registered": lambda: False}

    def matrices() -> Any:
        values = probes.parameters(make(probes, answer, FIXED))
        return parameters.in_matrices(values) / n_embd**2

    def value() -> Any:
        out = levelled(probes, answer, FIXED)(X).detach()
        return [list(out.shape), out[0, :, 0], (out - out[..., :1]).abs().max()]

    def full() -> Any:
        x = torch.cat([X, X[:, :3]], dim=1)
        return list(levelled(probes, answer, FIXED)(x).shape)

    def leaks() -> Any:
        model = make(probes, answer, FIXED, seed=3)
        before, after = model(X), model(torch.cat([X[:, :3], -X[:, 3:]], dim=1))
        return [bool(_modules.gap(after[:, :3], before[:, :3]) > _modules.SAME), bool((before != before).any())]

    def rows() -> Any:
        model = make(probes, answer, FIXED, seed=3)
        return [bool(_modules.gap(model(X)[row], model(X[row : row + 1])[0]) > _modules.SAME) for row in (0, 1)]

    def heads(features: int, wanted: int = n_head) -> Any:
        model = make(probes, answer, (n_embd, wanted, block_size), seed=3, scale=1.7)
        seen = _modules.heads_seen(model, n_embd, torch.Generator().manual_seed(5), features)
        return "n_head" if seen == wanted else "more" if seen > wanted else seen

    def together() -> Any:
        rank = _modules.one_token_rank(make(probes, answer, FIXED, seed=3), n_embd)
        return rank if rank < 0 else "most" if rank > n_embd * 2 // 3 else "few"

    def in_sequences() -> str:
        model = make(probes, answer, FIXED, seed=3, scale=1.7)
        out = model(torch.randn(20, 5, n_embd, generator=torch.Generator().manual_seed(6))).detach().reshape(-1, n_embd)
        values = torch.linalg.svdvals(out - out.mean(0))
        return "most" if int((values > 1e-5 * values[0]).sum()) > n_embd * 2 // 3 else "few"

    def grows() -> bool:
        model = make(probes, answer, FIXED, seed=3)
        before = model(X[:, :2])
        return bool(_modules.gap(model(X)[:, :2], before) > _modules.SAME)

    def symmetric() -> bool:
        u, v = torch.randn(2, n_embd, generator=torch.Generator().manual_seed(8))
        model = make(probes, answer, (n_embd, 1, block_size), seed=3)
        return abs(_preference(model, u, v) - _preference(model, v, u)) < 1e-3

    def large() -> Any:
        """Asked only where the output is right, so that it hides no mistake that weighs more."""
        if not _modules.passes(expect_value, probes, answer, FIXED, X):
            return "not asked"
        return causality.leaks(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))

    def dropout() -> Any:
        facts = _modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), X)
        return _modules.about_dropout(
            facts,
            lambda: _modules.passes(expect_value, probes, answer, FIXED, X),
            lambda: dropped(probes, answer, FIXED, 3),
        )

    return {
        "matrices": matrices,
        "value": value,
        "full length": full,
        "leaks": leaks,
        "leaks at large scores": large,
        "rows": rows,
        "heads": lambda: heads(n_embd),
        "other heads": lambda: heads(n_embd, 2),
        "heads in the first features": lambda: heads(n_embd // n_head),
        "together": together,
        "together in sequences": in_sequences,
        "changed by a shorter text": grows,
        "start alike": lambda: _modules.starts_alike(probes, lambda: make(probes, answer, FIXED)),
        "dropout": dropout,
        "unreached": lambda: _modules.unreached_share(probes, make(probes, answer, FIXED, seed=3), X),
        "slope": lambda: _modules.slope_is_right(probes, make(probes, answer, FIXED, seed=3), X),
        "symmetric": symmetric,
        "loose": lambda: bool(probes.left_behind(make(probes, answer, FIXED), X)),
    }


def _preference(model: Any, query: torch.Tensor, apart: torch.Tensor) -> float:
    """With one head and no biases: how much more a query scores with the key of query + 0.2 apart than with its own."""
    values = probes.parameters(model)
    probes.write(model, {name: torch.zeros_like(v) for name, v in values.items() if _modules.is_vector(v)})
    x = torch.stack([query + 0.2 * apart, query])[None]
    own, other, both = model(x[:, 1:])[0, 0], model(x[:, :1])[0, 0], model(x)[0, 1]
    share = (both - own) @ (other - own) / (other - own).square().sum()
    return float(torch.logit(share.detach()))


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def build(dropout: float | None, room: int | None) -> Any:
        return make(probes, answer, (*FIXED[:2], room or FIXED[2]), dropout or 0.0, seed=3)

    return kinds.Trial((X,), make=build, causal=True, past=True, any_length=True)


def check(answer: Callable[..., Any]) -> None:
    """The public check, on fixed inputs."""
    n_embd = FIXED[0]
    model = make(probes, answer, FIXED)
    expect_shape(model(X), tuple(X.shape), f"the output for x {tuple(X.shape)}")
    _modules.expect_matrices(probes, model, 4 * n_embd**2, "queries, keys, values and projection, 4 · n_embd²")
    _modules.expect_random_start(probes, lambda: make(probes, answer, FIXED))
    _modules.expect_buffers(probes, make(probes, answer, FIXED), X)
    expect_value(probes, answer, FIXED, X)
    model = make(probes, answer, FIXED, seed=1)
    _modules.expect_causal(model, X, X.flip(1) + 1, tuple(X.shape))
    causality.expect_mask_holds(*large_scores(probes, answer, FIXED, torch.Generator().manual_seed(7)))
    _modules.expect_rows_apart(model, X, tuple(X.shape))
    _modules.expect_growing(make(probes, answer, FIXED, seed=1), X, tuple(X.shape))
    expect_heads(probes, answer, FIXED, torch.Generator().manual_seed(2))
    _modules.expect_dropout(_modules.modes(probes, lambda rate: make(probes, answer, FIXED, rate, seed=3), X))
    expect_dropped(probes, answer, FIXED, 4)
    _modules.expect_gradients(probes, model, X)
    _modules.expect_gradients(probes, make(probes, answer, (n_embd, 1, FIXED[2]), seed=1), X)
    _modules.expect_slope(probes, model, X)


def draw(rng: Any, heads: Sequence[int] = (2, 3, 4)) -> Sizes:
    """Random sizes with a head size of 6 to 8, and room for more tokens than features of a head."""
    n_head = int(rng.choice(list(heads)))
    return n_head * int(rng.integers(6, 9)), n_head, int(rng.integers(9, 13))
