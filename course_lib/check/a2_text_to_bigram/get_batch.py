"""Public check of `get_batch(data, batch_size, block_size)`: random windows and the same windows one token later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.check.expect import as_array, describe, expect

DATA = torch.arange(20)  # a token is its own position, so that windows show where they start


def _draw(answer: Callable[..., Any], data: torch.Tensor, *sizes: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = answer(data.clone(), *sizes)
    return as_array(x, "x"), as_array(y, "y")


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Facts that no draw can change (or one in 10^8): the only window, offsets, starts reached, rows alike."""

    def only_window(rows: int) -> Any:
        try:
            return list(_draw(answer, DATA[3:8], rows, 4))
        except (ValueError, RuntimeError, IndexError):  # which of them depends on the library that draws
            return "an error"

    def offsets() -> Any:
        x, y = _draw(answer, DATA, 6, 4)
        gaps = [sorted({int(gap) for gap in (a - a.flat[0]).reshape(-1)}) for a in (x[:1], y[:1])]
        if x.shape != y.shape:
            return [list(x.shape), list(y.shape), gaps]
        return [list(x.shape), list(y.shape), gaps, x.dtype.kind, sorted({int(gap) for gap in (y - x).reshape(-1)})]

    def starts() -> list[Any]:
        drawn = np.stack([_draw(answer, DATA, 8, 4)[0].reshape(-1, 4)[:, 0] for _ in range(60)])
        return [sorted(set(drawn.reshape(-1).tolist())), bool((drawn == drawn.max()).mean() > 0.15)]

    def repeats() -> list[bool]:
        draws = [_draw(answer, torch.arange(200), 8, 4)[0].reshape(-1) for _ in range(12)]
        return [
            all(np.array_equal(draw, draws[0]) for draw in draws),
            all(bool((draw.reshape(8, -1) == draw.reshape(8, -1)[0]).all()) for draw in draws),
            len({int(draw[4] - draw[0]) for draw in draws}) == 1,
        ]

    def form() -> list[str]:
        return [describe(part) for part in answer(DATA.clone(), 6, 4)]

    return {
        "form": form,
        "the only window": lambda: only_window(1),
        "offsets": offsets,
        "starts": starts,
        "repeats": repeats,
        "the only window, three rows": lambda: only_window(3),
    }


def pair(got: Any, batch_size: int, block_size: int) -> tuple[np.ndarray, np.ndarray]:
    """What get_batch returned, as two integer arrays (batch_size, block_size). Raises Wrong for anything else."""
    expect(isinstance(got, list | tuple) and len(got) == 2, "get_batch returns two tensors, (x, y).")
    x, y = as_array(got[0], "x"), as_array(got[1], "y")
    wanted = (batch_size, block_size)
    expect(
        x.shape == wanted and y.shape == wanted,
        f"for batch_size {batch_size}, block_size {block_size} expected x and y of shape {wanted}, "
        f"yours are {x.shape} and {y.shape}.",
    )
    came = " and ".join(describe(part) for part in got)
    long = all(isinstance(part, torch.Tensor) and part.dtype == torch.int64 for part in got)
    expect(long, f"x and y are int64 tensors; yours: {came}.")
    return x, y


def check(answer: Callable[..., Any]) -> None:
    x, y = pair(answer(DATA.clone(), 6, 4), 6, 4)
    expect((np.diff(x, axis=1) == 1).all(), f"a row of x is not one window of data = 0, 1, 2, …: {x.tolist()}")
    expect((y == x + 1).all(), f"y is x one token later. For data = 0, 1, 2, … x = {x.tolist()}, y = {y.tolist()}.")
    # 8 windows out of 16, all alike by chance: 16^-7 < 4e-9.
    x = as_array(answer(DATA.clone(), 8, 4)[0], "x")
    expect((x != x[0]).any(), f"all rows of x, shape {x.shape}, are the same window; draw a start for each row.")
    # 60 × 8 draws from 16 windows: one given window stays away with probability (15/16)^480 < 1e-13.
    drawn = np.stack([as_array(answer(DATA.clone(), 8, 4)[0], "x")[:, 0] for _ in range(60)])
    never = sorted(set(range(16)) - set(drawn.reshape(-1).tolist()))
    expect(not never, f"20 tokens hold 16 windows of 4 with a next token; yours never start at {never}.")
    # More than 72 of 480 draws at one of 16 starts: 16·exp(-480·KL(0.15 ‖ 1/16)) < 2e-9 (Chernoff).
    often, times = max(((start, int((drawn == start).sum())) for start in range(16)), key=lambda pair: pair[1])
    expect(times <= 72, f"of 480 windows, {times} start at {often}, where 30 are expected; all are equally likely.")
    # That two rows stand at the same distance in all 60 calls has probability 16^-59.
    gaps = drawn - drawn[:, :1]
    expect((gaps != gaps[0]).any(), "the rows of a batch always stand at the same distance; draw a start for each row.")
    x, y = pair(answer(DATA[3:8].clone(), 3, 4), 3, 4)
    right = (x == [3, 4, 5, 6]).all() and (y == [4, 5, 6, 7]).all()
    expect(right, f"5 tokens hold one window of 4, so 3 rows are 3 times the same; yours: x = {x.tolist()}.")
