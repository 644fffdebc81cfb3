"""A grading workspace with a class in it, for benchmarks and tests: released, submitted, not graded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook

from autograder import authoring, demo, gradebook, paths, skeleton

A1 = "a1_attention_by_hand"
SLOW = ("infinite loop", "hostile")  # they run into time limits, which would be all that a figure shows


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def prepare(folder: Path, assignment: str, count: int, kinds: tuple[str, ...] = ()) -> None:
    """Make a workspace in which `count` students have submitted: those of the sample class, over and over.

    kinds: one sample for each of these beginnings of what it is ("all right", "one mistake", …); by default all but
    the slow ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with environment(GRADING=str(folder)):
        authoring.generate(assignment, folder / "release", database=True)
    samples = [sample for sample in demo.sample_class(assignment) if sample.what not in SLOW]
    if kinds:
        samples = [next(sample for sample in samples if sample.what.startswith(kind)) for kind in kinds]
    for number in range(count):
        submit(folder, assignment, f"s{number + 1:04d}", samples[number % len(samples)].data)


def submit(folder: Path, assignment: str, student: str, data: bytes) -> Path:
    """A student's submission in a workspace."""
    file = folder / "submitted" / student / assignment / skeleton.path(assignment).name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def snapshot(folder: Path, assignment: str, address: str = "") -> dict[tuple[str, str, str], object]:
    """All that the gradebook says of an assignment: (student, table, cell) -> values."""
    found: dict[tuple[str, str, str], object] = {}
    with environment(GRADING=str(folder), GRADEBOOK=address), Gradebook(gradebook.url(), gradebook.COURSE) as book:
        for submission in book.find_assignment(assignment).submissions:
            name = submission.student.id
            found[name, "submission", ""] = (submission.timestamp, submission.extension)
            for notebook in submission.notebooks:
                penalty = notebook.late_submission_penalty
                found[name, "notebook", notebook.name] = (penalty, notebook.flagged, notebook.score)
                for grade in notebook.grades:
                    values = (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
                    found[name, "grade", grade.cell.name] = values
                for comment in notebook.comments:
                    found[name, "comment", comment.cell.name] = (comment.auto_comment, comment.manual_comment)
    return found


def autograder(folder: Path, *arguments: str, gradebook: str = "") -> subprocess.Popen[str]:
    """`python -m autograder …` in a workspace, as the head of a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=paths.ROOT,
        env={**os.environ, "GRADING": str(folder), "GRADEBOOK": gradebook, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL a process and its whole group, and wait for it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a command. Returns what it said. Raises RuntimeError with it if it failed."""
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args!r} failed:\n{said}")
    return said


def belonging(folder: Path) -> list[int]:
    """The processes, whoever started them, that work on this workspace: graders, bubblewrap, workers."""
    mark = f"GRADING={folder}\0".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return list(dict.fromkeys(one for pid in found for one in descendants(pid)))


def descendants(pid: int) -> list[int]:
    """A process and all its descendants, parents first, zombies too."""
    found = [pid]
    for one in found:
        for thread in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in thread.read_text().split()]
            except OSError:
                continue
    return found


def gone(pids: list[int], seconds: float = 20) -> list[int]:
    """Wait until these processes have ended. Returns those that have not."""
    end = time.monotonic() + seconds
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
