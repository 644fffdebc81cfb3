"""Whatever keeps full points also serves: the notebook's own cells that use an answer run with every right one.

One right answer of each exercise, always the same one; `ALL=1` tries each of them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from autograder import bank, paths, skeleton, verify
from autograder.job import Step
from autograder.nbgrader.stubs import without_markers
from autograder.statements import Slicer, statements
from autograder.student import Session
from autograder.warm import WarmWorker
from autograder.worker.isolation import Limits

LIMITS = Limits(question=120.0, submission=900.0)  # the machine may be busy, and some cells train for seconds


@pytest.fixture(scope="module")
def roomy() -> Iterator[WarmWorker]:
    warm = WarmWorker(LIMITS)
    yield warm
    warm.close()


def rights(assignment: str, exercise: str) -> list[bank.Answer]:
    """The right answers that are tried, beside the instructor's."""
    found = [one for one in verify.every([(assignment, exercise)])[assignment, exercise] if one.right]
    others = [one for one in found if one.name != bank.SOLUTION]
    if os.environ.get("ALL"):
        return others
    return random.Random(exercise).sample(others, min(1, len(others)))


def users(assignment: str, answer: bank.Answer) -> tuple[list[Step], list[str]]:
    """The steps that run all of the notebook's own statements that use this answer, and the names of their cells.

    Cells tagged slow are left out, and so is what only they make; so are cells that also use an answer which fits to
    this one only as the instructor wrote both.
    """
    together = bank.together(assignment)
    bound = together - {answer.exercise} if answer.exercise in together else set()
    outline = skeleton.load(assignment)
    answers = {**bank.reference(assignment), answer.exercise: answer.code}
    kept, uses, cells = [], [], []
    for number, node in enumerate(outline.released, start=1):
        tags = node.metadata.get("tags", [])
        if node.cell_type != "code" or "given" in tags or "slow" in tags:
            continue
        name = node.metadata.get("nbgrader", {}).get("grade_id", "")
        source = without_markers(answers.get(name, str(node.source)))
        for one in statements(source):
            read = one.reads | one.deferred
            if not name and answer.exercise in read and not read & bound:
                uses.append(len(kept))
                cells.append(f"cell {number}")
            kept.append((f"{name or f'cell {number}'}", source, one))
    slicer = Slicer([one for _, _, one in kept])
    needed = set(uses)
    for at in uses:
        for name in kept[at][2].reads:
            needed |= {place for place in slicer.needed(name, at) if place <= at}
    steps = [Step("module", "given", outline.given)] if outline.given else []
    steps += [
        Step("cell", "set-up", str(node.source))
        for node in outline.released
        if "given" in node.metadata.get("tags", [])
    ]
    steps.append(Step("cell", "passed", "check.passed = lambda name: True", (0,)))  # as after green checks
    runs: dict[str, tuple[str, list[int]]] = {}
    for at in sorted(needed):
        label, source, one = kept[at]
        runs.setdefault(label, (source, []))[1].append(one.index)
    steps += [Step("cell", label, source, tuple(run)) for label, (source, run) in runs.items()]
    return steps, cells


def failures(worker: WarmWorker, steps: list[Step]) -> dict[str, str]:
    """Cell -> what stopped there first."""
    session = Session(worker.spawn, steps, LIMITS.submission, LIMITS.question / 2)
    try:
        session.start()
        return {failure.cell: str(failure.error) for failure in reversed(session.failures)}
    finally:
        session.close()


EXERCISES = verify.exercises(paths.assignments())


@pytest.mark.slow
@pytest.mark.parametrize("assignment, exercise", EXERCISES, ids=["-".join(key) for key in EXERCISES])
def test_the_notebooks_own_cells_run_with_every_right_answer(roomy, assignment, exercise):
    for answer in rights(assignment, exercise):
        steps, cells = users(assignment, answer)
        assert failures(roomy, steps) == {}, f"{exercise}/{answer.name}, in what uses it: {', '.join(cells)}"


def test_a_cell_that_an_answer_breaks_is_noticed(roomy):
    answer = bank.Answer("encode", "nothing", False, "def encode(text, vocab):\n    return None")
    steps, cells = users("a2_text_to_bigram", answer)
    assert cells and set(failures(roomy, steps)) & set(cells)
