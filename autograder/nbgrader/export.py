"""nbgrader's gradebook as CSV: the files that Canvas and Moodle import, and nbgrader's own with its cells kept apart.

    nbgrader export --exporter=autograder.nbgrader.export.CanvasExportPlugin --to canvas.csv

Formats: Canvas, lib/gradebook_importer.rb (a header that begins with Student, ID and ends its student columns with
Section; a row "Points Possible"; blank where there is no grade); Moodle, grade/import/csv (any header; the person who
imports maps columns, and picks the username or e-mail address to find students by; it trims every cell).

Names, logins and addresses are written by `spreadsheet`, so that none of them is computed. What the two importers find
a person by arrives as it was; the one case where it cannot is said (`CanvasExportPlugin`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, Student
from nbgrader.plugins import CsvExportPlugin as NbgradersCsv
from nbgrader.plugins import ExportPlugin

from autograder import spreadsheet, store


class _TableExportPlugin(ExportPlugin):
    """A row for each student, a column for each assignment."""

    file = ""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file. `--to`, `--student` and `--assignment` are nbgrader's own options."""
        assignments = [one for one in gradebook.assignments if not self.assignment or one.name in self.assignment]
        students = [one for one in gradebook.students if not self.student or one.id in self.student]
        assignments.sort(key=lambda one: str(one.name))
        students.sort(key=lambda one: str(one.id))
        self._warn(gradebook, [str(one.name) for one in assignments])
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        points = {str(one.name): f"{one.max_score:.2f}" for one in assignments}
        for row in self.rows(gradebook, students, points):
            writer.writerow(row)
        target = Path(self.to or self.file)
        store.write(target, out.getvalue())
        self.log.info("Wrote %d students and %d assignments to %s", len(students), len(assignments), target)

    def rows(self, gradebook: Gradebook, students: list[Student], points: dict[str, str]) -> Iterator[list[Any]]:
        """The lines of the file. points: assignment -> what it gives at most, in teaching order."""
        raise NotImplementedError

    def _warn(self, gradebook: Gradebook, assignments: list[str]) -> None:
        """Say how many submissions still wait for a person: their points are not in the file yet."""
        for name in assignments:
            waiting = sum(bool(one.needs_manual_grade) for one in gradebook.assignment_submissions(name))
            if waiting:
                self.log.warning("%s: %d submissions still wait for marks on written answers", name, waiting)


def score(gradebook: Gradebook, assignment: str, student: Student) -> str:
    """A student's points after late penalties; an empty string without a submission, so that no grade is made up."""
    try:
        submission = gradebook.find_submission(assignment, student.id)
    except MissingEntry:
        return ""
    return f"{max(0.0, float(submission.score) - float(submission.late_submission_penalty)):.2f}"


class CanvasExportPlugin(_TableExportPlugin):
    """For Canvas: Grades, Import. Students are found by Canvas' own id (nbgrader's LMS user id), else by login.

    Canvas trims no cell. With an id it looks at nothing else; without one, a login that had to be quoted is not found.
    """

    file = "canvas.csv"

    def rows(self, gradebook: Gradebook, students: list[Student], points: dict[str, str]) -> Iterator[list[Any]]:
        yield ["Student", "ID", "SIS Login ID", "Section", *points]
        yield ["    Points Possible", "", "", "", *points.values()]
        for one in students:
            name = ", ".join(filter(None, [one.last_name, one.first_name])) or one.id
            login = spreadsheet.text(one.id)
            if not one.lms_user_id and login != one.id:
                self.log.warning(
                    "%s: Canvas will not find this login, which a spreadsheet would compute; collect with Canvas' "
                    "gradebook export as --roster, which holds the ids of its own that it looks at first",
                    login,
                )
            person = [spreadsheet.text(name), spreadsheet.text(one.lms_user_id or ""), login, ""]
            yield [*person, *(score(gradebook, name_, one) for name_ in points)]


class MoodleExportPlugin(_TableExportPlugin):
    """For Moodle: Grades, Import, CSV file. Map from "Username" or "Email address", and each assignment to its item."""

    file = "moodle.csv"

    def rows(self, gradebook: Gradebook, students: list[Student], points: dict[str, str]) -> Iterator[list[Any]]:
        yield ["First name", "Last name", "Username", "Email address", *points]
        for one in students:
            names = [spreadsheet.text(part or "") for part in (one.first_name, one.last_name)]
            person = [*names, spreadsheet.key(one.id), spreadsheet.key(one.email or "")]
            yield [*person, *(score(gradebook, name, one) for name in points)]


class CsvExportPlugin(NbgradersCsv):
    """nbgrader's own table, a line for each student and assignment; nbgrader's plug-in puts names in unquoted."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the file, to the same place and with the same columns as nbgrader's plug-in."""
        target = Path(self.to or "grades.csv")
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            for one in gradebook.students:
                if not self.student or one.id in map(str, self.student):
                    writer.writerow(_line(gradebook, assignment, one))
        store.write(target, out.getvalue())
        self.log.info("Wrote %s", target)


COLUMNS = (
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,"
    "max_score"
).split(",")


def _line(gradebook: Gradebook, assignment: Any, student: Student) -> list[Any]:
    """Zeros for who handed in nothing, as nbgrader has it."""
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
        when, raw, penalty = submission.timestamp or "", submission.score, submission.late_submission_penalty
    except MissingEntry:
        when, raw, penalty = "", 0.0, 0.0
    person = [
        spreadsheet.text(part or "") for part in (student.id, student.last_name, student.first_name, student.email)
    ]
    scores = [raw, penalty, max(0.0, raw - penalty), assignment.max_score]
    return [assignment.name, assignment.duedate or "", when, *person, *scores]
