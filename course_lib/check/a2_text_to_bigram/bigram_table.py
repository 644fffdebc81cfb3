"""Public check of `bigram_table(data, vocab_size, smoothing=1.0)`: P[current, next] from smoothed counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from course_lib.check.expect import as_array, expect, expect_close

DATA = torch.tensor([0, 1, 0, 1, 0, 2, 2, 0, 1, 3])  # 3 comes last and only there


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """The default smoothing, another one, a text a hundred times as long, little smoothing where no token is rare."""
    return {
        "default": lambda: answer(DATA.clone(), 5),
        "half": lambda: answer(DATA.clone(), 4, smoothing=0.5),
        "hundred times": lambda: answer(DATA.repeat(100), 4),
        "little": lambda: answer(DATA[:-1].clone(), 3, smoothing=0.01),
    }


def check(answer: Callable[..., Any]) -> None:
    got = as_array(answer(DATA.clone(), 4), "the table for vocab_size 4")
    expect(got.shape == (4, 4), f"for vocab_size 4 expected shape (4, 4), yours is {got.shape}.")
    expect_close(got.sum(1), [1.0] * 4, "the sum of each row, shape (4,)", hint="a row is a distribution.", reveal=True)
    data = DATA.tolist()
    seen = f"in {data} token 0 is followed by 1, 1, 2, 1, so with add-one smoothing row 0"
    expect_close(got[0], [1 / 8, 4 / 8, 2 / 8, 1 / 8], seen, reveal=True)
    seen = f"in {data} token 1 is followed by 0, 0, 3, so with add-one smoothing row 1"
    expect_close(got[1], [3 / 7, 1 / 7, 1 / 7, 2 / 7], seen, reveal=True)
    expect_close(
        got[3], [0.25] * 4, "row 3, a token that nothing follows: all next tokens are equally likely", reveal=True
    )
    got = as_array(answer(DATA.clone(), 5), "the table for vocab_size 5")
    expect(got.shape == (5, 5), f"for vocab_size 5 expected shape (5, 5), yours is {got.shape}.")
    got = as_array(answer(DATA.clone(), 4, smoothing=0.5), "the table for smoothing 0.5")
    expect_close(got[0], [0.5 / 6, 3.5 / 6, 1.5 / 6, 0.5 / 6], "row 0 with smoothing 0.5", reveal=True)
    seen = f"in 100 times {data}, one after another, token 0 is followed by 1 300 times and by 2 100 times; its row"
    expect_close(
        as_array(answer(DATA.repeat(100), 4), seen)[0], [1 / 404, 301 / 404, 101 / 404, 1 / 404], seen, reveal=True
    )
