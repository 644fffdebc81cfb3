"""nbgrader's commands, for whatever was handed in: `nbgrader autograde` and `nbgrader generate_feedback`.

nbgrader looks for notebooks by their name and compares timestamps. These look at what is in a student's folder: a file
of any name is graded, a replaced file is graded again, and a feedback page is made again when the file, a score or a
comment changed. `install` puts them in the places where nbgrader's command line and formgrader look for its own.
"""

from __future__ import annotations

import fnmatch
import glob
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import api, autogradeapp, generatefeedbackapp
from nbgrader.converters import Autograde, BaseConverter, GenerateFeedback
from nbgrader.utils import rmtree

from autograder import batch, marks, skeleton, store


class _WhoeverIsThere(BaseConverter):
    """Finds a student's folder by its literal name, and takes it for one submission of the released notebook."""

    file_extension = ".ipynb"

    def init_notebooks(self) -> None:
        assignment, wanted = self.coursedir.assignment_id, self.coursedir.student_id
        released = skeleton.path(assignment).stem
        self.assignments: dict[str, list[str]] = {}
        self.notebooks: list[str] = []
        for folder in sorted(glob.glob(self._format_source(assignment, "*"))):
            student = self._student(folder, assignment)
            if os.path.isdir(folder) and (student == wanted or fnmatch.fnmatchcase(student, wanted)):
                self.assignments[folder] = [os.path.join(folder, released + ".ipynb")]
        if not self.assignments:
            super().init_notebooks()  # says what it looked for, and fails

    def _student(self, folder: str, assignment: str) -> str:
        before, after = self._format_source(assignment, "\0").split("\0")
        return folder[len(before) : len(folder) - len(after)]

    def _again(self, assignment: str, student: str, changed: bool) -> bool:
        """Whether a submission is to be processed: it never was, it is forced, or something changed."""
        if student in (self.coursedir.student_id_exclude or "").split(","):
            return False
        there = Path(self._format_dest(assignment, student))
        if there.exists() and not self.force and not changed:
            self.log.info("Skipping existing assignment: %s", there)
            return False
        if there.exists():
            self.log.warning("Making anew: %s", there)
            rmtree(str(there))
        return True


class AutogradeWhateverArrived(_WhoeverIsThere, Autograde):
    """`nbgrader autograde`, with the marks of `python -m autograder autograde`."""

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        mark = marks.get(assignment_id, student_id)
        return self._again(
            assignment_id, student_id, mark is None or mark.digest != self._digest(assignment_id, student_id)
        )

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Both passes, then the mark: from here on this submission is graded, whichever command looks."""
        folder = Path(notebook_filename).parent
        student = self._student(str(folder), self.coursedir.assignment_id)
        outline = skeleton.load(self.coursedir.assignment_id)
        super().convert_single_notebook(notebook_filename)
        if not self._sanitizing:
            return
        graded = Path(self._format_dest(outline.assignment, student)) / Path(notebook_filename).name
        report = store.load(outline.assignment, student)
        digest = marks.digest_for(report, self._digest(outline.assignment, student))
        with batch.ledger_lock(outline.assignment):
            mark = marks.put(outline, student, nbformat.read(graded, as_version=4), digest, batch.timestamp_of(folder))
            marks.record(outline.assignment, {student: mark.stamp})

    def _digest(self, assignment: str, student: str) -> str:
        unsafe = bool(self.config.GradeInIsolation.get("unsafe", False))
        return marks.digest_of(Path(self._format_source(assignment, student)), skeleton.load(assignment), unsafe)


class FeedbackOfNow(_WhoeverIsThere, GenerateFeedback):
    """`nbgrader generate_feedback`: a page that shows what the gradebook says now."""

    file_extension = ".html"

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        made = store.folder(assignment_id) / "feedback" / f"{store.file_name(student_id)}.txt"
        shown = self._shown(assignment_id, student_id)
        if not self._again(assignment_id, student_id, not made.exists() or made.read_text() != shown):
            return False
        store.write(made, shown)
        return True

    def _shown(self, assignment: str, student: str) -> str:
        """A digest of what the page shows: the autograded notebook, and from the gradebook all that is not in it."""
        facts: list[Any] = []
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            try:
                submission = book.find_submission(assignment, student)
            except MissingEntry:
                submission = None
            for notebook in submission.notebooks if submission else []:
                grades = [(g.cell.name, g.auto_score, g.manual_score, g.extra_credit) for g in notebook.grades]
                comments = [(c.cell.name, c.auto_comment, c.manual_comment) for c in notebook.comments]
                facts += [notebook.late_submission_penalty, sorted(grades, key=str), sorted(comments, key=str)]
        digest = hashlib.sha256(json.dumps(facts, default=str).encode())
        for file in sorted(Path(self._format_source(assignment, student)).glob("*.ipynb")):
            digest.update(file.read_bytes())
        return digest.hexdigest()


def install() -> None:
    """Put these in the places where nbgrader's commands and formgrader look for nbgrader's own."""
    for module in (autogradeapp, api):
        module.Autograde = AutogradeWhateverArrived
    for module in (generatefeedbackapp, api):
        module.GenerateFeedback = FeedbackOfNow
