"""What arrived becomes a submission: its cells matched with the released notebook, and all of them kept.

Nothing here runs anything of the student's. A file that is no notebook gives a blank submission with a sentence that
says why; everything else gives what could be found, with a sentence for each repair. See `reading` for the file itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

import nbformat

from autograder import ipython, program
from autograder.authoring import KEY
from autograder.job import Job, Note
from autograder.program import Part
from autograder.reading import MAX_SOURCE, Cell, Unreadable, cells_of
from autograder.skeleton import Skeleton
from autograder.statements import statements

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
            own = at is None or (not _is_solution(nodes[at]) and cell.source.strip() != str(nodes[at].source).strip())
            if own and cell.kind == "code" and cell.source.strip():
                found[f"cell {i + 1}"] = cell.source
        return found

    def job(self, submission: str, seed: int | None = None) -> Job:
        """The job for a grader."""
        return program.of_parts(
            self.skeleton,
            submission,
            self._parts(),
            notes=tuple(self.remarks),
            seed=seed,
            unreadable=self.unreadable,
        )

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
            name = _grade_id(nodes[at])
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
            name = _grade_id(node)
            if _is_solution(node):
                node.source = self._shown(node, arrived)
            elif arrived is not None and arrived.source.strip() != node.source.strip():
                if name:  # nbgrader restores these, so what the student made of them stands below
                    cells.append(_added(arrived, i or 0))
                else:
                    node.source = arrived.source if node.cell_type == "code" else inert(arrived.source)
            if arrived is not None and node.cell_type == "markdown" and arrived.attachments:
                node.attachments = arrived.attachments
        metadata = self.skeleton.notebook_metadata()
        metadata[KEY] = {**metadata.get(KEY, {}), "notes": list(self.notes)}
        return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})

    def _shown(self, node: nbformat.NotebookNode, arrived: Cell | None) -> str:
        """What stands in an answer's cell. nbgrader takes one that is as it was released for no answer at all."""
        name = _grade_id(node)
        source = self.answers.get(name, str(node.source))
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
    lines = "\n".join(f"- {inert(note).replace(chr(10), ' ')}" for note in notes)
    return nbformat.v4.new_markdown_cell(f"**What the grader found in this file**\n\n{lines}", id=NOTES)


def read(path: Path, skeleton: Skeleton) -> Intake:
    """Take in a file, whatever it is. Never raises for what the file holds."""
    try:
        cells = cells_of(path)
    except Unreadable as error:
        return Intake(skeleton, remarks=[Note(str(error))], unreadable=True)
    return match(cells, skeleton)


def read_files(files: Sequence[Path], skeleton: Skeleton) -> Intake:
    """Take in all that a person handed in. The notebook with the most edited answers counts, the newest of equals.

    The files' names decide nothing but, between files that are alike in both, which is named first.
    """
    files = sorted(files, key=lambda file: (file.stem != skeleton.notebook, file.suffix.lower() != ".ipynb", str(file)))
    if not files:
        return Intake(skeleton, remarks=[Note("Nothing was handed in.")], unreadable=True)
    taken = [(file, read(file, skeleton)) for file in files]
    notebooks = [(file, one) for file, one in taken if not one.unreadable]
    if not notebooks:
        best = taken[0][1]
        if len(files) > 1:
            best.remarks[:0] = [
                Note(f"No notebook is among the {len(files)} files that were handed in: {_listed(files)}.")
            ]
        elif not files[0].name.lower().endswith(".ipynb"):
            best.remarks[:0] = [Note(f"Handed in was {files[0].name}.")]
        return best
    file, best = max(notebooks, key=lambda pair: (pair[1].edited, _modified(pair[0])))
    if len(notebooks) > 1:
        others = [one for one, _ in notebooks if one != file]
        text = f"{len(notebooks)} notebooks were handed in; {file.name} was graded, the one with the most answers in it"
        best.say(f"{text} ({best.edited}). Not graded: {_listed(others)}.")
    elif file.suffix.lower() != ".ipynb":
        best.say(f"The notebook was called {file.name}; it was read as a notebook all the same.", always=False)
    return best


def _listed(files: Sequence[Path]) -> str:
    names = [file.name for file in files]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


# ---- matching ----------------------------------------------------------------------------------


def _grade_id(node: nbformat.NotebookNode) -> str:
    return str(node.metadata.get("nbgrader", {}).get("grade_id", ""))


def _is_solution(node: nbformat.NotebookNode) -> bool:
    return bool(node.metadata.get("nbgrader", {}).get("solution"))


def match(cells: list[Cell], skeleton: Skeleton) -> Intake:
    """Find each answer: by nbgrader's grade_id, then by cell id, then by what a cell defines."""
    intake = Intake(skeleton, cells)
    nodes = skeleton.released
    claimed = intake.claimed
    by_label, by_id, by_text = _index(cells)
    missing_locked: list[str] = []
    edited_locked: list[str] = []
    for at, node in enumerate(nodes):
        name = _grade_id(node)
        found = by_label.get(name, []) if name else []
        found = found or [i for i in by_id.get(node.id, []) if not cells[i].grade_id]
        if not found and not (node.cell_type == "markdown" and _is_solution(node)):  # written stubs all look alike
            found = list(islice((i for i in by_text.get(node.source.strip(), []) if i not in claimed), 1))
        for i in found:
            claimed.setdefault(i, at)
        if _is_solution(node):
            _answer(intake, cells, node, found)
        elif node.metadata.get("nbgrader", {}).get("locked"):
            if not found:
                missing_locked.append(name)
            elif all(cells[i].source.strip() != node.source.strip() for i in found):
                edited_locked.append(name)
    relabelled = _by_definition(intake, cells, claimed, nodes)
    if relabelled:
        intake.say(
            f"These answers had lost their labels and were recognised by what they define: {', '.join(relabelled)}."
        )
    placed = _written_by_place(intake, cells, claimed, nodes)
    if placed:
        intake.say(
            f"These written answers had lost their labels and were recognised by their place: {', '.join(placed)}."
        )
    for node in nodes:
        if node.cell_type == "markdown" and (name := _grade_id(node)) in intake.answers:
            intake.answers[name] = inert(intake.answers[name])
    _written_beside(intake, nodes)
    for cell in cells:
        if cell.lost:
            intake.say(cell.lost, always=False)
    if any(len(cell.source) >= MAX_SOURCE for cell in cells):
        intake.say(f"A cell was longer than {MAX_SOURCE} characters and was cut.")
    if edited_locked:
        intake.say(f"Locked cells had been edited; the originals were used: {', '.join(edited_locked)}.")
    if missing_locked and cells:
        intake.say(f"Locked cells were missing and were put back: {', '.join(missing_locked)}.")
    missing = [name for name in skeleton.answers if name not in intake.answers]
    if len(missing) == len(skeleton.answers):
        intake.say("No cell of this assignment was found in the file. Is it the right notebook?")
    elif missing:
        intake.say(f"No answer cell was found for: {', '.join(missing)}.")
    return intake


def _index(cells: list[Cell]) -> tuple[dict[str, list[int]], dict[str, list[int]], dict[str, list[int]]]:
    """The cells by nbgrader's label, by cell id and by text."""
    by_label: dict[str, list[int]] = {}
    by_id: dict[str, list[int]] = {}
    by_text: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        by_label.setdefault(cell.grade_id, []).append(i)
        if cell.id:
            by_id.setdefault(cell.id, []).append(i)
        by_text.setdefault(cell.source.strip(), []).append(i)
    return by_label, by_id, by_text


def _answer(intake: Intake, cells: list[Cell], node: nbformat.NotebookNode, found: list[int]) -> None:
    name = _grade_id(node)
    if not found:
        return
    edited = [cells[i].source for i in found if cells[i].source.strip() not in ("", node.source.strip())]
    if node.cell_type == "markdown":
        edited = [_as_text(cells[i]) for i in found if cells[i].source.strip() not in ("", node.source.strip())]
    if len(found) == 1 or len(edited) < 2:
        intake.answers[name] = edited[-1] if edited else cells[found[-1]].source
    elif whole := _joined(edited, name, node.cell_type):
        intake.answers[name] = whole
    else:
        intake.answers[name] = edited[-1]
    if len(found) > 1:
        used = "the last one with an answer was used" if intake.answers[name] in edited else "its parts were joined"
        intake.say(f"The cell {name} was there {len(found)} times; {used}.", name)


def _as_text(cell: Cell) -> str:
    """A written answer, which may stand in a code cell."""
    if cell.kind != "code":
        return cell.source
    fence = "`" * (1 + max([2, *map(len, re.findall(r"`+", cell.source))]))
    return f"{fence}\n{cell.source}\n{fence}"


def _joined(parts: list[str], name: str, kind: str) -> str:
    """An answer from the parts that a split cell leaves behind; empty if the last part is an answer by itself."""
    if kind == "markdown":
        return "\n\n".join(dict.fromkeys(parts))
    last, whole = defined(parts[-1]), "\n".join(parts)
    earlier = set().union(*map(defined, parts[:-1]))
    complete = name in last and earlier <= last
    return whole if not complete and name in defined(whole) and ipython.parses(ipython.plain(whole)) else ""


def _by_definition(
    intake: Intake, cells: list[Cell], claimed: dict[int, int], nodes: list[nbformat.NotebookNode]
) -> list[str]:
    """Answers in cells that are not their own: the last free cell that makes the name, else any other that does.

    Returns those whose own cell is gone, and whose label is therefore put on the free one.
    """
    names = []
    defines = cache(lambda i: defined(cells[i].source))
    makers: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        if cell.kind == "code":
            for made in defines(i):
                makers.setdefault(made, []).append(i)
    for at, node in enumerate(nodes):
        name = _grade_id(node)
        if node.cell_type != "code" or not _is_solution(node):
            continue
        if intake.answers.get(name, node.source).strip() not in ("", node.source.strip()):
            continue
        others = [i for i in makers.get(name, []) if claimed.get(i) != at]
        free = [i for i in others if i not in claimed]
        if not others:
            continue
        if name not in intake.answers and free:
            claimed[free[-1]] = at
            names.append(name)
        intake.answers[name] = cells[(free or others)[-1]].source
    return names


def _written_by_place(
    intake: Intake, cells: list[Cell], claimed: dict[int, int], nodes: list[nbformat.NotebookNode]
) -> list[str]:
    """Written answers in cells that lost their metadata: the free text cell right after the question."""
    names = []
    for at, node in enumerate(nodes):
        name = _grade_id(node)
        if node.cell_type != "markdown" or not _is_solution(node) or name in intake.answers:
            continue
        questions = [i for i, place in claimed.items() if place == at - 1]
        after = [
            i + 1 for i in questions if i + 1 < len(cells) and i + 1 not in claimed and cells[i + 1].kind == "markdown"
        ]
        if after:
            claimed[after[-1]] = at
            intake.answers[name] = cells[after[-1]].source
            names.append(name)
    return names


TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
LINK = re.compile(r"\](?=\((?!\s*<?\s*(?:https?://|#|attachment:))|:(?!\s*https?://))", re.IGNORECASE)


def inert(text: str) -> str:
    """Markdown that shows what it says and runs nothing in the browser of whoever grades it.

    A space keeps HTML from being HTML, and a link from being one unless it leads to the web, within the page or to a
    picture that was pasted.
    """
    return LINK.sub("] ", TAG.sub("< ", text))


def _written_beside(intake: Intake, nodes: list[nbformat.NotebookNode]) -> None:
    """Written questions whose own cell is empty, with something of the student's beside it: a person has to look.

    Beside it is what stands between the answer cells before and after it: added cells, edited texts.
    """
    borders = {at for at, node in enumerate(nodes) if _grade_id(node)}
    open_ones = [
        at
        for at, node in enumerate(nodes)
        if node.cell_type == "markdown" and _is_solution(node) and _blank(intake.answers.get(_grade_id(node)), node)
    ]
    places = {at: i for i, at in sorted(intake.claimed.items(), reverse=True)}
    for at in open_ones:
        name = _grade_id(nodes[at])
        here = places.get(at, places.get(at - 1))
        if here is None:
            continue
        beside: list[int] = []
        for way in (range(here - 1, -1, -1), range(here if at not in places else here + 1, len(intake.cells))):
            for i in way:
                claimed = intake.claimed.get(i)
                if claimed in borders and claimed != at:
                    break
                cell = intake.cells[i]
                below = i > here
                own = claimed is None or (
                    nodes[claimed].cell_type == "markdown" and cell.source.strip() != nodes[claimed].source.strip()
                )
                if own and cell.source.strip() and claimed != at and (below or cell.kind != "code"):
                    beside.append(i)
        if beside:
            intake.elsewhere[name] = sorted(beside)
            where = ", ".join(f"{i + 1}" for i in sorted(beside))
            intake.say(f"The cell for {name} is empty, but cell {where} beside it holds something; a person will look.")


def _blank(source: str | None, node: nbformat.NotebookNode) -> bool:
    return source is None or program.normal(source) in ("", program.normal(str(node.source)))


def _added(cell: Cell, i: int) -> nbformat.NotebookNode:
    """A cell of the student's own, for nbgrader's eyes."""
    name = f"added-{i + 1}"
    if cell.kind == "code":
        return nbformat.v4.new_code_cell(cell.source, id=name)
    if cell.kind == "raw":
        return nbformat.v4.new_raw_cell(cell.source, id=name)
    node = nbformat.v4.new_markdown_cell(inert(cell.source), id=name)
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


def defined(source: str) -> set[str]:
    """Names that a cell binds; found by pattern when the cell does not parse."""
    try:
        return {name for one in statements(ipython.plain(source)) for name in one.defines}
    except SyntaxError:
        return program.by_pattern(source)
