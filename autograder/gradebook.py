"""Writing a whole class into nbgrader's gradebook in one transaction.

nbgrader commits every cell of every student by itself; here a class is one commit, and writing it again changes
nothing. The rules for scores and comments are nbgrader's own (`SaveAutoGrades`, `determine_grade`).
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.exc import IntegrityError, OperationalError

ATTEMPTS = 12


@dataclass(frozen=True)
class Entry:
    """What the gradebook holds of one submission.

    scores: grade_id -> points from tests, or None where a person grades. unanswered: grade_ids of answer cells that are
    as released. timestamp: when it was handed in (ISO, UTC), or an empty string.
    """

    student: str
    scores: dict[str, float | None]
    unanswered: tuple[str, ...]
    timestamp: str = ""


def entry_of(notebook: NotebookNode, student: str, timestamp: str = "") -> Entry:
    """The entry of an autograded notebook."""
    scores, unanswered = {}, []
    for cell in notebook.cells:
        if utils.is_grade(cell):
            scores[cell.metadata.nbgrader.grade_id] = utils.determine_grade(cell)[0]
        if utils.is_solution(cell) and cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell):
            unanswered.append(cell.metadata.nbgrader.grade_id)
    return Entry(student, scores, tuple(unanswered), timestamp)


def record(url: str, course: str, assignment: str, notebook: str, entries: list[Entry]) -> None:
    """Write entries: all of them or, if this process ends in the middle, none.

    Another grader that writes at the same moment is waited for. Raises nbgrader's MissingEntry when the assignment is
    not in the gradebook, sqlalchemy's OperationalError when the database cannot be reached.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with Gradebook(url, course) as book:
            try:
                _write(book, assignment, notebook, entries)
                book.db.commit()
                return
            except (IntegrityError, OperationalError):
                book.db.rollback()
                if attempt == ATTEMPTS:
                    raise
        time.sleep(random.uniform(0, 0.2 * attempt))


def _write(book: Gradebook, assignment: str, notebook: str, entries: list[Entry]) -> None:
    db = book.db
    homework = book.find_assignment(assignment)
    source = book.find_notebook(notebook, assignment)
    grade_cells = {cell.id: cell for cell in source.grade_cells}
    solution_cells = {cell.id: cell for cell in source.solution_cells}
    names = [entry.student for entry in entries]
    students = {row.id: row for row in db.query(Student).filter(Student.id.in_(names))}
    handed_in = {row.student_id: row for row in db.query(SubmittedAssignment).filter_by(assignment_id=homework.id)}
    with db.no_autoflush:
        for entry in entries:
            if entry.student not in students:
                students[entry.student] = Student(id=entry.student, course_id=book.course_id)
                db.add(students[entry.student])
            submission = handed_in.get(entry.student)
            if submission is None:
                submission = SubmittedAssignment(assignment=homework, student=students[entry.student])
                db.add(submission)
            submission.timestamp = datetime.fromisoformat(entry.timestamp) if entry.timestamp else None
            own = next((row for row in submission.notebooks if row.name == notebook), None)
            if own is None:
                own = SubmittedNotebook(notebook=source, assignment=submission)
                db.add(own)
            grades = {grade.cell_id: grade for grade in own.grades}
            for cell_id, cell in grade_cells.items():
                grade = grades.get(cell_id)
                if grade is None:
                    grade = Grade(cell_id=cell_id, notebook=own)
                    db.add(grade)
                grade.auto_score = entry.scores.get(cell.name, 0.0)
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
            comments = {comment.cell_id: comment for comment in own.comments}
            for cell_id, cell in solution_cells.items():
                comment = comments.get(cell_id)
                if comment is None:
                    comment = Comment(cell_id=cell_id, notebook=own)
                    db.add(comment)
                comment.auto_comment = "No response." if cell.name in entry.unanswered else None
