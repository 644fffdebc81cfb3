"""The instructor's side of a notebook: which cells it has, what they are worth, which of them run when grading.

Read from the released notebook in `assignments/`, so it holds no answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import nbformat

from autograder import paths


@dataclass(frozen=True)
class Exercise:
    """One exercise that tests grade. name: its solution cell's grade_id. points: of its grade cell `test_<name>`."""

    name: str
    points: float


@dataclass(frozen=True)
class Skeleton:
    """A released notebook.

    cells: as JSON text, one per cell, so that the skeleton can be shared and hashed. given: the text of its given.py.
    """

    assignment: str
    notebook: str
    cells: tuple[str, ...]
    metadata: str
    given: str = ""

    def nodes(self) -> list[nbformat.NotebookNode]:
        """Fresh copies of the cells."""
        return [nbformat.from_dict(json.loads(cell)) for cell in self.cells]

    @cached_property
    def released(self) -> list[nbformat.NotebookNode]:
        """The cells, to be read and never changed."""
        return self.nodes()

    def notebook_metadata(self) -> dict[str, Any]:
        return dict(json.loads(self.metadata))

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises that tests grade, in the order of the notebook."""
        found = []
        for cell in self.released:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade") and not settings.get("solution"):
                found.append(Exercise(settings["grade_id"].removeprefix("test_"), float(settings["points"])))
        return found

    @cached_property
    def written(self) -> list[str]:
        """grade_ids of the written answers, graded by a person."""
        return [
            cell.metadata.nbgrader.grade_id
            for cell in self.released
            if cell.metadata.get("nbgrader", {}).get("grade") and cell.metadata.nbgrader.get("solution")
        ]

    @cached_property
    def answers(self) -> dict[str, str]:
        """grade_id -> released source, of the cells that students fill in, written ones included."""
        return {
            cell.metadata.nbgrader.grade_id: str(cell.source)
            for cell in self.released
            if cell.metadata.get("nbgrader", {}).get("solution")
        }

    def stub(self, name: str) -> str:
        """The released source of a solution cell. Raises KeyError."""
        return self.answers[name]


def from_notebook(notebook: nbformat.NotebookNode, assignment: str, name: str) -> Skeleton:
    """The skeleton of a released notebook."""
    cells = tuple(json.dumps(cell, sort_keys=True) for cell in notebook.cells)
    return Skeleton(assignment, name, cells, json.dumps(notebook.metadata, sort_keys=True))


def path(assignment: str) -> Path:
    """The released notebook of an assignment. Raises FileNotFoundError that names the known assignments."""
    found = sorted((paths.ASSIGNMENTS / assignment).glob("*.ipynb"))
    if len(found) != 1:
        known = ", ".join(sorted(f.name for f in paths.ASSIGNMENTS.iterdir() if f.is_dir())) or "none"
        raise FileNotFoundError(
            f"assignment '{assignment}' has no released notebook; released: {known}. Run `make notebooks`."
        )
    return found[0]


@cache
def load(assignment: str) -> Skeleton:
    """The skeleton of a released assignment."""
    file = path(assignment)
    given = file.with_name("given.py")
    text = given.read_text(encoding="utf-8") if given.exists() else ""
    return replace(from_notebook(nbformat.read(file, as_version=4), assignment, file.stem), given=text)
