"""Hidden suite of `get_batch(data, batch_size, block_size)`: properties of random windows."""

import numpy as np
import torch

from autograder.suite import expect, points
from course_lib.check.a2_text_to_bigram.get_batch import pair


def draw(rng, n):
    """n distinct tokens in random order, so that a token tells its position."""
    return torch.from_numpy(rng.permutation(5000)[:n].copy())


def batch(student, data, batch_size, block_size):
    return pair(student.get_batch(data, batch_size, block_size), batch_size, block_size)


def positions(data, part, name):
    """Where in the data each token of a batch stands."""
    places = {token: place for place, token in enumerate(data.tolist())}
    found = [[places.get(token, -1) for token in row] for row in part.tolist()]
    expect(min(map(min, found)) >= 0, f"{name} holds tokens that are not in the data.")
    return np.array(found)


def test_shapes(student, rng):
    """x and y are int64 tensors of shape (batch_size, block_size)"""
    for batch_size, block_size in ((1, 7), (5, 1), (int(rng.integers(6, 12)), int(rng.integers(2, 6)))):
        x, y = batch(student, draw(rng, 60), batch_size, block_size)
        expect(not np.array_equal(x, y), "x and y are the same.")


@points(2)
def test_windows(student, rng):
    """Every row of x is a window of the data, and y is the same window one token later"""
    for _ in range(4):
        data = draw(rng, int(rng.integers(40, 120)))
        x, y = batch(student, data, int(rng.integers(3, 9)), int(rng.integers(2, 9)))
        x, y = positions(data, x, "x"), positions(data, y, "y")
        expect((np.diff(x, axis=1) == 1).all(), "a row of x is not a stretch of the data.")
        later = np.unique(y - x)
        expect(
            later.tolist() == [1],
            f"each token of y follows the token of x at its place; yours stand {later.tolist()[:4]} places later.",
        )


@points(2)
def test_every_window(student, rng):
    """Every window can be drawn, the first and the last too, and none runs over the end"""
    # 20 windows, 25 × 16 = 400 draws: a given window never comes with probability (19/20)^400 < 2e-9, any of the 20
    # with less than 3e-8. Drawing without replacement within a batch makes it less still.
    # One given window comes more than 55 times, where 20 are expected, with probability below
    # exp(-400·KL(0.1375 ‖ 0.05)) = 2e-10 (Chernoff).
    block_size = int(rng.integers(6, 10))
    data = draw(rng, 20 + block_size)
    starts: list[int] = []
    for _ in range(25):
        x, y = batch(student, data, 16, block_size)
        starts += positions(data, x, "x")[:, 0].tolist()
        expect((positions(data, y, "y")[:, -1] == positions(data, x, "x")[:, -1] + 1).all(),
               "the last token of a row of y is not the one after the last token of x.")  # fmt: skip
    for what, start in (("first", 0), ("last", 19)):
        expect(start in starts, f"{20 + block_size} tokens, block_size {block_size}: the {what} window never comes.")
    seen = set(starts)
    expect(len(seen) == 20, f"{20 + block_size} tokens hold 20 windows of {block_size}; only {len(seen)} of them come.")
    often = max(starts.count(start) for start in seen)
    expect(often <= 55, f"one window came {often} times in 400 draws, where 20 are expected; all are equally likely.")


def test_ends_as_likely(student, rng):
    """The first and the last window come as often as those between"""
    # 3 windows, 1,200 draws: a share is 0.081 off 1/3 with probability below 6·exp(-2·1200·0.081²) < 1e-6 (Hoeffding;
    # drawing the two of a batch without replacement makes it less). Ends half as likely are 0.083 and 0.167 off.
    block_size = int(rng.integers(2, 7))
    data = draw(rng, block_size + 3)
    first = student.library("course_lib.doubles").first_tokens
    found = first(student.handle("get_batch"), 600, data, 2, block_size)
    shares = np.array([(found == token).double().mean() for token in data[:3]])
    expect(
        np.abs(shares - 1 / 3).max() < 0.081,
        f"of three windows, one comes with a share of {shares.max():.2f} and another with {shares.min():.2f}; "
        "all are equally likely.\nHint: torch.randint draws each number below its bound equally often.",
    )


def test_smallest_data(student, rng):
    """Data of block_size + 1 tokens: its only window is drawn, for every row"""
    block_size = int(rng.integers(2, 9))
    data = draw(rng, block_size + 1)
    for rows in (1, 5):
        x, y = batch(student, data, rows, block_size)
        expect((x == data[:-1].numpy()).all(), f"a row of x, of {rows}, is not the data without its last token.")
        expect((y == data[1:].numpy()).all(), f"a row of y, of {rows}, is not the data without its first token.")


@points(2)
def test_random(student, rng):
    """Rows are drawn independently, and afresh in each call"""
    # About 190 windows, 12 calls: that rows or calls agree throughout by chance has probability below (1/100)^11.
    data, block_size = draw(rng, 200), int(rng.integers(4, 12))
    starts = np.array([positions(data, batch(student, data, 8, block_size)[0], "x")[:, 0] for _ in range(12)])
    expect((starts != starts[:1]).any(), "12 calls gave the same batch.\nHint: no seed inside get_batch.")
    expect((starts != starts[:, :1]).any(), "all rows of a batch are the same window.")
    gaps = starts - starts[:, :1]
    expect(
        all((gaps[:, row] != gaps[0, row]).any() for row in range(1, 8)),
        "the rows of a batch always stand at the same distance from each other; draw a start for each row.",
    )
