"""What ordinary habits do to a right answer costs it no point, and all ways of grading agree about it.

A sample by default: each habit once. `HABITS=all` tries every right answer of the bank with every habit (hours), and
a class of 24 in all ways of grading; `HABITS_SEED=7` draws another sample.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import authoring, demo, gradebook, paths, platforms, skeleton
from autograder.benchmarks import workspace
from autograder.pool import Pool
from autograder.tests.conftest import A1
from autograder.tests.habits import HABITS, Draft, Habit, cases, every, mixed_class
from autograder.tests.habits.grading import graded, lost_in

ALL = os.environ.get("HABITS") == "all"
SEED = int(os.environ.get("HABITS_SEED", "0"))


@pytest.fixture(scope="module")
def graders() -> Iterator[Pool]:
    with Pool(paths.assignments()) as pool:
        yield pool


def test_each_habit_has_a_name_and_a_title_of_its_own() -> None:
    assert len(HABITS) >= 25
    assert len({habit.name for habit in HABITS}) == len({habit.title for habit in HABITS}) == len(HABITS)


def test_no_habit_costs_a_right_answer_a_point(graders: Pool) -> None:
    sample = list(cases(paths.assignments(), SEED))
    tried = {name for case in sample for name in (*case.whole, *(habit for _, habit in case.done.values()))}
    assert {habit.name for habit in HABITS} <= tried
    lost = [one for case, report in graded(graders, sample) for one in lost_in(case, report)]
    assert not lost, "\n".join(map(str, lost))


@pytest.mark.skipif(not ALL, reason="hours; on request with HABITS=all")
@pytest.mark.parametrize("assignment", paths.assignments())
def test_no_habit_costs_any_right_answer_a_point(graders: Pool, assignment: str) -> None:
    lost = [one for case, report in graded(graders, every(assignment)) for one in lost_in(case, report)]
    assert not lost, "\n".join(map(str, lost))


def test_what_breaks_an_answer_is_seen_here(graders: Pool) -> None:
    def breaks(draft: Draft, name: str) -> bool:
        draft.answer(name).source += f"\n{name} = None"
        return name == "score_needed"

    (case,) = list(every(A1, [Habit("breaks", "Overwritten above its check", breaks)]))[:1]
    ((_, report),) = graded(graders, [case])
    assert [one.exercise for one in lost_in(case, report)] == ["score_needed"]


# ---- four ways of grading ----------------------------------------------------------------------

KINDS = ("all right", "right, in another style", "one mistake", "two mistakes", "half finished", "syntax error")


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with habits that waits to be graded."""
    folder = tmp_path_factory.mktemp("habits")
    samples = mixed_class(A1, seed=SEED)
    if not ALL:
        samples = [next(sample for sample in samples if sample.what.startswith(kind)) for kind in KINDS]
    with workspace.environment(GRADING=str(folder / "nbgrader")):
        authoring.generate(A1, folder / "nbgrader" / "release", database=True)
    for sample in samples:
        workspace.submit(folder / "nbgrader", A1, sample.student, sample.data)
    shutil.copytree(folder / "nbgrader", folder / "autograder")
    shutil.copytree(folder / "nbgrader" / "submitted", folder / "others" / "submitted")
    return folder


def test_all_ways_of_grading_agree(submitted: Path) -> None:
    outline = skeleton.load(A1)
    names = [exercise.name for exercise in outline.exercises]
    students = {file.name for file in (submitted / "others" / "submitted").iterdir()}

    def of_gradebook(way: str) -> dict[str, dict[str, float]]:
        with workspace.environment(GRADING=str(submitted / way), GRADEBOOK=""):
            with Gradebook(gradebook.url(), gradebook.COURSE) as book:
                found = {}
                for student in book.students:
                    notebook = book.find_submission_notebook(outline.notebook, A1, student.id)
                    found[student.id] = {
                        grade.cell.name.removeprefix("test_"): grade.auto_score
                        for grade in notebook.grades
                        if grade.cell.name.startswith("test_")
                    }
                return found

    def of_results(folder: Path) -> dict[str, dict[str, float]]:
        found = {}
        for file in folder.glob("*.json"):
            tests = json.loads(file.read_text())["tests"]
            own: dict[str, float] = dict.fromkeys(names, 0.0)
            for test in tests:
                own[re.split(r"\W", test["name"])[0]] += test["score"]
            found[file.stem] = own
        return found

    with workspace.environment(GRADING=str(submitted / "nbgrader")):
        demo.nbgrader("autograde", A1)
    ways = {"nbgrader autograde": of_gradebook("nbgrader")}
    workspace.finish(workspace.autograder(submitted / "autograder", "autograde", A1))
    ways["python -m autograder autograde"] = of_gradebook("autograder")
    handed_in, results = submitted / "others" / "submitted", submitted / "others" / "results"
    with workspace.environment(GRADING=str(submitted / "others")):
        platforms.grade_class(A1, handed_in, results / "gradescope", user=False)
    ways["Gradescope"] = of_results(results / "gradescope")
    arguments = ("grade", A1, str(handed_in), "--json", str(results / "grade"))
    workspace.finish(workspace.autograder(submitted / "others", *arguments))
    ways["grade"] = of_results(results / "grade")
    first = ways["nbgrader autograde"]
    assert set(first) == students and max(sum(one.values()) for one in first.values()) == sum(
        exercise.points for exercise in outline.exercises
    )
    for way, scores in ways.items():
        assert set(scores) == students, way
        for student in students:
            assert scores[student] == pytest.approx(first[student], abs=0.01), (way, student)
