"""What the checks of modules share: filling parameters whose names and layout are unknown, and judging behaviour.

The public checks and the hidden suites both use it; `lib` is `course_lib.probes` here, or a handle to it in the worker.

A module is judged without knowing what its parameters are called, nor whether projections are fused:

- *level*: all matrices hold one number, all biases 0. Each projection then gives the sum of its input, whatever the
  layout, so that scale, mask, softmax and projections show in the output exactly; torch's own layers are the measure.
- *signs*: the same number with the signs + + − along the output axis, so that a layer norm does not remove it.
- *scattered*: random numbers, for properties (causality, number of heads, gradients) that hold for almost all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from course_lib import head_probes, probes
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_shape
from course_lib.check.parameters import in_matrices

Parameters = dict[str, torch.Tensor]
Run = Callable[[torch.Tensor], Any]

LEVEL = 0.15  # keeps scores near 1 and features below 100 at the widths used here
ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "GELU": F.gelu,
    "ReLU": F.relu,
    "tanh GELU": lambda x: F.gelu(x, approximate="tanh"),
}


# ---- filling ---------------------------------------------------------------------------------------------------------


def is_vector(value: torch.Tensor) -> bool:
    """Whether a parameter is a bias, a gain or a single number, with or without axes of length 1."""
    return head_probes.is_vector(tuple(value.shape))


def gains(values: Parameters) -> list[str]:
    """Names of the vectors that are all ones in a fresh module."""
    return [name for name, value in values.items() if is_vector(value) and bool((value == 1).all())]


def vectors(values: Parameters) -> list[str]:
    """Names of the biases, gains and single numbers."""
    return [name for name, value in values.items() if is_vector(value)]


def level(values: Parameters, size: float = LEVEL) -> Parameters:
    """Every matrix holds `size` everywhere, every bias 0; gains as they are."""
    kept = gains(values)
    return {
        name: value if name in kept else torch.full_like(value, 0.0 if is_vector(value) else size)
        for name, value in values.items()
    }


def signs(
    values: Parameters, kinds: dict[str, str], gain: torch.Tensor, *, own_axis: int = 0, size: float = LEVEL
) -> Parameters:
    """Every matrix holds ± `size`, signs + + − repeated along its output axis; every bias 0; every gain `gain`.

    own_axis: the output axis of matrices that belong to no layer of torch.
    """
    filled = {}
    ones = gains(values)
    for name, value in values.items():
        if name in ones and value.numel() == gain.numel():
            filled[name] = gain.reshape(value.shape).to(value.dtype)
        elif is_vector(value):
            filled[name] = torch.zeros_like(value)
        else:
            axis = 0 if kinds.get(name) == "linear" else own_axis % value.ndim
            pattern = torch.tensor([1.0, 1.0, -1.0]).repeat(value.shape[axis] // 3 + 1)[: value.shape[axis]]
            shape = [-1 if at == axis else 1 for at in range(value.ndim)]
            filled[name] = (size * pattern.reshape(shape)).expand(value.shape).contiguous()
    return filled


def scattered(values: Parameters, generator: torch.Generator, scale: float = 1.0) -> Parameters:
    """Every matrix N(0, scale²/n) with n its longest side, biases N(0, 0.3²), gains N(1, 0.2²)."""
    ones = gains(values)
    filled = {}
    for name, value in values.items():
        noise = torch.randn(value.shape, generator=generator)
        if is_vector(value):
            filled[name] = 1 + 0.2 * noise if name in ones else 0.3 * noise
        else:
            filled[name] = noise * scale / max(value.shape) ** 0.5
    return filled


def spreader(lib: Any, model: Any, generator: torch.Generator) -> Callable[[float], None]:
    """What scatters the parameters of a fresh module at a given scale, see `scattered` and `check.causality`."""
    fresh = lib.parameters(model)
    return lambda spread: lib.write(model, scattered(fresh, generator, spread))


def own_axes(values: Parameters, kinds: dict[str, str]) -> Sequence[int]:
    """The output axes worth trying for matrices that belong to no layer of torch."""
    own = any(kinds.get(name) == "own" and not is_vector(value) for name, value in values.items())
    return (0, -1, 1) if own else (0,)


# ---- building --------------------------------------------------------------------------------------------------------


def build(
    lib: Any, answer: Any, args: Sequence[Any], stand_ins: Sequence[str] = (), example: Any = None, **options: Any
) -> Any:
    """A fresh module in evaluation mode. Raises `Wrong` when it is none, or when it lost parts of itself."""
    model = lib.construct(answer, list(args), options, list(stand_ins), example)
    if not lib.is_module(model):
        raise Wrong(f"an nn.Module was expected, yours is {describe(model)}.")
    model.eval()
    return model


def expect_registered(lib: Any, model: Any) -> None:
    """Raise `Wrong` when modules stand in a plain list, where no optimizer would find them."""
    names = lib.loose_modules(model)
    expect(
        not names,
        f"{', '.join(map(str, names[:3]))}: modules in a plain list are not registered; use nn.ModuleList.",
        slip="modules in a plain list",
    )


def expect_buffers(lib: Any, model: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` when a fresh module keeps tensors that do not move with it. x: an input."""
    names = lib.left_behind(model, x)
    expect(
        not names,
        f"{', '.join(map(str, names[:3]))}: a tensor kept as a plain attribute stays behind when the model moves to a "
        "GPU; use register_buffer.",
        slip="a tensor that stays behind",
    )


def expect_matrices(lib: Any, model: Any, wanted: int, asked: str) -> None:
    """Raise `Wrong` unless the matrices hold this many numbers."""
    expect_registered(lib, model)
    found = in_matrices(lib.parameters(model))
    expect(
        found == wanted,
        f"expected matrices of {asked} = {wanted} numbers in all, yours hold {found}.",
        slip="matrices of other sizes, or more or fewer of them",
    )


def expect_input_kept(doubles: Any, model: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` when a call changes its input. doubles: `course_lib.doubles`, or a handle to it."""
    kept = doubles.call_keeping_inputs(model, x.clone())
    expect(
        torch.equal(kept[0], x),
        "x was changed in place; write x = x + …, not x += ….",
        slip="an input that is changed in place",
    )


def expect_random_start(lib: Any, make: Callable[[], Any]) -> None:
    """Raise `Wrong` when two fresh modules hold the same matrices."""
    expect(
        not starts_alike(lib, make),
        "two fresh modules start with the same weights. Let torch draw them, and set no seed inside the class.",
        slip="weights that do not start at random",
    )


def starts_alike(lib: Any, make: Callable[[], Any]) -> bool:
    """Whether two fresh modules hold the same matrices. make: () -> a fresh module."""
    first, second = lib.parameters(make()), lib.parameters(make())
    return all(torch.equal(value, second[name]) for name, value in first.items() if not is_vector(value))


# ---- judging ---------------------------------------------------------------------------------------------------------


def tensor(got: Any, shape: tuple[int, ...], asked: str) -> torch.Tensor:
    """An output of this shape as float64. Raises `Wrong` for anything else, NaN included."""
    array = expect_shape(got, shape, asked).astype("float64")
    missing = int((array != array).sum())
    expect(missing == 0, f"{asked}: {missing} of {array.size} numbers are NaN.")
    return torch.from_numpy(array)


def gap(left: torch.Tensor, right: torch.Tensor) -> float:
    """The largest difference, relative to the largest number (at least 1). Raises `Wrong` for two shapes.

    Else (N, 1) and (1, N), each of them small, would make N · N numbers.
    """
    left, right = left.detach(), right.detach()
    shapes = f"{tuple(left.shape)} and {tuple(right.shape)}"
    expect(left.shape == right.shape, f"two outputs should have the same shape; yours have {shapes}.")
    scale = max(1.0, float(right.abs().max())) if right.numel() else 1.0
    return float((left - right).abs().max()) / scale if right.numel() else 0.0


# Two float32 computations of the same thing, some hundred terms in another order, agree to 1e-5 of the largest number.
SAME = 1e-4


def expect_causal(
    run: Run, x: torch.Tensor, other: torch.Tensor, shape: tuple[int, ...], later_matter: bool = True
) -> None:
    """Raise `Wrong` when outputs before a place change with the input from that place on, or outputs after it do not.

    x, other: inputs (B, T, …) that differ everywhere. shape: of the output.
    """
    steps = x.shape[1]
    before = tensor(run(x.clone()), shape, "the output")
    for cut in {1, steps // 2, steps - 1} - {0}:
        mixed = torch.cat([x[:, :cut], other[:, cut:]], dim=1)
        after = tensor(run(mixed), shape, "the output")
        leak = gap(after[:, :cut], before[:, :cut])
        expect(
            leak < SAME,
            f"causality: changing tokens {cut + 1} to {steps} changes outputs 1 to {cut}, by up to {leak:.2g}.",
            slip="a future that is seen",
        )
        if later_matter:
            still = [t + 1 for t in range(cut, steps) if gap(after[:, t], before[:, t]) < 1e-6]
            expect(
                not still,
                f"changing tokens {cut + 1} to {steps} leaves output {still[:1]} as it was.",
                slip="a token that is not heard",
            )
    if later_matter and steps > 2:
        mixed = torch.cat([other[:, :1], x[:, 1:]], dim=1)
        after = tensor(run(mixed), shape, "the output")
        expect(
            gap(after[:, -1], before[:, -1]) > 1e-6,
            "the last output does not depend on the first token.",
            slip="a past that is forgotten",
        )


def expect_rows_apart(run: Run, x: torch.Tensor, shape: tuple[int, ...]) -> None:
    """Raise `Wrong` unless each row of the batch gives alone what it gives among others. shape: of the output."""
    together = tensor(run(x.clone()), shape, f"the output for input {tuple(x.shape)}")
    for row in range(len(x)):
        alone = tensor(run(x[row : row + 1].clone()), (1, *shape[1:]), f"the output for input {(1, *x.shape[1:])}")
        off = gap(alone[0], together[row])
        expect(
            off < SAME,
            f"a row of the batch gives another output alone than among others, by up to {off:.2g}.",
            slip="rows of a batch that mix",
        )


def expect_growing(run: Run, x: torch.Tensor, shape: tuple[int, ...]) -> None:
    """Raise `Wrong` when outputs for x depend on a shorter input that came before. shape: of the output."""
    short = tensor(run(x[:, :2].clone()), (shape[0], 2, *shape[2:]), "the output for 2 tokens")
    off = gap(tensor(run(x.clone()), shape, f"the output for {x.shape[1]} tokens")[:, :2], short)
    expect(
        off < SAME,
        f"the first 2 outputs change by up to {off:.2g} when a longer text follows a short one.",
        slip="something kept from an earlier call",
    )


def expect_slope(lib: Any, model: Any, x: torch.Tensor) -> None:
    """Raise `Wrong` unless the gradient that comes back to the input is the output's derivative. x: (rows, …, C)."""
    expect(
        slope_is_right(lib, model, x),
        "the gradient that flows back to the input is not the derivative of the output: leave out detach(), no_grad() "
        "and numpy, so that what came before can learn.",
        slip="a gradient that is cut off",
    )


def slope_is_right(lib: Any, model: Any, x: torch.Tensor) -> bool:
    """Whether autograd's derivative is that of small steps, along random directions for each row of x.

    One of three directions is enough: where a step crosses a ReLU's bend, one in a thousand is off by a tenth in a
    right answer; what is no derivative is off along all of them.
    """
    gradient = lib.input_gradient(model, x)
    if gradient is None or gradient.shape != x.shape:
        return False
    return any(_slope_is_right(model, x, gradient, seed) for seed in (2, 3, 4))


def _slope_is_right(model: Any, x: torch.Tensor, gradient: torch.Tensor, seed: int) -> bool:
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    direction = direction / direction.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.ndim - 1))
    step = 1e-2  # rounding leaves 1e-6 / step, the third derivative a little more: some 1e-3
    shape = tuple(x.shape)
    ahead, back = (tensor(model(x + sign * step * direction), shape, "the output") for sign in (1, -1))
    by_steps = (((ahead - back) * probes.weights(ahead)).flatten(1).sum(1)) / (2 * step)
    by_autograd = (gradient.double() * direction).flatten(1).sum(1)
    return float((by_autograd - by_steps).norm()) < 0.1 * float(by_steps.norm())


def expect_gradients(lib: Any, model: Any, *args: torch.Tensor, also: Sequence[str] = ()) -> None:
    """Raise `Wrong` unless the output depends on every matrix, and on the vectors of these names."""
    dead = unreached(lib, model, *args, also=also)
    expect(not dead, f"the output does not depend on (all of) {', '.join(map(str, dead[:3]))}: no gradient reaches it.")


def unreached(lib: Any, model: Any, *args: torch.Tensor, also: Sequence[str] = ()) -> list[str]:
    """Names of the matrices, and of the vectors in `also`, whose gradient is missing, or 0 in a fifth of its places.

    A bias of the keys has no gradient in a right answer either: it moves all scores of a query alike.
    """
    shapes = lib.parameters(model)
    expect(shapes, "the module has no parameters, so nothing in it can be learnt.")
    found = lib.gradients(model, *args).items()
    return [
        name
        for name, gradient in found
        if (name in also or not is_vector(shapes[name]))
        and (gradient is None or float((gradient == 0).double().mean()) > 0.2)
    ]


def unreached_share(lib: Any, model: Any, *args: torch.Tensor) -> float:
    """The share of the matrices' numbers that no gradient reaches, in twentieths."""
    shapes, total, dead = lib.parameters(model), 0, 0.0
    for name, gradient in lib.gradients(model, *args).items():
        if not is_vector(shapes[name]):
            total += shapes[name].numel()
            dead += shapes[name].numel() if gradient is None else float((gradient == 0).sum())
    return round(20 * dead / total) / 20 if total else 0.0


def modes(lib: Any, make: Callable[[float], Any], x: torch.Tensor) -> dict[str, bool]:
    """Facts about dropout. make: dropout -> a module in evaluation mode, filled alike each time."""

    def out(model: Any) -> torch.Tensor:
        got = model(x.clone())
        return torch.from_numpy(
            as_array(got[0] if isinstance(got, tuple | list) else got, "the output").astype("float64")
        )

    model = make(0.5)
    still, again = out(model), out(model)
    model.train()
    first, second = out(model), out(model)
    plain = make(0.0)
    reference = out(plain)
    plain.train()
    return {
        "evaluation repeats": gap(still, again) < 1e-5,
        "training varies": gap(first, second) > 1e-5,
        "evaluation is without dropout": gap(still, reference) < SAME,
        "zero means none": gap(out(plain), reference) < SAME,
    }


def dropped(lib: Any, model: Any, x: torch.Tensor, rate: float, biases: Sequence[str]) -> list[Any]:
    """What dropout does in training to a module without its biases. x: (tokens, 1, C), many tokens, each on its own.

    Returns [whether whole tokens become 0, whether single features of other tokens do, by which power of 1 / (1 - rate)
    all other numbers grow]; None for the power where they do not all grow alike.
    """
    values = lib.parameters(model)
    lib.write(model, {name: torch.zeros_like(value) for name, value in values.items() if name in biases})
    still = tensor(model(x.clone()), tuple(x.shape), "the output")[:, 0]
    model.train()
    out = tensor(model(x.clone()), tuple(x.shape), "the output in training mode")[:, 0]
    usual = still.abs() > 1e-3 * still.abs().max()  # a number near 0 has no ratio
    whole = (out == 0).all(dim=1)
    single = (out == 0) & usual & ~whole[:, None]
    ratios = (out / still)[usual & (out != 0)]
    power = (ratios.mean().abs().log() / -math.log(1 - rate)).round() if len(ratios) else torch.tensor(0.0)
    alike = bool(((ratios * (1 - rate) ** power - 1).abs() < 1e-2).all())
    return [bool((whole & usual.any(dim=1)).any()), bool(single.any()), int(power) if alike else None]


def about_dropout(facts: dict[str, bool], value_is_right: Callable[[], bool], dropped: Callable[[], Any]) -> list[Any]:
    """Outcomes about dropout: those of `modes`, and where it acts.

    That is asked only if it can be turned off and the output is right, so that it hides no mistake that weighs more.
    """
    steady = facts["evaluation repeats"] and facts["zero means none"]
    return [facts, dropped() if steady and value_is_right() else "not asked"]


def passes(expectation: Callable[..., None], *args: Any) -> bool:
    """Whether `expectation(*args)` raises no `Wrong`."""
    try:
        expectation(*args)
    except Wrong:
        return False
    return True


def expect_dropout(facts: dict[str, bool]) -> None:
    """Raise `Wrong` for facts of `modes` that should be otherwise."""
    said = {
        "evaluation repeats": "in evaluation mode two calls differ: dropout is still on. Use nn.Dropout, or "
        "pass training=self.training.",
        "training varies": "with dropout=0.5 two calls in training mode agree: dropout is not applied, or not "
        "passed on.",
        "evaluation is without dropout": "in evaluation mode the output with dropout=0.5 is another one than with "
        "dropout=0.",
        "zero means none": "with dropout=0.0 training mode gives another output than evaluation mode.",
    }
    for fact, sentence in said.items():
        expect(facts[fact], sentence)


# ---- attention -------------------------------------------------------------------------------------------------------


def heads_seen(run: Run, n_embd: int, generator: torch.Generator, features: int | None = None) -> int:
    """How many different heads an attention layer has, seen from outside.

    features: look at the first output features only.

    With two tokens x + d, x the second output is M x plus the sum over heads of w_h · M_h d, with w_h the weight that
    head h puts on the first token. While x varies and d stays, they span as many dimensions as there are heads.
    """
    samples = 60
    d = torch.randn(n_embd, generator=generator)
    x = 2 * torch.randn(samples, n_embd, generator=generator)
    two = tensor(run(torch.stack([x + d, x], dim=1)), (samples, 2, n_embd), "the output for two tokens")[:, 1]
    one = tensor(run(x[:, None]), (samples, 1, n_embd), "the output for one token")[:, 0]
    values = torch.linalg.svdvals((two - one)[:, :features])
    # Rounding leaves about 1e-6 of the largest singular value; a head of its own leaves some hundredths.
    return int((values > 1e-4 * values[0]).sum()) if values[0] > 1e-6 else 0


def one_token_rank(run: Run, n_embd: int) -> int:
    """Rank of the affine map from one token to its output; -1 where the map is not affine."""
    inputs = torch.cat([torch.zeros(1, n_embd), torch.eye(n_embd), -2 * torch.eye(n_embd)])
    out = tensor(run(inputs[:, None]), (len(inputs), 1, n_embd), "the output for one token")[:, 0]
    ups, downs = out[1 : n_embd + 1] - out[0], out[n_embd + 1 :] - out[0]
    if gap(downs, -2 * ups) > SAME:
        return -1
    values = torch.linalg.svdvals(ups)
    return int((values > 1e-5 * values[0]).sum()) if values[0] > 0 else 0
