"""Seconds until a validation loss is reached: `python -m course_lib.benchmarks.time_to_loss --help`.

    … time_to_loss                         1.88 and 1.48 nats on this machine's CPU, 3 seeds
    … time_to_loss --nanogpt FOLDER        beside nanoGPT's published CPU recipe, one after the other
    … time_to_loss --device cuda           1.48 on a GPU
    … time_to_loss --lecture               the lecture's 10.8 million parameters, 5,000 steps, to the end

Tiny Shakespeare, nine tenths to train on; losses in nats per character over the whole validation part.
Time is that of training, evaluations left out for ours and counted for nanoGPT (its log has no other).
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course_lib import corpus, ladder, machine
from course_lib.fast_gpt import FastGPT
from course_lib.split import Split
from course_lib.training import Config, Result, fit

NANOGPT = (
    "--device=cpu --compile=False --eval_iters=20 --log_interval=100 --block_size=64 --batch_size=12 --n_layer=4 "
    "--n_head=4 --n_embd=128 --max_iters=2000 --lr_decay_iters=2000 --dropout=0.0"
).split()
LECTURE = Config(
    n_embd=384, n_head=6, n_layer=6, block_size=256, dropout=0.2, batch_size=64, steps=5000, lr=3e-4, warmup=0,
    final=1.0, weight_decay=0.01, betas=(0.9, 0.999), clip=None, every=500,
)  # fmt: skip
FAST: dict[str, Config] = {
    "cpu-1.88": Config.preset("fast-cpu-small"),
    "cpu-1.48": Config.preset("fast-cpu-large"),
    "cuda-1.48": Config.preset("fast-gpu"),
}


OPTIONS = ("value_tables", "plain")  # that a change in --sweep may name beside settings


class Plain(nn.Module):
    """The lecture's GPT with torch's own attention: GPT-2's parts, dropout wherever the lecture has it."""

    def __init__(
        self, vocab_size: int, n_embd: int, n_head: int, n_layer: int, block_size: int, dropout: float
    ) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            n_embd, n_head, 4 * n_embd, dropout, "relu", batch_first=True, norm_first=True
        )
        self.tokens, self.places = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.blocks = nn.TransformerEncoder(layer, n_layer, nn.LayerNorm(n_embd), enable_nested_tensor=False)
        self.head = nn.Linear(n_embd, vocab_size)
        for value in self.parameters():
            if value.ndim >= 2:
                nn.init.normal_(value, std=0.02)

    def forward(self, idx: torch.Tensor, targets: torch.Tensor | None = None) -> tuple[torch.Tensor, Any]:
        steps = torch.arange(idx.shape[1], device=idx.device)
        mask = nn.Transformer.generate_square_subsequent_mask(idx.shape[1], device=idx.device)
        x = self.blocks(self.tokens(idx) + self.places(steps), mask=mask, is_causal=True)
        logits = self.head(x).float()
        return logits, None if targets is None else nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def fast(data: Split, config: Config, *, half: bool, seed: int, **options: Any) -> Result:
    """One training of the fast model, or with plain=True of `Plain`. options: of `FastGPT`."""
    torch.manual_seed(seed)
    if options.pop("plain", False):
        return fit(Plain(len(data.vocab), *config.model_args), data, Config(**{**asdict(config), "seed": seed}))
    model = FastGPT(len(data.vocab), *config.model_args, dtype=torch.bfloat16 if half else torch.float32, **options)
    return fit(model, data, Config(**{**asdict(config), "seed": seed, "precision": "float32"}))


def row(name: str, results: Sequence[Result]) -> dict[str, Any]:
    """The figures of some seeds, printed too."""
    found: dict[str, Any] = {
        "name": name,
        "val": [result.val for result in results],
        "seconds": [result.seconds for result in results],
        "tokens_per_second": [result.speed for result in results],
        "share_of_a_product": [result.share for result in results],
        "parameters": sum(value.numel() for value in results[0].model.parameters()),
        "curves": [result.curve for result in results],
        "config": asdict(results[0].config),
    }
    mean, spread = statistics.mean(found["val"]), max(found["val"]) - min(found["val"])
    print(
        f"{name}: {mean:.4f} (spread {spread:.4f}) after {statistics.median(found['seconds']):.1f} s, "
        f"{statistics.median(found['tokens_per_second']):,.0f} tokens/s, "
        f"{statistics.median(found['share_of_a_product']):.0%} of a product's rate, {found['parameters']:,} parameters",
        flush=True,
    )
    return found


def sweep(
    data: Split, base: Config, changes: Sequence[dict[str, Any]], half: bool, most: float
) -> Iterator[dict[str, Any]]:
    """One seed of each change to a configuration; then, of those within `most` seconds, two more seeds of the best."""
    tried: list[tuple[Any, ...]] = []
    for change in changes:
        settings = {key: value for key, value in change.items() if key not in OPTIONS}
        options = {key: value for key, value in change.items() if key in OPTIONS}
        config = Config(**{**asdict(base), **settings})
        result = fast(data, config, half=half, seed=0, **options)
        tried.append((result.seconds > most, result.val, len(tried), change, config, options, result))
        yield row(json.dumps(change), [result])
    _, _, _, change, config, options, first = min(tried)
    more = [fast(data, config, half=half, seed=seed, **options) for seed in (1, 2)]
    yield row(f"best: {json.dumps(change)}", [first, *more])


def nanogpt(folder: Path, seed: int) -> tuple[float, list[tuple[int, float, float]]]:
    """Seconds and curve of nanoGPT's recipe, run in its own folder. Raises RuntimeError with what it said."""
    start = time.monotonic()
    line = [sys.executable, "train.py", "config/train_shakespeare_char.py", *NANOGPT]
    said = subprocess.run(line, cwd=folder, capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(f"nanoGPT ended with {said.returncode}: {said.stderr[-2000:]}")
    curve = []
    for text in said.stdout.splitlines():
        if text.startswith("step "):
            words = text.replace(":", "").replace(",", "").split()
            curve.append((int(words[1]), float(words[4]), float(words[7])))
    return time.monotonic() - start, curve


def lecture(data: Split, own: Callable[..., nn.Module] | None, seed: int, steps: int) -> Result:
    """The lecture's scaled-up setting, trained with its constant learning rate to the end. own: a GPT of yours."""
    torch.manual_seed(seed)
    config = Config(**{**asdict(LECTURE), "seed": seed, "steps": steps})
    return fit((own or Plain)(len(data.vocab), *config.model_args), data, config)


def keep(file: Path | None, found: list[dict[str, Any]]) -> None:
    """Write the figures so far."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command; see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nanogpt", type=Path, help="a folder with nanoGPT, its shakespeare_char data prepared")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--only", choices=[*FAST], help="one of the targets")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lecture", action="store_true", help="the lecture's 10.8 million parameters to the end")
    parser.add_argument("--parts", type=Path, help="with --lecture: a notebook or file whose GPT is trained")
    parser.add_argument("--steps", type=int, default=LECTURE.steps, help="with --lecture")
    parser.add_argument("--sweep", help='JSON: a list of changes to the settings, such as [{"lr": 0.03}]')
    parser.add_argument("--within", type=float, default=math.inf, help="with --sweep: seconds that the best may take")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args(arguments)
    try:
        data = Split.of("tinyshakespeare")
    except corpus.CorpusNotFound as error:
        parser.error(str(error))
    found: list[dict[str, Any]] = []
    half = torch.bfloat16 in machine.half_types(options.device)
    print(f"torch {torch.__version__}, {options.device}, products in {'bfloat16' if half else 'float32'}", flush=True)
    if options.lecture:
        own = ladder.definitions(options.parts)["GPT"] if options.parts else None
        results = [lecture(data, own, seed, options.steps) for seed in range(options.seeds)]
        found.append(row("the lecture's setting (published: 1.4800)", results))
    wanted = [name for name in FAST if name.startswith(options.device) and options.only in (None, name)]
    for name in [] if options.lecture else wanted:
        if options.sweep:
            for entry in sweep(data, FAST[name], json.loads(options.sweep), half, options.within):
                found.append(entry)
                keep(options.json, found)
        else:
            found.append(row(name, [fast(data, FAST[name], half=half, seed=seed) for seed in range(options.seeds)]))
    if options.nanogpt:
        times = []
        for seed in range(options.seeds):
            seconds, curve = nanogpt(options.nanogpt, seed)
            print(f"nanoGPT: {curve[-1][2]:.4f} after {seconds:.1f} s", flush=True)
            times.append(seconds)
            found.append({"name": "nanoGPT", "seconds": [seconds], "curves": [curve]})
        for entry in found[: len(wanted)]:
            share = statistics.median(entry["seconds"]) / statistics.median(times)
            print(f"{entry['name']}: {share:.2f} of nanoGPT's time")
    keep(options.json, found)


if __name__ == "__main__":
    main()
