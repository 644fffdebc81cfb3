"""A class in figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.report import ExerciseResult, Named, Report, TestResult
from autograder.summary import summarise
from autograder.tests.conftest import A1

MISTAKE = Named("no_scale", "no scale", "Divide.")


def exercise(name, score, status, mistake=None):
    passed = TestResult("test_easy", "Easy", 1.0, 1.0, "passed")
    hard = TestResult("test_hard", "Hard", score - 1, 3.0, "passed" if status == "right" else "failed")
    tests = () if status == "blank" else (passed, hard)
    return ExerciseResult(name, score, 4.0, status, tests, mistake)


def report(number, first, second, **changes):
    return Report(A1, f"s{number:02d}", number, (first, second), **changes)


@pytest.fixture
def reports():
    right, blank = exercise("one", 4.0, "right"), exercise("two", 0.0, "blank")
    return [
        report(1, right, exercise("two", 4.0, "right")),
        report(2, right, exercise("two", 1.0, "partly", MISTAKE)),
        report(3, exercise("one", 1.0, "partly", MISTAKE), blank),
        report(
            4,
            right,
            exercise("two", 1.0, "partly", MISTAKE),
            look_at=("Locked cells had been edited.",),
            stopped=("time", "time"),
        ),
    ]


def test_scores(reports):
    figures = summarise(reports)
    assert (figures.count, figures.max_score, figures.lowest, figures.median, figures.highest) == (4, 8, 1, 5, 8)
    assert sum(figures.distribution) == 4 and len(figures.distribution) == 10
    assert figures.distribution[9] == 1 and figures.distribution[1] == 1 and figures.distribution[6] == 2
    assert [line.name for line in figures.submissions] == ["s01", "s02", "s03", "s04"]


def test_mistakes_and_their_share_of_those_who_tried(reports):
    first, second = summarise(reports).mistakes
    assert (first.exercise, first.title, first.count, first.share) == ("two", "no scale", 2, 2 / 3)
    assert (second.exercise, second.count, second.share) == ("one", 1, 1 / 4)


def test_exercises(reports):
    one, two = summarise(reports).exercises
    assert (one.name, one.attempted, one.full) == ("one", 4, 3) and one.mean == pytest.approx(13 / 16)
    assert (two.attempted, two.full) == (3, 1) and two.mean == pytest.approx(0.5)
    assert two.hardest == "Hard (failed by 2)"


def test_who_needs_a_persons_eye(reports):
    reports[0] = replace(
        reports[0], exercises=(replace(reports[0].exercises[0], tests=(TestResult("t", "T", 0, 1, "error"),)),)
    )
    found = {attention.submission: attention.why for attention in summarise(reports[:1] + reports[3:]).attention}
    assert set(found) == {"s01", "s04"}
    assert "Locked cells had been edited." in found["s04"] and "time limit" in found["s04"]
    assert found["s04"].count("time limit") == 1


def test_unsafe_reports_are_counted(reports):
    assert summarise([*reports, replace(reports[0], isolation="unsafe")]).unsafe == 1


def test_an_unknown_limit_is_named_as_it_is(reports):
    assert "sorcery" in summarise([replace(reports[0], stopped=("sorcery",))]).attention[0].why


def test_full_marks_and_none(reports):
    nothing = replace(reports[0], exercises=())
    assert summarise([nothing]).distribution == (1, *(0,) * 9)  # no points to be had
    assert summarise([reports[0]] * 3).distribution == (*(0,) * 9, 3)


def test_an_empty_class():
    with pytest.raises(ValueError, match="no reports"):
        summarise([])
