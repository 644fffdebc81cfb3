"""What hidden suites import. A suite is ordinary pytest; its `student` fixture is a namespace in the isolated worker,
`answer` what is there under the exercise's name, `value` the data that it holds.

`@points(n)` gives a test its weight within the exercise (1 without it). The first line of its docstring is its line in
the report. Failures reach the student only through `expect…` (a `Wrong`) and `StudentError`; a plain `assert` tells
them no more than the title, because it could print hidden values. `hidden` makes the test of a property that the public
check judges too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from autograder.student import Died, Handle, Student, StudentError
from course_lib.check.expect import Wrong, as_array, describe, expect, expect_close, expect_shape
from course_lib.check.properties import Property, holds

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
    "hidden",
    "points",
]

Test = TypeVar("Test", bound=Callable[..., object])


def hidden(
    one: Property,
    draw: Callable[[np.random.Generator, torch.Generator], Iterable[Any]] | None = None,
    *,
    points: float = 1,
    title: str = "",
) -> Callable[..., None]:
    """The hidden test of a property: it holds for all that `draw` gives. title: another than the property's own.

    Without `draw` the answer is a value, of which it holds for all that is public.
    """

    def called(student: Student, answer: Handle, rng: np.random.Generator, torch_rng: torch.Generator) -> None:
        for given in draw(rng, torch_rng) if draw else ():
            holds(one, answer, given, student.library)

    def assigned(student: Student, value: Any) -> None:
        for given in one.public:
            holds(one, value, given, student.library)

    test: Callable[..., None] = called if draw else assigned
    test.__doc__ = title or one.title
    return pytest.mark.points(points)(test)


def points(weight: float) -> Callable[[Test], Test]:
    """The weight of a test within its exercise."""
    return pytest.mark.points(weight)
