"""Hidden suite of `Block`: the tests of `_blocks`."""

import pytest

from autograder.suites.a4_gpt._blocks import (
    lib,
    test_dropout,
    test_future,
    test_input_and_state,
    test_parts,
    test_residual,
    test_wiring,
)

__all__ = ["lib", "test_dropout", "test_future", "test_input_and_state", "test_parts", "test_residual", "test_wiring"]


@pytest.fixture
def answer(student):
    return student.handle("Block")


@pytest.fixture
def norm_first():
    return True
