"""Hidden suite of `sinusoidal_positions(block_size, n_embd)`; the oracle: complex exponentials, double precision."""

import numpy as np
import torch

from autograder.suite import describe, expect, expect_close, points


def oracle(block_size, n_embd):
    """Column 2i is the imaginary, column 2i + 1 the real part of exp(i · position / 10000^(2i / n_embd))."""
    frequency = 10000.0 ** -np.linspace(0, 1, n_embd // 2, endpoint=False)
    turns = np.exp(1j * np.outer(np.arange(block_size), frequency))
    return np.stack([turns.imag, turns.real], axis=-1).reshape(block_size, n_embd)


def table(student, block_size, n_embd):
    calls = student.library("course_lib.doubles")
    got, kind, _ = calls.call_with_kinds(student.handle("sinusoidal_positions"), block_size, n_embd)
    expect(isinstance(got, torch.Tensor), f"expected a tensor, yours is {describe(got)}.")
    expect(kind == "tensor", "the table is fixed: it should be a plain tensor that asks for no gradients.")
    expect(got.is_floating_point(), f"expected floating-point numbers, yours are {got.dtype}.")
    return got


@points(3)
def test_values(student, rng):
    """Sines and cosines of position over 10000^(2i / n_embd)"""
    for _ in range(3):
        block_size, n_embd = int(rng.integers(2, 20)), 2 * int(rng.integers(2, 20))
        # float32: an angle below 20 carries an error of 1e-5.
        expect_close(
            table(student, block_size, n_embd),
            oracle(block_size, n_embd),
            f"the table for block_size={block_size}, n_embd={n_embd}",
            hint="even columns are sines, odd ones the cosines of the same angles; positions start at 0.",
            atol=1e-4,
            slip="wheels that turn at other speeds, or in other columns",
        )


@points(1)
def test_sizes(student, rng):
    """Two features, one position, and long contexts"""
    for block_size, n_embd in (
        (int(rng.integers(2, 9)), 2),
        (1, 6),
        (300 + int(rng.integers(100)), 2 * int(rng.integers(8, 33))),
    ):
        # float32: an angle of 400 carries an error of some 1e-4.
        expect_close(
            table(student, block_size, n_embd),
            oracle(block_size, n_embd),
            f"the table for block_size={block_size}, n_embd={n_embd}",
            atol=2e-3,
        )


@points(1)
def test_shift(student, rng):
    """Moving on by k positions is one rotation, the same everywhere"""
    n_embd, k = 2 * int(rng.integers(3, 9)), int(rng.integers(1, 5))
    rows = table(student, 24, n_embd).double()
    expect(tuple(rows.shape) == (24, n_embd), f"expected shape {(24, n_embd)}, yours {tuple(rows.shape)}.")
    products = (rows[:-k] * rows[k:]).sum(1)
    off = float((products - products[0]).abs().max())
    expect(off < 1e-3, f"rows {k} apart should have the same product everywhere; it varies by {off:.2g}.")
    lengths = rows.square().sum(1)
    expect(float((lengths - n_embd / 2).abs().max()) < 1e-3, "each row should have a squared length of n_embd / 2.")
