"""A whole class at once: nbgrader's submitted folder in; autograded notebooks, reports and the gradebook out.

The same engine, files and gradebook as `nbgrader autograde`, without converting every notebook twice and committing
every cell. Killed at any moment and started again, it goes on where it was: a submission counts as done once its
mark, written last and atomically, is there; the gradebook is written from the marks in one transaction.

Several may run at once on one workspace: a submission is graded by the one that holds its lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import nbformat

from autograder import gradebook, paths, skeleton, store, submissions
from autograder.intake import Intake
from autograder.job import Job
from autograder.nbgrader.grade import fill
from autograder.nbgrader.intake import of_folder
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
    taken: dict[str, tuple[Waiting, Intake, int]] = {}
    before = {one.student: _mark(outline, one.student).get("stamp") for one in open_ones}

    def jobs() -> Iterator[Job]:
        elsewhere: list[Waiting] = []
        for patient in (False, True):  # those that another grader holds come last; if it dies, they are ours
            for one in elsewhere if patient else open_ones:
                lock = _lock(outline, one.student, patient)
                if lock is None:
                    elsewhere.append(one)
                elif _done(outline, one) and (not force or _mark(outline, one.student)["stamp"] != before[one.student]):
                    os.close(lock)
                else:
                    read = of_folder(one.folder, outline.assignment)
                    taken[one.student] = one, read, lock
                    yield read.job(one.student)

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
    folder = _marks(outline)
    with _locked(folder / ".lock"):
        elsewhere = hashlib.sha256(os.environ.get("GRADEBOOK", "").encode()).hexdigest()[:16]
        ledger = folder / f".recorded-{elsewhere}.json"  # one for each gradebook; a workspace may be moved
        recorded = json.loads(ledger.read_text()) if ledger.exists() else {}
        marks = [json.loads(file.read_text()) for file in sorted(folder.glob("[!.]*.json"))]
        known = gradebook.known(outline.assignment, outline.notebook)
        new = {
            mark["entry"]["student"]: mark
            for mark in marks
            if recorded.get(mark["entry"]["student"]) != mark["stamp"] or mark["entry"]["student"] not in known
        }
        if new:
            entries = [gradebook.Entry(**mark["entry"]) for mark in new.values()]
            gradebook.record(outline.assignment, outline.notebook, entries)
            gradebook.penalise(outline.assignment, outline.notebook, new)
            recorded |= {student: mark["stamp"] for student, mark in new.items()}
            store.write(ledger, json.dumps(recorded))


def _waiting(outline: Skeleton, unsafe: bool) -> Iterator[Waiting]:
    for folder in sorted((paths.grading() / "submitted").glob(f"*/{outline.assignment}")):
        if folder.is_dir():
            yield Waiting(folder.parent.name, folder, digest_of(folder, outline, unsafe), _timestamp(folder))


def digest_of(folder: Path, outline: Skeleton, unsafe: bool) -> str:
    """A digest of what a student handed in, and of how it is graded."""
    graded_how = f"{hashlib.sha256(repr(outline).encode()).hexdigest()} {'unsafe' if unsafe else 'isolated'}"
    digest = hashlib.sha256(graded_how.encode())
    for file in submissions.files_in(folder):
        digest.update(f"\n{file.relative_to(folder)}\n".encode(errors="surrogateescape"))
        try:
            with file.open("rb") as content:
                while part := content.read(1 << 20):
                    digest.update(part)
        except OSError as error:  # a broken link: the intake will say so
            digest.update(repr(error).encode())
    return digest.hexdigest()


def _timestamp(folder: Path) -> str:
    from nbgrader.utils import parse_utc

    try:
        return str(parse_utc((folder / "timestamp.txt").read_text().strip()).isoformat())
    except (OSError, ValueError, TypeError, OverflowError):
        return ""


def _keep(report: Report, one: Waiting, read: Intake, outline: Skeleton) -> None:
    """Write a submission's report, its autograded notebook and, last, its mark.

    If the grader itself failed (the report has a detail), the mark fits no submission: the next run tries again.
    """
    notebook = read.notebook()
    fill(notebook, report)
    store.save(report, read.sources())
    target = paths.grading() / "autograded" / one.student / outline.assignment
    if one.timestamp:  # nbgrader compares it with the one in submitted/
        store.write(target / "timestamp.txt", one.timestamp)
    store.write(target / f"{outline.notebook}.ipynb", nbformat.writes(notebook))
    mark = {
        "digest": "" if report.detail else one.digest,
        "stamp": secrets.token_hex(8),
        "entry": asdict(gradebook.entry_of(notebook, one.student, one.timestamp)),
    }
    store.write(_marks(outline) / f"{store.file_name(one.student)}.json", json.dumps(mark))


def _marks(outline: Skeleton) -> Path:
    return store.folder(outline.assignment) / "marks"


def _mark(outline: Skeleton, student: str) -> dict[str, Any]:
    file = _marks(outline) / f"{store.file_name(student)}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _done(outline: Skeleton, one: Waiting) -> bool:
    return _mark(outline, one.student).get("digest") == one.digest


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
