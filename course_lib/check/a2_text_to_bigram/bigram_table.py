"""What `bigram_table(data, vocab_size, smoothing=1.0)` does: P[current, next] from smoothed counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from course_lib.check.expect import expect, expect_close, expect_shape, shown
from course_lib.check.properties import judged


class Given(NamedTuple):
    """data, vocab_size, smoothing (None: not given), and the table, (vocab_size, vocab_size)."""

    data: torch.Tensor
    size: int
    smoothing: float | None
    table: Any

    def __str__(self) -> str:
        tokens, smoothing = self.data.tolist(), "add-one smoothing" if self.smoothing is None else "another smoothing"
        seen = f"{tokens[:10]} and so on, {len(tokens)} tokens," if len(tokens) > 10 else f"{tokens}"
        return (
            f"of {shown(seen, f'{len(tokens)} tokens')} for vocab_size {self.size} with "
            f"{smoothing}{shown(f', {self.smoothing}' if self.smoothing else '')}"
        )


def call(answer: Callable[..., Any], given: Given, _: Any) -> Any:
    other = {} if given.smoothing is None else {"smoothing": given.smoothing}
    return answer(given.data.clone(), given.size, **other)


DATA = torch.tensor([0, 1, 0, 1, 0, 2, 2, 0, 1, 3])  # 3 comes last and only there
ROWS = np.array([[0, 3, 1, 0], [2, 0, 0, 1], [1, 0, 1, 0], [0, 0, 0, 0]])  # how often each follows each


def _public(data: torch.Tensor, counts: Any, smoothing: float | None = None) -> Given:
    """counts: those of the data, for as many symbols as there are."""
    smoothed = np.asarray(counts) + (1.0 if smoothing is None else smoothing)
    return Given(data, len(smoothed), smoothing, smoothed / smoothed.sum(1, keepdims=True))


FOUR = _public(DATA, ROWS)
FIVE = _public(DATA, np.pad(ROWS, ((0, 1), (0, 1))))
LONG = _public(DATA.repeat(100), 100 * ROWS + [[0] * 4, [0] * 4, [0] * 4, [99, 0, 0, 0]])


@judged("Add-one smoothing by default: P[current, next] from the counts", call, [FOUR, FIVE, LONG])
def add_one(got: Any, given: Given) -> None:
    array = expect_shape(got, (given.size, given.size), f"the table {given}")
    expect_close(array.sum(1), np.ones(given.size), f"the sum of each row of the table {given}",
                 hint="a row is a distribution: divide it by its own sum.", atol=1e-5)  # fmt: skip
    hint = "count the pairs (data[t], data[t + 1]), add smoothing to every count, divide each row by its sum."
    # float32 counts below 2^24 are exact; the division costs 1e-7.
    expect_close(array, given.table, f"the table {given}", hint=hint, atol=1e-6, rtol=1e-5)


rows = add_one.at(
    "Each row is a distribution, also for a token that nothing follows",
    [_public(DATA[:2], [[0, 1, 0], [0, 0, 0], [0, 0, 0]])],
    slip="rows that are no distributions",
)
CIRCLE = _public(torch.tensor([2, 0, 1]).repeat(300), [[0, 300, 0], [0, 0, 299], [300, 0, 0]])


@judged("Rows are the current token, columns the next one", call, [CIRCLE], slip="rows and columns exchanged")
def order(got: Any, given: Given) -> None:
    array, wanted = expect_shape(got, (given.size, given.size), f"the table {given}"), np.asarray(given.table)
    right = int((array.argmax(1) == wanted.argmax(1)).sum())
    expect(
        right == given.size,
        f"each token has one successor, and in the table {given} {right} of {given.size} rows have their largest "
        "number there.",
    )
    add_one.judge(got, given)


smoothing = add_one.at(
    "Any smoothing, small or large",
    [
        _public(DATA, ROWS, 0.5),
        _public(DATA[:-1], [[0, 3, 1], [2, 0, 0], [1, 0, 1]], 0.01),  # no token is rare
        _public(DATA, ROWS, 1e-6),
        _public(DATA, ROWS, 6.0),
    ],
    slip="smoothing that does not follow its argument",
)
