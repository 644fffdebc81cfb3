"""nbgrader's second pass: the hidden suites in isolation, in the place where nbgrader would execute the notebook."""

from __future__ import annotations

import atexit
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder import intake, pages, skeleton, store
from autograder.pool import GraderProcess
from autograder.report import Report

_graders: dict[tuple[str, bool], GraderProcess] = {}


class GradeInIsolation(NbGraderPreprocessor):
    """Fills each grade cell with its report and score. SaveAutoGrades then writes the scores as it always does."""

    unsafe = Bool(False, help="Run student code without isolation; every report says so.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        assignment, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        taken = intake.from_notebook(nb, skeleton.load(assignment))
        report = grader(assignment, self.unsafe).grade(taken.job(student))
        store.save(report)
        fill(nb, report)
        return nb, resources


def grader(assignment: str, unsafe: bool) -> GraderProcess:
    """The grader of this process, started at the first submission and kept for the rest of the class."""
    key = (assignment, unsafe)
    if key not in _graders:
        _graders[key] = GraderProcess([assignment], unsafe)
        atexit.register(_graders[key].close)
    return _graders[key]


def fill(nb: NotebookNode, report: Report) -> None:
    """Put the report and the score below each grade cell.

    nbgrader reads the first execute_result as the score and takes anything it cannot read for full marks, so the score
    is a plain finite float between 0 and the cell's points.
    """
    for cell in nb.cells:
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not settings.get("grade") or settings.get("solution"):
            continue
        result = report.exercise(settings["grade_id"].removeprefix("test_"))
        score = min(max(float(result.score), 0.0), float(settings["points"]))
        cell.outputs = [
            v4.new_output(
                "display_data", data={"text/html": pages.exercise(result, report), "text/plain": pages.text(result)}
            ),
            v4.new_output("execute_result", data={"text/plain": repr(score)}, execution_count=1),
        ]
        cell.execution_count = 1
