"""The last line of a command: everybody is counted once, and who got no grade is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder import words
from autograder.report import Report
from autograder.roster import Roster
from autograder.submissions import Found


def tally(reports: list[Report], handed_in: Mapping[str, Found] | None, roster: Roster | None) -> str:
    """People, graded, nothing gradable, not graded and, with a roster, missing and unknown: the numbers add up.

    handed_in: what was found, by the name that its report bears; None where reports are all that is known.
    """
    named = {report.submission for report in reports}
    failed = [report.submission for report in reports if report.detail]
    nothing = [report.submission for report in reports if not report.detail and report.unreadable]
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
    return ", ".join(map(words.line, sorted(names)))
