"""Hidden suite of `average_matrix(x)`: the tests of `_averages`."""

import pytest

from autograder.suites.a3_self_attention._averages import test_average, test_future, test_lengths

__all__ = ["test_average", "test_future", "test_lengths"]


@pytest.fixture
def answer(student):
    return student.handle("average_matrix")


@pytest.fixture
def hint():
    return "each row of the triangle is divided by its own sum."
