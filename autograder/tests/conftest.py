"""Shared by the tests: a warm worker and a grader per test process, a course of one small notebook, cell factories."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import paths, program, skeleton
from autograder.pool import GraderProcess, Pool
from autograder.report import Report
from autograder.warm import Submission, WarmWorker
from autograder.worker.isolation import Limits
from autograder.worker.wire import Reference

A1 = "a1_attention_by_hand"
LIMITS = Limits(question=8.0, submission=60.0, memory=256 << 20)  # generous in time: the machine may be busy
SHORT = replace(LIMITS, question=1.0)  # for code that never answers


# ---- notebooks -----------------------------------------------------------------------------------------


def given_cell(source: str) -> nbformat.NotebookNode:
    """The instructor's set-up cell."""
    return _code(source, "set-up", {"tags": ["given"]})


def solution_cell(name: str, source: str) -> nbformat.NotebookNode:
    return _code(source, name, {"nbgrader": _settings(name, grade=False, solution=True)})


def grade_cell(name: str, points: float = 4) -> nbformat.NotebookNode:
    settings = {**_settings(f"test_{name}", grade=True, solution=False), "points": points, "locked": True}
    return _code(f"check.{name}({name})", f"test_{name}", {"nbgrader": settings})


def written_cell(name: str, points: float = 2) -> nbformat.NotebookNode:
    settings = {**_settings(name, grade=True, solution=True), "points": points}
    return nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", id=name, metadata={"nbgrader": settings})


def text_cell(text: str, name: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text, id=name)


def added_cell(source: str) -> nbformat.NotebookNode:
    """A code cell as a student adds it: no label."""
    return nbformat.v4.new_code_cell(source)


def _code(source: str, name: str, metadata: dict[str, Any]) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name, metadata=metadata)


def _settings(name: str, *, grade: bool, solution: bool) -> dict[str, Any]:
    return {"grade": grade, "grade_id": name, "locked": False, "schema_version": 3, "solution": solution, "task": False}


def stub(name: str) -> str:
    return f'def {name}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError("{name}")'


def released() -> nbformat.NotebookNode:
    """A released notebook with two functions, a value and a written answer."""
    cells = [
        text_cell("# A small notebook", "cell-000"),
        given_cell("import numpy as np\nimport torch\nSCALE = 2"),
        solution_cell("double", stub("double")),
        grade_cell("double", 4),
        text_cell("Why?", "cell-004"),
        written_cell("why"),
        solution_cell("square", stub("square")),
        grade_cell("square", 3),
        solution_cell("W", "W = ...  # YOUR CODE HERE"),
        grade_cell("W", 2),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


RIGHT = {
    "double": "def double(x):\n    return SCALE * x",
    "square": "def square(x):\n    return x * x",
    "W": "W = [[1, 2]]",
}

CANARY = "quartz-4711"  # in the small course's solution, and nowhere else
SOLUTIONS = {**RIGHT, "double": f'def double(x, sign=1):\n    """{CANARY}"""\n    return SCALE * x * sign'}


def filled(**answers: str) -> nbformat.NotebookNode:
    """The small notebook as a student hands it in."""
    notebook = released()
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return notebook


SUITES = {
    "double": '''
from autograder.suite import expect, expect_close, points

@points(2)
def test_numbers(student, rng):
    """Random numbers are doubled"""
    x = rng.normal(size=3)
    expect_close(student.double(x), 2 * x, "the doubled numbers", slip="numbers that stay as they are")

def test_zero(student):
    """Zero stays zero"""
    expect(student.double(0) == 0, "zero doubled is not zero.")

def test_plain_assert(student):
    """A test with a plain assert"""
    hidden_number = 123454321
    assert student.double(hidden_number) == 2 * hidden_number
''',
    "square": '''
import pytest
from autograder.suite import StudentError, expect

def test_draws(student, rng):
    """The inputs of this run"""
    x = int(rng.integers(1 << 40))
    got = student.square(x % 1000)
    expect(got == (x % 1000) ** 2, f"drew {x}.")

def test_negative(student):
    """A negative number"""
    expect(student.square(-3) == 9, "the square of a negative number is off.")

def test_stumbles(student):
    """A test that needs a number"""
    expect(0 < student.square(2) + 0, "not positive.")
''',
    "W": '''
import pytest
from autograder.suite import StudentError, expect, expect_close

def test_value(student):
    """The value"""
    expect_close(student.value("W"), [[1, 2]], "W")

def test_not_callable(student):
    """W cannot be called"""
    with pytest.raises(StudentError):
        student.W()
''',
}


class SmallCourse:
    """A course of one assignment in a folder of its own, and a grader process for it."""

    ASSIGNMENT = "a0_small"

    def __init__(self, root: Path) -> None:
        self.root = root
        assignment = root / "assignments" / self.ASSIGNMENT
        suites = root / "suites" / self.ASSIGNMENT
        solutions = root / "solutions" / self.ASSIGNMENT
        for folder in (assignment, suites, solutions):
            folder.mkdir(parents=True)
        nbformat.write(released(), assignment / "small.ipynb")
        nbformat.write(filled(**SOLUTIONS), solutions / "small.ipynb")
        for name, source in SUITES.items():
            (suites / f"test_{name}.py").write_text(source, encoding="utf-8")
        self.outline = skeleton.from_notebook(released(), self.ASSIGNMENT, "small")

    def process(self, limits: Limits = LIMITS) -> GraderProcess:
        """A grader whose suites and assignments are those of this course."""
        start = (
            "from pathlib import Path; from autograder import paths; "
            f"root = Path({str(self.root)!r}); "
            "paths.SUITES = root / 'suites'; paths.ASSIGNMENTS = root / 'assignments'; "
            "paths.SOLUTIONS = root / 'solutions'; "
            "from autograder import grader; grader.main()"
        )
        process = GraderProcess([self.ASSIGNMENT], limits=limits)
        process.command = [sys.executable, "-c", start]
        return process

    def job(self, seed: int | None = None, helpers: list[program.Helper] | None = None, **answers: str) -> Any:
        return program.job(self.outline, "s01", answers, seed=seed, helpers=helpers)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    return SmallCourse(tmp_path_factory.mktemp("course"))


@pytest.fixture
def at_course(course: SmallCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process, too, finds the small course's released notebook."""
    monkeypatch.setattr(paths, "ASSIGNMENTS", course.root / "assignments")


@pytest.fixture(scope="session")
def grader(course: SmallCourse) -> Iterator[GraderProcess]:
    """A grader of the small course."""
    process = course.process(replace(LIMITS, question=2.0))
    yield process
    process.close()


Grade = Callable[..., Report]


@pytest.fixture
def grade(course: SmallCourse, grader: GraderProcess) -> Grade:
    """grade(double="…", square="…", W="…", seed=None) -> report; what is not given is right."""

    def run(seed: int | None = None, helpers: list[program.Helper] | None = None, **answers: str) -> Report:
        return grader.grade(course.job(seed, helpers, **{**RIGHT, **answers}))

    return run


# ---- the isolated worker -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def worker() -> Iterator[WarmWorker]:
    """One warm worker for all tests of this process."""
    warm = WarmWorker(LIMITS)
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """A grader of the first assignment."""
    with Pool([A1], limits=replace(LIMITS, question=2.0)) as graders:
        yield graders


@pytest.fixture
def inside(worker: WarmWorker) -> Iterator[Callable[..., Any]]:
    """inside(source, limits) runs a cell in a fresh process and returns what it left in `found`."""
    opened: list[Submission] = []

    def run(source: str, limits: Limits = LIMITS) -> Any:
        process = worker.spawn(limits)
        opened.append(process)
        process.ask(ask="cell", name="c", source=source)
        return process.ask(ask="value", target=Reference(name="found"))

    yield run
    for process in opened:
        process.close()


@pytest.fixture(scope="session")
def outline() -> skeleton.Skeleton:
    """The skeleton of the small notebook."""
    return skeleton.from_notebook(released(), SmallCourse.ASSIGNMENT, "small")


def write_notebook(file: Path, notebook: nbformat.NotebookNode) -> Path:
    """A notebook as a file, without any check, so that broken ones can be written too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook), encoding="utf-8")
    return file


def no_links_out(html: str) -> bool:
    """Whether a page loads nothing from elsewhere."""
    import re

    return not re.search(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//|@import|url\(|<link|<script""", html)


@pytest.fixture(scope="session")
def a1_answers() -> dict[str, str]:
    """The instructor's answers to the first assignment."""
    from autograder import bank

    return bank.reference(A1)
