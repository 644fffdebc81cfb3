"""The settings of a training, in one place: a dataclass, one dial that sets what belongs together, presets as files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

PRESETS = Path(__file__).resolve().parent / "presets"
SIZES = {"tiny": 2, "small": 4, "medium": 6, "large": 12}  # layers


@dataclass(frozen=True)
class Config:
    """All settings of a training.

    n_embd, n_head, n_layer, block_size, dropout: of a model that is built from them (`model_args`).
    steps: optimiser steps, each from `accumulate` batches of batch_size windows of block_size tokens.
    lr: the highest learning rate; it rises over `warmup` steps and falls to lr · final, along `decay`: "cosine",
    "linear". weight_decay: on matrices only. clip: the largest norm of the gradient, None for any.
    every: steps between two evaluations, each on eval_tokens tokens of the validation part, always the same ones.
    patience: evaluations without a better one after which training stops, None for never.
    device: "cuda", "mps", "cpu" or "auto". precision: of products, "float32", "bfloat16", "float16" or "auto".
    compile, checkpointing (compute the inside of blocks again instead of keeping it): options to gain time or memory.
    Where device, precision or an option cannot be had, training says so and goes on without.
    Raises ValueError naming the setting that cannot be.
    """

    n_embd: int = 128
    n_head: int = 4
    n_layer: int = 4
    block_size: int = 64
    dropout: float = 0.0
    batch_size: int = 32
    accumulate: int = 1
    steps: int = 1000
    lr: float = 1e-3
    warmup: int = 100
    decay: str = "cosine"
    final: float = 0.1
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float | None = 1.0
    every: int = 100
    eval_tokens: int = 32_768
    patience: int | None = None
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    compile: bool = False
    checkpointing: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "betas", tuple(self.betas))  # JSON has lists only
        for name in ("n_embd", "n_head", "n_layer", "block_size", "batch_size", "accumulate", "every", "eval_tokens"):
            self._refuse(name, getattr(self, name) < 1, "at least 1")
        for name in ("steps", "warmup", "weight_decay", "seed"):
            self._refuse(name, getattr(self, name) < 0, "at least 0")
        self._refuse("lr", not self.lr > 0, "above 0")
        self._refuse("clip", self.clip is not None and not self.clip > 0, "above 0, or None")
        self._refuse("patience", self.patience is not None and self.patience < 1, "at least 1, or None")
        self._refuse("dropout", not 0 <= self.dropout < 1, "from 0 to below 1")
        self._refuse("final", not 0 <= self.final <= 1, "from 0 to 1")
        self._refuse("decay", self.decay not in ("cosine", "linear"), '"cosine" or "linear"')
        known = ("auto", "float32", "bfloat16", "float16")
        self._refuse("precision", self.precision not in known, f"one of {', '.join(known)}")

    def _refuse(self, name: str, wrong: bool, right: str) -> None:
        if wrong:
            raise ValueError(f"{name}={getattr(self, name)!r}: {right}")

    @property
    def model_args(self) -> tuple[int, int, int, int, float]:
        """What follows vocab_size in GPT(vocab_size, …)."""
        return self.n_embd, self.n_head, self.n_layer, self.block_size, self.dropout

    def but(self, **changes: Any) -> Config:
        """The same with changes. Raises TypeError for a name that is no setting, with all that are."""
        if unknown := set(changes) - {field.name for field in fields(self)}:
            raise TypeError(f"no setting is called {', '.join(sorted(unknown))}; there are {', '.join(asdict(self))}")
        return replace(self, **changes)

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Config:
        """The settings in `presets/<name>.json`, with changes. Raises ValueError naming those that there are."""
        known = sorted(file.stem for file in PRESETS.glob("*.json"))
        if name not in known:
            raise ValueError(f"there is no preset {name!r}; there are {', '.join(known)}")
        return cls(**json.loads((PRESETS / f"{name}.json").read_text(encoding="utf-8"))).but(**changes)

    @classmethod
    def sized(cls, size: int | str, **changes: Any) -> Config:
        """One dial: so many layers, and the width, heads, context, learning rate and steps that belong to them.

        size: layers, or "tiny" (2), "small" (4), "medium" (6), "large" (12). The width is 32 for each layer, in heads
        of 32; the learning rate falls with the root of the width; context and steps grow with the layers. Every
        setting can still be given by hand. Raises ValueError for a size that is none.
        """
        if isinstance(size, str) and size not in SIZES:
            raise ValueError(f"size={size!r}: a number of layers, or one of {', '.join(SIZES)}")
        layers = SIZES[size] if isinstance(size, str) else size
        if layers < 1:
            raise ValueError(f"size={size}: at least 1 layer")
        shape = cls(n_layer=layers, n_embd=32 * layers, n_head=layers, block_size=min(256, 16 * layers))
        paced = shape.but(lr=1e-3 * (4 / layers) ** 0.5, steps=500 * layers, warmup=25 * layers)
        return paced.but(dropout=0.2 if layers > 4 else 0.0).but(**changes)
