"""A notebook that habits change, and the list of habits."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.matching import defined
from autograder.program import normal
from autograder.skeleton import Skeleton


class Draft:
    """A student's notebook on the way. outline: the released one that it was made of."""

    def __init__(self, notebook: NotebookNode, outline: Skeleton) -> None:
        self.notebook, self.outline = notebook, outline
        self.first_bytes = b""
        self._made = 0

    def data(self) -> bytes:
        """The file."""
        return self.first_bytes + json.dumps(self.notebook, ensure_ascii=False).encode()

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    def labelled(self, name: str) -> NotebookNode | None:
        """The first code cell with this grade_id."""
        for cell in self.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade_id") == name:
                return cell
        return None

    def answer(self, name: str) -> NotebookNode:
        """The answer cell of an exercise. Raises KeyError."""
        return self._needed(name)

    def check(self, name: str) -> NotebookNode:
        """The check cell of an exercise. Raises KeyError."""
        return self._needed(f"test_{name}")

    def _needed(self, name: str) -> NotebookNode:
        cell = self.labelled(name)
        if cell is None:
            raise KeyError(name)
        return cell

    def attempted(self, name: str) -> bool:
        """Whether the exercise's own cell holds an answer that is Python and makes its name."""
        cell = self.labelled(name)
        if cell is None or normal(cell.source) in ("", normal(self.outline.stub(name))):
            return False
        try:
            ast.parse(cell.source)
        except SyntaxError:
            return False
        return name in defined(cell.source)

    def set_up(self) -> NotebookNode:
        """The instructor's first cell."""
        return next(cell for cell in self.cells if "given" in cell.metadata.get("tags", []))

    def place(self, cell: NotebookNode) -> int:
        return next(at for at, one in enumerate(self.cells) if one is cell)

    def code(self, source: str) -> NotebookNode:
        """A fresh code cell, as an editor makes one."""
        self._made += 1
        return nbformat.v4.new_code_cell(source, id=f"new-{self._made}")

    def text(self, source: str) -> NotebookNode:
        """A fresh text cell."""
        self._made += 1
        return nbformat.v4.new_markdown_cell(source, id=f"new-{self._made}")

    def above(self, cell: NotebookNode, source: str) -> NotebookNode:
        """Put a new code cell above another one."""
        new = self.code(source)
        self.cells.insert(self.place(cell), new)
        return new

    def below(self, cell: NotebookNode, source: str) -> NotebookNode:
        """Put a new code cell below another one."""
        new = self.code(source)
        self.cells.insert(self.place(cell) + 1, new)
        return new

    def at_top(self, source: str) -> None:
        """Put a new code cell below the set-up, once."""
        if all(cell.source != source for cell in self.cells):
            self.below(self.set_up(), source)

    def demos(self) -> list[NotebookNode]:
        """The code cells of the released notebook that are neither set-up, answer nor check."""
        ids = {cell.id for cell in self.outline.released if cell.cell_type == "code"}
        return [
            cell
            for cell in self.cells
            if cell.get("id") in ids
            and "nbgrader" not in cell.metadata
            and "given" not in cell.metadata.get("tags", [])
        ]

    def demo_above(self, cell: NotebookNode) -> NotebookNode | None:
        """The nearest released demonstration above a cell."""
        place = self.place(cell)
        return next((one for one in reversed(self.demos()) if self.place(one) < place), None)

    def answer_above(self, name: str) -> NotebookNode | None:
        """The nearest answer cell above that of an exercise that holds something, if what it holds is complete."""
        names = [exercise.name for exercise in self.outline.exercises]
        for other in reversed(names[: names.index(name)]):
            cell = self.labelled(other)
            if cell is not None and cell.source.strip():
                return cell if self.attempted(other) else None
        return None


@dataclass(frozen=True)
class Habit:
    """Something that people do to a notebook, harmless where it runs.

    title: one line. apply: does it to one exercise's answer, or with the name "" to the whole notebook; whether it
    could be done. whole: it is done to the whole notebook. alone: it needs the answer above as it was, or all of them
    if it is done to the whole notebook. slow: it runs into time limits, in a kernel too.
    """

    name: str
    title: str
    apply: Callable[[Draft, str], bool]
    whole: bool = False
    alone: bool = False
    slow: bool = False


HABITS: list[Habit] = []


def habit(*, whole: bool = False, alone: bool = False, slow: bool = False) -> Callable[..., Callable[..., bool]]:
    """Add a function to the list. It gets a Draft, and the exercise's name if it is done to one answer."""

    def add(function: Callable[..., bool]) -> Callable[..., bool]:
        title = (function.__doc__ or "").strip().rstrip(".")
        assert title and "\n" not in title, function.__name__

        def apply(draft: Draft, name: str) -> bool:
            done = function(draft) if whole else function(draft, name)
            return done is not False

        HABITS.append(Habit(function.__name__, title, apply, whole, alone, slow))
        return function

    return add
