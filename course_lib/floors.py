"""Floors: the losses that need no neural network. A model that is not below one of them has not learned it yet.

All are cross-entropies on the validation part, in nats per character (natural logarithm), of models fitted on the
training part by counting. Source: Shannon, "A Mathematical Theory of Communication" (1948), sections 3 and 7.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def uniform(vocab_size: int) -> float:
    """Every character equally likely: ln(vocab_size) nats per character."""
    if vocab_size < 1:
        raise ValueError(f"vocab_size is {vocab_size}, it must be at least 1")
    return math.log(vocab_size)


def unigram(train: Any, val: Any, vocab_size: int, smoothing: float = 1.0) -> float:
    """Characters by their frequency, without context: nats per character of `val`.

    P(c) = (count of c in train + smoothing) / (len(train) + smoothing * vocab_size).
    train, val: 1-D ids below vocab_size (list, array or tensor). With smoothing 0 an unseen character costs infinity.
    """
    train, val = _ids(train, "train", vocab_size), _ids(val, "val", vocab_size)
    if not len(val):
        raise ValueError("val holds no characters")
    counts = np.bincount(train, minlength=vocab_size) + smoothing
    with np.errstate(divide="ignore", invalid="ignore"):
        losses = -np.log(counts / counts.sum())
    return float(losses[val].mean())


def bigram(train: Any, val: Any, vocab_size: int, smoothing: float = 1.0) -> float:
    """Each character given the one before: nats per predicted character of `val` (the first is given, not predicted).

    P(next | current) = (count of the pair + smoothing) / (count of pairs that begin with current
    + smoothing * vocab_size), counted in train.
    train, val: 1-D ids below vocab_size (list, array or tensor). With smoothing 0 an unseen pair costs infinity.
    """
    train, val = _ids(train, "train", vocab_size), _ids(val, "val", vocab_size)
    if len(val) < 2:
        raise ValueError(f"val needs at least two characters to hold a pair, it has {len(val)}")
    pairs = np.bincount(train[:-1] * vocab_size + train[1:], minlength=vocab_size**2)
    counts = pairs.reshape(vocab_size, vocab_size) + smoothing  # (current, next)
    with np.errstate(divide="ignore", invalid="ignore"):
        losses = -np.log(counts / counts.sum(axis=1, keepdims=True))
    losses[np.isnan(losses)] = np.inf  # no smoothing, and a character that never had a successor
    return float(losses[val[:-1], val[1:]].mean())


def _ids(values: Any, name: str, vocab_size: int) -> np.ndarray:
    """1-D int64 array of ids. Raises ValueError with the shape, or the id that is out of range."""
    ids = np.asarray(values)
    if ids.ndim != 1 or (ids.size and ids.dtype.kind not in "iu"):
        raise ValueError(f"{name} must be a 1-D sequence of integer ids, it has shape {ids.shape} and type {ids.dtype}")
    if ids.size and not (0 <= ids.min() and ids.max() < vocab_size):
        raise ValueError(f"{name} holds ids from {ids.min()} to {ids.max()}, vocab_size is {vocab_size}")
    return ids.astype(np.int64)
