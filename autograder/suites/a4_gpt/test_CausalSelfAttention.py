"""Hidden suite of `CausalSelfAttention`: the tests of `_attention`, and that all heads share one product."""

import pytest

from autograder.suite import expect, points
from autograder.suites.a4_gpt._attention import (
    lib,
    test_batch,
    test_dropout,
    test_future,
    test_heads,
    test_large_scores,
    test_learning,
    test_parameters,
    test_value,
    tokens,
)
from course_lib.check.a4_gpt import _attention

__all__ = [
    "lib",
    "test_batch",
    "test_dropout",
    "test_future",
    "test_heads",
    "test_large_scores",
    "test_learning",
    "test_parameters",
    "test_value",
]


@pytest.fixture
def answer(student):
    return student.handle("CausalSelfAttention")


@points(2)
def test_all_at_once(lib, answer, rng, torch_rng):
    """All heads in one product: the work does not grow with their number"""
    x = tokens(torch_rng, 2, int(rng.integers(3, 8)), 24)
    few, many = (_attention.operations(lib, answer, (24, heads, 8), x) for heads in (2, int(rng.choice([6, 8, 12]))))
    expect(
        many <= few,
        f"with 2 heads your attention needs {few} matrix products, with more heads {many}.",
        slip="heads taken one by one",
    )
