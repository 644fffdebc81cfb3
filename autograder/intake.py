"""Whatever arrives becomes a readable submission: cells as data, matched with the released notebook.

Nothing here runs, imports or unpickles anything of the student's. A file that is no notebook gives a blank submission
with a sentence that says why; everything else gives what could be found, with a sentence for each repair.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat

from autograder import program
from autograder.authoring import KEY
from autograder.grader import Job
from autograder.skeleton import Skeleton

MAX_BYTES = 1 << 30
STREAM_BYTES = 16 << 20
WHOLE_BYTES = 48 << 20
PIECE_BYTES = 16 << 20  # the parser reads a value again with each piece of it, and one picture may be 200 MB
MAX_CELLS = 2000
MAX_DEPTH = 100
MAX_SOURCE = 200_000
MAX_TEXT = 2_000_000


class Unreadable(ValueError):
    """The file is not a notebook; the text is a sentence for the student and the instructor."""


@dataclass(frozen=True)
class Cell:
    """One cell as it arrived: its kind, source, cell id and nbgrader's grade_id (each empty when there is none)."""

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""


@dataclass
class Intake:
    """A submission, matched with its skeleton.

    answers: grade_id -> source, for solution and written cells that were found. helpers: cells the student added, with
    the index of the skeleton's cell that follows. notes: one sentence for each repair or loss.
    """

    skeleton: Skeleton
    answers: dict[str, str] = field(default_factory=dict)
    helpers: list[program.Helper] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def job(self, submission: str, seed: int | None = None) -> Job:
        """The job for a grader."""
        return program.job(
            self.skeleton, submission, self.answers, helpers=self.helpers, notes=tuple(self.notes), seed=seed
        )

    def notebook(self) -> nbformat.NotebookNode:
        """The released notebook with the student's answers in it: what nbgrader stores, shows and grades."""
        cells = []
        if self.notes:
            text = "**What the grader found in this file**\n\n" + "\n".join(f"- {note}" for note in self.notes)
            cells.append(nbformat.v4.new_markdown_cell(text, id="intake-notes"))
        nodes = self.skeleton.nodes()
        for index in range(len(nodes) + 1):
            for number, (at, source) in enumerate(self.helpers):
                if at == index or (index == len(nodes) and at > index):
                    cells.append(nbformat.v4.new_code_cell(source, id=f"added-{number + 1}"))
            if index < len(nodes):
                node = nodes[index]
                node.source = self.answers.get(_grade_id(node), node.source)
                cells.append(node)
        metadata = self.skeleton.notebook_metadata()
        metadata[KEY] = {**metadata.get(KEY, {}), "notes": list(self.notes)}
        return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def from_notebook(notebook: nbformat.NotebookNode, skeleton: Skeleton) -> Intake:
    """An intake from the notebook that `Intake.notebook` made (nbgrader's second pass)."""
    intake = Intake(skeleton, notes=list(notebook.metadata.get(KEY, {}).get("notes", [])))
    position = 0
    for cell in notebook.cells:
        name = _grade_id(cell)
        if cell.id.startswith("added-") and not name:
            intake.helpers.append((position, cell.source))
        elif cell.id != "intake-notes":
            position += 1
        if name in skeleton.answers:
            intake.answers[name] = cell.source
    return intake


def read(path: Path, skeleton: Skeleton) -> Intake:
    """Take in a file, whatever it is. Never raises for what the file holds."""
    try:
        cells = cells_of(path)
    except Unreadable as error:
        return Intake(skeleton, notes=[str(error)])
    return match(cells, skeleton)


# ---- reading -----------------------------------------------------------------------------------


def cells_of(path: Path) -> list[Cell]:
    """The cells of a notebook file, without outputs. Raises Unreadable."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise Unreadable("The file is empty. Please submit the notebook again.")
        if size > MAX_BYTES:
            raise Unreadable(
                f"The file has {size / 1e6:.0f} MB. Clear its outputs (Edit, Clear All Outputs) and submit again."
            )
        raw = _large(path, size) if size > STREAM_BYTES else _loaded(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"The file could not be opened ({error.strerror}). Please submit it again.") from None
    if len(raw) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(raw)} cells; at most {MAX_CELLS} are read.")
    cells = [cell for cell in map(_cell, raw) if cell is not None]
    if (text := sum(len(cell.source) for cell in cells)) > MAX_TEXT:
        raise Unreadable(
            f"The notebook's cells hold {text / 1e6:.0f} million characters; at most {MAX_TEXT / 1e6:.0f} are read."
        )
    return cells


def _loaded(data: bytes) -> list[Any]:
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable(_what_it_is(data)) from None
    if not isinstance(notebook, dict):
        raise Unreadable("The file is JSON but not a notebook. Please submit the .ipynb file itself.")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        lists = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for part in lists if isinstance(part, list) for cell in part]
    if not isinstance(cells, list):
        raise Unreadable("The file is JSON but has no cells. Please submit the .ipynb file itself.")
    return cells


def _what_it_is(data: bytes) -> str:
    """Why these bytes are no notebook, as a sentence."""
    advice = "Please download the notebook as .ipynb (File, Download) and submit that."
    head = data[:4096].lstrip()
    if b"<<<<<<<" in data and b">>>>>>>" in data:
        return (
            "The notebook holds merge-conflict markers (<<<<<<<), so it cannot be read. "
            "Resolve the conflict and submit again."
        )
    if data[:2] == b"PK":
        return f"The file is a zip archive or an office document, not a notebook. {advice}"
    if data[:4] == b"%PDF":
        return f"The file is a PDF, not a notebook. {advice}"
    if head[:1] == b"<":
        return f"The file is a web page, not a notebook. {advice}"
    if head[:1] == b"{":
        return f"The notebook is damaged or cut off, so it cannot be read. {advice}"
    return f"The file is not a notebook. {advice}"


def _large(path: Path, size: int) -> list[Any]:
    """The cells of a large file: piece by piece, or whole where a piece is not strict JSON (NaN, another encoding)."""
    try:
        return list(_streamed(path))
    except Unreadable:
        if size > WHOLE_BYTES:
            raise
        return _loaded(path.read_bytes())


def _streamed(path: Path) -> Iterator[dict[str, Any]]:
    """Cells of a large file, read piece by piece and without their outputs. Raises Unreadable."""
    import ijson

    cell: dict[str, Any] = {}
    keys: list[str] = []  # the way from the root to the value that comes next
    try:
        with path.open("rb") as file:
            if file.read(3) != b"\xef\xbb\xbf":
                file.seek(0)
            for event, value in ijson.basic_parse(file, use_float=True, buf_size=PIECE_BYTES):
                if event == "map_key":
                    keys[-1] = value
                    continue
                if event in ("end_map", "end_array"):
                    keys.pop()
                where = ".".join(keys) if len(keys) < 8 else ""
                where = where.removeprefix("worksheets.item.")
                if where == "cells.item":
                    if event == "start_map":
                        cell = {"source": [], "metadata": {"nbgrader": {}}}
                    elif event == "end_map":
                        yield cell
                elif where in ("cells.item.cell_type", "cells.item.id"):
                    cell[keys[-1]] = value
                elif where == "cells.item.metadata.nbgrader.grade_id":
                    cell["metadata"]["nbgrader"]["grade_id"] = value
                elif event == "string" and where.removesuffix(".item") in ("cells.item.source", "cells.item.input"):
                    cell["source"].append(value)
                if event in ("start_map", "start_array"):
                    keys.append("item")
                    if len(keys) > MAX_DEPTH:
                        raise ijson.JSONError("too deep")
    except (ijson.JSONError, UnicodeDecodeError, RecursionError):
        with path.open("rb") as file:
            raise Unreadable(_what_it_is(file.read(1 << 20))) from None


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    metadata = raw.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = settings.get("grade_id") if isinstance(settings, dict) else None
    clean = source[:MAX_SOURCE].replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    kind = "code" if raw.get("cell_type") == "code" else "markdown"
    return Cell(kind, clean, _text(raw.get("id")), _text(grade_id))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


# ---- matching ----------------------------------------------------------------------------------


def _grade_id(node: nbformat.NotebookNode) -> str:
    return str(node.metadata.get("nbgrader", {}).get("grade_id", ""))


def _is_solution(node: nbformat.NotebookNode) -> bool:
    return bool(node.metadata.get("nbgrader", {}).get("solution"))


def match(cells: list[Cell], skeleton: Skeleton) -> Intake:
    """Find each answer: by nbgrader's grade_id, then by cell id, then by what a cell defines."""
    intake = Intake(skeleton)
    nodes = skeleton.nodes()
    claimed: dict[int, int] = {}  # index of an arrived cell -> index of the skeleton's cell
    missing_locked: list[str] = []
    edited_locked: list[str] = []
    for at, node in enumerate(nodes):
        name = _grade_id(node)
        found = [i for i, cell in enumerate(cells) if name and cell.grade_id == name]
        found = found or [i for i, cell in enumerate(cells) if cell.id and cell.id == node.id and not cell.grade_id]
        if not found and not (node.cell_type == "markdown" and _is_solution(node)):  # written stubs all look alike
            text = node.source.strip()
            same = (i for i, cell in enumerate(cells) if i not in claimed and cell.source.strip() == text)
            found = list(islice(same, 1))
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
        intake.notes.append(
            f"These answers had lost their labels and were recognised by what they define: {', '.join(relabelled)}."
        )
    placed = _written_by_place(intake, cells, claimed, nodes)
    if placed:
        intake.notes.append(
            f"These written answers had lost their labels and were recognised by their place: {', '.join(placed)}."
        )
    for node in nodes:
        if node.cell_type == "markdown" and (name := _grade_id(node)) in intake.answers:
            intake.answers[name] = inert(intake.answers[name])
    _helpers(intake, cells, claimed, len(nodes))
    if any(len(cell.source) >= MAX_SOURCE for cell in cells):
        intake.notes.append(f"A cell was longer than {MAX_SOURCE} characters and was cut.")
    if edited_locked:
        intake.notes.append(f"Locked cells had been edited; the originals were used: {', '.join(edited_locked)}.")
    if missing_locked and cells:
        intake.notes.append(f"Locked cells were missing and were put back: {', '.join(missing_locked)}.")
    missing = [name for name in skeleton.answers if name not in intake.answers]
    if len(missing) == len(skeleton.answers):
        intake.notes.append("No cell of this assignment was found in the file. Is it the right notebook?")
    elif missing:
        intake.notes.append(f"No answer cell was found for: {', '.join(missing)}.")
    return intake


def _answer(intake: Intake, cells: list[Cell], node: nbformat.NotebookNode, found: list[int]) -> None:
    name = _grade_id(node)
    if not found:
        return
    edited = [cells[i].source for i in found if cells[i].source.strip() not in ("", node.source.strip())]
    if len(found) == 1 or len(edited) < 2:
        intake.answers[name] = edited[-1] if edited else cells[found[-1]].source
    elif whole := _joined(edited, name, node.cell_type):
        intake.answers[name] = whole
    else:
        intake.answers[name] = edited[-1]
    if len(found) > 1:
        used = "the last one with an answer was used" if intake.answers[name] in edited else "its parts were joined"
        intake.notes.append(f"The cell {name} was there {len(found)} times; {used}.")


def _joined(parts: list[str], name: str, kind: str) -> str:
    """An answer from the parts that a split cell leaves behind; empty if the last part is an answer by itself."""
    if kind == "markdown":
        return "\n\n".join(dict.fromkeys(parts))
    last, whole = defined(parts[-1]), "\n".join(parts)
    earlier = set().union(*map(defined, parts[:-1]))
    complete = name in last and earlier <= last
    return whole if not complete and name in defined(whole) and _parses(whole) else ""


def _by_definition(
    intake: Intake, cells: list[Cell], claimed: dict[int, int], nodes: list[nbformat.NotebookNode]
) -> list[str]:
    """Answers in cells that lost their metadata: the last free cell that defines the exercise's name."""
    names = []
    defines = cache(lambda i: defined(cells[i].source))
    for at, node in enumerate(nodes):
        name = _grade_id(node)
        if node.cell_type != "code" or not _is_solution(node):
            continue
        if intake.answers.get(name, node.source).strip() not in ("", node.source.strip()):
            continue
        free = [i for i, cell in enumerate(cells) if i not in claimed and cell.kind == "code" and name in defines(i)]
        if free:
            claimed[free[-1]] = at
            intake.answers[name] = cells[free[-1]].source
            names.append(name)
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
LINK = re.compile(r"\](?=\((?!\s*<?\s*(?:https?://|#))|:(?!\s*https?://))", re.IGNORECASE)


def inert(text: str) -> str:
    """Markdown that shows what it says and runs nothing in the browser of whoever grades it.

    A space keeps HTML from being HTML, and a link from being one unless it leads to the web or within the page.
    """
    return LINK.sub("] ", TAG.sub("< ", text))


def _helpers(intake: Intake, cells: list[Cell], claimed: dict[int, int], end: int) -> None:
    position = 0
    for i, cell in enumerate(cells):
        if i in claimed:
            position = min(end, claimed[i] + 1)
        elif cell.kind == "code" and cell.source.strip():
            intake.helpers.append((position, cell.source))


def defined(source: str) -> set[str]:
    """Names that a cell defines or assigns at its top level; found by pattern when the cell does not parse."""
    try:
        body = ast.parse(program.without_magics(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _by_pattern(source)
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            parts = [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            names |= {part.id for part in parts if isinstance(part.ctx, ast.Store)}
    return names


def _parses(source: str) -> bool:
    try:
        ast.parse(program.without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _by_pattern(source: str) -> set[str]:
    found = re.findall(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", source, re.MULTILINE)
    return {name for pair in found for name in pair if name}
