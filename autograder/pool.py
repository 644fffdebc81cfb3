"""Graders as processes: jobs go in, reports come out in the order in which they are done.

A grader that dies (not a submission: the grader itself) is started again and its job tried once more.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import IO

from autograder import paths, skeleton
from autograder.job import Job
from autograder.report import ExerciseResult, Report
from autograder.warm import printable
from autograder.worker.isolation import IsolationMissing, Limits

JOB_SECONDS = 600


class GraderProcess:
    """One grader and its warm worker, in a process of their own."""

    def __init__(
        self, assignments: list[str], unsafe: bool = False, limits: Limits | None = None, user: bool = False
    ) -> None:
        limits = limits or Limits()
        settings = {"assignments": assignments, "unsafe": unsafe, "user": user, "limits": limits.as_dict()}
        self._settings = json.dumps(settings)
        self.command = [sys.executable, "-m", "autograder.grader"]
        self.job_seconds: float = JOB_SECONDS  # longer than any submission may take; then the grader itself is stuck
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] = tempfile.TemporaryFile()

    def grade(self, job: Job) -> Report:
        """Grade one job. Raises IsolationMissing, RuntimeError when the grader fails twice."""
        for attempt in (1, 2):
            try:
                data = json.loads(self._ask(job.to_json()))
            except (OSError, EOFError, ValueError):
                self.close()
                if attempt == 2:
                    raise RuntimeError(f"the grader failed on {job.submission}:\n{self.said()}") from None
                continue
            if "isolation_missing" in data:
                raise IsolationMissing(data["isolation_missing"])
            return Report.from_dict(data)
        raise AssertionError("unreachable")

    def _ask(self, line: str) -> str:
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        watchdog = threading.Timer(self.job_seconds, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if not answer:
            raise EOFError
        return answer

    def _start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "OMP_NUM_THREADS": "1"}
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=environment,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(self._settings + "\n")

    def said(self) -> str:
        """The end of what the grader printed, for the instructor."""
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode(errors="replace")

    def dismiss(self) -> None:
        """Tell the grader that no job comes any more."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def close(self) -> None:
        """End the grader and its worker."""
        self.dismiss()
        if self._process is None:
            return
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


class Pool(AbstractContextManager["Pool"]):
    """`workers` graders at once. limits: of each submission.

    unsafe: no isolation. user: the second level where namespaces are refused to root. Every report names either.
    """

    def __init__(
        self,
        assignments: list[str],
        workers: int = 1,
        unsafe: bool = False,
        limits: Limits | None = None,
        user: bool = False,
    ) -> None:
        self._graders = [GraderProcess(assignments, unsafe, limits, user) for _ in range(max(1, workers))]

    def grade(self, jobs: Iterable[Job]) -> Iterator[Report]:
        """Reports as they are done; jobs are taken one by one, when a grader is free.

        What ran out of time while others had the processor is graded once more at the end, with no neighbour. A job
        that a grader fails on twice gets a report that says so; the rest goes on. Raises IsolationMissing.
        """
        ready: queue.Queue[Job | None] = queue.Queue(len(self._graders))  # so many are read ahead
        done: queue.SimpleQueue[Report | BaseException | None] = queue.SimpleQueue()
        stop = threading.Event()
        again: list[Job] = []  # list.append is atomic

        def read() -> None:
            try:
                for job in jobs:
                    ready.put(job)
                    if stop.is_set():
                        break
            except BaseException as error:
                done.put(error)
            finally:
                for _ in self._graders:
                    ready.put(None)

        def work(grader: GraderProcess) -> None:
            try:
                while not stop.is_set() and (job := ready.get()) is not None:
                    report = _graded(grader, job)
                    if report.crowded and len(self._graders) > 1:
                        again.append(job)
                    else:
                        done.put(report)
            except BaseException as error:
                done.put(error)
            finally:
                done.put(None)

        threads = [threading.Thread(target=work, args=(grader,), daemon=True) for grader in self._graders]
        for thread in [threading.Thread(target=read, daemon=True), *threads]:
            thread.start()
        working = len(threads)
        try:
            while working:
                report = done.get()
                if report is None:
                    working -= 1
                elif isinstance(report, BaseException):
                    raise report
                else:
                    yield report
            for job in again:
                yield _graded(self._graders[0], job)
        finally:
            stop.set()

    def close(self) -> None:
        for grader in self._graders:
            grader.dismiss()
        for grader in self._graders:
            grader.close()

    def __exit__(self, *exception: object) -> None:
        self.close()


def _graded(grader: GraderProcess, job: Job) -> Report:
    """A report, whatever happens. Raises IsolationMissing."""
    try:
        return grader.grade(job)
    except RuntimeError as error:
        if isinstance(error, IsolationMissing):
            raise
        return failed(job, str(error))


def failed(job: Job, detail: str) -> Report:
    """The report of a submission that could not be graded: neutral words for the student, why for the instructor."""
    text = "This submission could not be graded. Your instructor has been told; nothing is lost."
    exercises = tuple(
        ExerciseResult(exercise.name, 0.0, exercise.points, "broken", message=text)
        for exercise in skeleton.load(job.assignment).exercises
    )
    notes = (*(note.text for note in job.notes), "The grader failed on this submission; it has to be graded again.")
    report = Report(job.assignment, job.submission, job.seed, exercises, notes, detail=printable(detail, 8000))
    return replace(report, look_at=notes, unreadable=job.unreadable, mentions=job.mentions)
