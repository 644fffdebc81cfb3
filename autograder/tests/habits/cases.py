"""Right answers with habits: the notebooks that must get full points."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import nbformat

from autograder import bank, demo, handed_in, skeleton, verify
from autograder.job import Job
from autograder.nbgrader.stubs import without_markers
from autograder.tests.habits import answers, notebooks  # noqa: F401 - they fill the list of habits
from autograder.tests.habits.draft import HABITS, Draft, Habit

Round = dict[str, bank.Answer]
AS_IT_IS = Habit("as_it_is", "Nothing is done", lambda draft, name: True)


@dataclass(frozen=True)
class Case:
    """A notebook with right answers. done: exercise -> (name of its answer, name of the habit).

    whole: habits that were done to the whole notebook. slow: it runs into time limits.
    """

    assignment: str
    label: str
    data: bytes
    done: dict[str, tuple[str, str]]
    whole: tuple[str, ...] = ()
    slow: bool = False

    def job(self, folder: Path, data: bytes | None = None) -> Job:
        """The job of this notebook, read as a submission is. folder: for its file. data: the file, if it is another."""
        file = folder / f"{self.label.replace('/', '-')}.ipynb"
        file.write_bytes(self.data if data is None else data)
        taken = handed_in.read_files([file], skeleton.load(self.assignment))
        return replace(taken.job(self.label, 1), only=tuple(self.done))


def filled(assignment: str, own: dict[str, str], *, slow: bool = True) -> Draft:
    """The released notebook with these answers, the instructor's for the rest.

    slow: with the instructor's cells that train for a while.
    """
    outline = skeleton.load(assignment)
    sources = _reference(assignment) | own
    cells = [cell for cell in outline.nodes() if slow or "slow" not in cell.metadata.get("tags", [])]
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = "My answer." if name in outline.written else sources.get(name, cell.source)
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": outline.notebook_metadata(), "cells": cells}
    return Draft(nbformat.from_dict(content), outline)


@cache
def _reference(assignment: str) -> dict[str, str]:
    return {name: without_markers(source) for name, source in bank.reference(assignment).items()}


@cache
def _rights(assignment: str) -> dict[str, list[bank.Answer]]:
    """exercise -> its right answers, the instructor's first."""
    rights: dict[str, list[bank.Answer]] = {}
    for answer in verify.entries(assignment):
        if answer.right:
            rights.setdefault(answer.exercise, []).append(replace(answer, code=without_markers(answer.code)))
    return rights


@cache
def _needs(assignment: str, answer: bank.Answer) -> frozenset[str]:
    """Other exercises whose answers an answer uses, if those are the instructor's."""
    rights = _rights(assignment)
    found: set[str] = set()
    waiting = [answer]
    while waiting:
        one = waiting.pop()
        read = {part.id for part in ast.walk(ast.parse(one.code)) if isinstance(part, ast.Name)} & rights.keys()
        read |= set(bank.uses(assignment, one.exercise))
        waiting += [rights[name][0] for name in read - found]
        found |= read
    return frozenset(found - {answer.exercise})


def _fit(assignment: str, one: Round) -> bool:
    """Whether these answers can be tried in one notebook: the bank's are right beside the instructor's.

    An answer may use another exercise's only if that one is the instructor's own.
    """
    own = {name for name, answer in one.items() if answer != _rights(assignment)[name][0]}
    return all(own.isdisjoint(_needs(assignment, answer)) for answer in one.values())


@cache
def rounds(assignment: str) -> list[Round]:
    """All right answers of the bank in as few notebooks as go: exercise -> answer."""
    rights = _rights(assignment)
    found: list[Round] = [{name: own[0] for name, own in rights.items()}]
    for answer in [answer for own in rights.values() for answer in own[1:]]:
        for one in found[1:]:
            if answer.exercise not in one and _fit(assignment, {**one, answer.exercise: answer}):
                one[answer.exercise] = answer
                break
        else:
            found.append({answer.exercise: answer})
    return found


def every(assignment: str, habits: Sequence[Habit] = (), *, slow: bool = True) -> Iterator[Case]:
    """Every right answer with every habit, a notebook for each round of answers and each habit."""
    for habit in habits or HABITS:
        for number, one in enumerate(rounds(assignment)):
            draft = filled(assignment, {name: answer.code for name, answer in one.items()}, slow=slow)
            if habit.whole:
                done = list(one) if habit.apply(draft, "") else []
            else:
                done = [name for name in one if habit.apply(draft, name)]
            if done:
                pairs = {name: (one[name].name, habit.name) for name in done}
                label = f"{assignment[:2]}/{habit.name}/{number}"
                yield Case(assignment, label, draft.data(), pairs, (habit.name,) * habit.whole, habit.slow)


def cases(assignments: Sequence[str], seed: int, habits: Sequence[Habit] = (), *, slow: bool = True) -> Iterator[Case]:
    """A few notebooks in which each habit is done once, to an answer of one of these assignments, drawn by the seed.

    A habit that fits no answer is left out. slow: with the instructor's cells that train for a while.
    """
    draw = random.Random(f"habits {seed}")
    chosen = list(habits or HABITS)
    draw.shuffle(chosen)
    single = [habit for habit in chosen if not habit.whole]
    whole = [habit for habit in chosen if habit.whole and not habit.alone]
    alone = [[habit] for habit in chosen if habit.whole and habit.alone]
    number = fruitless = 0
    while (single or whole or alone) and fruitless < len(assignments):
        assignment = assignments[number % len(assignments)]
        label = f"{assignment[:2]}/mixed/{number}"
        before = len(single)
        if alone:
            one = _mixed(assignment, [], alone.pop(), draw, label, slow)
        else:
            one = _mixed(assignment, single, [whole.pop() for _ in whole[-2:]], draw, label, slow)
        number += 1
        fruitless = 0 if one.whole or len(single) < before else fruitless + 1
        if not fruitless:
            yield one


def _mixed(
    assignment: str, single: list[Habit], whole: list[Habit], draw: random.Random, label: str, slow: bool
) -> Case:
    """One notebook, whose habits are taken out of `single`."""
    names = [exercise.name for exercise in skeleton.load(assignment).exercises]
    one = rounds(assignment)[0]
    for name in draw.sample(names, len(names)):
        other = {**one, name: draw.choice(_rights(assignment)[name])}
        one = other if _fit(assignment, other) else one
    draft = filled(assignment, {name: answer.code for name, answer in one.items()}, slow=slow)
    done = dict.fromkeys(names, AS_IT_IS)
    lonely = any(habit.alone for habit in single)
    for number, name in enumerate(names):
        if lonely and number % 2 == 0:
            continue
        for habit in single:
            untouched = number and done[names[number - 1]] is AS_IT_IS
            if (untouched or not habit.alone) and habit.apply(draft, name):
                single.remove(habit)
                done[name] = habit
                break
    for habit in whole:
        habit.apply(draft, "")
    habits = [*done.values(), *whole]
    pairs = {name: (one[name].name, habit.name) for name, habit in done.items() if whole or habit is not AS_IT_IS}
    said = tuple(habit.name for habit in whole)
    return Case(assignment, label, draft.data(), pairs, said, any(one.slow for one in habits))


def mixed_class(assignment: str, count: int = 24, seed: int = 0) -> list[demo.Sample]:
    """The first `count` of the sample class, those who wait for time limits last, with habits mixed in."""
    draw = random.Random(f"class {assignment} {seed}")
    outline = skeleton.load(assignment)
    names = [exercise.name for exercise in outline.exercises]
    samples = demo.sample_class(assignment)
    samples.sort(key=lambda sample: sample.what in ("infinite loop", "hostile"))
    step = max(1, len(samples) // count)
    found = []
    for sample in samples[::step][:count]:
        try:
            draft = Draft(nbformat.reads(sample.data.decode(), as_version=4), outline)
        except nbformat.reader.NotJSONError:
            found.append(sample)
            continue
        habits = [habit for habit in HABITS if not habit.alone and not habit.slow]
        said = []
        for name in names:
            if draft.attempted(name):
                habit = draw.choice([habit for habit in habits if not habit.whole])
                if habit.apply(draft, name):
                    said.append(habit.name)
        habit = draw.choice([habit for habit in habits if habit.whole])
        if all(draft.labelled(name) is not None for name in names) and habit.apply(draft, ""):
            said.append(habit.name)
        found.append(demo.Sample(sample.student, f"{sample.what} ({', '.join(said)})", draft.data()))
    return found


__all__ = ["AS_IT_IS", "Case", "cases", "every", "filled", "mixed_class", "rounds"]
