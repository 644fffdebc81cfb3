"""What the exercises on hand-set matrices share: reading W_q and W_k, judging the head, saying what it did.

The public checks and the hidden suites both use it, so they agree on every string. The strings themselves are
in `course_lib.patterns`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib import patterns
from course_lib.check.expect import Wrong, as_array, describe

COLUMNS = {2: "vowel, consonant", 3: 'vowel, consonant, "is position 1"'}
MOST_ROWS = 1000  # of W_q and W_k; one or two are enough
EVEN = float(np.log(0.51 / 0.49))  # the difference of scores that moves an even share by 0.01


def itself(answer: Any, given: Any, library: Any) -> Any:
    """Measures an answer that is a value and no function: nothing needs to be asked of it."""
    return answer


def pair(answer: Any, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """W_q and W_k of an answer as float arrays, each (n_q, columns). Raises `Wrong` with the shapes."""
    problem, text, matrices = _read(answer, columns)
    if problem:
        raise Wrong(text)
    return matrices


def shapes(answer: Any, columns: int) -> str:
    """What is unusual about the shapes of an answer, in a word or two; "right" when nothing is."""
    return _read(answer, columns)[0] or "right"


def _read(answer: Any, columns: int) -> tuple[str, str, tuple[np.ndarray, np.ndarray]]:
    asked = f"expected a pair W_q, W_k, each of shape (n_q, {columns}) with columns {COLUMNS[columns]}"
    nothing = np.zeros((0, columns)), np.zeros((0, columns))
    if hasattr(answer, "detach"):
        answer = answer.detach().cpu().numpy()
    several = isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
    if not several or len(answer) != 2:
        return "not a pair", f"{asked}; yours is one {describe(answer)}.", nothing
    try:
        W_q, W_k = (as_array(matrix, name) for matrix, name in zip(answer, ("W_q", "W_k"), strict=True))
    except Wrong as error:
        return "not numbers", str(error), nothing
    came = f"{asked}; yours have shapes {W_q.shape} and {W_k.shape}."
    problem = ""
    if W_q.ndim == 1 or W_k.ndim == 1:
        problem = "one-dimensional"
    elif W_q.ndim != 2 or W_k.ndim != 2 or 0 in W_q.shape + W_k.shape:
        problem = "not matrices"
    elif max(W_q.shape + W_k.shape) > MOST_ROWS:
        problem = "very large"
        came += f" At most {MOST_ROWS} rows are read; one or two are enough."
    elif 26 in W_q.shape or 26 in W_k.shape:
        problem = "26 letters"
        came += f" They act on a letter's embedding, which has {columns} numbers, not on the 26 letters."
    elif columns not in (W_q.shape[1], W_k.shape[1]) and W_q.shape[0] == W_k.shape[0] == columns:
        problem = "transposed"
    elif W_q.shape[1] != columns or W_k.shape[1] != columns:
        problem = "other columns"
    elif W_q.shape[0] != W_k.shape[0]:
        problem = "different n_q"
        came += " A query meets a key number by number, so both need the same n_q."
    elif not (np.isfinite(W_q).all() and np.isfinite(W_k).all()):
        problem = "not finite"
        came = "W_q and W_k hold infinities or NaN; 0 times infinity is not a number. Use finite numbers."
    elif not np.isfinite(patterns.score_table(W_q, W_k)).all():
        problem = "not finite"
        came = "with these W_q and W_k the scores are too large for floating-point numbers; smaller ones will do."
    return problem, came, nothing if problem == "very large" else (W_q.astype(float), W_k.astype(float))


def preferences(W_q: np.ndarray, W_k: np.ndarray) -> tuple[float, float]:
    """How much more a consonant scores than a vowel, for queries of vowels and for queries of consonants.

    W_q, W_k: (n_q, 2) or (n_q, 3); queries and keys after position 1.
    """
    table = patterns.score_table(W_q, W_k)
    return float(table[0, 1] - table[0, 0]), float(table[1, 1] - table[1, 0])


def sign(number: float, tolerance: float = 1e-6) -> str:
    """A difference of scores without its scale: "more", "less" or "same"."""
    return "same" if abs(number) <= tolerance else "more" if number > 0 else "less"


def strength(W_q: np.ndarray, W_k: np.ndarray, rule: patterns.Rule) -> str:
    """How far a head keeps to a rule: "short" (not to 12 letters), "middle" (not to 64), "long" (to 64)."""
    found = patterns.smallest_break(W_q, W_k, rule)
    if found is None:
        return "long"
    return "middle" if len(found.string) > patterns.EXHAUSTIVE else "short"


def expect_on_consonants(W_q: np.ndarray, W_k: np.ndarray, longest: int) -> None:
    """Raise `Wrong` with the smallest string whose consonants get half of the weight or less.

    longest: letters of the longest string that is tried.
    """
    found = patterns.smallest_break(W_q, W_k, patterns.on_consonants, longest)
    if found is not None:
        raise Wrong(
            f"{_where(found)} {_spread(found)} A consonant has occurred, so more than half belongs on consonants."
        )


def expect_proportion(W_q: np.ndarray, W_k: np.ndarray, longest: int) -> None:
    """Raise `Wrong` with the smallest string whose weight on consonants is not their proportion, to 0.01."""
    found = patterns.smallest_break(W_q, W_k, patterns.proportion, longest)
    if found is not None:
        consonants, letters = int(found.pattern.sum()), len(found.string)
        raise Wrong(
            f"{_where(found)} {_spread(found)} Consonants so far: {consonants} of {letters}, "
            f"so the second number of the output should be {consonants / letters:.2f}."
        )


def expect_on_first(W_q: np.ndarray, W_k: np.ndarray, longest: int) -> None:
    """Raise `Wrong` with the smallest string whose first letter gets half of the weight or less.

    longest: letters of the longest string that is tried.
    """
    found = patterns.smallest_break(W_q, W_k, patterns.on_first, longest)
    if found is not None:
        top = int(np.argmax(found.weights))
        favourite = ""
        if found.weights[top] > found.weights[0] + 1e-9:
            favourite = f" The largest weight, {found.weights[top]:.2f}, is on letter {top + 1}."
        raise Wrong(
            f"{_where(found)} the head puts {_share(found.weights[0])} of its weight on the first letter."
            f"{favourite} More than half belongs there."
        )


def _share(weight: float) -> str:
    """A weight with as many digits as show on which side of a half it lies."""
    return f"{weight:.{2 if abs(weight - 0.5) > 0.01 else 4}f}"


def _where(found: patterns.Break) -> str:
    string, last = found.string, "a vowel" if found.string[-1] == "a" else "a consonant"
    shown = f'"{string}"'
    if len(string) > patterns.EXHAUSTIVE:
        shown = f'"{string[:3]}…{string[-3:]}" ({len(string)} letters, {string.count("a")} of them vowels)'
    return (
        f"the smallest string that breaks it is {shown}, where a is any vowel and b any consonant. "
        f"At its last letter, {last},"
    )


def _spread(found: patterns.Break) -> str:
    on_vowels, on_consonants = found.output
    digits = 2 if abs(on_vowels - on_consonants) > 0.02 else 4
    return f"the head puts {on_vowels:.{digits}f} of its weight on vowels and {on_consonants:.{digits}f} on consonants."
