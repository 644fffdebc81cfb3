"""The state of every source of random numbers that a model may draw from: torch, its devices, Python, numpy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def states() -> dict[str, torch.Tensor]:
    """All states as tensors, which a safetensors file can hold."""
    version, words, gauss = random.getstate()
    _, key, place, has_gauss, cached = np.random.get_state(legacy=True)
    found = {
        "torch": torch.get_rng_state(),
        "python": torch.tensor([version, *words]),
        "python_gauss": torch.tensor([] if gauss is None else [gauss], dtype=torch.float64),
        "numpy": torch.tensor([*map(int, key), place, has_gauss]),
        "numpy_gauss": torch.tensor([cached], dtype=torch.float64),
    }
    if torch.cuda.is_available():
        found["cuda"] = torch.cuda.get_rng_state()
    if torch.backends.mps.is_available():
        found["mps"] = torch.mps.get_rng_state()
    return found


def restore(found: dict[str, torch.Tensor]) -> None:
    """Put every source back into a state that `states` returned; a device that is not here is left out."""
    torch.set_rng_state(found["torch"])
    version, *words = found["python"].tolist()
    random.setstate((version, tuple(words), next(iter(found["python_gauss"].tolist()), None)))
    *key, place, has_gauss = found["numpy"].tolist()
    np.random.set_state(("MT19937", np.array(key, dtype=np.uint32), place, has_gauss, found["numpy_gauss"].item()))
    if "cuda" in found and torch.cuda.is_available():
        torch.cuda.set_rng_state(found["cuda"])
    if "mps" in found and torch.backends.mps.is_available():
        torch.mps.set_rng_state(found["mps"])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Whatever is drawn meanwhile, what follows draws as if nothing had been."""
    before = states()
    try:
        yield
    finally:
        restore(before)
