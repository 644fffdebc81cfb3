"""The gradebook as CSV for Canvas and Moodle, read back by the rules of their importers."""

from __future__ import annotations

import csv
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder import paths
from autograder.nbgrader.export import CanvasExportPlugin, MoodleExportPlugin


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    """Two assignments, three students: all handed in, one handed in and waiting for marks, nothing handed in."""
    file = tmp_path_factory.mktemp("book") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader calls alembic
        gradebook = Gradebook(f"sqlite:///{file}")
    for name in ("a2_second", "a1_first"):
        gradebook.add_assignment(name)
        gradebook.add_notebook("n", name)
        gradebook.add_grade_cell("test_x", "n", name, max_score=4, cell_type="code")
        gradebook.add_grade_cell("why", "n", name, max_score=2, cell_type="markdown")
    gradebook.add_student("s01", first_name='Ä, "b"', last_name="=1+1", email="s01@example.org", lms_user_id="77")
    gradebook.add_student("s02")
    gradebook.add_student("s03")
    _hand_in(gradebook, "a1_first", "s01", 3.456, 2.0)
    _hand_in(gradebook, "a2_second", "s01", 4.0, 1.0, penalty=6.5)
    _hand_in(gradebook, "a1_first", "s02", 1.0, None)
    yield gradebook
    gradebook.close()


def _hand_in(
    gradebook: Gradebook, assignment: str, student: str, auto: float, manual: float | None, penalty: float = 0.0
) -> None:
    gradebook.add_submission(assignment, student)
    tested = gradebook.find_grade("test_x", "n", assignment, student)
    tested.auto_score, tested.needs_manual_grade = auto, False
    written = gradebook.find_grade("why", "n", assignment, student)
    written.manual_score, written.needs_manual_grade = manual, manual is None
    gradebook.find_submission_notebook("n", assignment, student).late_submission_penalty = penalty
    gradebook.db.commit()


def export(plugin: Any, book: Gradebook, file: Path, **options: Any) -> list[list[str]]:
    made = plugin(to=str(file), log=logging.getLogger("export"), **options)
    made.export(book)
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.reader(text))


def test_canvas(book: Gradebook, tmp_path: Path) -> None:
    head, possible, *rows = export(CanvasExportPlugin, book, tmp_path / "canvas.csv")
    # what lib/gradebook_importer.rb asks of a header and of the second row
    assert "Student" in head[0] and "ID" in head[1] and head[2] == "SIS Login ID" and "Section" in head[3]
    assert head[4:] == ["a1_first", "a2_second"]
    assert "Points Possible" in possible[0] and possible[4:] == ["6.00", "6.00"]
    assert {len(row) for row in rows} == {6}
    assert rows[0] == ['=1+1, Ä, "b"', "77", "s01", "", "5.46", "0.00"]  # a penalty ends at zero
    assert rows[1] == ["s02", "", "s02", "", "1.00", ""]
    assert rows[2] == ["s03", "", "s03", "", "", ""]  # nothing handed in is no grade, not a zero


def test_moodle(book: Gradebook, tmp_path: Path) -> None:
    head, *rows = export(MoodleExportPlugin, book, tmp_path / "moodle.csv")
    assert head == ["First name", "Last name", "Username", "Email address", "a1_first", "a2_second"]
    assert rows[0] == ['Ä, "b"', "=1+1", "s01", "s01@example.org", "5.46", "0.00"]
    assert rows[1][2:] == ["s02", "", "1.00", ""]


def test_some_of_it(book: Gradebook, tmp_path: Path) -> None:
    options: dict[str, Any] = {"student": ["s02"], "assignment": ["a1_first"]}
    rows = export(CanvasExportPlugin, book, tmp_path / "some.csv", **options)
    assert [row[2] for row in rows] == ["SIS Login ID", "", "s02"]
    assert rows[0][4:] == ["a1_first"]


def test_waiting_marks_are_mentioned(book: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "export"):
        export(CanvasExportPlugin, book, tmp_path / "canvas.csv")
    assert "a1_first: 1 submissions still wait for marks" in caplog.text
    assert "a2_second" not in caplog.text


def test_through_nbgrader(book: Gradebook, tmp_path: Path) -> None:
    """As instructors call it."""
    line = [sys.executable, "-m", "nbgrader", "export", "--to", "out.csv", "--db", str(book.engine.url)]
    line += ["--exporter=autograder.nbgrader.export.MoodleExportPlugin"]
    environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "HOME": str(tmp_path)}
    subprocess.run(line, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("First name,")
