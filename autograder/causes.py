"""Why something of a submission did not run: what is missing, where it would have come from, what stopped it.

In the room: words. What happened is in the session's failures, and what the notebook makes where is in the job.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from autograder import libraries, words
from autograder.job import Job
from autograder.report import ExerciseResult
from autograder.student import Died, Failure, StudentError

MISSING = re.compile(r"name '(\w{1,80})' is not defined")
MODULE = re.compile(r"No module named '([\w.]{1,80})'")
TOO_LONG = re.compile(r"it ran for more than ([\d.]{1,6}) seconds")
HALF = 0.5
GREEN = "its own check was green when it was handed in, and it lost half of its points or more"


@cache
def versions() -> str:
    """Which Python and torch graded."""
    return f"Python {platform.python_version()}, torch {version('torch').split('+')[0]}"


def made_in(job: Job, name: str) -> tuple[str, ...]:
    """The cells that make a name."""
    return dict(job.origins).get(name, ())


def explained(error: StudentError | Died, job: Job) -> str:
    """What the student cannot know (the grader's Python, its libraries), then the error's own words.

    Those come last: all that follows "your code raised" is shown as the student's.
    """
    if not isinstance(error, StudentError):
        return str(error)
    if error.kind == "TookTooLong" and (limit := TOO_LONG.fullmatch(error.message)):
        return f"your code was stopped: line {error.line} ran for more than {limit[1]} seconds."
    ours = ""
    if "ModuleNotFoundError" in error.kinds and (found := MODULE.search(error.message)):
        ours = libraries.missing(found[1])
    elif "SyntaxError" in error.kinds:
        ours = dict(job.newer).get(error.cell, "")
    return f"{ours}\n{error}".strip()


def missing(name: str, job: Job, failures: Sequence[Failure]) -> str:
    """Where a name that is not there would have come from."""
    cells = made_in(job, name)
    for failure in failures:
        if failure.cell in cells:
            return f"`{name}` is made in cell {failure.cell}, which stopped: {explained(failure.error, job)}"
    if name in job.blank:
        return f"`{name}` is an exercise of its own, which has no answer yet."
    if cells:
        return f"`{name}` is made in cell {cells[-1]}, but it was not there when it was needed."
    return f"No cell of the notebook makes `{name}`."


def sentence(error: StudentError, job: Job, failures: Sequence[Failure]) -> str:
    """What a student's exception says, and for a missing name where it would have come from."""
    text = explained(error, job)
    found = MISSING.search(error.message) if "NameError" in error.kinds else None
    return f"{missing(found[1], job, failures)}\n{text}" if found else text


def remarks(
    job: Job,
    results: Sequence[ExerciseResult],
    failures: Sequence[Failure],
    replaced: Sequence[str] = (),
    untried: Sequence[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said to the student, and which of it the instructor reads too.

    replaced: functions of libraries. untried: exercises for which there was no time to grade them once more.
    """
    lost = {result.name for result in results if result.score < result.max_score}
    notes = [note.text for note in job.notes]
    look_at = [note.text for note in job.notes if note.always or lost & set(note.exercises)]
    broken = {cell for result in results if result.status == "broken" for cell in made_in(job, result.name)}
    for failure in failures:
        if failure.cell not in broken:
            text = f"In cell {failure.cell} a line that the answers need stopped: {explained(failure.error, job)}"
            notes.append(text)
            look_at += [text] if lost else []
    if replaced:
        names = ", ".join(words.shown(name, 100) for name in replaced[:5]) + (" and others" if replaced[5:] else "")
        notes.append(f"This notebook puts something else in the place of {names}. If that was not meant, rename yours.")
        look_at.append(f"it puts something else in the place of {names}")
    if untried:
        text = "The time for this notebook was over before these could be graded once more, with right answers in the "
        notes.append(text := f"{text}place of those that they use: {', '.join(untried)}.")
        look_at.append(text)
    for result in results:
        if result.name in job.green and result.score <= HALF * result.max_score:
            text = f"The check of {result.name} was green when this was handed in, but the hidden tests do not agree."
            notes.append(text + " Your instructor is asked to look.")
            look_at.append(f"{result.name}: {GREEN}")
    return tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(look_at))
