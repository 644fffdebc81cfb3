"""Hidden suite of `MultiHeadAttention`: the tests of `_attention`."""

import pytest

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
)

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
    return student.handle("MultiHeadAttention")
