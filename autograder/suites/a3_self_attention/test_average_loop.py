"""Hidden suite of `average_loop(x)`: the tests of `_averages`."""

import pytest

from autograder.suites.a3_self_attention._averages import test_average, test_future, test_lengths

__all__ = ["test_average", "test_future", "test_lengths"]


@pytest.fixture
def answer(student):
    return student.handle("average_loop")


@pytest.fixture
def hint():
    return "the past of row t is x[:t + 1], and the mean runs over rows (dimension 0)."
