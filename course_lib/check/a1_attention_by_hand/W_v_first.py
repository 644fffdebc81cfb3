"""What `W_v_first` does: from the first letter alone, [1, 0] for a consonant, [0, 0] for a vowel."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from course_lib.check.a1_attention_by_hand import _heads
from course_lib.check.expect import Wrong, as_array
from course_lib.check.properties import judged

FIRST = {"vowel": np.array([1.0, 0, 1]), "consonant": np.array([0.0, 1, 1])}  # rows of X at position 1
WANTED = {"vowel": (0, 0), "consonant": (1, 0)}


def _read(answer: Any) -> tuple[str, str, np.ndarray]:
    asked = "expected W_v of shape (2, 3)"
    try:
        W_v = as_array(answer, asked)
    except Wrong as error:
        return "not numbers", str(error), np.zeros((2, 3))
    text = f"{asked}, a row for each number of the output and columns {_heads.COLUMNS[3]}; yours has shape {W_v.shape}."
    if W_v.shape == (3, 2):
        return "transposed", text, W_v
    if W_v.shape != (2, 3):
        return str(W_v.shape), text, W_v
    if not np.isfinite(W_v).all():
        return "not finite", "W_v holds infinities or NaN.", W_v
    return "", text, W_v.astype(float)


def _sizes(number: int, answer: Any) -> Any:
    """This number of the output for both kinds of first letter, as 0, 1, between, above or below."""
    problem, _, W_v = _read(answer)
    return problem or [_size(float(W_v[number] @ x)) for x in FIRST.values()]


def _size(number: float) -> str:
    if abs(number) <= 0.01:
        return "0"
    if abs(number - 1) <= 0.01:
        return "1"
    return "below 0" if number < 0 else "between" if number < 1 else "above 1"


@judged(
    "The first number of the output: 1 when the first letter is a consonant, 0 when it is a vowel",
    _heads.itself,
    [0],
    outcome=partial(_sizes, 0),
    slip="a value matrix whose first number is not 1 for a consonant and 0 for a vowel",
)
def first(answer: Any, number: int) -> None:
    problem, text, W_v = _read(answer)
    if problem:
        raise Wrong(text)
    place = ("first", "second")[number]
    for kind in ("consonant", "vowel"):
        got, wanted = float(FIRST[kind] @ W_v[number]), WANTED[kind][number]
        if not abs(got - wanted) <= 0.01:
            raise Wrong(
                f"when the first letter is a {kind} and has all the weight, the {place} number of the output "
                f"should be {wanted}; yours is {got:.3g}. The letter's embedding at position 1 is "
                f"{FIRST[kind].astype(int).tolist()}."
            )


second = first.at(
    "The second number of the output: always 0", [1], outcome=partial(_sizes, 1), slip="a second number that is not 0"
)
