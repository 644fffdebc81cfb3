"""What hidden suites import. A suite is ordinary pytest; its `student` fixture is a namespace in the isolated worker.

`@points(n)` gives a test its weight within the exercise (1 without it). The first line of its docstring is its line in
the report. Failures reach the student only through `expect…` (a `Wrong`) and `StudentError`; a plain `assert` tells
them no more than the title, because it could print hidden values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from autograder.student import Died, Handle, Student, StudentError
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape

__all__ = [
    "Died",
    "Handle",
    "Student",
    "StudentError",
    "Wrong",
    "as_array",
    "describe",
    "expect",
    "expect_close",
    "expect_shape",
    "points",
]

Test = TypeVar("Test", bound=Callable[..., object])


def points(weight: float) -> Callable[[Test], Test]:
    """The weight of a test within its exercise."""
    return pytest.mark.points(weight)
