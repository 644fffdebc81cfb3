"""What `BigramLanguageModel(vocab_size)` does: the next-token logits of each token, and the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from course_lib.check import kinds, with_targets
from course_lib.check.expect import as_array, describe, expect, expect_close
from course_lib.check.properties import judged

IDX = torch.tensor([[0, 3, 3, 1], [4, 2, 0, 0]])  # (B, T)
TARGETS = torch.tensor([[3, 3, 1, 5], [2, 0, 0, 4]])
NONE = "your model has no parameters. Is the table an nn.Embedding or nn.Parameter, made in __init__?"


def known(shape: tuple[int, ...], place: int) -> torch.Tensor:
    """Numbers for a parameter of this shape. Those of a square table are the same whichever way it is read.

    place: among the parameters, so that rows that are parameters of their own differ.
    """
    at = torch.arange(torch.Size(shape).numel(), dtype=torch.float64) + 7 * place
    numbers = 3 * torch.sin(1.7 * at**2).reshape(shape)
    return numbers + numbers.mT if len(shape) == 2 and shape[0] == shape[1] else numbers


class Given(NamedTuple):
    """vocab_size, idx and targets (B, T), and how a parameter is filled: (shape, place) -> numbers."""

    size: int
    idx: torch.Tensor = IDX
    targets: torch.Tensor = TARGETS
    fill: Callable[[tuple[int, ...], int], torch.Tensor] = known

    def __str__(self) -> str:
        return f"for idx {tuple(self.idx.shape)} and {self.size} symbols"


SMALL = Given(6)
OTHER = Given(9, torch.tensor([[8, 1, 7], [2, 2, 0]]), torch.tensor([[1, 7, 5], [2, 0, 3]]))


def _filled(answer: Callable[..., Any], given: Given) -> tuple[Any, int]:
    """A model in whose parameters stand the given numbers, and how many parameters that are."""
    model = answer(given.size)
    expect(
        hasattr(model, "state_dict"),
        f"BigramLanguageModel({given.size}) is not an nn.Module; yours is {describe(model)}.",
    )
    state = model.state_dict()
    floating = {name: value for name, value in state.items() if value.is_floating_point()}
    fresh = {
        name: given.fill(tuple(value.shape), place).to(value.dtype)
        for place, (name, value) in enumerate(floating.items())
    }
    model.load_state_dict({**state, **fresh})
    return model, len(floating)


def _model(answer: Callable[..., Any], given: Given) -> Any:
    """The same model. Raises `Wrong` if it has no parameters."""
    model, count = _filled(answer, given)
    expect(count, NONE)
    return model


def _pair(got: Any, call: str) -> Any:
    expect(isinstance(got, tuple | list) and len(got) == 2, f"{call} returns (logits, loss), yours {describe(got)}.")
    return got


def _logits(got: Any, idx: torch.Tensor, size: int) -> torch.Tensor:
    """The logits without targets, (B, T, C). Raises `Wrong` unless they have this shape and no loss comes with them."""
    logits, loss = _pair(got, "model(idx)")
    found, wanted = as_array(logits, "the logits without targets"), (*idx.shape, size)
    expect(
        found.shape == wanted,
        f"for idx {tuple(idx.shape)} and {size} symbols expected logits {wanted}, yours {found.shape}.",
    )
    expect(loss is None, f"model(idx) without targets: the loss is None, yours is {describe(loss)}.")
    return torch.from_numpy(found).double()


def _raw(got: Any) -> torch.Tensor:
    return torch.as_tensor(got[0] if isinstance(got, list | tuple) else got).detach()


@judged("The model has parameters", lambda answer, given, _: _filled(answer, given)[1], [SMALL], outcome=bool)
def parameters(count: int, given: Given) -> None:
    expect(count, NONE)


class Plain(NamedTuple):
    """Without targets: parameters that can be filled, the output for idx, once more, and for one position."""

    parameters: int
    first: Any
    again: Any
    single: Any


def _plain(answer: Callable[..., Any], given: Given, _: Any) -> Plain:
    model, parameters = _filled(answer, given)
    return Plain(parameters, model(given.idx), model(given.idx), model(given.idx[:1, :1]))


def _parts(got: Any) -> Any:
    if not isinstance(got, tuple | list):
        return describe(got).split(",")[0]
    return [None if part is None else list(as_array(part, "a part").shape) for part in got]


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """The same numbers, but for what rounding leaves."""
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-5, atol=1e-5, equal_nan=True)


def _learnable(got: Plain) -> bool:
    """Parameters, or at least a graph."""
    return got.parameters > 0 or (isinstance(got.first, tuple | list) and bool(got.first[0].requires_grad))


@judged(
    "model(idx) returns logits (B, T, vocab_size) and no loss",
    _plain,
    [SMALL, OTHER],
    outcome=lambda got: [_parts(got.first), _alike(_raw(got.first), _raw(got.again)), _learnable(got)],
)
def without_targets(got: Plain, given: Given) -> None:
    expect(got.parameters, NONE)
    first = _logits(got.first, given.idx, given.size)
    _logits(got.single, given.idx[:1, :1], given.size)
    again = _alike(_logits(got.again, given.idx, given.size), first)
    expect(again, "two calls give other logits; make the table once, in __init__.")


def _alone(answer: Callable[..., Any], given: Given, _: Any) -> tuple[Any, Any]:
    """The output for every token alone, and for idx."""
    model = _model(answer, given)
    return model(torch.arange(given.size)[:, None]), model(given.idx)


def _centred(got: tuple[Any, Any]) -> torch.Tensor:
    """A number added to all logits of a token changes nothing."""
    found = _raw(got[1])
    return found - found.mean(-1, keepdim=True)


@judged(
    "The logits depend on the current token and on nothing else",
    _alone,
    [SMALL, OTHER],
    outcome=_centred,
    slip="logits that depend on more than the current token",
)
def bigram(got: tuple[Any, Any], given: Given) -> None:
    alone = _logits(got[0], torch.arange(given.size)[:, None], given.size)[:, 0]
    # The same row of the same table; 1e-5 for tables made as matrix products in float32.
    expect_close(_logits(got[1], given.idx, given.size), alone[given.idx],
                 f"the logits of a token in the middle of others, {given}",
                 hint="a bigram model looks at the current token only.", atol=1e-5, rtol=1e-4)  # fmt: skip


def _every(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    return _model(answer, given)(given.idx)


def _rank(logits: torch.Tensor) -> int:
    # A random square matrix has singular values spread over (0, 2·sqrt(n)); a tenth of them below 1e-4 of the largest
    # does not happen. A product through fewer than 0.9·n numbers has exactly that many non-zero ones.
    values = torch.linalg.svdvals(logits)
    return int((values > 1e-4 * values[0]).sum())


def _tells_apart(got: Any) -> list[Any]:
    logits = _raw(got)[0].double()
    share = _rank(logits.reshape(len(logits), -1)) / len(logits)
    rank = "one row" if share <= 1 / len(logits) else "full" if share > 0.9 else "narrow"
    return [bool((logits < 0).any()), bool((logits.abs() > 1).any()), rank]


@judged(
    "Each token has a row of raw logits of its own, and any table can be learnt",
    _every,
    [Given(size, torch.arange(size)[None]) for size in (50, 65)],
    outcome=_tells_apart,
    slip="a table that cannot hold any logits",
)
def table(got: Any, given: Given) -> None:
    logits = _logits(got, given.idx, given.size)[0]
    rank = _rank(logits)
    expect(rank > 1, f"for {given.size} symbols all tokens have the same logits, up to a factor; each has its own row.")
    expect((logits < 0).any(), "the logits are never negative; return them raw, before softmax or any other squashing.")
    expect((logits.abs() > 1).any(), "the logits never leave -1 to 1; return them raw, before any squashing.")
    expect(
        rank > 0.9 * given.size,
        f"your table of {given.size} rows has rank {rank} only, so most bigram tables cannot be learnt.\n"
        "Hint: an embedding of vocab_size rows of vocab_size logits, nothing narrower in between.",
    )


def _with_targets(answer: Callable[..., Any], given: Given, library: Any) -> tuple[Any, Any, list[str]]:
    """The outputs without and with targets, and the kinds of the latter's parts."""
    model = _model(answer, given)
    kinds = library("course_lib.doubles").call_with_kinds(model, given.idx, given.targets)[2]
    return model(given.idx), model(given.idx, given.targets), kinds


def _loss(got: tuple[Any, Any, list[str]]) -> Any:
    """What comes back with targets but for the logits, which are asked for last, so that they hide nothing else."""
    both = got[1]
    return as_array(both[1], "the loss") if isinstance(both, tuple | list) else _parts(both)


@judged(
    "With targets, the same logits (B, T, vocab_size) come back, and their mean cross-entropy",
    _with_targets,
    [SMALL, OTHER, Given(6, IDX[:1, :1], TARGETS[:1, :1])],
    outcome=_loss,
)
def loss(got: tuple[Any, Any, list[str]], given: Given) -> None:
    alone = _logits(got[0], given.idx, given.size)
    logits, loss = _pair(got[1], "model(idx, targets)")
    wanted = F.cross_entropy(alone.reshape(-1, given.size), given.targets.reshape(-1))
    hint = "the loss compares position t of the logits with position t of the targets."
    # float32, up to 64 terms: 1e-5 relative and absolute.
    expect_close(loss, wanted, f"the loss {given}", hint=hint, atol=1e-5, rtol=1e-4)
    with_targets.expect_logits(logits, got[2][0], alone)


def _about(got: tuple[Any, Any, list[str]]) -> Any:
    return with_targets.about_logits(lambda *args: got[len(args) - 1], IDX, TARGETS)


same_logits = loss.at(
    "The logits with targets are those without", [SMALL], outcome=_about, slip="other logits with targets than without"
)


class Step(NamedTuple):
    """A small step against the gradients.

    numbers: how many they are. size: of the gradients, squared. before, after: the loss.
    """

    numbers: int
    size: float
    before: float
    after: float


def _gradients(model: Any, idx: torch.Tensor, targets: torch.Tensor, library: Any) -> Any:
    """Parameter name -> gradient. Raises `Wrong` where there are none or of other shapes than the parameters."""
    found = library("course_lib.doubles").parameter_gradients(model, idx, targets)
    expect(found is not None, "no gradient flows from the loss: return the tensor, not a plain number made from it.")
    state = model.state_dict()
    fit = all(name in state and gradient.shape == state[name].shape for name, gradient in found.items())
    expect(fit, "a gradient has another shape than its parameter.")
    return found


def _moved(model: Any, gradients: Any, step: float) -> None:
    state = model.state_dict()
    model.load_state_dict({**state, **{name: state[name] - step * part for name, part in gradients.items()}})


def _step(answer: Callable[..., Any], given: Given, library: Any) -> Step:
    model = _model(answer, given)
    found = _gradients(model, given.idx, given.targets, library)
    size = sum(float((part.double() ** 2).sum()) for part in found.values())
    before = float(as_array(_pair(model(given.idx, given.targets), "model(idx, targets)")[1], "the loss"))
    # The first-order fall is step · |gradient|² = 0.01, much above the rounding of float32.
    _moved(model, found, 0.01 / (size or 1.0))
    after = float(as_array(model(given.idx, given.targets)[1], "the loss"))
    return Step(sum(part.numel() for part in found.values()), size, before, after)


def _learns(got: Step) -> list[Any]:
    """For 6 symbols."""
    numbers = "fewer" if got.numbers < 36 else "more" if got.numbers > 36 else "a table"
    return [numbers, got.size > 0, got.after < got.before]


@judged(
    "A small step against the gradient lowers the loss",
    _step,
    [SMALL],
    outcome=_learns,
    slip="a loss that does not train the model",
)
def trainable(got: Step, given: Given) -> None:
    count, wanted = got.numbers, given.size * given.size
    asked = f"with {given.size} symbols the table, the only parameter, has {wanted} numbers"
    expect(count == wanted, f"{asked}; your parameters have {count} in all.")
    expect(got.size > 0, "the gradient of the loss is zero for every parameter.")
    expect(got.after < got.before, "after a small step against the gradient the loss is not lower.")


def _still(answer: Callable[..., Any], given: Given, library: Any) -> int:
    """How many tokens keep their logits in a step in which each token comes and is to be followed by another."""
    model, every = _model(answer, given), torch.arange(given.size)[None]
    old = _raw(model(every)).clone()
    _moved(model, _gradients(model, every, every.flip(1), library), 1.0)
    return int((_raw(model(every)) == old).all(-1).sum())


@judged("Every token can be learnt", _still, [SMALL, OTHER], outcome=bool, slip="tokens that are never learnt")
def every_token(still: int, given: Given) -> None:
    # The gradient of cross-entropy is zero for no token: its probabilities are all above 0 and below 1.
    expect(not still, f"{still} of {given.size} tokens never learn: no gradient reaches their row of the table.")


def trial(answer: Callable[..., Any]) -> kinds.Trial:
    """How the answer is tried for kinds of mistakes."""

    def make(dropout: float | None, room: int | None) -> Any:
        return kinds.random_numbers(answer(6))

    return kinds.Trial((IDX,), make=make, causal=True, any_length=True, ids=6)
