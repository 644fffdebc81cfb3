"""From the cells of a notebook to a job: what runs in the worker, in which order, and what was not attempted.

The program is the student's notebook, run from the top. Of its statements only those run that an answer needs (see
`statements`), each by itself, so that a plot, a training or a line that fails costs nobody an answer. An answer is
asked for as it was when its check stood there: the place of its last check cell is its moment.
"""

from __future__ import annotations

import ast
import re
import secrets
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder import ipython, newer_python
from autograder.job import Job, Note, Step
from autograder.skeleton import Skeleton
from autograder.statements import Slicer, Statement, checked, names_in, statements
from autograder.student import GIVEN, SET_UP

Helper = tuple[int, str]  # (index of the skeleton's cell before which it stands, source)
COMPILE = re.compile(r"\btorch\s*\.\s*compile\b|\bfrom\s+torch\s+import\b[^\n]*\bcompile\b")


@dataclass(frozen=True)
class Part:
    """A code cell of a notebook. label: what messages call it, an exercise's name or the number of the cell.

    exercise: whose answer cell it is. checks: exercises whose check cell it is, whatever stands in it. green: those
    whose check had passed. ground: it is the instructor's set-up, as released.
    """

    label: str
    source: str
    exercise: str = ""
    checks: tuple[str, ...] = ()
    green: tuple[str, ...] = ()
    ground: bool = False


@dataclass
class _Cell:
    """A part as it is read: its Python and its statements.

    broken: the whole of it, if an answer in it is no Python. answers: the exercise whose answer cell it is, if its
    student wrote something there.
    """

    part: Part
    source: str
    statements: list[Statement]
    broken: str = ""
    answers: str = ""
    start: int = 0  # place of its first statement in the program


def job(
    skeleton: Skeleton,
    submission: str,
    answers: dict[str, str],
    *,
    helpers: list[Helper] | None = None,
    notes: tuple[Note, ...] = (),
    seed: int | None = None,
    only: tuple[str, ...] = (),
    whole: bool = False,
    alone: bool = False,
) -> Job:
    """The job of the released notebook with these answers in it.

    answers: solution cell's grade_id -> source. helpers: cells added to it. whole, alone: see `of_parts`.
    """
    parts = []
    nodes = skeleton.released
    for index in range(len(nodes) + 1):
        for number, (at, source) in enumerate(helpers or []):
            if at == index or (index == len(nodes) and at > index):
                parts.append(Part(f"added {number + 1}", source))
        if index < len(nodes) and nodes[index].cell_type == "code":
            name = str(nodes[index].metadata.get("nbgrader", {}).get("grade_id", ""))
            parts.append(part(nodes[index], answers.get(name, str(nodes[index].source)), f"{index + 1}"))
    return of_parts(skeleton, submission, parts, notes=notes, seed=seed, only=only, whole=whole, alone=alone)


def part(node: NotebookNode, source: str, number: str, green: tuple[str, ...] = ()) -> Part:
    """A cell of the released notebook with this source in it. number: which cell of the student's notebook it is."""
    settings = node.metadata.get("nbgrader", {})
    name = str(settings.get("grade_id", ""))
    answer = name if settings.get("solution") else ""
    check = (name.removeprefix("test_"),) if settings.get("grade") and not answer else ()
    same = normal(source) in ("", normal(str(node.source)))
    return Part(answer or number, source, answer, check, green, same and "given" in node.metadata.get("tags", []))


def of_parts(
    skeleton: Skeleton,
    submission: str,
    parts: Sequence[Part],
    *,
    notes: tuple[Note, ...] = (),
    seed: int | None = None,
    only: tuple[str, ...] = (),
    whole: bool = False,
    alone: bool = False,
    unreadable: bool = False,
) -> Job:
    """The job of a notebook.

    seed: of the tests' inputs, fresh by default. only: see Job. whole: run every statement, needed or not. alone: run
    what those of `only` need and nothing else, though tests may look at other answers too.
    """
    said = list(notes)
    names = [exercise.name for exercise in skeleton.exercises]
    stubs = {normal(skeleton.stub(name)): name for name in names}
    cells = [_read(one, set(names), stubs.get(normal(one.source), ""), said) for one in parts if not one.ground]
    program: list[Statement] = []
    for cell in cells:
        cell.start = len(program)
        program += cell.statements
    slicer = Slicer(program)
    bound = {name for one in program for name in one.defines}
    alias = {name: found for name in names if (found := _alias(cells, name, bound)) != name}
    blank = [name for name in names if name not in bound and name not in alias and not _tried(cells, name)]
    set_up = [str(node.source) for node in skeleton.released if "given" in node.metadata.get("tags", [])]
    given = {name for source in set_up for one in statements(source) for name in one.defines}
    needed: set[int] = set(range(len(program))) if whole else set()
    for cell in cells:
        if cell.answers and cell.answers not in bound:  # nothing makes it; what its cell does may say why
            needed |= set(range(cell.start, cell.start + len(cell.statements)))
    moments: dict[str, int] = {}
    for name in names:
        if (name in bound or name in alias) and (name in only or not alone):
            asked = names_in(alias[name]) if name in alias else [name]
            moments[name] = _moment(cells, slicer, name, asked[0], said)
            end = _end(cells, moments[name], len(program))
            needed |= set().union(*(slicer.needed(one, end, given) for one in asked))
    steps = [Step("module", GIVEN, skeleton.given)] if skeleton.given else []
    steps += [Step("cell", SET_UP, source) for source in set_up]
    for number, cell in enumerate(cells):
        run = tuple(one.index for at, one in enumerate(cell.statements, cell.start) if at in needed)
        if cell.broken:
            steps.append(Step("cell", cell.part.label, cell.broken))
        if run:
            steps.append(Step("cell", cell.part.label, cell.source, run))
        steps += [Step("moment", name, alias=alias.get(name, "")) for name, at in moments.items() if at == number]
    said += [Note(f"Your check asks `{other}` as {name}; that is what was graded.", (name,), False)
             for name, other in alias.items()]  # fmt: skip
    if any(COMPILE.search(cell.source) for cell in cells):
        said.append(
            Note("torch.compile is switched off when grading: it changes the speed, not the results.", (), False)
        )
    newer = [(cell.part.label, newer_python.sentence(cell.broken)) for cell in cells if cell.broken]
    green = tuple(name for name in names if any(name in cell.part.green for cell in cells))
    origins = tuple((name, tuple(dict.fromkeys(labels))) for name, labels in _origins(cells, names).items())
    seed = secrets.randbits(48) if seed is None else seed
    return Job(
        skeleton.assignment,
        submission,
        tuple(steps),
        tuple(blank),
        tuple(dict.fromkeys(said)),
        seed,
        only,
        green,
        origins,
        unreadable,
        tuple(pair for pair in newer if pair[1]),
    )


def _read(one: Part, names: set[str], stub: str, said: list[Note]) -> _Cell:
    """A cell's statements. stub: the exercise whose released cell it is, word for word; its placeholder is left out."""
    whole = ipython.plain(one.source)
    source, left_out, line = whole, "", 0
    try:
        found = statements(source)
    except SyntaxError as error:
        source, left_out, line = _without_line(whole, error.lineno or 0)
        found = statements(source)
    broken = bool(left_out) and bool(by_pattern(left_out) & names or (one.exercise and not found))
    if left_out and not broken:
        concerned = tuple(sorted({name for part in found for name in part.defines} & names))
        text = f"Cell {one.label}: line {line} is not Python here, so it was left out."
        said.append(Note(f"{text} {newer_python.sentence(whole)}".strip(), concerned, False))
    if stub:
        nodes = ipython.tree(source).body
        found = [part for part in found if stub not in part.defines and not _placeholder(nodes[part.index])]
    return _Cell(one, source, found, whole if broken else "", "" if stub or not normal(one.source) else one.exercise)


def _placeholder(node: ast.stmt) -> bool:
    """Whether a released statement waits to be written."""
    raised = (part.exc for part in ast.walk(node) if isinstance(part, ast.Raise) and isinstance(part.exc, ast.Call))
    waits = any(isinstance(exc.func, ast.Name) and exc.func.id == "NotImplementedError" for exc in raised)
    return waits or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is ...)


def _without_line(source: str, line: int) -> tuple[str, str, int]:
    """A cell without the statement that is no Python, that statement, and its line. If that is no help: nothing, all.

    A statement here is what stands between two lines that begin at the margin.
    """
    lines = source.split("\n")
    margins = [at for at, text in enumerate(lines) if text[:1].strip() and text[:1] not in "#)]}"]
    first = max((at for at in margins if at < line), default=0)
    last = min((at for at in margins if at >= line), default=len(lines))
    rest = "\n".join("" if first <= at < last else text for at, text in enumerate(lines))
    if not ipython.parses(rest):
        return "", source, 1
    return rest, "\n".join(lines[first:last]), first + 1


def _alias(cells: list[_Cell], name: str, bound: set[str]) -> str:
    """What the last check cell of an exercise asks for: an expression of names that there are, else the name itself."""
    for cell in reversed(cells):
        if name in cell.part.checks and (found := checked(cell.source, name)):
            asked = names_in(found)
            return found if asked and bound.issuperset(asked) else name
    return name


def _tried(cells: list[_Cell], name: str) -> bool:
    """Whether an answer to this exercise was begun, though nothing makes its name."""
    return any(cell.answers == name or (cell.broken and name in by_pattern(cell.broken)) for cell in cells)


def by_pattern(source: str) -> set[str]:
    """Names that a cell seems to bind, whether it is Python or not."""
    found = re.findall(r"^(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)", source, re.MULTILINE)
    return {name for pair in found for name in pair if name}


def _moment(cells: list[_Cell], slicer: Slicer, name: str, asked: str, said: list[Note]) -> int:
    """The cell after which an exercise's answer is taken: its last check, of several the last one that had passed.

    The last cell of all if there is no check, or the answer is made below it.
    """
    own = [at for at, cell in enumerate(cells) if _checks(cell, name)]
    passed = [at for at in own if name in cells[at].part.green]
    starts = [cell.start for cell in cells]
    places = {bisect_right(starts, at) - 1 for at in slicer.binders(asked, len(slicer.program) + 1)}
    moment = (passed or own or [len(cells) - 1])[-1]
    end = _end(cells, moment, len(slicer.program))
    every = [at for at, one in enumerate(slicer.program) if asked in one.defines]
    if not any(at < end for at in every):
        moment = len(cells) - 1
        if own:
            where = _called(cells[min(places)].part.label)
            said.append(
                Note(f"{name} is made below its check, in {where}; it was graded as it is there.", (name,), False)
            )
    made_in = list(dict.fromkeys(bisect_right(starts, at) - 1 for at in every))
    if len(made_in) > 1:
        used = _called(cells[[at for at in made_in if at <= moment][-1]].part.label)
        where = ", ".join(_called(cells[at].part.label) for at in made_in[:10])
        where += f" and {len(made_in) - 10} more" if len(made_in) > 10 else ""
        text = f"{name} is made in several cells ({where}); what its check saw was graded, the one from {used}."
        said.append(Note(text, (name,), False))
    return moment


def _checks(cell: _Cell, name: str) -> bool:
    return name in cell.part.checks or any(name in one.checks for one in cell.statements)


def _end(cells: list[_Cell], moment: int, length: int) -> int:
    """The place in the program where the cell after a moment begins."""
    return cells[moment + 1].start if moment + 1 < len(cells) else length


def _origins(cells: list[_Cell], exercises: list[str]) -> dict[str, list[str]]:
    """Names that the notebook's cells make -> the cells."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        names = {name for one in cell.statements for name in one.defines}
        names |= by_pattern(cell.broken) | ({cell.answers} - {""})
        for name in names:
            if len(name) < 80:
                found.setdefault(name, []).append(cell.part.label)
    return found


def _called(label: str) -> str:
    return f"cell {label}"


def normal(source: str) -> str:
    """The source without what only looks different: empty lines and spaces at the end of lines."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines() if line.strip())
