"""Training a language model, from the first step to the last, with nothing hidden.

    from course_lib import training
    result = training.fit(GPT(…), "tinyplays", training.Config(steps=2000, lr=1e-3), folder="runs/first")

Any model will do that is called as nanoGPT's is: `logits, loss = model(idx, targets)`. Read this file from top to
bottom: schedule, optimiser, batches, evaluation, the loop. Settings are in `settings`, what a machine can do in
`machine`, files in `checkpoint`.
"""

from __future__ import annotations

import hashlib
import math
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course_lib import checkpoint, live_curve, machine, randomness
from course_lib.corpus import Corpus
from course_lib.muon import Muon
from course_lib.progress import progress
from course_lib.settings import Config
from course_lib.split import EVAL_TOKENS, Batch, Split, windows

__all__ = ["Config", "Result", "batch_of", "evaluate", "fit", "optimizer_of", "rate"]

DISPLAY = 0.5  # seconds between two looks at the loss, each of which makes a GPU wait


def rate(step: int, config: Config) -> float:
    """The learning rate of a step as a share of the highest: 1 at step `warmup`, `final` after the last step."""
    if step < config.warmup:
        return (step + 1) / (config.warmup + 1)
    done = min(1.0, (step - config.warmup) / max(1, config.steps - config.warmup))
    left = 0.5 * (1 + math.cos(math.pi * done)) if config.decay == "cosine" else 1 - done
    return config.final + (1 - config.final) * left


def optimizer_of(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """AdamW with decay on matrices only; Muon for a model that brings its own `groups(lr, weight_decay)`."""
    if hasattr(model, "groups"):
        groups: Any = model.groups
        return Muon(groups(config.lr, config.weight_decay), betas=config.betas)
    learning = [value for value in model.parameters() if value.requires_grad]
    matrices = [value for value in learning if value.ndim >= 2]
    others = [value for value in learning if value.ndim < 2]  # biases and gains: to pull them to 0 helps nothing
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    fused = all(value.device.type in ("cuda", "cpu") for value in learning)  # one kernel for all parameters
    return torch.optim.AdamW(groups, lr=config.lr, betas=config.betas, fused=fused)


def batch_of(ids: torch.Tensor, config: Config, step: int, part: int = 0) -> Batch:
    """The windows of a step, x and y (batch_size, block_size): a function of seed, step and part alone."""
    digest = hashlib.sha256(f"{config.seed} {step} {part}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
    starts = torch.randint(len(ids) - config.block_size, (config.batch_size, 1), generator=generator)
    places = starts.to(ids.device) + torch.arange(config.block_size + 1, device=ids.device)
    both = ids[places]  # (batch_size, block_size + 1), gathered with one index
    return both[:, :-1], both[:, 1:]


def loss_of(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean loss of a batch. Raises TypeError for a model that is called otherwise than nanoGPT's."""
    said = model(x, y)
    if not isinstance(said, tuple) or len(said) != 2 or not isinstance(said[1], torch.Tensor) or said[1].ndim:
        got = [type(part).__name__ for part in said] if isinstance(said, tuple) else type(said).__name__
        raise TypeError(f"model(idx, targets) must return (logits, loss), the loss a tensor of shape (); it gave {got}")
    loss: torch.Tensor = said[1]
    return loss


@torch.no_grad()
def evaluate(model: nn.Module, batches: list[Batch], autocast: Any = nullcontext) -> float:
    """The mean loss over batches, in nats per token, each token counting once; in eval mode.

    The modes of the model's parts and all random states are as before, whatever happens.
    """
    modes = {part: part.training for part in model.modules()}
    total = tokens = 0.0
    try:
        with randomness.undisturbed():
            model.eval()
            for x, y in batches:
                with autocast():
                    total += float(loss_of(model, x, y)) * y.numel()
                tokens += y.numel()
    finally:
        for part, mode in modes.items():
            part.training = mode
    return total / tokens


@dataclass
class Result:
    """What a training has led to.

    model: with the best weights found, in eval mode. curve: (step, training loss, validation loss) at each evaluation,
    in nats per token; the training loss is the mean since the one before. best: (step, validation loss). val: over the
    whole validation part, with the best weights. seconds: of training, without evaluations. speed: tokens per second;
    share: of what a plain matrix product reaches here, at 6 operations for each weight and token. stopped: why it ended
    early. notes: what was asked for and could not be had.
    """

    model: nn.Module
    config: Config
    split: Split
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    best: tuple[int, float] = (0, math.inf)
    val: float = math.nan
    seconds: float = 0.0
    speed: float = 0.0
    share: float = 0.0
    stopped: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether no step will follow."""
        return bool(self.stopped) or bool(self.curve and self.curve[-1][0] >= self.config.steps)

    def say(self, note: str) -> None:
        """Keep a note, and print it at once."""
        self.notes.append(note)
        print(f"note: {note}", file=sys.stderr)

    def __str__(self) -> str:
        said = f"{self.val:.3f} nats per {self.split.unit}, {self.split.bits_per_byte(self.val):.3f} bits per byte"
        if "true entropy" in self.split.floors:
            said += f", {self.val - self.split.floors['true entropy']:.3f} above the true entropy"
        said += f" (the whole validation part, weights of step {self.best[0]:,})"
        said += f"; {self.seconds:.0f} s, {self.speed:,.0f} tokens/s, {self.share:.0%} of a plain product's rate"
        return f"{said}; stopped early: {self.stopped}" if self.stopped else said


def enough(result: Result, target: float | None) -> str:
    """Why to stop at the latest evaluation, or nothing."""
    step, _, val = result.curve[-1]
    worse = sum(at > result.best[0] for at, _, _ in result.curve)
    if target is not None and val <= target:
        return f"the loss of {target} is reached"
    if result.config.patience is not None and worse >= result.config.patience and step < result.config.steps:
        return f"none of {worse} evaluations was better than that of step {result.best[0]:,}"
    return ""


def fit(
    model: nn.Module,
    corpus: str | Path | Corpus | Split,
    config: Config,
    *,
    folder: str | Path | None = None,
    optimizer: Callable[[nn.Module, Config], torch.optim.Optimizer] = optimizer_of,
    watch: Callable[[Result], Any] | None = None,
    target: float | None = None,
) -> Result:
    """Train a model, and return it with its best weights and its curve. Seeds torch with config.seed.

    corpus: a name, a text file, a Corpus, or a Split at hand. folder: where a checkpoint is kept at each evaluation; if
    one of the same settings is there, training goes on where it was, bit for bit. Ctrl-C stops after the step and keeps
    what was learnt; twice, it raises. watch: told at each evaluation; by default it draws the curve in a notebook.
    target: stop at an evaluation with this loss or less.
    Raises ValueError for a corpus without a window, TypeError for a model that is called otherwise, CheckpointError for
    a folder that holds another training, FloatingPointError for a loss that is no number before any training.
    """
    # -- what is trained on what, where, how
    data = corpus if isinstance(corpus, Split) else Split.of_any(corpus)
    if min(len(data.train), len(data.val)) <= config.block_size:
        raise ValueError(f"a part of {data.name} has no window of block_size={config.block_size}; take a smaller one")
    result = Result(model, config, data)
    device = machine.device(config.device, result.say)
    half = machine.half(device, config.precision, result.say)
    autocast = partial(torch.autocast, device, half) if half else nullcontext
    scaler = torch.amp.GradScaler(device, enabled=half == torch.float16)  # float16 alone has gradients too small for it
    model.to(device)
    train, at_once = data.train.to(device), min(EVAL_TOKENS, config.batch_size * config.block_size)
    excerpt, whole = (
        [(x.to(device), y.to(device)) for x, y in windows(data.val, config.block_size, most, at_once)]
        for most in (config.eval_tokens, None)
    )
    opt = optimizer(model, config)
    highest = [group["lr"] for group in opt.param_groups]
    work = 6 * machine.multiplied(model)  # operations for each token
    product = machine.product_rate(device, half or machine.product_type(model))
    per_step = config.batch_size * config.accumulate * config.block_size
    watch = watch or live_curve.watcher() or (lambda _: None)
    # -- where it is
    kept: dict[str, torch.Tensor] = {}  # the best weights so far
    summed, count = torch.zeros((), device=device), 0  # training losses since the last evaluation
    since = time.monotonic()
    same = {"config": asdict(config), "corpus": data.digest()}
    torch.manual_seed(config.seed)
    first = 0
    if folder is not None and (found := checkpoint.resume(folder, model, opt, kept, same)):
        first, result.best, result.seconds = found["step"], tuple(found["best"]), found["seconds"]
        result.curve = [(step, trained, val) for step, trained, val in found["curve"]]
        summed, count = summed + found["summed"], found["count"]
        scaler.load_state_dict(found["scaler"])
        result.stopped = enough(result, target)

    def spent(step: int) -> None:
        """Count the seconds of training up to here."""
        nonlocal since
        machine.wait(device)
        result.seconds += time.monotonic() - since
        result.speed = step * per_step / max(result.seconds, 1e-9)
        result.share = result.speed * work / product
        since = time.monotonic()

    def keep(step: int) -> None:
        if folder is not None and all(bool(value.isfinite().all()) for value in model.parameters()):
            more = {"step": step, "curve": result.curve, "best": result.best, "seconds": result.seconds}
            more |= {"summed": float(summed), "count": count, "scaler": scaler.state_dict(), **same}
            checkpoint.keep(folder, model, opt, kept, more)

    def look(step: int, keeping: bool = True) -> None:
        """Evaluate after so many steps, remember the best, keep a checkpoint."""
        nonlocal since, summed, count
        spent(step)
        trained = float(summed) / count if count else evaluate(run, [batch_of(train, config, step)], autocast)
        val = evaluate(run, excerpt, autocast)
        if not math.isfinite(val):
            if not result.curve:
                raise FloatingPointError(f"the loss is {val} before any training")
            result.stopped = f"the loss became {val} before step {step:,}; try a smaller lr, or a clip"
            return
        result.curve.append((step, trained, val))
        if val < result.best[1]:
            result.best = step, val
            kept.update({name: value.detach().clone() for name, value in model.state_dict().items()})
        result.stopped = result.stopped or enough(result, target)
        if keeping:
            summed, count = torch.zeros_like(summed), 0
            keep(step)
        watch(result)
        since = time.monotonic()

    # -- the loop
    with ExitStack() as stack:
        if config.checkpointing:
            stack.enter_context(machine.checkpointed(model, result.say))
        run = machine.compiled(model, batch_of(train, config, 0), autocast, result.say) if config.compile else model
        interrupted = stack.enter_context(machine.interrupt())
        model.train()
        since, shown = time.monotonic(), -math.inf
        spent(first)
        for step in (bar := progress(range(first, config.steps), description="training")):
            if step % config.every == 0 and (not result.curve or step > result.curve[-1][0]):
                look(step)
            if result.stopped:
                break
            for group, top in zip(opt.param_groups, highest, strict=True):
                group["lr"] = top * rate(step, config)
            opt.zero_grad(set_to_none=True)
            for part in range(config.accumulate):
                x, y = batch_of(train, config, step, part)
                with autocast():
                    loss = loss_of(run, x, y) / config.accumulate  # the parts then add up to the large batch's mean
                scaler.scale(loss).backward()
                summed += loss.detach()
            count += 1
            if config.clip is not None:
                scaler.unscale_(opt)
                nn.utils.clip_grad_norm_(model.parameters(), config.clip)  # after backward, before the step
            scaler.step(opt)
            scaler.update()
            if time.monotonic() - shown > DISPLAY:
                spent(step + 1)
                now = {"loss": float(summed) / count, "val": result.curve[-1][2]}
                bar.report(**now, **{"tokens/s": result.speed, "share": result.share})
                shown = time.monotonic()
            if interrupted:
                spent(step + 1)
                keep(step + 1)  # before the evaluation: it goes on as if it had never stopped
                result.stopped = "interrupted"
                look(step + 1, keeping=False)
                break
        if not result.finished:
            look(config.steps)
        model.load_state_dict(kept)
        result.val = evaluate(model, whole, autocast)
    model.eval()
    return result
