"""The ladder: from a bigram table to a GPT, one part at a time, published and measured losses side by side.

    python -m course_lib.ladder --corpus tinyshakespeare --seeds 3

Every rung is put together from classes that are handed in, the student's own (`Parts`); nothing of a model is in here.
The figures are those of A. Karpathy's lecture "Let's build GPT: from scratch, in code, spelled out", whose settings
are `LECTURE`: batch 32, block 8, 32 wide, 4 heads, learning rate 1e-3, 5,000 steps (10,000 for the bigram).

In the room: the rungs, their training and measuring, the table, the plot, the command.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from course_lib import corpus as corpora
from course_lib.progress import progress
from course_lib.split import Batch, windows
from course_lib.split import Split as Data

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTEBOOK = "a4_gpt/gpt.ipynb"  # whose definitions the command uses unless told otherwise
CURVE_TOKENS = 32_768  # of the validation text, for the points of a curve; the last one takes all of it


@dataclass(frozen=True)
class Parts:
    """What the rungs are made of: the answers to the assignments up to the GPT, under their names there."""

    BigramLanguageModel: Callable[..., nn.Module]
    HeadLanguageModel: Callable[..., nn.Module]
    TokenPositionEmbedding: Callable[..., nn.Module]
    MultiHeadAttention: Callable[..., nn.Module]
    FeedForward: Callable[..., nn.Module]
    LayerNorm: type[nn.Module]
    GPT: Callable[..., nn.Module]
    sequence_loss: Callable[..., torch.Tensor]
    get_batch: Callable[..., Batch]
    train: Callable[..., Any]
    estimate_loss: Callable[..., float]

    @classmethod
    def of(cls, names: Mapping[str, Any]) -> Parts:
        """The parts among these names: `Parts.of(globals())`. Raises ValueError naming what is missing."""
        wanted = [field.name for field in fields(cls)]
        if missing := [name for name in wanted if names.get(name, ...) is ...]:
            raise ValueError(f"the ladder needs {', '.join(missing)}")
        return cls(**{name: names[name] for name in wanted})

    @classmethod
    def from_file(cls, path: str | Path) -> Parts:
        """The parts that a Python file or a notebook defines. Its imports, functions and classes run, nothing else."""
        return cls.of(definitions(Path(path)))


@dataclass(frozen=True)
class Settings:
    """How a rung is built and trained. n_embd: its width. steps: batches of batch_size windows of block_size tokens."""

    n_embd: int = 32
    n_head: int = 4
    n_layer: int = 3
    block_size: int = 8
    batch_size: int = 32
    lr: float = 1e-3
    steps: int = 5000
    dropout: float = 0.0

    def __str__(self) -> str:
        return (
            f"batch {self.batch_size}, block {self.block_size}, n_embd {self.n_embd}, {self.n_head} heads, "
            f"lr {self.lr:g}, {self.steps:,} steps, dropout {self.dropout:g}"
        )


LECTURE = Settings()
SCALED = Settings(n_embd=384, n_head=6, n_layer=6, block_size=256, batch_size=64, lr=3e-4, dropout=0.2)
SCALED_CPU = Settings(n_embd=128, n_head=4, n_layer=4, block_size=64, batch_size=16, lr=1e-3, steps=2000)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder.

    name: what it adds. build: (parts, settings, vocab_size) -> the untrained model. published: the lecture's loss on
    Tiny Shakespeare's validation part, or the range in which it reports it. longer: times the usual number of steps.
    """

    name: str
    build: Callable[[Parts, Settings, int], nn.Module]
    published: tuple[float, float] | None
    longer: int = 1


@dataclass(frozen=True)
class Run:
    """One trained rung. loss: nats per character over the whole validation part. curve: (step, loss) on the way."""

    rung: str
    seed: int
    parameters: int
    loss: float
    seconds: float
    curve: tuple[tuple[int, float], ...]
    published: tuple[float, float] | None


class Stack(nn.Module):
    """Layers one after the other, the last of which gives logits; called as every model of the course."""

    def __init__(self, parts: Parts, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.loss = parts.sequence_loss

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[Any, Any]:
        scores = self.layers(idx)
        return scores, self.loss(scores, targets) if targets is not None else None


def _bigram(parts: Parts, _settings: Settings, vocab_size: int) -> nn.Module:
    return parts.BigramLanguageModel(vocab_size)


def _head(parts: Parts, s: Settings, vocab_size: int) -> nn.Module:
    return parts.HeadLanguageModel(vocab_size, s.n_embd, s.n_embd, s.block_size)


def _heads(parts: Parts, s: Settings, vocab_size: int) -> nn.Module:
    return Stack(
        parts,
        parts.TokenPositionEmbedding(vocab_size, s.n_embd, s.block_size),
        parts.MultiHeadAttention(s.n_embd, s.n_head, s.block_size, s.dropout),
        nn.Linear(s.n_embd, vocab_size),
    )


def _feed_forward(parts: Parts, s: Settings, vocab_size: int) -> nn.Module:
    return Stack(
        parts,
        parts.TokenPositionEmbedding(vocab_size, s.n_embd, s.block_size),
        parts.MultiHeadAttention(s.n_embd, s.n_head, s.block_size, s.dropout),
        parts.FeedForward(s.n_embd, s.dropout),
        nn.Linear(s.n_embd, vocab_size),
    )


def _gpt(parts: Parts, s: Settings, vocab_size: int) -> nn.Module:
    return parts.GPT(vocab_size, s.n_embd, s.n_head, s.n_layer, s.block_size, s.dropout)


def _residual(parts: Parts, s: Settings, vocab_size: int) -> nn.Module:
    """The GPT with its layer norms taken out again: what is left beyond the rung before is depth and residuals."""
    return without(_gpt(parts, s, vocab_size), (parts.LayerNorm, nn.LayerNorm))


RUNGS = (
    Rung("bigram", _bigram, (2.49, 2.49), longer=2),
    Rung("one head", _head, (2.40, 2.50)),
    Rung("multi-head", _heads, (2.28, 2.28)),
    Rung("+ feed-forward", _feed_forward, (2.24, 2.24)),
    Rung("+ residual", _residual, (2.08, 2.08)),
    Rung("+ layer norm", _gpt, (2.06, 2.06)),
)
SCALED_RUNG = Rung("scaled up", _gpt, (1.48, 1.48))
SCALED_CPU_RUNG = Rung("larger, for a CPU", _gpt, None)


def without(model: nn.Module, kinds: type[nn.Module] | tuple[type[nn.Module], ...]) -> nn.Module:
    """The same model with every module of these classes replaced by one that does nothing. Changed in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, kinds):
                setattr(module, name, nn.Identity())
    return model


def device() -> str:
    """Where models are trained here: "cuda" if there is a GPU, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def train_rung(
    rung: Rung, parts: Parts, data: Data, settings: Settings = LECTURE, *, seed: int = 0, points: int = 10
) -> tuple[nn.Module, Run]:
    """Build and train one rung with the student's own loop, and measure it. Returns the model and its Run.

    data: as ids. points: how often the loss is measured on the way, on a part of the validation text. The model
    comes back on the CPU, in eval mode.
    """
    where = device()
    torch.manual_seed(seed)
    model = rung.build(parts, settings, len(data.vocab)).to(where)
    steps = settings.steps * rung.longer
    every = max(1, steps // points)
    curve: list[tuple[int, float]] = []
    excerpt = _on(where, windows(data.val, settings.block_size, CURVE_TOKENS))

    def batches() -> Iterator[Batch]:
        bar = progress(range(steps), description=f"{rung.name}, seed {seed}")
        for step in bar:
            if step % every == 0:
                curve.append((step, float(parts.estimate_loss(model, excerpt))))
                bar.report(loss=curve[-1][1])
            x, y = parts.get_batch(data.train, settings.batch_size, settings.block_size)
            yield x.to(where), y.to(where)

    started = time.monotonic()
    parts.train(model, batches(), lr=settings.lr)
    seconds = time.monotonic() - started
    loss = float(parts.estimate_loss(model, _on(where, windows(data.val, settings.block_size))))
    curve.append((steps, loss))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    run = Run(rung.name, seed, parameters, loss, seconds, tuple(curve), rung.published)
    return model.to("cpu").eval(), run


def _on(where: str, batches: list[Batch]) -> list[Batch]:
    return [(x.to(where), y.to(where)) for x, y in batches]


def run(
    parts: Parts,
    data: Data,
    settings: Settings = LECTURE,
    *,
    seeds: Sequence[int] = (0,),
    rungs: Sequence[Rung] = RUNGS,
    keep: Callable[[Run], None] | None = None,
) -> list[Run]:
    """Train every rung with every seed. keep: called with each Run as soon as it is there.

    parts: the classes and functions to build from. data: `Data.of(name)`. Returns the runs, rung after rung.
    """
    runs = []
    for rung in rungs:
        for seed in seeds:
            _, done = train_rung(rung, parts, data, settings, seed=seed)
            runs.append(done)
            if keep is not None:
                keep(done)
    return runs


# ---- what came of it ----------------------------------------------------------------------------


def table(runs: Sequence[Run], *, published: bool = True) -> str:
    """The runs as text: one line for each rung, in order. published: with the lecture's figures, and how far off."""
    head = f"{'rung':20}{'parameters':>12}"
    head += f"{'published':>13}" if published else ""
    lines = [f"{head}{'measured':>12}{'± over seeds':>14}{'seconds':>10}"]
    for name, group in _by_rung(runs).items():
        losses = [run.loss for run in group]
        line = f"{name:20}{group[0].parameters:12,}"
        if published:
            line += f"{_published(group[0].published):>13}"
        spread = f"{np.std(losses, ddof=1):.3f}" if len(losses) > 1 else ""
        line += f"{np.mean(losses):12.3f}{spread:>14}{np.mean([run.seconds for run in group]):10.0f}"
        if published and (note := beside(group)):
            line += f"   {note}"
        lines.append(line)
    return "\n".join(lines)


def beside(group: Sequence[Run]) -> str:
    """How the mean of one rung's runs lies to its published figure: "−0.012", "in the range", or nothing."""
    published = group[0].published
    if published is None:
        return ""
    mean, (low, high) = float(np.mean([run.loss for run in group])), published
    if low < high and low <= mean <= high:
        return "in the range"
    gap = mean - (low if mean < low else high)
    return f"{gap:+.3f}".replace("-", "−")


def _published(figures: tuple[float, float] | None) -> str:
    if figures is None:
        return ""
    low, high = figures
    return f"{low:.2f}" if low == high else f"{low:.2f}–{high:.2f}"


def _by_rung(runs: Sequence[Run]) -> dict[str, list[Run]]:
    groups: dict[str, list[Run]] = {}
    for done in runs:
        groups.setdefault(done.rung, []).append(done)
    return groups


def picture(runs: Sequence[Run], floors: Mapping[str, float], *, title: str, published: bool = True) -> Axes:
    """Draw the ladder: the loss of each rung, its seeds as dots, the published figure as a diamond, floors as lines.

    floors: label -> loss. Those more than half a nat above the highest loss are left out, to keep the steps visible.
    title: the finding, in words. published: draw the lecture's figures.
    """
    import matplotlib.pyplot as plt

    from course_lib import plot

    groups = _by_rung(runs)
    _, ax = plt.subplots(figsize=(9.5, 5.2), layout="constrained")
    colour, _ = plot.LINES[0]
    highest = max(done.loss for done in runs)
    for place, group in enumerate(groups.values()):
        mean = float(np.mean([done.loss for done in group]))
        ax.plot([place - 0.33, place + 0.33], [mean, mean], color=colour, linewidth=3, solid_capstyle="butt")
        ax.plot([place] * len(group), [done.loss for done in group], "o", color=colour, markersize=4)
        ax.annotate(
            f"{mean:.2f}", (place + 0.33, mean), xytext=(0, 5), textcoords="offset points", ha="right",
            color=colour, fontweight="bold",
        )  # fmt: skip
        figures = group[0].published
        if published and figures is not None:
            ax.plot([place - 0.24] * 2, figures, color="#D55E00", linewidth=1.5)
            ax.plot([place - 0.24] * len(set(figures)), sorted(set(figures)), "D", color="#D55E00",
                    markerfacecolor="white", markersize=7, markeredgewidth=1.6)  # fmt: skip
    for label, loss in floors.items():
        if loss > highest + 0.5:
            continue
        ax.axhline(loss, color="#777777", linestyle=(0, (2, 2)), linewidth=1, zorder=0)
        ax.annotate(
            f"{label} {loss:.2f}", (1, loss), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=9, color="#555555", annotation_clip=False,
        )  # fmt: skip
    names = [f"{name}\n{group[0].parameters:,}" for name, group in groups.items()]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_xlabel("what the model is made of, and its number of parameters")
    ax.set_ylabel("validation loss (nats per character)")
    ax.set_title(title)
    ax.spines[["top", "right"]].set_visible(False)
    marks = "━ mean, ● each seed" + (", ◇ published" if published else "")
    ax.annotate(marks, (0.01, 0.1), xycoords="axes fraction", fontsize=9, color="#555555")
    return ax


# ---- the command --------------------------------------------------------------------------------


def definitions(file: Path) -> dict[str, Any]:
    """The names that a Python file or notebook defines: its imports, functions and classes, each run by itself.

    Cells that train or plot are left alone. Raises FileNotFoundError, or whatever an import raises.
    """
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    else:
        sources = [text]
    module = types.ModuleType(file.stem)
    sys.modules[file.stem] = module
    with _given_beside(file):
        for number, source in enumerate(sources, start=1):
            try:
                body = ast.parse(source).body
            except SyntaxError:
                continue  # an unfinished cell, or one with a magic
            wanted = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            kept = [node for node in body if isinstance(node, wanted)]
            tree = ast.Module(body=list(kept), type_ignores=[])
            exec(compile(tree, f"{file.name}, cell {number}", "exec"), module.__dict__)
    return module.__dict__


@contextmanager
def _given_beside(file: Path) -> Iterator[None]:
    """`from given import …` finds the module beside this file, whatever other one has been imported."""
    folder, before = str(file.resolve().parent), sys.modules.pop("given", None)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        sys.modules.pop("given", None)
        if before is not None:
            sys.modules["given"] = before


def find_parts(start: Path | None = None) -> Path:
    """The first notebook NOTEBOOK, in a folder of `start`, whose answers are all there.

    Raises FileNotFoundError with the files that were looked at.
    """
    looked_at = sorted((start or Path.cwd()).glob(f"*/{NOTEBOOK}"))
    for file in looked_at:
        if "raise NotImplementedError" not in file.read_text(encoding="utf-8"):
            return file
    seen = ", ".join(str(file) for file in looked_at) or "none found"
    raise FileNotFoundError(f"no finished {NOTEBOOK} in the folders here ({seen}); name one with --parts")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: trains, prints the table as it grows, saves the figures and the plot if asked."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.ladder", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", default="tinyplays", help="tinyplays, tinyshakespeare or a text file")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds for each rung")
    parser.add_argument("--steps", type=int, default=LECTURE.steps, help="training steps of a rung (bigram: twice)")
    parser.add_argument("--scaled", action="store_true", help="also the scaled-up rung; smaller where there is no GPU")
    parser.add_argument("--only", action="append", metavar="RUNG", help="train only this rung; may be repeated")
    parser.add_argument("--parts", type=Path, help=f"notebook or Python file with the classes; default: {NOTEBOOK}")
    parser.add_argument("--out", type=Path, help="a folder for runs.json and ladder.png")
    options = parser.parse_args(arguments)
    try:
        parts = Parts.from_file(options.parts or find_parts())
        data = Data.of(options.corpus)
    except (FileNotFoundError, ValueError, corpora.CorpusNotFound) as error:
        parser.error(str(error))

    shakespeare = data.name == "tinyshakespeare"
    jobs = [(rung, replace(LECTURE, steps=options.steps)) for rung in RUNGS]
    if options.scaled:
        jobs.append((SCALED_RUNG, SCALED) if device() == "cuda" else (SCALED_CPU_RUNG, SCALED_CPU))
    if options.only:
        known = [rung.name for rung, _ in jobs]
        if unknown := set(options.only) - set(known):
            parser.error(f"no rung {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        jobs = [job for job in jobs if job[0].name in options.only]
    print(f"{data.name} on {device()}: {LECTURE}" if options.steps == LECTURE.steps else f"{options.steps:,} steps")
    runs: list[Run] = []
    for rung, settings in jobs:
        runs += run(parts, data, settings, seeds=range(options.seeds), rungs=[rung])
        print(f"\n{table(runs, published=shakespeare)}", flush=True)
        if options.out:
            save(runs, data, options.out, published=shakespeare)


def save(runs: Sequence[Run], data: Data, folder: Path, *, published: bool) -> None:
    """Write runs.json and ladder.png into a folder."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    figures = {"corpus": data.name, "floors": data.floors, "runs": [asdict(done) for done in runs]}
    (folder / "runs.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    ax = picture(runs, data.floors, title=f"Every part lowers the loss on {data.name}", published=published)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(folder / "ladder.png", dpi=120)
    plt.close(figure)


if __name__ == "__main__":
    main()
