"""nbgrader's first pass: whatever a student handed in becomes the released notebook with all their cells in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode

from autograder import paths, reader, store
from autograder.reader import Taken

_taken: dict[tuple[str, str], Taken] = {}


class IntakeExporter(NotebookExporter):
    """Reads what a student handed in leniently. nbgrader's own reader gives up on it, and with it on the student."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[NotebookNode, Any]:
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        path = Path(filename)
        facts = resources["nbgrader"]
        taken = _read(path.parent, facts["assignment"], facts["student"])
        _taken[facts["assignment"], facts["student"]] = taken
        for note in taken.job.notes:
            self.log.warning("%s: %s", path.parent, note.text)
        resources.setdefault("metadata", {}).update({"name": path.stem, "path": str(path.parent)})
        return self.from_notebook_node(taken.node(), resources=resources, **kw)


def handed_over(assignment: str, student: str) -> Taken:
    """What the first pass took in for the second. nbgrader makes them one after the other, in one process."""
    taken = _taken.pop((assignment, student), None)
    return taken or _read(paths.grading() / "submitted" / student / assignment, assignment, student)


def _read(folder: Path, assignment: str, student: str) -> Taken:
    return reader.take_folder(folder, assignment, student, seed=store.class_seed(assignment))
