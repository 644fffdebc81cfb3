"""Kinds of mistakes that occur in every exercise, told from what an answer does, whatever else it computes.

A fingerprint knows the mistakes that somebody has written down. Where none fits, an exercise's `trial(answer)` says how
the answer is called, and each kind here asks one question about it: does a call change its input, does a row of a batch
depend on the others, does a later token move an earlier output. Each is a fact about the answer, true or not; no right
answer is needed to judge it. The first that holds, the most specific one, gives the mistake its name.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.check.expect import as_array

LONG = 40  # tokens, where a text or a context may be any length
ROUNDING, APART = 1e-5, 1e-3  # of the largest number: what is no change at all, and what is another number


@dataclass(frozen=True)
class Kind:
    """name: identifier. title: follows "looks like". hint: what to do."""

    name: str
    title: str
    hint: str


@dataclass(frozen=True)
class Trial:
    """How an answer is tried.

    inputs: tensors or arrays. call: a function of them. make: or a module, (dropout or None, room for tokens or None)
    -> a fresh one, with random numbers of both signs in its parameters. batch: the first axis of each input counts
    sequences. time: the second axis (the first without a batch) of the first input and of the output counts tokens.
    causal: an output may depend on earlier tokens only. past: and it does depend on all of them. any_length: any number
    of tokens is allowed, given room for them. ids: there are so many of them, and a module returns (logits, loss).
    loss: the function takes logits and targets. linear: its output is linear in its input. signed: a right answer's
    numbers have both signs. learns: gradients reach inputs and parameters.
    """

    inputs: tuple[Any, ...]
    call: Callable[..., Any] | None = None
    make: Callable[[float | None, int | None], nn.Module] | None = None
    batch: bool = True
    time: bool = True
    causal: bool = False
    past: bool = False
    any_length: bool = False
    ids: int = 0
    loss: bool = False
    linear: bool = False
    signed: bool = True
    learns: bool = True

    def fresh(self) -> Callable[..., Any]:
        """The function, or a new module in evaluation mode, always with the same numbers."""
        return self.module() if self.make is not None else self.call or (lambda *_: None)

    def module(self, dropout: float | None = None, length: int | None = None) -> nn.Module:
        assert self.make is not None
        torch.manual_seed(0)
        return self.make(dropout, length).eval()

    def roomy(self) -> Callable[..., Any]:
        """The same with room for LONG tokens, where that is to be had."""
        return self.module(length=LONG) if self.make is not None and self.any_length else self.fresh()

    def out(self, run: Callable[..., Any], inputs: tuple[Any, ...] | None = None) -> np.ndarray:
        """The output for inputs (the trial's own by default), of several the first."""
        got = run(*(_copied(value) for value in (self.inputs if inputs is None else inputs)))
        got = got[0] if isinstance(got, tuple | list) and len(got) else got
        return as_array(got, "the output").astype(np.float64)


def of(name: str, answer: Any, assignment: str | None = None) -> str:
    """The kind of mistake that an answer to an exercise shows, by its identifier; "" where none does."""
    from course_lib.check import module_of

    trial_of = getattr(module_of(name, assignment), "trial", None)
    if trial_of is None:
        return ""
    for kind, shows in SHOWS.items():
        try:
            if shows(trial_of(answer)):
                return kind
        except Exception:  # the answer cannot be asked this
            continue
    return ""


# ---- questions, the most specific ones first -------------------------------------------------------------------------


def changes_input(trial: Trial) -> bool:
    given = [_copied(value) for value in trial.inputs]
    trial.fresh()(*given)
    return any(not _equal(value, before) for value, before in zip(given, trial.inputs, strict=True))


def reads_targets(trial: Trial) -> bool:
    if not trial.ids:
        return False
    model, targets = trial.module(), (trial.inputs[0] + 1) % trial.ids
    return not _same(trial.out(model, (*trial.inputs, targets)), trial.out(model))


def loss_summed(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each.sum())


def loss_per_sequence(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each.sum(1).mean())


def loss_in_bits(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each.mean() / math.log(2))


def loss_of_the_last(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each[:, -1].mean())


def loss_without_the_last(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each[:, :-1].mean())


def loss_without_the_first(trial: Trial) -> bool:
    return _loss_is(trial, lambda each: each[:, 1:].mean())


def varies_in_evaluation(trial: Trial) -> bool:
    if trial.make is None:
        return False
    model = trial.module(0.5)
    return not _same(trial.out(model), trial.out(model))


def drops_unasked(trial: Trial) -> bool:
    if trial.make is None:
        return False
    model = trial.module()
    still = trial.out(model)
    model.train()
    return not _same(trial.out(model), trial.out(model)) and _same(trial.out(model.eval()), still)


def one_mode(trial: Trial) -> bool:
    if trial.make is None:
        return False
    model = trial.module()
    still = trial.out(model)
    model.train()
    first, second = trial.out(model), trial.out(model)
    return _same(first, second) and not _same(first, still)


def keeps_state(trial: Trial) -> bool:
    if not trial.time:
        return False
    run, other = trial.fresh(), trial.fresh()
    short = _cut(trial, 2)
    fresh_short, fresh_long = trial.out(other, short), trial.out(trial.fresh())
    trial.out(run, short)
    after_short = _try(lambda: trial.out(run))
    run = trial.fresh()
    trial.out(run)
    after_long = _try(lambda: trial.out(run, short))
    return any(
        after is None or not _same(after, fresh)
        for after, fresh in ((after_short, fresh_long), (after_long, fresh_short))
    )


def one_row_is_special(trial: Trial) -> bool:
    if not trial.batch:
        return False
    run = trial.fresh()
    together = trial.out(run)
    alone = _try(lambda: trial.out(run, tuple(value[:1] for value in trial.inputs)))
    return len(together) == len(trial.inputs[0]) and (alone is None or alone.shape != (1, *together.shape[1:]))


def first_row_for_all(trial: Trial) -> bool:
    if not trial.batch:
        return False
    run = trial.fresh()
    together, alone = trial.out(run), trial.out(run, tuple(value[1:] for value in trial.inputs))
    if _same(together[1:], alone):
        return False
    if _same(together, np.broadcast_to(together[:1], together.shape)):
        return True
    for at in range(len(trial.inputs)):  # the first row of one of the inputs
        mixed = tuple(
            _rows(value, [0] * len(value)) if place == at else value for place, value in enumerate(trial.inputs)
        )
        if _same(trial.out(run, mixed), together):
            return True
    return False


def rows_mix(trial: Trial) -> bool:
    if not trial.batch:
        return False
    run = trial.fresh()
    together, alone = trial.out(run), trial.out(run, tuple(value[1:] for value in trial.inputs))
    return together[1:].shape == alone.shape and not _same(together[1:], alone)


def sees_no_self(trial: Trial) -> bool:
    one = trial.out(trial.fresh(), _cut(trial, 1))
    return trial.time and not np.isfinite(one).any()


def sees_the_future(trial: Trial) -> bool:
    if not (trial.time and trial.causal):
        return False
    run = trial.fresh()
    before, axis = trial.out(run), int(trial.batch)
    other = _copied(trial.inputs[0])
    last = (slice(None),) * axis + (slice(-1, None),)
    other[last] = (other[last] + 1) % trial.ids if trial.ids else other[last] + (1e6 if trial.linear else 1)
    after = trial.out(run, (other, *trial.inputs[1:]))
    earlier = (slice(None),) * axis + (slice(None, -1),)
    return not _same(after[earlier], before[earlier])


def forgets_the_past(trial: Trial) -> bool:
    """Whether the last output is the same for 16 other first tokens: one alone may get next to no attention."""
    if not (trial.time and trial.past):
        return False
    run = trial.roomy()
    inputs = _longer(trial, 12) if trial.any_length else trial.inputs
    before, axis = trial.out(run, inputs), int(trial.batch)
    first = (slice(None),) * axis + (slice(0, 1),)
    last = (slice(None),) * axis + (slice(-1, None),)
    rng = np.random.default_rng(0)
    moves = 0.0
    for step in range(1, 17):
        other = _copied(inputs[0])
        if trial.ids:
            other[first] = (other[first] + step) % trial.ids
        else:
            change = rng.normal(size=tuple(other[first].shape)) * 3
            other[first] = other[first] + (torch.from_numpy(change).to(other) if torch.is_tensor(other) else change)
        after = trial.out(run, (other, *inputs[1:]))
        moves = max(moves, np.abs(after[last] - before[last]).max(initial=0.0))
    return bool(moves <= ROUNDING * np.abs(before[last]).max(initial=0.0))


def a_length_is_fixed(trial: Trial) -> bool:
    if not (trial.time and trial.any_length):
        return False
    run = trial.roomy()
    works = _try(lambda: trial.out(run)) is not None
    return works and _try(lambda: trial.out(run, _longer(trial, LONG))) is None


def full_length_fails(trial: Trial) -> bool:
    if trial.make is None or not trial.time:
        return False
    size = trial.inputs[0].shape[int(trial.batch)]
    model = trial.module(length=size)
    return _try(lambda: trial.out(model)) is None and _try(lambda: trial.out(model, _cut(trial, size - 1))) is not None


def needs_equal_sizes(trial: Trial) -> bool:
    if trial.call is None or trial.loss:
        return False
    if _try(lambda: trial.out(trial.fresh())) is not None:
        return False
    size = max(max(value.shape) for value in trial.inputs)
    square = tuple(_resized(value, size) for value in trial.inputs)
    return _try(lambda: trial.out(trial.fresh(), square)) is not None


def cuts_the_gradient(trial: Trial) -> bool:
    if not trial.learns or trial.ids:
        return False
    leaves = [value.clone().requires_grad_() for value in trial.inputs if value.is_floating_point()]
    others = [value for value in trial.inputs if not value.is_floating_point()]
    output = trial.fresh()(*leaves, *others)
    output = output[0] if isinstance(output, tuple | list) else output
    if not isinstance(output, torch.Tensor) or not output.requires_grad:
        return True
    found = torch.autograd.grad((output * _weights(output)).sum(), leaves, allow_unused=True)
    return any(gradient is None or not bool(gradient.any()) for gradient in found) or _slope_is_off(
        trial, output, found
    )


def something_never_learns(trial: Trial) -> bool:
    if trial.make is None or not trial.learns:
        return False
    model = trial.module()
    output = model(*trial.inputs)
    output = output[0] if isinstance(output, tuple | list) else output
    values = [value for value in model.parameters() if not _is_mask(value)]
    if any(not value.requires_grad for value in values) or not output.requires_grad:
        return True
    found = torch.autograd.grad((output * _weights(output)).sum(), values, allow_unused=True)
    return any(gradient is None for gradient in found)


def half_precision(trial: Trial) -> bool:
    found = trial.out(trial.roomy(), _longer(trial, 12) if trial.time and trial.any_length else None)
    numbers = found[np.isfinite(found) & (found != np.round(found))]
    if len(numbers) < 8:
        return False
    tensor = torch.from_numpy(numbers)
    return any(torch.equal(tensor.to(kind).double(), tensor) for kind in (torch.float16, torch.bfloat16))


def never_negative(trial: Trial) -> bool:
    found = trial.out(trial.fresh())
    return trial.signed and found.size >= 12 and bool((found >= 0).all()) and bool((found == 0).mean() > 0.1)


def bounded(trial: Trial) -> bool:
    if trial.make is None or not trial.signed:
        return False
    model = trial.module()
    with torch.no_grad():
        for value in model.parameters():
            value.mul_(30)
    found = trial.out(model)
    return bool((np.abs(found) <= 1 + ROUNDING).all()) and bool((np.abs(found) > 0.9).mean() > 0.2)


SHOWS: dict[str, Callable[[Trial], bool]] = {
    shows.__name__: shows
    for shows in (
        changes_input, reads_targets, loss_summed, loss_per_sequence, loss_in_bits, loss_of_the_last,
        loss_without_the_last, loss_without_the_first, varies_in_evaluation, drops_unasked, one_mode, keeps_state,
        one_row_is_special, first_row_for_all, rows_mix, sees_no_self, sees_the_future, forgets_the_past,
        full_length_fails, a_length_is_fixed, needs_equal_sizes, half_precision, cuts_the_gradient,
        something_never_learns, never_negative, bounded,
    )
}  # fmt: skip
KINDS = {
    kind.name: kind
    for kind in (
        Kind("changes_input", "an input changed in place", "Make a new tensor: x = x + …, not x += … or x[…] = …."),
        Kind("reads_targets", "targets that reach the logits", "The targets are for the loss alone; the logits are "
             "those of idx, with targets and without."),
        Kind("loss_summed", "a loss that is a sum", "The loss is the mean over all tokens, so that it does not grow "
             "with the batch."),
        Kind("loss_per_sequence", "a loss summed over each sequence", "The loss is the mean over all tokens of all "
             "sequences."),
        Kind("loss_in_bits", "a loss in bits", "Losses are in nats here: the natural logarithm, as F.cross_entropy "
             "takes it."),
        Kind("loss_of_the_last", "a loss of the last token alone", "Every position predicts its next token, and every "
             "one counts."),
        Kind("loss_without_the_last", "a loss that leaves out the last token", "Targets are shifted already: every "
             "position has one."),
        Kind("loss_without_the_first", "a loss that leaves out the first token", "Targets are shifted already: every "
             "position has one."),
        Kind("varies_in_evaluation", "evaluation mode in which two calls differ", "Dropout acts in training mode only "
             "(nn.Dropout, or training=self.training), and layers are made in __init__, never in forward."),
        Kind("drops_unasked", "dropout that nobody asked for", "Without a dropout argument nothing is dropped, in "
             "training mode either: the default is 0.0."),
        Kind("one_mode", "training mode that computes something else", "Without dropout, train() and eval() give the "
             "same output: the mask and all else hold in both."),
        Kind("keeps_state", "an answer that remembers the call before", "What a call makes (a mask, a length, a table) "
             "is for its own input; the next one has other sizes."),
        Kind("one_row_is_special", "a batch of one that loses a dimension", "squeeze() takes away every dimension of "
             "size 1, the batch too; name the dimension, or index."),
        Kind("first_row_for_all", "the first sequence used for all", "Each sequence of the batch has numbers of its "
             "own; an index of 0 takes those of the first."),
        Kind("rows_mix", "sequences of a batch that mix", "A sequence has the same output alone and among others: no "
             "sum, mean or softmax over the batch."),
        Kind("sees_no_self", "a token that does not see itself", "A token attends to itself too (j ≤ i); alone it has "
             "nothing else to see."),
        Kind("sees_the_future", "a future that is seen", "Position i depends on the positions j ≤ i only: -inf before "
             "the softmax wherever j > i."),
        Kind("forgets_the_past", "a past that is forgotten", "The last position depends on all before it, the first "
             "one included."),
        Kind("a_length_is_fixed", "a length written into the code", "Take the number of tokens from the input's shape: "
             "longer texts come."),
        Kind("full_length_fails", "one token too few", "As many as block_size tokens are allowed, not one fewer."),
        Kind("needs_equal_sizes", "two sizes that are exchanged", "It works only where sizes are equal. Write the "
             "shape beside each line and see which one does not fit."),
        Kind("half_precision", "numbers in half precision", "The output has only three digits or so: leave out half() "
             "and bfloat16."),
        Kind("cuts_the_gradient", "a gradient that is cut off", "Nothing between input and output may detach, leave "
             "torch or run under no_grad: what came before could not learn."),
        Kind("something_never_learns", "a part that never learns", "Every parameter needs a gradient: is each used in "
             "forward, and none frozen or detached?"),
        Kind("never_negative", "a ReLU too much", "No number that comes out is negative; the last step has no "
             "activation."),
        Kind("bounded", "a tanh too much", "Whatever the weights, numbers stay between -1 and 1; the last step has no "
             "activation."),
    )
}  # fmt: skip


def random_numbers(model: nn.Module, spread: float = 0.5) -> nn.Module:
    """The module, with random numbers in its parameters; those that hold only 0 and 1 (gains, masks) keep them."""
    with torch.no_grad():
        for value in model.parameters():
            if not _is_mask(value):
                value.copy_(spread * torch.randn(value.shape))
    return model


def _is_mask(value: torch.Tensor) -> bool:
    """Whether a parameter holds only 0 and 1, and some of the latter."""
    return bool(((value == 0) | (value == 1)).all()) and bool((value == 1).any())


# ---- what the questions lean on --------------------------------------------------------------------------------------


def _loss_is(trial: Trial, wrong: Callable[[torch.Tensor], torch.Tensor]) -> bool:
    """Whether the loss is this of the tokens' losses (B, T), and not their mean. From the model's own logits."""
    if trial.loss and trial.call is not None:
        logits, targets = trial.inputs[0].numpy(), trial.inputs[1]
        loss = trial.call(*trial.inputs)
    elif trial.ids:
        model, targets = trial.module(), (3 * trial.inputs[0] + 1) % trial.ids
        logits, loss = trial.out(model), model(*trial.inputs, targets)[1]
    else:
        return False
    loss = float(torch.as_tensor(loss).detach())
    each = F.cross_entropy(torch.from_numpy(logits).flatten(0, 1), targets.flatten(), reduction="none").view(
        targets.shape
    )
    return abs(loss - float(wrong(each))) < 1e-4 < abs(loss - float(each.mean()))


def _slope_is_off(trial: Trial, output: torch.Tensor, found: tuple[torch.Tensor | None, ...]) -> bool:
    """Whether the gradients of the inputs are not what small steps do."""
    run, weights = trial.fresh(), _weights(output).numpy().astype(np.float64)
    floating = [at for at, value in enumerate(trial.inputs) if value.is_floating_point()]
    for at, gradient in zip(floating, found, strict=True):
        assert gradient is not None
        size, slopes = float(gradient.norm()), []
        for share in (2e-2, 4e-3):
            step = share * float(trial.inputs[at].norm())
            ends = []
            for way in (1, -1):
                inputs = list(trial.inputs)
                inputs[at] = inputs[at] + way * step * gradient / size
                ends.append(float((trial.out(run, tuple(inputs)) * weights).sum()))
            slopes.append((ends[0] - ends[1]) / (2 * step))
        if all(abs(slope - size) > 0.15 * size for slope in slopes):
            return True
    return False


def _weights(output: torch.Tensor) -> torch.Tensor:
    return torch.randn(output.shape, generator=torch.Generator().manual_seed(1))


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)


def _equal(left: Any, right: Any) -> bool:
    return bool(np.array_equal(as_array(left, "an input"), as_array(right, "an input")))


def _same(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two outputs agree but for rounding; NaN agrees with NaN."""
    if left.shape != right.shape:
        return False
    finite = np.isfinite(left) & np.isfinite(right)
    scale = max(1.0, float(np.abs(right[finite]).max(initial=0.0)))
    return bool(
        (np.isfinite(left) == np.isfinite(right)).all() and (np.abs(left - right)[finite] <= APART * scale).all()
    )


def _try(ask: Callable[[], np.ndarray]) -> np.ndarray | None:
    try:
        return ask()
    except Exception:
        return None


def _cut(trial: Trial, tokens: int) -> tuple[Any, ...]:
    """The first inputs' first tokens."""
    at = (slice(None),) * int(trial.batch) + (slice(None, tokens),)
    return (trial.inputs[0][at], *trial.inputs[1:])


def _longer(trial: Trial, tokens: int) -> tuple[Any, ...]:
    """Inputs in which the first one is repeated, a little changed, until it is so long."""
    first, axis = trial.inputs[0], int(trial.batch)
    times = -(-tokens // first.shape[axis])
    parts = [first if trial.ids else first * (1 + 0.1 * number) for number in range(times)]
    long = torch.cat(parts, axis) if isinstance(first, torch.Tensor) else np.concatenate(parts, axis)
    return (long[(slice(None),) * axis + (slice(None, tokens),)], *trial.inputs[1:])


def _rows(value: Any, places: list[int]) -> Any:
    return value[places]


def _resized(value: Any, size: int) -> Any:
    """The same numbers in a shape whose sides are all alike."""
    shape = (size,) * value.ndim
    if isinstance(value, torch.Tensor):
        return value.flatten().repeat(-(-math.prod(shape) // value.numel()))[: math.prod(shape)].reshape(shape)
    return np.resize(value, shape)
