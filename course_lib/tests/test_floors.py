"""Floors: small cases by hand, and the known figures of Tiny Shakespeare where a copy is at hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from course_lib import corpus, floors


def test_uniform():
    assert floors.uniform(65) == pytest.approx(4.174, abs=5e-4)
    assert floors.uniform(1) == 0
    with pytest.raises(ValueError, match="vocab_size is 0"):
        floors.uniform(0)


def test_unigram_by_hand():
    # counts 3 and 1, plus one each: 4/6 and 2/6
    assert floors.unigram([0, 0, 0, 1], [0, 1], 2) == pytest.approx(-(math.log(4 / 6) + math.log(2 / 6)) / 2)
    assert floors.unigram([0, 0, 0, 1], [0, 0, 0, 1], 2, smoothing=0) == pytest.approx(
        -(3 * math.log(3 / 4) + math.log(1 / 4)) / 4
    )
    assert floors.unigram([0], [1], 2, smoothing=0) == math.inf


def test_bigram_by_hand():
    # pairs 01, 10, 01, 11; rows plus one: [1, 3] / 4 and [2, 2] / 4
    train = [0, 1, 0, 1, 1]
    assert floors.bigram(train, [0, 1], 2) == pytest.approx(-math.log(3 / 4))
    assert floors.bigram(train, [0, 0, 1, 0], 2) == pytest.approx(
        -(math.log(1 / 4) + math.log(3 / 4) + math.log(1 / 2)) / 3
    )
    assert floors.bigram(train, [0, 1], 2, smoothing=0) == 0
    assert floors.bigram(train, [0, 0], 2, smoothing=0) == math.inf
    assert floors.bigram([0, 1], [1, 0], 2, smoothing=0) == math.inf  # 1 never had a successor


def test_lists_arrays_and_tensors_are_the_same():
    rng = np.random.default_rng(0)
    train, val = rng.integers(0, 5, 400), rng.integers(0, 5, 100)
    for floor in (floors.unigram, floors.bigram):
        expected = floor(train, val, 5)
        assert isinstance(expected, float)
        assert floor(torch.tensor(train), torch.tensor(val), 5) == expected
        assert floor(train.tolist(), val.tolist(), 5) == expected


def test_a_chain_reaches_its_entropy_rate():
    """On a Markov chain the counted bigram comes down to the chain's entropy rate, the unigram stays above."""
    rng = np.random.default_rng(1)
    table = np.array([[0.9, 0.1], [0.5, 0.5]])  # stationary: 5/6, 1/6
    ids = [0]
    for u in rng.random(40_000):
        ids.append(int(u >= table[ids[-1], 0]))
    rate = -(5 / 6) * (0.9 * math.log(0.9) + 0.1 * math.log(0.1)) - (1 / 6) * math.log(0.5)
    # 20,000 predictions whose losses spread by less than 1 nat: five standard errors are 0.035
    assert floors.bigram(ids[:20_000], ids[20_000:], 2) == pytest.approx(rate, abs=0.035)
    assert floors.unigram(ids[:20_000], ids[20_000:], 2) > rate + 0.04


@pytest.mark.parametrize(
    ("train", "val", "message"),
    [
        ([[0, 1]], [0, 1], r"train .* shape \(1, 2\)"),
        ([0.5, 1.0], [0, 1], "train .* float64"),
        ([0, 1], [0, 2], "val holds ids from 0 to 2, vocab_size is 2"),
        ([0, -1], [0, 1], "train holds ids from -1 to 0"),
        ([0, 1], [], "val"),
    ],
)
def test_boundaries(train, val, message):
    for floor in (floors.unigram, floors.bigram):
        with pytest.raises(ValueError, match=message):
            floor(train, val, 2)


def ids_of(text: str) -> tuple[np.ndarray, np.ndarray, int]:
    vocab = {character: i for i, character in enumerate(sorted(set(text)))}
    ids = np.array([vocab[character] for character in text])
    n_train = len(ids) * 9 // 10
    return ids[:n_train], ids[n_train:], len(vocab)


@pytest.mark.skipif(not corpus.available("tinyshakespeare"), reason="no copy of Tiny Shakespeare at hand")
def test_tiny_shakespeare():
    train, val, vocab_size = ids_of(corpus.load("tinyshakespeare").text)
    assert vocab_size == 65
    assert floors.uniform(vocab_size) == pytest.approx(4.174, abs=5e-4)
    assert floors.unigram(train, val, vocab_size) == pytest.approx(3.347, abs=5e-4)
    assert floors.bigram(train, val, vocab_size) == pytest.approx(2.482, abs=5e-4)


def test_tinyplays_floors_are_well_apart():
    plays = corpus.load()
    train, val, vocab_size = ids_of(plays.text)
    entropy = plays.entropy(len(train))
    assert entropy is not None
    losses = [
        floors.uniform(vocab_size),
        floors.unigram(train, val, vocab_size),
        floors.bigram(train, val, vocab_size),
        entropy,
    ]
    assert all(higher > lower + 0.5 for higher, lower in pairwise(losses))
