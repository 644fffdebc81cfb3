"""Hidden suite of `average_softmax(x)`: the tests of `_averages`."""

import pytest

from autograder.suites.a3_self_attention._averages import test_average, test_future, test_lengths

__all__ = ["test_average", "test_future", "test_lengths"]


@pytest.fixture
def answer(student):
    return student.handle("average_softmax")


@pytest.fixture
def hint():
    return "-inf where a row would look at its future, then softmax along each row."
