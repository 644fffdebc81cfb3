"""The hidden suites in the student's own process: how other autograders would have to run them. For comparison only.

Nothing is isolated here: the student's code can read every test and every expected value.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import secrets
import zlib
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from autograder import paths
from autograder.student import StudentError


class Local:
    """The student's namespace with the call style of `autograder.student.Student`, without a wall in between."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        return self.handle(name)

    def handle(self, name: str) -> Any:
        thing = self.value(name)
        return _guarded(thing) if inspect.isfunction(thing) else thing

    def value(self, name: str) -> Any:
        if name not in self._namespace:
            raise StudentError("NameError", ["NameError", "Exception"], f"name '{name}' is not defined")
        return self._namespace[name]

    def library(self, module: str) -> ModuleType:
        return importlib.import_module(module)


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            raise StudentError(kinds[0], kinds, str(error)) from error

    return call


@cache
def suite(assignment: str, exercise: str) -> dict[str, tuple[float, Callable[..., None]]]:
    """The tests of an exercise: name -> weight, function."""
    file = paths.SUITES / assignment / f"test_{exercise}.py"
    spec = importlib.util.spec_from_file_location(f"local_{exercise}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {}
    for name, test in vars(module).items():
        if name.startswith("test_") and callable(test):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "points"]
            found[name] = float(marks[0].args[0]) if marks else 1.0, test
    return found


def ask(assignment: str, exercise: str, name: str, namespace: dict[str, Any], seed: int | None = None) -> None:
    """Ask one test of an exercise. Raises what the test raises."""
    seed = secrets.randbits(48) if seed is None else seed
    test = suite(assignment, exercise)[name][1]
    fixtures = {"student": Local(namespace), "rng": np.random.default_rng([seed, zlib.crc32(name.encode())])}
    test(**{wanted: fixtures[wanted] for wanted in inspect.signature(test).parameters})


def score(assignment: str, exercise: str, points: float, namespace: dict[str, Any]) -> float:
    """Ask all tests of an exercise. Returns the points."""
    seed, got, whole = secrets.randbits(48), 0.0, 0.0
    for name, (weight, _) in suite(assignment, exercise).items():
        whole += weight
        try:
            ask(assignment, exercise, name, namespace, seed)
        except Exception:
            continue
        got += weight
    return round(points * got / whole, 4)
