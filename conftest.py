"""Marks that follow from a test itself: its assignment, and whether it needs the isolation. `slow` is set by hand."""

from __future__ import annotations

import re

import pytest

ASSIGNMENT = re.compile(r"(?<![a-z0-9])(a\d)(?![a-z0-9])")
ISOLATED = {"worker", "pool", "grader", "grade", "inside"}  # fixtures that start a warm worker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in set(ASSIGNMENT.findall(item.nodeid)):
            item.add_marker(name)
        if ISOLATED & set(getattr(item, "fixturenames", ())):
            item.add_marker("isolation")


def pytest_configure(config: pytest.Config) -> None:
    for number in range(1, 9):
        config.addinivalue_line("markers", f"a{number}: a test of this assignment")
    config.addinivalue_line("markers", "isolation: starts an isolated worker")
    config.addinivalue_line("markers", "slow: takes more than some ten seconds")
