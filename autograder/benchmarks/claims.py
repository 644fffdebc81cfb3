"""What the notebooks claim over several seeds, measured with the answers in solutions/.

    python -m autograder.benchmarks.claims                 everything, about half an hour on two cores
    python -m autograder.benchmarks.claims positions       one of them, beside those in the file

The figures go to `claims.json`, run by run; `tests/test_claims.py` compares them with the prose. In the room: the
measurements. Not in the room: what a notebook measures itself, which stands in its outputs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from autograder.authoring import text_of
from course_lib import corpus, depth, ladder
from course_lib.split import windows

FILE = Path(__file__).with_name("claims.json")
SEEDS = range(5)
Names = dict[str, Any]
Figures = Iterator[tuple[str, float]]  # (name, figure), one for each run: a name comes once for each seed


def names(assignment: str) -> Names:
    """What the answers of an assignment define."""
    return ladder.definitions(text_of(assignment))


def tinyplays(given: Names) -> tuple[list[str], torch.Tensor, torch.Tensor]:
    """(vocabulary, training ids, validation ids)."""
    plays = corpus.load("tinyplays").text
    vocab = given["build_vocab"](plays)
    return vocab, *given["train_val_split"](torch.tensor(given["encode"](plays, vocab)), 0.1)


def stacks() -> Figures:
    """a4, Part 3: the loss of each kind of stack after training, by depth, at other learning rates too."""
    _, train_ids, val_ids = tinyplays(names("a4_gpt"))
    for lr in (3e-3, 1e-3, 1e-2):
        for layers in (1, 4, 12, 24):
            for kind in depth.KINDS:
                model = depth.Stacks(kind, layers, 66, seeds=SEEDS)
                depth.train(model, train_ids, lr=lr)
                for loss in depth.validation_loss(model, val_ids).tolist():
                    yield f"{kind}, {layers} layers, lr {lr:g}", loss


def positions() -> Figures:
    """a4, 5.2: the loss inside the trained length and beyond it, for each way to have positions."""
    a4 = names("a4_gpt")
    vocab, train_ids, val_ids = tinyplays(a4)
    for seed in SEEDS:
        for kind in ("none", "learned", "learned, small", "sinusoidal"):
            model = a4["gpt_with"](kind, len(vocab), seed=9 + seed)
            a4["train"](model, (a4["get_batch"](train_ids, 16, 32) for _ in range(800)), lr=2e-3)
            losses = a4["loss_by_position"](model, val_ids, 64)
            yield f"{kind}, 1 to 32", float(losses[:32].mean())
            yield f"{kind}, 33 to 64", float(losses[32:].mean())


def blocks() -> Figures:
    """a4, Part 6: what the rung "+ residual" owes to three blocks, to residuals and to norms, at 1,000 steps."""
    a4 = names("a4_gpt")
    parts, data = ladder.Parts.of(a4), ladder.Data.of("tinyplays")
    settings = ladder.Settings(steps=1000, lr=3e-3)
    arms = [(1, "residuals"), *((3, kind) for kind in ("plain", "norms", "residuals", "residuals and norms"))]
    for seed in SEEDS:
        for layers, kind in arms:

            def build(p: ladder.Parts, s: ladder.Settings, v: int, layers: int = layers, kind: str = kind) -> Any:
                model: Any = p.GPT(v, s.n_embd, s.n_head, layers, s.block_size)
                if "residuals" not in kind:
                    for block in model.blocks:
                        block.forward = _without_residuals(block)
                return model if "norms" in kind else ladder.without(model, p.LayerNorm)

            rung = ladder.Rung(kind, build, None)
            _, run = ladder.train_rung(rung, parts, data, settings, seed=seed, points=1)
            yield f"{layers} × {kind}", run.loss


def _without_residuals(block: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: block.feed_forward(block.norm_2(block.attention(block.norm_1(x))))


def training() -> Figures:
    """a2, 5.4 and a3, 4.4: where the bigram model and the model with one head end, and what the head looks at."""
    a4 = names("a4_gpt")
    parts, data = ladder.Parts.of(a4), ladder.Data.of("tinyplays")
    x, y = (torch.cat(tensors) for tensors in zip(*windows(data.val, 8), strict=True))
    for seed in SEEDS:
        for rung in ladder.RUNGS[:2]:
            trained, run = ladder.train_rung(rung, parts, data, seed=seed, points=1)
            yield rung.name, run.loss
        model: Any = trained
        with torch.no_grad():
            losses = F.cross_entropy(model(x)[0].transpose(1, 2), y, reduction="none").mean(dim=0)
            rows = model.embedding(x)
            scores = model.head.query(rows)[:, -1:] @ model.head.key(rows).mT / 32**0.5
            weights = scores.softmax(dim=-1).mean(dim=0)[0]  # of the last of 8 characters
        for place in (1, 2, 8):
            yield f"one head, loss with {place} characters", float(losses[place - 1])
        for back in range(8):
            yield f"one head, weight {back} back", float(weights[7 - back])


def untrained() -> Figures:
    """a4, 4.1: the loss before any training, as it should be and with two mistakes."""
    a4 = names("a4_gpt")
    for seed in range(50):
        for kind in ("right", "no mask", "no last norm"):
            torch.manual_seed(seed)
            model = a4["GPT"](65, 32, 4, 3, 8).eval()
            if kind == "no mask":
                for module in model.modules():
                    if hasattr(module, "may_attend"):
                        module.may_attend.fill_(True)
            if kind == "no last norm":
                model.final_norm = nn.Identity()
            text = torch.randint(65, (32, 9))
            with torch.no_grad():
                yield kind, model(text[:, :-1], text[:, 1:])[1].item()


MEASUREMENTS: dict[str, Callable[[], Figures]] = {
    "untrained": untrained,
    "stacks": stacks,
    "positions": positions,
    "blocks": blocks,
    "training": training,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=[[], *MEASUREMENTS])
    torch.set_num_threads(1)
    for which in parser.parse_args().which or MEASUREMENTS:
        figures: dict[str, list[float]] = {}
        for name, figure in MEASUREMENTS[which]():
            figures.setdefault(name, []).append(float(f"{figure:.4g}"))
            print(f"{which}: {name} {figure:.3f}", flush=True)
            kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
            FILE.write_text(json.dumps({**kept, which: figures}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
