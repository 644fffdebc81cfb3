"""Which of the released notebook's cells the cells of a submission are, and where its answers stand.

By nbgrader's label, then by cell id, then by what a cell defines or where it stands. Each repair is said.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

import nbformat

from autograder import ipython, program
from autograder.intake import Intake, grade_id, is_solution, say_what_is_quiet
from autograder.likeness import LONGEST
from autograder.reading import MAX_SOURCE, Cell
from autograder.skeleton import Skeleton
from autograder.statements import statements


def match(cells: list[Cell], skeleton: Skeleton) -> Intake:
    """Find each answer: by nbgrader's grade_id, then by cell id, then by what a cell defines."""
    intake = Intake(skeleton, cells)
    nodes = skeleton.released
    claimed = intake.claimed
    by_label, by_id, by_text = _index(cells)
    missing_locked: list[str] = []
    edited_locked: list[str] = []
    for at, node in enumerate(nodes):
        name = grade_id(node)
        found = by_label.get(name, []) if name else []
        found = found or [i for i in by_id.get(node.id, []) if not cells[i].grade_id]
        if not found and not (node.cell_type == "markdown" and is_solution(node)):  # written stubs all look alike
            found = list(islice((i for i in by_text.get(node.source.strip(), []) if i not in claimed), 1))
        for i in found:
            claimed.setdefault(i, at)
        if is_solution(node):
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
    _written_beside(intake, nodes)
    for cell in cells:
        if cell.lost:
            intake.say(cell.lost, always=False)
    if any(len(cell.source) >= MAX_SOURCE for cell in cells):
        intake.say(f"A cell was longer than {MAX_SOURCE} characters and was cut.")
    if any(len(source) > LONGEST for source in intake.answers.values()):
        intake.say(f"An answer is longer than {LONGEST} characters; it is not compared with those of others.")
    if edited_locked:
        intake.say(f"Locked cells had been edited; the originals were used: {', '.join(edited_locked)}.")
    if missing_locked and cells:
        intake.say(f"Locked cells were missing and were put back: {', '.join(missing_locked)}.")
    say_what_is_quiet(intake)
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
    name = grade_id(node)
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
    typed = [cells[i] for i in found if cells[i].source.strip() not in ("", node.source.strip())]
    if node.cell_type == "code" and typed and all(cell.kind != "code" for cell in typed):
        intake.say(f"The answer cell for {name} is a text cell, so nothing in it runs; a person should look.", name)
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
        name = grade_id(node)
        if node.cell_type != "code" or not is_solution(node):
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
        name = grade_id(node)
        if node.cell_type != "markdown" or not is_solution(node) or name in intake.answers:
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


def _written_beside(intake: Intake, nodes: list[nbformat.NotebookNode]) -> None:
    """Written questions whose own cell is empty, with something of the student's beside it: a person has to look.

    Beside it is what stands between the answer cells before and after it: added cells, edited texts.
    """
    borders = {at for at, node in enumerate(nodes) if grade_id(node)}
    open_ones = [
        at
        for at, node in enumerate(nodes)
        if node.cell_type == "markdown" and is_solution(node) and _blank(intake.answers.get(grade_id(node)), node)
    ]
    places = {at: i for i, at in sorted(intake.claimed.items(), reverse=True)}
    for at in open_ones:
        name = grade_id(nodes[at])
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


def defined(source: str) -> set[str]:
    """Names that a cell binds; found by pattern when the cell does not parse."""
    try:
        return {name for one in statements(ipython.plain(source)) for name in one.defines}
    except SyntaxError:
        return program.by_pattern(source)
