"""Follow-through: an answer that uses another one which is not right is graded once more with a right one in its place.

In the room: the instructor's solutions, as text. Which answers a cell uses is read and never run; what comes out here
is a program for a fresh process, of whose results only the points count (see `grader`).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat

from autograder import paths, program, skeleton, source
from autograder.job import Job, Step
from autograder.student import GIVEN, SET_UP

PLACE = "right answer"  # what the steps that put one in place are called


def uses(job: Job, exercise: str, others: Collection[str]) -> set[str]:
    """Which of these other exercises' answers an answer uses, directly or through what is not among them."""
    lines = source.lines(job)
    moment = _moment(job, lines, exercise)
    called = {own: name for name in others for own in _names(job, name)}
    wanted = program.names_in(alias) if (alias := _alias(job, exercise)) else [exercise]
    _, looked_up = source.made_of(wanted, lines, moment, stop=called.keys())
    return {called[name] for name in looked_up if name in called} - {exercise}


def with_right(job: Job, names: Sequence[str], exercise: str) -> Job:
    """The job of a notebook in which right answers stand in the place of its own, for an exercise that uses them.

    A right answer is a module of its own with all that it needs, so that no name of the notebook's changes it. It
    is there from the start, and again below the notebook's own answer, where that was made or changed last.
    """
    modules = [Step("module", _module(name), right(job.assignment, name)) for name in names]
    lines = source.lines(job)
    moment = _moment(job, lines, exercise)
    places: dict[tuple[int, int], list[Step]] = {}
    first = []
    for name in names:
        for own in _names(job, name):
            step = Step("cell", PLACE, f"from {_module(name)} import {name} as {own}", (0,))
            first.append(step)
            made = [at for at, line in enumerate(lines) if own in line.statement.defines | line.statement.patches]
            if made := [at for at in made if at < moment] or made:
                places.setdefault((lines[made[-1]].step, lines[made[-1]].number), []).append(step)
    ground = [at for at, step in enumerate(job.steps) if step.name in (GIVEN, SET_UP)]
    start = ground[-1] + 1 if ground else 0
    given = [step for step in job.steps[:start] if step.name == GIVEN]
    steps = [*given, *modules, *(step for step in job.steps[:start] if step.name != GIVEN), *first]
    for at, step in enumerate(job.steps[start:], start):
        steps += _parts(step, {number: own for (where, number), own in places.items() if where == at})
    return replace(job, steps=tuple(steps))


def handed_through(assignment: str, exercise: str, name: str, seed: int) -> Job:
    """The job of a notebook, all right, whose answer to an exercise is its answer to another one."""
    answers = {**_solutions(assignment), exercise: f"{exercise} = {name}\n"}
    return program.job(skeleton.load(assignment), "control", answers, seed=seed, only=(exercise,), alone=True)


@cache
def right(assignment: str, exercise: str) -> str:
    """The instructor's answer to an exercise with all that it needs, as the source of a module."""
    job = program.job(skeleton.load(assignment), "right", _solutions(assignment), only=(exercise,), alone=True, seed=0)
    return ast.unparse(ast.Module(source.needed(job, exercise), []))


def copy(assignment: str, folder: Path) -> None:
    """Write the solutions to a folder of another place that grades, without their outputs."""
    notebook = _notebook(assignment)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{skeleton.load(assignment).notebook}.ipynb")


@cache
def _solutions(assignment: str) -> dict[str, str]:
    """grade_id -> the instructor's answer. Raises FileNotFoundError."""
    return {
        str(cell.metadata.nbgrader.grade_id): str(cell.source)
        for cell in _notebook(assignment).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def _notebook(assignment: str) -> nbformat.NotebookNode:
    found = sorted((paths.SOLUTIONS / assignment).glob("*.ipynb"))
    if len(found) != 1:
        raise FileNotFoundError(f"solutions/{assignment} holds {len(found)} notebooks; one is needed to grade with")
    return nbformat.read(found[0], as_version=4)


def _module(name: str) -> str:
    return f"right_{name}"


def _moment(job: Job, lines: Sequence[source.Line], exercise: str) -> int:
    """The place among the lines of the program where an exercise's answer is taken."""
    steps = [at for at, step in enumerate(job.steps) if step.kind == "moment" and step.name == exercise]
    return sum(line.step < steps[0] for line in lines) if steps else len(lines)


def _alias(job: Job, exercise: str) -> str:
    return next((step.alias for step in job.steps if step.kind == "moment" and step.name == exercise), "")


def _names(job: Job, exercise: str) -> list[str]:
    """What a notebook calls its answer to an exercise: the exercise's name, and the name that its check was given."""
    alias = _alias(job, exercise)
    return [exercise, alias] if alias.isidentifier() else [exercise]


def _parts(step: Step, places: dict[int, list[Step]]) -> list[Step]:
    """A step, cut after the statements of these numbers, with what belongs there. A whole cell is not cut."""
    if step.run is None:
        return [step, *(own for steps in places.values() for own in steps)]
    found, rest = [], list(step.run)
    for number in sorted(places):
        upto = [at for at in rest if at <= number]
        rest = rest[len(upto) :]
        found += [replace(step, run=tuple(upto)), *places[number]]
    return [*found, replace(step, run=tuple(rest))] if rest else found
