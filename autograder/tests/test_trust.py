"""What the student's process says of an answer gains it nothing, and what a notebook replaces is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import bank, program, skeleton
from autograder.pool import Pool
from autograder.tests.lies import FAKED, LIES, METHODS, PAIRS

CASES = [
    (assignment, exercise, what, answer)
    for assignment, exercises in PAIRS.items()
    for exercise, answers in exercises.items()
    for what, answer in answers
]


@pytest.fixture(scope="module")
def graders():
    with Pool(list(PAIRS)) as pool:
        yield pool


def result(graders, assignment, exercise, source):
    """The answer's result, all of its cell having run, and of the rest of the notebook what it needs."""
    job = program.job(skeleton.load(assignment), "s01", {exercise: source}, seed=5, only=(exercise,))
    steps = [replace(step, run=None) if step.name == exercise and step.kind == "cell" else step for step in job.steps]
    assert sum(step.source.strip() == source.strip() for step in steps) == 1
    (report,) = graders.grade([replace(job, steps=tuple(steps))])
    return report.exercise(exercise)


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("assignment, exercise, what, answer", CASES, ids=[f"{case[1]}-{case[2]}" for case in CASES])
def test_a_lie_gains_nothing(graders, assignment, exercise, what, answer, lie):
    honest = result(graders, assignment, exercise, answer)
    lying = result(graders, assignment, exercise, LIES[lie] + "\n" + answer)
    assert honest.score < honest.max_score and honest.tests
    assert lying.score <= honest.score, [test.title for test in lying.tests if test.status == "passed"]


def test_a_faked_graph_gains_nothing(graders):
    faked = FAKED.format(last="Made.apply(output, x, *self.parameters())")
    honest = result(graders, "a4_gpt", "FeedForward", FAKED.format(last="output"))
    lying = result(graders, "a4_gpt", "FeedForward", faked)
    assert lying.score <= honest.score < honest.max_score


@pytest.mark.parametrize("assignment", ["a1_attention_by_hand", "a2_text_to_bigram", *PAIRS])
def test_what_is_replaced_is_said_and_right_answers_replace_nothing(assignment):
    outline, answers = skeleton.load(assignment), bank.reference(assignment)
    with Pool([assignment]) as pool:
        (fair,) = pool.grade([program.job(outline, "s01", answers, seed=5)])
        (report,) = pool.grade([program.job(outline, "s02", answers, helpers=[(0, METHODS)], seed=5, whole=True)])
    assert "in the place of" not in str(fair.notes) + str(fair.look_at)
    assert "torch.nn.Module.named_parameters" in str(report.notes) and "in the place of" in str(report.look_at)
