"""nbgrader's first pass: whatever a student submitted becomes the released notebook with their answers in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode

from autograder import intake, skeleton


class IntakeExporter(NotebookExporter):
    """Reads a submitted file leniently. nbgrader's own reader gives up on it, and with it on the student."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[NotebookNode, Any]:
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kw)
        path = Path(filename)
        taken = intake.read(path, skeleton.load(resources["nbgrader"]["assignment"]))
        for note in taken.notes:
            self.log.warning("%s: %s", filename, note)
        resources.setdefault("metadata", {}).update({"name": path.stem, "path": str(path.parent)})
        return self.from_notebook_node(taken.notebook(), resources=resources, **kw)
