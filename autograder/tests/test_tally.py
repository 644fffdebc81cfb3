"""The last line: its numbers add up, and it names everybody who got no grade."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from autograder.report import ExerciseResult, Report
from autograder.roster import Roster, Student
from autograder.submissions import Found
from autograder.tally import tally, unreadable


def report(name, *notes, status="right", detail=""):
    exercise = ExerciseResult("double", 1.0, 2.0, status)
    return Report("a0", name, 1, (exercise,), notes=notes, detail=detail)


PDF = "The file is a PDF, not a notebook. Please download the notebook as .ipynb (File, Download) and submit that."


@pytest.mark.parametrize(
    "one, wanted",
    [
        (report("a"), False),
        (report("a", status="blank"), False),
        (report("a", "Canvas marks this submission as late.", status="blank"), False),
        (report("a", "No answer cell was found for: x.", status="blank"), False),
        (report("a", PDF, status="blank"), True),
        (report("a", "No file was handed in.", status="blank"), True),
        (report("a", PDF, status="wrong"), False),
    ],
)
def test_nothing_gradable(one, wanted):
    assert unreadable(one) is wanted


def test_a_report_may_say_so_itself():
    @dataclass(frozen=True)
    class Said(Report):
        unreadable: bool = True

    assert unreadable(Said("a0", "a", 1, ()))


def test_the_line():
    reports = [report("a"), report("b"), report("c", PDF, status="blank"), report("d", detail="Traceback")]
    people = {name: Found(name, ()) for name in "abcde"}
    roster = Roster((Student("a"), Student("z", "Zoë", "Quinn"), *(Student(name) for name in "bcd")))
    line = tally(reports, people, roster)
    assert line == (
        "6 people: 2 graded, 1 nothing gradable (c), 1 not graded because the grader failed (d), 1 not graded (e), "
        "1 missing (Zoë Quinn (z)); not on the roster: e"
    )
    total, *parts = map(int, re.findall(r"(?<!\()\b\d+\b", line))
    assert total == sum(parts)


def test_without_anything_to_tell():
    assert tally([report("a")], None, None) == "1 person: 1 graded"
    assert tally([], {}, None) == "0 people: 0 graded"
