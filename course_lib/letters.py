"""Letters as tokens (a→0 … z→25) and small embeddings: vowel, consonant, "is position 1".

Rows are tokens everywhere: X has shape (T, d). The embedding matrices W_E and W_P hold one column for each
letter or position, as they are written on paper, so X is the transpose of the columns picked from them.
"""

from __future__ import annotations

import numpy as np

VOWELS = "aeiou"
_FIRST, _SIZE = ord("a"), 26


def tokens(string: str) -> np.ndarray:
    """The token of each letter, (T,) integers from 0 to 25.

    Raises ValueError naming the first character that is not one of a–z.
    """
    for character in string:
        if not "a" <= character <= "z":
            raise ValueError(f"{character!r} is not a letter from a to z (in lower case).")
    return np.array([ord(character) - _FIRST for character in string], dtype=np.int64)


def W_E() -> np.ndarray:
    """The embedding of problem 1, (2, 26): row 0 is 1 for vowels, row 1 is 1 for consonants."""
    vowel = np.zeros(_SIZE)
    vowel[tokens(VOWELS)] = 1
    return np.stack([vowel, 1 - vowel])


def W_E3() -> np.ndarray:
    """The embedding of problem 2, (3, 26): that of problem 1 and a third row of zeros, for positions."""
    return np.vstack([W_E(), np.zeros(_SIZE)])


def W_P(T: int) -> np.ndarray:
    """The position embedding, (3, T): its third row is 1 at position 1, everything else is 0."""
    positions = np.zeros((3, T))
    positions[2, :1] = 1
    return positions


def embed(string: str) -> np.ndarray:
    """X of problem 1, (T, 2). Columns: vowel, consonant. Raises as `tokens` does."""
    return W_E()[:, tokens(string)].T  # (2, T) -> (T, 2)


def embed_with_position(string: str) -> np.ndarray:
    """X of problem 2, (T, 3). Columns: vowel, consonant, "is position 1". Raises as `tokens` does."""
    return (W_E3()[:, tokens(string)] + W_P(len(string))).T  # (3, T) -> (T, 3)
