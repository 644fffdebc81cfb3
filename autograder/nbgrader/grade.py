"""nbgrader's second pass: the hidden suites in isolation, in the place where nbgrader would execute the notebook."""

from __future__ import annotations

import atexit
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float

from autograder import intake, pages, store
from autograder.nbgrader import intake as arrived
from autograder.pool import GraderProcess, failed
from autograder.report import Report
from autograder.worker.isolation import IsolationMissing, Limits

_graders: dict[tuple[str, bool, bool, Limits], GraderProcess] = {}


class GradeInIsolation(NbGraderPreprocessor):
    """Fills each grade cell with its report and score. SaveAutoGrades then writes the scores as it always does."""

    unsafe = Bool(False, help="Run student code without isolation; every report says so.").tag(config=True)

    isolation = Enum(
        ("namespaces", "user"), "namespaces", help="user: a separate user, for root where namespaces are refused."
    ).tag(config=True)
    question_seconds = Float(Limits.question, help="Seconds of wall clock for one question of a test.").tag(config=True)
    submission_seconds = Float(Limits.submission, help="Seconds of wall clock for a whole submission.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        assignment, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        taken = arrived.handed_over(assignment, student)
        job = taken.job
        limits = Limits(question=self.question_seconds, submission=self.submission_seconds)
        try:
            report = grader(assignment, self.unsafe, self.isolation == "user", limits).grade(job)
        except IsolationMissing:
            raise
        except RuntimeError as error:  # nbgrader would delete what the student handed in
            self.log.error("%s: %s", student, error)
            report = failed(job, str(error))
        store.save(report, taken.sources)
        fill(nb, report)
        return nb, resources


def grader(assignment: str, unsafe: bool, user: bool, limits: Limits) -> GraderProcess:
    """The grader of this process, started at the first submission and kept for the rest of the class."""
    key = (assignment, unsafe, user, limits)
    if key not in _graders:
        _graders[key] = GraderProcess([assignment], unsafe, limits, user)
        atexit.register(_graders[key].close)
    return _graders[key]


def fill(nb: NotebookNode, report: Report) -> None:
    """Put the report and the score below each grade cell, and what is said of the whole file at the top.

    nbgrader reads the first execute_result as the score and takes anything it cannot read for full marks, so the score
    is a plain finite float between 0 and the cell's points.
    """
    for cell in nb.cells:
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not settings.get("grade") or settings.get("solution"):
            continue
        result = report.exercise(settings["grade_id"].removeprefix("test_"))
        score = min(max(float(result.score), 0.0), float(settings["points"]))
        page = {"text/html": pages.exercise(result, report), "text/plain": pages.text(result)}
        shown = {"output_type": "display_data", "data": page, "metadata": {}}
        counted = {"output_type": "execute_result", "data": {"text/plain": repr(score)}, "metadata": {}}
        cell.outputs = [from_dict(shown), from_dict({**counted, "execution_count": 1})]
        cell.execution_count = 1
    notes = intake.notes_cell(report.notes)
    nb.cells[:] = [*([notes] if notes else []), *(cell for cell in nb.cells if cell.get("id") != intake.NOTES)]
