"""A whole class at once: nbgrader's submitted folder in; autograded notebooks, reports and the gradebook out.

The same engine, files and gradebook as `nbgrader autograde`, without converting every notebook twice and committing
every cell. Killed at any moment and started again, it goes on where it was: a submission counts as done once its
mark, written last and atomically, is there; the gradebook is written from the marks in one transaction.

Several may run at once on one workspace: a submission is graded by the one that holds its lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import nbformat

from autograder import gradebook, marks, paths, reader, skeleton, store
from autograder.job import Job
from autograder.nbgrader.grade import fill
from autograder.reader import Taken
from autograder.report import Report
from autograder.skeleton import Skeleton

WRITE_EVERY = 100  # submissions between two writes of the gradebook


class Graders(AbstractContextManager[Any], Protocol):
    """Whatever grades: a pool of processes, a cluster."""

    def grade(self, jobs: Iterable[Job]) -> Iterator[Report]: ...


@dataclass(frozen=True)
class Waiting:
    """A submission to grade. digest: of its files and of how they are graded; another digest means grading again."""

    student: str
    folder: Path
    digest: str
    timestamp: str


def run(
    assignment: str,
    *,
    graders: Callable[[], Graders],
    unsafe: bool = False,
    force: bool = False,
    say: Callable[[Report], None] = lambda report: None,
) -> int:
    """Grade every submission in `<grading>/submitted/*/<assignment>/`. Returns how many were graded now.

    graders: what grades, opened if there is something to grade. unsafe: they do so without isolation. force: also those
    that are done. say: told of each report.
    When this returns, every submission is graded and in the gradebook, whoever graded it. Raises IsolationMissing,
    FileNotFoundError when nobody has submitted, and what `gradebook.record` raises.
    """
    outline = skeleton.load(assignment)
    waiting = list(_waiting(outline, unsafe))
    if not waiting:
        raise FileNotFoundError(
            f"no submission found: expected {paths.grading()}/submitted/<student>/{assignment}/ with a notebook in it"
        )
    gradebook.known(assignment, outline.notebook)  # fails now if the assignment is not in there
    open_ones = [one for one in waiting if force or not _done(outline, one)]
    if not open_ones:
        write_gradebook(outline)
        return 0
    with graders() as working:
        count = _grade(open_ones, outline, force, working, say)
    write_gradebook(outline)
    return count


def _grade(
    open_ones: list[Waiting], outline: Skeleton, force: bool, graders: Graders, say: Callable[[Report], None]
) -> int:
    taken: dict[str, tuple[Waiting, Taken, int]] = {}
    seed = store.class_seed(outline.assignment)
    before = {one.student: _stamp(outline, one.student) for one in open_ones}

    def jobs() -> Iterator[Job]:
        elsewhere: list[Waiting] = []
        for patient in (False, True):  # those that another grader holds come last; if it dies, they are ours
            for one in elsewhere if patient else open_ones:
                lock = _lock(outline, one.student, patient)
                if lock is None:
                    elsewhere.append(one)
                elif _done(outline, one) and (not force or _stamp(outline, one.student) != before[one.student]):
                    os.close(lock)
                else:
                    read = reader.take_folder(one.folder, outline.assignment, one.student, seed=seed)
                    taken[one.student] = one, read, lock
                    yield read.job

    count = 0
    try:
        for report in graders.grade(jobs()):
            one, read, _ = taken[report.submission]
            _keep(report, one, read, outline)
            os.close(taken.pop(report.submission)[2])
            say(report)
            count += 1
            if count % WRITE_EVERY == 0:
                write_gradebook(outline)
    finally:
        for _, _, lock in taken.values():
            os.close(lock)
    return count


def write_gradebook(outline: Skeleton) -> None:
    """Bring the gradebook up to date with the marks.

    What is in it already is left alone: grading by hand that came after it would else be asked for again.
    """
    with ledger_lock(outline.assignment):
        recorded = marks.recorded(outline.assignment)
        known = gradebook.known(outline.assignment, outline.notebook)
        new = {
            mark.entry.student: mark
            for mark in marks.all_of(outline.assignment)
            if recorded.get(mark.entry.student) != mark.stamp or mark.entry.student not in known
        }
        if new:
            gradebook.record(outline.assignment, outline.notebook, [mark.entry for mark in new.values()])
            gradebook.penalise(outline.assignment, outline.notebook, new)
            marks.record(outline.assignment, {student: mark.stamp for student, mark in new.items()})


def ledger_lock(assignment: str) -> AbstractContextManager[None]:
    """Whoever holds this may write to the gradebook what the marks say."""
    return _locked(marks.folder(assignment) / ".lock")


def handed_in(assignment: str) -> dict[str, Path]:
    """student -> the folder with what they handed in."""
    found = sorted((paths.grading() / "submitted").glob(f"*/{assignment}"))
    return {folder.parent.name: folder for folder in found if folder.is_dir()}


def _waiting(outline: Skeleton, unsafe: bool) -> Iterator[Waiting]:
    for folder in handed_in(outline.assignment).values():
        yield Waiting(folder.parent.name, folder, marks.digest_of(folder, outline, unsafe), timestamp_of(folder))


def timestamp_of(folder: Path) -> str:
    from nbgrader.utils import parse_utc

    try:
        return str(parse_utc((folder / "timestamp.txt").read_text().strip()).isoformat())
    except (OSError, ValueError, TypeError, OverflowError):
        return ""


def _keep(report: Report, one: Waiting, read: Taken, outline: Skeleton) -> None:
    """Write a submission's report, its autograded notebook and, last, its mark."""
    notebook = read.node()
    fill(notebook, report)
    store.save(report, read.sources)
    target = paths.grading() / "autograded" / one.student / outline.assignment
    if one.timestamp:  # nbgrader compares it with the one in submitted/
        store.write(target / "timestamp.txt", one.timestamp)
    store.write(target / f"{outline.notebook}.ipynb", nbformat.writes(notebook))
    marks.put(outline, one.student, notebook, marks.digest_for(report, one.digest), one.timestamp)


def _stamp(outline: Skeleton, student: str) -> str:
    mark = marks.get(outline.assignment, student)
    return mark.stamp if mark else ""


def _done(outline: Skeleton, one: Waiting) -> bool:
    mark = marks.get(outline.assignment, one.student)
    return mark is not None and mark.digest == one.digest


def _lock(outline: Skeleton, student: str, patient: bool) -> int | None:
    """A lock on a submission, as an open file; None when another process has it. It goes with whoever holds it.

    patient: wait for it.
    """
    folder = store.folder(outline.assignment) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    number = os.open(folder / f"{store.file_name(student)}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        return None
    return number


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
