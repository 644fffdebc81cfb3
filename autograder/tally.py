"""The last line of a command: everybody is counted once, and who got no grade is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.report import Report
from autograder.roster import Roster
from autograder.submissions import Found

NO_NOTEBOOK = (
    "The file ",
    "The notebook is damaged",
    "The notebook holds ",
    "The notebook has ",
    "The notebook's cells ",
)
NO_FILE = ("No file was handed in", "Text was typed, but no file")


def unreadable(report: Report) -> bool:
    """Whether nothing in this submission could be graded: none of its files could be read as a notebook."""
    if getattr(report, "unreadable", False):
        return True
    blank = all(exercise.status == "blank" for exercise in report.exercises)
    return blank and any(note.startswith(NO_NOTEBOOK + NO_FILE) for note in report.notes)


def tally(reports: list[Report], handed_in: Mapping[str, Found] | None, roster: Roster | None) -> str:
    """People, graded, nothing gradable, not graded and, with a roster, missing and unknown: the numbers add up.

    handed_in: what was found, by the name that its report bears; None where reports are all that is known.
    """
    named = {report.submission for report in reports}
    failed = [report.submission for report in reports if report.detail]
    nothing = [report.submission for report in reports if not report.detail and unreadable(report)]
    left = sorted(set(handed_in or ()) - named)
    people = {**{name: Found(name, ()) for name in named}, **dict(handed_in or {})}
    missing: list[str] = []
    strangers: list[str] = []
    if roster:
        match = roster.match(people.values())
        missing = [f"{one.name} ({one.id})" if one.name != one.id else one.id for one in match.missing]
        strangers = [found.name for found in match.strangers]
    graded = len(reports) - len(nothing) - len(failed)
    total = len(people) + len(missing)
    parts = [f"{total} {'person' if total == 1 else 'people'}: {graded} graded"]
    for names, what in (
        (nothing, "nothing gradable"),
        (failed, "not graded because the grader failed"),
        (left, "not graded"),
        (missing, "missing"),
    ):
        if names:
            parts.append(f"{len(names)} {what} ({_listed(names)})")
    line = ", ".join(parts)
    return f"{line}; not on the roster: {_listed(strangers)}" if strangers else line


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
