"""The last line: its numbers add up, and it names everybody who got no grade."""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.report import ExerciseResult, Report
from autograder.roster import Roster, Student
from autograder.submissions import Found
from autograder.tally import tally


def report(name, *notes, status="right", detail=""):
    exercise = ExerciseResult("double", 1.0, 2.0, status)
    return Report("a0", name, 1, (exercise,), notes=notes, detail=detail)


def unread(name):
    return replace(report(name, "The file is a PDF, not a notebook.", status="blank"), unreadable=True)


def test_the_line():
    reports = [report("a"), report("b"), unread("c"), report("d", detail="Traceback")]
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
