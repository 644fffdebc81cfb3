"""A submission as data: its cells, which of the released notebook's they are, and what nbgrader is to be shown of them.

Nothing here runs anything of the student's. Which cell is which is found in `matching`, what a file holds in `reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import nbformat

from autograder import ipython, mentions, program, sanitise, words
from autograder.authoring import KEY
from autograder.job import Job, Note
from autograder.program import Part
from autograder.reading import Cell
from autograder.skeleton import Skeleton

NOTES = "intake-notes"  # id of the cell with the notes
ELSEWHERE = "Your answer stands in"  # begins what is put into a written answer's empty cell


@dataclass
class Intake:
    """A submission, matched with its skeleton.

    cells: as they arrived. claimed: index of an arrived cell -> index of the skeleton's cell that it is. answers:
    grade_id -> source, of solution and written cells that were found. elsewhere: written questions whose own cell is
    empty -> cells beside it that hold something. notes: what is to be said. unreadable: the file was no notebook.
    """

    skeleton: Skeleton
    cells: list[Cell] = field(default_factory=list)
    claimed: dict[int, int] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, list[int]] = field(default_factory=dict)
    remarks: list[Note] = field(default_factory=list)
    unreadable: bool = False

    @property
    def notes(self) -> list[str]:
        """The sentences alone."""
        return [note.text for note in self.remarks]

    def say(self, text: str, *exercises: str, always: bool = True) -> None:
        """Add a sentence for the student. See Note."""
        self.remarks.append(Note(text, exercises, always))

    @property
    def edited(self) -> int:
        """How many answers differ from what was released."""
        released = {name: program.normal(source) for name, source in self.skeleton.answers.items()}
        own = {name for name, source in self.answers.items() if program.normal(source) not in ("", released[name])}
        return len(own | self.elsewhere.keys())

    def sources(self) -> dict[str, str]:
        """What the student wrote: the answers, and under "cell 7" and so on each other code cell that is theirs."""
        nodes = self.skeleton.released
        found = dict(self.answers)
        for i, cell in enumerate(self.cells):
            at = self.claimed.get(i)
            own = at is None or (not is_solution(nodes[at]) and cell.source.strip() != str(nodes[at].source).strip())
            if own and cell.kind == "code" and cell.source.strip():
                found[f"cell {i + 1}"] = cell.source
        return found

    def job(self, submission: str, seed: int | None = None) -> Job:
        """The job for a grader."""
        job = program.of_parts(
            self.skeleton,
            submission,
            self._parts(),
            notes=tuple(self.remarks),
            seed=seed,
            unreadable=self.unreadable,
        )
        return replace(job, mentions=tuple(mentions.found_in(self.sources())))

    def _parts(self) -> list[Part]:
        """The code cells in their order; those of the released notebook that are missing stand where they belong."""
        parts = []
        nodes = self.skeleton.released
        for i, at in self._order():
            at = at if i is None else self.claimed.get(i)
            node = nodes[at] if at is not None and nodes[at].cell_type == "code" else None
            if i is None:
                parts += [program.part(node, str(node.source), "put back")] if node is not None else []
                continue
            cell, number = self.cells[i], f"{i + 1}"
            if cell.kind == "code" and node is not None:
                parts.append(program.part(node, cell.source, number, cell.green))
            elif cell.kind == "code":
                parts.append(Part(number, cell.source, green=cell.green))
        return _whole(parts)

    def _order(self) -> list[tuple[int | None, int | None]]:
        """(index of the arrived cell or None, index of the skeleton's cell or None) of all cells, in their order.

        Each cell of the skeleton comes once as itself; what else arrived under its name is a cell like any other.
        """
        main = self._main()
        order: list[tuple[int | None, int | None]] = [(i, main.get(i)) for i in range(len(self.cells))]
        place = {at: position for position, (_, at) in enumerate(order) if at is not None}
        missing = [at for at in range(len(self.skeleton.cells)) if at not in place]
        after: dict[int, list[int]] = {}
        for at in missing:
            before = at - 1
            while before >= 0 and before not in place:
                before -= 1
            after.setdefault(place.get(before, -1), []).append(at)
        full: list[tuple[int | None, int | None]] = [(None, at) for at in after.get(-1, [])]
        for position, pair in enumerate(order):
            full.append(pair)
            full += [(None, at) for at in after.get(position, [])]
        return full

    def _main(self) -> dict[int, int]:
        """Of the cells that arrived as one of the skeleton's, the one that takes its place."""
        nodes, best = self.skeleton.released, {}
        for i, at in self.claimed.items():
            source = self.cells[i].source
            name = grade_id(nodes[at])
            used = source == self.answers.get(name, "") or source.strip() == str(nodes[at].source).strip()
            if at not in best or used:
                best[at] = i
        return {i: at for at, i in best.items()}

    def notebook(self) -> nbformat.NotebookNode:
        """What nbgrader stores, shows and grades: every cell that arrived, the instructor's own as released."""
        notes = notes_cell(self.notes)
        cells = [notes] if notes else []
        nodes = self.skeleton.nodes()
        for i, at in self._order():
            if at is None:
                assert i is not None
                cells.append(_added(self.cells[i], i))
                continue
            node = nodes[at]
            cells.append(node)
            arrived = self.cells[i] if i is not None else None
            name = grade_id(node)
            if is_solution(node):
                node.source = self._shown(node, arrived)
            elif arrived is not None and arrived.source.strip() != node.source.strip():
                if name:  # nbgrader restores these, so what the student made of them stands below
                    cells.append(_added(arrived, i or 0))
                else:
                    node.source = arrived.source if node.cell_type == "code" else _quiet(arrived)
            if arrived is not None and node.cell_type == "markdown" and arrived.attachments:
                node.attachments = arrived.attachments
        metadata = self.skeleton.notebook_metadata()
        metadata[KEY] = {**metadata.get(KEY, {}), "notes": list(self.notes)}
        return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})

    def _shown(self, node: nbformat.NotebookNode, arrived: Cell | None) -> str:
        """What stands in an answer's cell. nbgrader takes one that is as it was released for no answer at all."""
        name = grade_id(node)
        source = self.answers.get(name, str(node.source))
        if node.cell_type == "markdown" and source.strip() != node.source.strip():
            source = sanitise.quiet(source, arrived.attachments if arrived is not None else ())
        if name in self.elsewhere:
            where = ", ".join(f"{at + 1}" for at in self.elsewhere[name])
            return f"{source}\n\n*{ELSEWHERE} cell {where}.*"
        if node.cell_type == "code":
            if arrived is not None and program.normal(arrived.source) != program.normal(source):
                return f"{arrived.source}\n# The answer stands in another cell."
        elif self.unreadable:
            return f"{source}\n\n*The file could not be read; please look whether this question is answered in it.*"
        return source


def notes_cell(notes: Sequence[str]) -> nbformat.NotebookNode | None:
    """The cell at the top of an autograded notebook that says what was found, if anything was."""
    if not notes:
        return None
    lines = "\n".join(f"- {sanitise.quiet(words.line(note, 1000))}" for note in notes)
    return nbformat.v4.new_markdown_cell(f"**What the grader found in this file**\n\n{lines}", id=NOTES)


def grade_id(node: nbformat.NotebookNode) -> str:
    return str(node.metadata.get("nbgrader", {}).get("grade_id", ""))


def is_solution(node: nbformat.NotebookNode) -> bool:
    return bool(node.metadata.get("nbgrader", {}).get("solution"))


def _quiet(cell: Cell) -> str:
    """A text cell of the student's, as it may be shown anywhere."""
    return sanitise.quiet(cell.source, cell.attachments)


def say_what_is_quiet(intake: Intake) -> None:
    """Which text cells of the student's are shown with a space more than they arrived with, and why."""
    released = {str(node.source).strip() for node in intake.skeleton.released}
    changed = [
        f"{number}"
        for number, cell in enumerate(intake.cells, 1)
        if cell.kind == "markdown" and cell.source.strip() not in released and _quiet(cell) != cell.source
    ]
    if changed:
        cells = f"cell {changed[0]}" if len(changed) == 1 else f"cells {', '.join(changed[:20])}"
        more = " and more" if len(changed) > 20 else ""
        intake.say(
            f"HTML, a picture from elsewhere, or a link that leads nowhere on the web in {cells}{more} was made plain "
            "text with a space, so that nothing runs or loads in a reader's browser."
        )


def _added(cell: Cell, i: int) -> nbformat.NotebookNode:
    """A cell of the student's own, for nbgrader's eyes."""
    name = f"added-{i + 1}"
    if cell.kind == "code":
        return nbformat.v4.new_code_cell(cell.source, id=name)
    if cell.kind == "raw":
        return nbformat.v4.new_raw_cell(cell.source, id=name)
    node = nbformat.v4.new_markdown_cell(_quiet(cell), id=name)
    if cell.attachments:
        node.attachments = cell.attachments
    return node


def _whole(parts: list[Part]) -> list[Part]:
    """The parts, with the halves of a split answer cell put together again where they are Python only together."""
    found: list[Part] = []
    for one in parts:
        last = found[-1] if found else None
        if last is not None and one.exercise and one.exercise == last.exercise and not ipython.parses(last.source):
            together = f"{last.source}\n{one.source}"
            if ipython.parses(together):
                found[-1] = Part(last.label, together, one.exercise, last.checks, (*last.green, *one.green))
                continue
        found.append(one)
    return found
