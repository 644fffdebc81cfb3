"""Writing a whole class into nbgrader's gradebook in one transaction.

nbgrader commits every cell of every student by itself; here a class is one commit, and writing it again changes
nothing. The rules for scores and comments are nbgrader's own (`SaveAutoGrades`, `determine_grade`).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import insert, make_url, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from traitlets.config import PyFileConfigLoader

from autograder import paths

COURSE = "letters_to_gpt"
CONFIG = paths.ROOT / "nbgrader_config.py"
ATTEMPTS = 12
AT_ONCE = 500  # entries of one statement; SQLite bounds how many values a statement may carry


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


def url() -> str:
    """The gradebook's address: `GRADEBOOK` in the environment (PostgreSQL, say), else SQLite in the workspace."""
    return os.environ.get("GRADEBOOK") or f"sqlite:///{paths.grading() / 'gradebook.db'}?timeout=60"


def shown_url() -> str:
    """The address without its password."""
    return make_url(url()).render_as_string(hide_password=True)


def entry_of(notebook: NotebookNode, student: str, timestamp: str = "") -> Entry:
    """The entry of an autograded notebook."""
    scores, unanswered = {}, []
    for cell in notebook.cells:
        if utils.is_grade(cell):
            scores[cell.metadata.nbgrader.grade_id] = utils.determine_grade(cell)[0]
        if utils.is_solution(cell) and cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell):
            unanswered.append(cell.metadata.nbgrader.grade_id)
    return Entry(student, scores, tuple(unanswered), timestamp)


def known(assignment: str, notebook: str) -> set[str]:
    """The students of whom the gradebook holds this notebook. Raises what `record` raises."""
    with Gradebook(url(), COURSE) as book:
        source = book.find_notebook(notebook, assignment)
        query = select(SubmittedAssignment.student_id).join(SubmittedNotebook).filter_by(notebook_id=source.id)
        return set(book.db.scalars(query))


def record(assignment: str, notebook: str, entries: Iterable[Entry]) -> None:
    """Write entries: all of them or, if this process ends in the middle, none.

    Another grader that writes at the same moment is waited for. Raises nbgrader's MissingEntry when the assignment is
    not in the gradebook, sqlalchemy's OperationalError when the database cannot be reached.
    """
    entries = sorted(entries, key=lambda entry: entry.student)  # one order for all, so that none waits in a circle
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with Gradebook(url(), COURSE) as book:
                if book.engine.dialect.name == "sqlite":
                    book.db.execute(text("BEGIN IMMEDIATE"))  # reads and writes under one lock
                for at in range(0, len(entries), AT_ONCE):
                    _write(book, assignment, notebook, entries[at : at + AT_ONCE])
                book.db.commit()
                return
        except (IntegrityError, OperationalError, InvalidEntry):
            if attempt == ATTEMPTS:
                raise
        time.sleep(random.uniform(0, 0.2 * attempt))


def penalise(assignment: str, notebook: str, students: Iterable[str]) -> None:
    """Give late submissions the penalty that nbgrader's own configuration asks for, and take one back that is over."""
    with Gradebook(url(), COURSE) as book:
        wanted, handed_in = set(students), book.find_assignment(assignment).submissions
        concerned = [
            one.student_id
            for one in handed_in
            if one.student_id in wanted and (one.total_seconds_late > 0 or one.late_submission_penalty)
        ]
    if concerned:
        config = PyFileConfigLoader(CONFIG.name, str(CONFIG.parent)).load_config()
        penalties = AssignLatePenalties(config=config)
        facts = {"assignment": assignment, "notebook": notebook, "db_url": url()}
        for student in concerned:
            penalties.preprocess(new_notebook(), {"nbgrader": {**facts, "student": student}})


def _write(book: Gradebook, assignment: str, notebook: str, entries: list[Entry]) -> None:
    """Add the rows that are missing, then bring all of them up to date."""
    db = book.db
    homework, source = book.find_assignment(assignment).id, book.find_notebook(notebook, assignment).id
    graded, answered = _cells(db, GradeCell, source), _cells(db, SolutionCell, source)
    names = [entry.student for entry in entries]

    there = set(db.scalars(select(Student.id).where(Student.id.in_(names))))
    _insert(db, Student, [{"id": name} for name in names if name not in there])

    handed_in = select(SubmittedAssignment.student_id, SubmittedAssignment.id)
    handed_in = handed_in.filter_by(assignment_id=homework).where(SubmittedAssignment.student_id.in_(names))
    submissions = _pairs(db, handed_in)
    _insert(
        db,
        SubmittedAssignment,
        [{"assignment_id": homework, "student_id": name} for name in names if name not in submissions],
    )
    submissions = _pairs(db, handed_in)
    times = [
        {"id": submissions[entry.student], "timestamp": datetime.fromisoformat(entry.timestamp)}
        for entry in entries
        if entry.timestamp
    ]
    _update(db, SubmittedAssignment, times)

    own = select(SubmittedNotebook.assignment_id, SubmittedNotebook.id).filter_by(notebook_id=source)
    own = own.where(SubmittedNotebook.assignment_id.in_(submissions.values()))
    notebooks = _pairs(db, own)
    new = [{"notebook_id": source, "assignment_id": one} for one in submissions.values() if one not in notebooks]
    _insert(db, SubmittedNotebook, new)
    notebooks = _pairs(db, own)
    by_student = {name: notebooks[one] for name, one in submissions.items()}

    _save_grades(db, graded, [(entry, by_student[entry.student]) for entry in entries])
    _save_comments(db, answered, [(entry, by_student[entry.student]) for entry in entries])


def _save_grades(db: Any, cells: dict[str, str], entries: list[tuple[Entry, str]]) -> None:
    wanted = [notebook for _, notebook in entries]
    columns = select(Grade.notebook_id, Grade.cell_id, Grade.id, Grade.manual_score, Grade.auto_score)
    there = {(row[0], row[1]): row for row in db.execute(columns.where(Grade.notebook_id.in_(wanted)))}
    new, changed = [], []
    for entry, notebook in entries:
        for name, cell in cells.items():
            row = there.get((notebook, cell))
            score = entry.scores.get(name, 0.0)
            if row is None:
                values = {"notebook_id": notebook, "cell_id": cell, "auto_score": score}
                new.append({**values, "needs_manual_grade": score is None})
            else:
                by_hand = row.manual_score is not None or score is None
                changed.append({"id": row.id, "auto_score": score, "needs_manual_grade": by_hand})
    _insert(db, Grade, new)
    _update(db, Grade, changed)


def _save_comments(db: Any, cells: dict[str, str], entries: list[tuple[Entry, str]]) -> None:
    wanted = [notebook for _, notebook in entries]
    columns = select(Comment.notebook_id, Comment.cell_id, Comment.id).where(Comment.notebook_id.in_(wanted))
    there = {(row[0], row[1]): row.id for row in db.execute(columns)}
    new, changed = [], []
    for entry, notebook in entries:
        for name, cell in cells.items():
            said = "No response." if name in entry.unanswered else None
            if (notebook, cell) in there:
                changed.append({"id": there[notebook, cell], "auto_comment": said})
            else:
                new.append({"notebook_id": notebook, "cell_id": cell, "auto_comment": said})
    _insert(db, Comment, new)
    _update(db, Comment, changed)


def _cells(db: Any, kind: type[BaseCell], notebook: str) -> dict[str, str]:
    return _pairs(db, select(kind.name, kind.id).where(kind.notebook_id == notebook))


def _pairs(db: Any, query: Any) -> dict[str, str]:
    return {key: value for key, value in db.execute(query)}


def _insert(db: Any, kind: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(kind), rows)


def _update(db: Any, kind: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(update(kind), rows)
