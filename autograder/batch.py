"""A whole class at once: nbgrader's submitted folder in; autograded notebooks, reports and the gradebook out.

The same engine, files and gradebook as `nbgrader autograde`, without converting every notebook twice and committing
every cell. Killed at any moment and started again, it goes on where it was: a submission counts as done once its
mark, written last and atomically, is there; the gradebook is written from the marks in one transaction.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from autograder import gradebook, intake, paths, skeleton, store
from autograder.grader import Job
from autograder.intake import Intake
from autograder.nbgrader.grade import fill
from autograder.pool import Pool
from autograder.report import Report
from autograder.skeleton import Skeleton

WRITE_EVERY = 100  # submissions between two writes of the gradebook


@dataclass(frozen=True)
class Waiting:
    """A submission to grade. digest: of its files and of how it is graded; another digest means grading again."""

    student: str
    file: Path
    digest: str
    timestamp: str


def run(
    assignment: str,
    *,
    workers: int = 1,
    unsafe: bool = False,
    force: bool = False,
    say: Callable[[Report], None] = lambda report: None,
) -> int:
    """Grade every submission in `<grading>/submitted/*/<assignment>/`. Returns how many were graded now.

    force: also those that are done. say: told of each report. Raises IsolationMissing, FileNotFoundError when nobody
    has submitted, and what `gradebook.record` raises.
    """
    outline = skeleton.load(assignment)
    waiting = list(_waiting(outline, unsafe))
    if not waiting:
        raise FileNotFoundError(
            f"no submission found: expected {paths.grading()}/submitted/<student>/{assignment}/*.ipynb"
        )
    gradebook.record(url(), course(), assignment, outline.notebook, [])  # fails now if the assignment is not in there
    open_ones = [one for one in waiting if force or _mark(assignment, one.student).get("digest") != one.digest]
    taken: dict[str, tuple[Waiting, Intake]] = {}
    count = 0
    with ExitStack() as claims, Pool([assignment], min(workers, max(1, len(open_ones))), unsafe) as pool:

        def jobs() -> Iterator[Job]:
            for one in open_ones:
                if claims.enter_context(_claim(assignment, one.student)):
                    read = intake.read(one.file, outline)
                    taken[one.student] = one, read
                    yield read.job(one.student)

        for report in pool.grade(jobs()):
            one, read = taken.pop(report.submission)
            _keep(report, one, read, outline)
            say(report)
            count += 1
            if count % WRITE_EVERY == 0:
                write_gradebook(outline)
    write_gradebook(outline)
    return count


def write_gradebook(outline: Skeleton) -> None:
    """Write all marks of an assignment into the gradebook."""
    marks = [json.loads(file.read_text()) for file in sorted(_marks(outline.assignment).glob("*.json"))]
    entries = [gradebook.Entry(**{**mark["entry"], "unanswered": tuple(mark["entry"]["unanswered"])}) for mark in marks]
    gradebook.record(url(), course(), outline.assignment, outline.notebook, entries)


def _waiting(outline: Skeleton, unsafe: bool) -> Iterator[Waiting]:
    graded_how = f"{hash_of(outline)} {'unsafe' if unsafe else 'isolated'}"
    for folder in sorted((paths.grading() / "submitted").glob(f"*/{outline.assignment}")):
        files = sorted(folder.glob("*.ipynb"))
        if not files:
            continue
        file = _chosen(files, outline)
        digest = hashlib.sha256(file.read_bytes() + graded_how.encode()).hexdigest()
        yield Waiting(folder.parent.name, file, digest, _timestamp(folder))


def _chosen(files: list[Path], outline: Skeleton) -> Path:
    """The notebook among several: the one with the right name, else the one with the most answers in it."""
    named = [file for file in files if file.stem == outline.notebook]
    if named or len(files) == 1:
        return (named or files)[0]
    return max(files, key=lambda file: len(intake.read(file, outline).answers))


def _timestamp(folder: Path) -> str:
    from nbgrader.utils import parse_utc

    try:
        found: datetime = parse_utc((folder / "timestamp.txt").read_text().strip())
        return found.isoformat()
    except (OSError, ValueError, TypeError):
        return ""


def hash_of(outline: Skeleton) -> str:
    return hashlib.sha256(repr(outline).encode()).hexdigest()


def _keep(report: Report, one: Waiting, read: Intake, outline: Skeleton) -> None:
    """Write a submission's report, its autograded notebook and, last, its mark."""
    notebook = read.notebook()
    fill(notebook, report)
    store.save(report)
    target = paths.grading() / "autograded" / one.student / outline.assignment / f"{outline.notebook}.ipynb"
    store.write(target, nbformat.writes(notebook))
    entry = gradebook.entry_of(notebook, one.student, one.timestamp)
    store.write(
        _marks(outline.assignment) / f"{store.file_name(one.student)}.json",
        json.dumps({"digest": one.digest, "entry": asdict(entry)}),
    )


def _marks(assignment: str) -> Path:
    return store.folder(assignment) / "marks"


def _mark(assignment: str, student: str) -> dict[str, object]:
    file = _marks(assignment) / f"{store.file_name(student)}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


@contextmanager
def _claim(assignment: str, student: str) -> Iterator[bool]:
    """Whether this process has the submission to itself. A process that dies gives its claims back."""
    folder = store.folder(assignment) / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    number = os.open(folder / f"{store.file_name(student)}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(number)


def url() -> str:
    """The gradebook's address: `GRADEBOOK` in the environment (PostgreSQL, say), else SQLite in the workspace."""
    return os.environ.get("GRADEBOOK") or f"sqlite:///{paths.grading() / 'gradebook.db'}?timeout=60"


def course() -> str:
    return "letters_to_gpt"
