"""What a student would have seen of an answer: its public check and its kind of mistake, asked in the isolation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from autograder.job import Job
from autograder.student import Died, Session, Student, StudentError
from autograder.warm import WarmWorker
from course_lib.check import kinds


@dataclass(frozen=True)
class Said:
    """refused: why the check itself refuses the answer, its fingerprint left aside; empty if it finds nothing.

    kind: of mistake that the answer shows, an identifier of `kinds.KINDS`; empty if none.
    """

    refused: str
    kind: str


def ask(jobs: Iterable[Job], workers: int = 1) -> Iterator[tuple[str, Said]]:
    """(submission, what its exercise's check says) for jobs of one exercise each, in their order.

    workers: asked at once. Raises IsolationMissing.
    """
    warm = [WarmWorker() for _ in range(workers)]
    free: SimpleQueue[WarmWorker] = SimpleQueue()
    for worker in warm:
        free.put(worker)

    def one(job: Job) -> tuple[str, Said]:
        worker = free.get()
        try:
            return job.submission, _asked(worker, job)
        finally:
            free.put(worker)

    try:
        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(one, jobs)
    finally:
        for worker in warm:
            worker.close()


def _asked(worker: WarmWorker, job: Job) -> Said:
    (name,) = job.only
    session = Session(worker.spawn, job.steps)
    student = Student(session.ask)
    try:
        refused = _refused(session, student, job.assignment, name)
        try:
            kind = student.library("course_lib.check.kinds").of(name, student.handle(name), job.assignment)
        except (StudentError, Died):
            kind = ""
        return Said(refused, kind if isinstance(kind, str) and kind in kinds.KINDS else "")
    finally:
        session.close()


def _refused(session: Session, student: Student, assignment: str, name: str) -> str:
    try:
        if not session.at(name):
            return "its cell defines nothing of this name"
        module = student.library(f"course_lib.check.{assignment}.{name}")
        student.library("course_lib.check.properties").ask(module, student.handle(name))
    except (StudentError, Died) as error:
        return str(error) or type(error).__name__
    return ""
