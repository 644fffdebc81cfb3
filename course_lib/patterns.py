"""Every string of vowels and consonants, and the shortest one on which a head does not do what it should.

A head with one-hot letters sees only kinds: vowel or consonant, and (problem 2) first position or later. So
its scores are a small table, and all strings up to 12 letters can be tried; beyond that the order of the
letters in between cannot matter, and one string for each first letter, last letter and number of consonants
stands for the rest. "a" stands for any vowel and "b" for any consonant.

In the room: patterns, the last row of weights on each, what the heads of the first assignment should do, the
search. Not in the room: the reading of an answer's shapes, and the sentences that a student sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

EXHAUSTIVE = 12  # letters up to which every pattern is tried: 2**12 = 4096 strings of that length
LONGEST = 64  # letters up to which heads of the first assignment are asked to work

# (N, T) patterns (0 vowel, 1 consonant) and (N, T) weights of the last letter -> (N,) whether it did right.
Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Break:
    """A string on which a head fails.

    string: spelled with "a" and "b". weights: (T,) weights of its last letter over all letters.
    """

    string: str
    weights: np.ndarray

    @property
    def pattern(self) -> np.ndarray:
        """(T,) 0 for a vowel, 1 for a consonant."""
        return np.array(["ab".index(letter) for letter in self.string])

    @property
    def output(self) -> tuple[float, float]:
        """The weight on vowels and on consonants: the head's answer when W_v is the identity."""
        on_consonants = float(self.weights[self.pattern == 1].sum())
        return float(self.weights[self.pattern == 0].sum()), on_consonants


@cache
def patterns(length: int) -> np.ndarray:
    """(N, length) array of patterns in alphabetical order: 0 a vowel, 1 a consonant.

    All of them up to `EXHAUSTIVE` letters; beyond, the alphabetically first of each class of strings that
    have the same first letter, last letter and number of consonants.
    """
    if length < 1:
        raise ValueError(f"A pattern has at least one letter, length is {length}")
    if length <= EXHAUSTIVE:
        rows = (np.arange(2**length)[:, None] >> np.arange(length - 1, -1, -1)) & 1  # counting in binary
    else:
        middle = np.tri(length - 1, length - 2, -1, dtype=int)[:, ::-1]  # row n: n consonants, at the end
        rows = np.concatenate([_between(first, middle, last) for first in (0, 1) for last in (0, 1)])
        rows = rows[np.lexsort(rows.T[::-1])]
    rows.flags.writeable = False  # kept and shared by the cache
    return rows


def _between(first: int, middle: np.ndarray, last: int) -> np.ndarray:
    return np.pad(np.pad(middle, ((0, 0), (1, 0)), constant_values=first), ((0, 0), (0, 1)), constant_values=last)


def spell(pattern: np.ndarray) -> str:
    """A pattern as a string: [0, 0, 1] -> "aab"."""
    return "".join("ab"[kind] for kind in pattern)


def embeddings(columns: int) -> np.ndarray:
    """The embedding of each kind of token, one row each.

    2 columns (problem 1): vowel, consonant -> (2, 2). 3 columns (problem 2): later vowel, later consonant,
    first vowel, first consonant -> (4, 3); the third column is 1 at position 1. Raises ValueError for other
    numbers of columns.
    """
    if columns == 2:
        return np.eye(2)
    if columns == 3:
        return np.array([[1.0, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1]])
    raise ValueError(f"Letters have 2 columns (problem 1) or 3 (problem 2), not {columns}")


def score_table(W_q: np.ndarray, W_k: np.ndarray) -> np.ndarray:
    """The score of each kind of query (rows) with each kind of key (columns), kinds as in `embeddings`.

    W_q, W_k: (n_q, 2) -> (2, 2), or (n_q, 3) -> (4, 4). Not scaled: scores are Q @ K.T.
    """
    W_q, W_k = np.asarray(W_q, dtype=float), np.asarray(W_k, dtype=float)
    E = embeddings(W_q.shape[1])
    with np.errstate(all="ignore"):  # absurdly large entries give inf or NaN, which no rule accepts
        return (E @ W_q.T) @ (E @ W_k.T).T


def kinds(rows: np.ndarray, count: int) -> np.ndarray:
    """(N, T) patterns -> (N, T) rows of `embeddings`, of which there are `count`: 2, or 4 where positions matter."""
    found = rows.copy()
    if count == 4:
        found[:, 0] += 2
    return found


def last_weights(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The weights of each pattern's last letter over all its letters: (N, T) -> (N, T), rows sum to 1."""
    each = kinds(rows, len(table))
    scores = table[each[:, -1:], each]
    with np.errstate(all="ignore"):
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


def on_consonants(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Problem 1: once a consonant has occurred, more than half of the weight is on consonants."""
    # 1e-9 keeps an exact half from passing by rounding.
    return ((rows * weights).sum(axis=1) > 0.5 + 1e-9) | ((rows == 0).all(axis=1) & np.isfinite(weights).all(axis=1))


def proportion(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Problem 1, last part: the weight on consonants is their proportion so far, within 0.01."""
    return np.abs((rows * weights).sum(axis=1) - rows.mean(axis=1)) <= 0.01


def on_first(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Problem 2: more than half of the weight is on the first letter."""
    return weights[:, 0] > 0.5 + 1e-9


def smallest_break(
    W_q: np.ndarray, W_k: np.ndarray, rule: Rule, longest: int = LONGEST, *, shortest: int = 1
) -> Break | None:
    """The smallest string (shortest, then alphabetical) after which the head breaks the rule, or None.

    W_q, W_k: (n_q, 2) or (n_q, 3), columns as in `embeddings`. rule: `on_consonants`, `proportion`,
    `on_first` or one like them. Only the last letter is judged: what earlier letters see is a shorter string,
    which has had its turn.
    """
    table = score_table(W_q, W_k)
    for length in range(shortest, longest + 1):
        rows = patterns(length)
        weights = last_weights(table, rows)
        wrong = ~rule(rows, weights)
        if wrong.any():
            first = int(np.argmax(wrong))
            return Break(spell(rows[first]), weights[first])
    return None
