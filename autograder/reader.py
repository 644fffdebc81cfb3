"""A submission's bytes are read in a process of its own, with limits: whatever they do to it becomes a report.

    taken = reader.take(files, "a1_attention_by_hand", "s01")

In the room: the process, its limits, and what comes back, which is data. What a notebook means is in `intake`.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import nbformat

from autograder import archive, handed_in, intake, paths, skeleton
from autograder.archive import Budget
from autograder.job import Job, Note

MEMORY = 2 << 30  # bytes of address space; a notebook of 200 MB takes a third of it
CPU_SECONDS = 60.0
WALL_SECONDS = 300.0  # the machine may be busy; only a reader that hangs gets here


@dataclass(frozen=True)
class Taken:
    """What one person handed in, read. job: for a grader. notebook: for nbgrader, without any grade. sources: what the
    student wrote, by cell. edited: how many answers differ from what was released."""

    job: Job
    notebook: dict[str, Any]
    sources: dict[str, str]
    edited: int

    def node(self) -> nbformat.NotebookNode:
        """A fresh copy of the notebook."""
        return nbformat.from_dict(json.loads(json.dumps(self.notebook)))


def take(
    files: Sequence[Path], assignment: str, submission: str, *, seed: int | None = None, notes: Sequence[Note] = ()
) -> Taken:
    """Read what a person handed in. Never raises for what the files hold.

    seed: of the tests' inputs, fresh by default. notes: what is said besides.
    """
    with _lock:
        taken = _process.take(files, assignment, submission, seed)
    own = taken.job.notes if files or not notes else ()  # why there is no file has been said
    return replace(taken, job=replace(taken.job, notes=(*notes, *own)))


def take_folder(folder: Path, assignment: str, submission: str, *, seed: int | None = None) -> Taken:
    """Read what one person handed in, in a folder of their own, zips in it opened. seed: see `take`."""
    from autograder import submissions

    with tempfile.TemporaryDirectory() as scratch:
        own, said = submissions.of_folder(folder)
        files, notes = expanded(own, Path(scratch))
        return take(files, assignment, submission, seed=seed, notes=[Note(note) for note in [*said, *notes]])


def expanded(files: Sequence[Path], scratch: Path, budget: Budget | None = None) -> tuple[list[Path], list[str]]:
    """Files with the zips among them opened, see `archive.expanded`. Never raises for what the files hold.

    Where a zip costs the process its life, the files stay as they are, and a sentence says so.
    """
    if not any(map(archive.packed, files)):
        return list(files), []
    with _lock:
        return _process.expanded(files, scratch, budget or Budget(archive.MAX_TOTAL))


class Reader:
    """The process. It is started when it is first needed, and anew when a submission cost it its life."""

    def __init__(self, memory: int = MEMORY, cpu: float = CPU_SECONDS, wall: float = WALL_SECONDS) -> None:
        self.memory, self.cpu, self.wall = memory, cpu, wall
        self.command = [sys.executable, "-m", "autograder.reader"]
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] = tempfile.TemporaryFile()

    def take(self, files: Sequence[Path], assignment: str, submission: str, seed: int | None = None) -> Taken:
        """See `take`."""
        roots = {"assignments": str(paths.ASSIGNMENTS)}
        asked = {"files": [os.fsdecode(file) for file in files], "assignment": assignment, "submission": submission}
        answer = self._ask({**asked, "seed": seed, "cpu": self.cpu, **roots})
        if isinstance(answer, str):
            return _unread(assignment, submission, seed, answer)
        return Taken(Job.from_dict(answer["job"]), answer["notebook"], answer["sources"], answer["edited"])

    def expanded(self, files: Sequence[Path], scratch: Path, budget: Budget) -> tuple[list[Path], list[str]]:
        """See `expanded`."""
        asked = {"expand": [os.fsdecode(file) for file in files], "scratch": os.fsdecode(scratch), "size": budget.size}
        answer = self._ask({**asked, "cpu": self.cpu})
        if isinstance(answer, str):
            return list(files), [answer]
        budget.size = answer["size"]
        return [Path(file) for file in answer["files"]], answer["notes"]

    def _ask(self, question: dict[str, Any]) -> Any:
        """The answer, or a sentence if there is none."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question).encode("ascii") + b"\n")
            self._process.stdin.flush()
            line = _line(self._process.stdout, time.monotonic() + self.wall)
        except OSError:
            line = b""
        if line:
            return json.loads(line)
        if line is None:
            self.close()
            return f"To read what was handed in took more than {self.wall:.0f} seconds, so it was given up."
        with suppress(subprocess.TimeoutExpired):  # its output ends a moment before it does
            self._process.wait(timeout=10)
        code = self._process.poll()
        self.close()
        how = "it stopped answering" if code is None else _ending(code)
        return f"To read what was handed in ended the process that read it ({how})."

    @property
    def process_id(self) -> int | None:
        """The process, None if there is none."""
        return None if self._process is None else self._process.pid

    def _start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(paths.ROOT)}
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*self.command, str(self.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
        )

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for line in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                line.close()  # type: ignore[union-attr]
        self._process = None


def _line(stream: IO[bytes], end: float) -> bytes | None:
    """A line; nothing where the stream ends before it does; None where it has not come at `end`."""
    parts: list[bytes] = []
    while (left := end - time.monotonic()) > 0 and select.select([stream], [], [], left)[0]:
        part = os.read(stream.fileno(), 1 << 20)
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)
        if not part:
            return b""
    return None


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _unread(assignment: str, submission: str, seed: int | None, sentence: str) -> Taken:
    advice = f"{sentence} Please submit the notebook again as your editor saves it, without outputs."
    taken = intake.Intake(skeleton.load(assignment), remarks=[Note(advice)], unreadable=True)
    return _result(taken, submission, seed)


def _result(taken: intake.Intake, submission: str, seed: int | None) -> Taken:
    return Taken(taken.job(submission, seed), taken.notebook(), taken.sources(), taken.edited)


_lock = threading.Lock()
_process = Reader()
atexit.register(_process.close)


# ---- inside the process ------------------------------------------------------------------------


class _OutOfTime(BaseException):
    """The submission's processor time is over."""


def main() -> None:
    """Read questions from standard input, write answers to standard output, a line of JSON each."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def stop(*_: object) -> None:
        raise _OutOfTime

    signal.signal(signal.SIGPROF, stop)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, question["cpu"])
        try:
            answer = _answer(question)
        except _OutOfTime:
            answer = f"To read what was handed in took more than {question['cpu']:.0f} seconds of processor time."
        except MemoryError:
            answer = f"To read what was handed in took more than {memory >> 20} MB of memory."
        except Exception as error:  # it is the submission's, whatever it is
            answer = f"What was handed in could not be read ({type(error).__name__})."
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        out.write(json.dumps(answer).encode("ascii") + b"\n")
        out.flush()


def _answer(question: dict[str, Any]) -> Any:
    if "expand" in question:
        budget = Budget(question["size"])
        files, notes = archive.expanded(map(Path, question["expand"]), Path(question["scratch"]), budget)
        return {"files": [os.fsdecode(file) for file in files], "notes": notes, "size": budget.size}
    paths.ASSIGNMENTS = Path(question["assignments"])
    outline = skeleton.load(question["assignment"])
    taken = handed_in.read_files([Path(file) for file in question["files"]], outline)
    result = _result(taken, question["submission"], question["seed"])
    job = json.loads(result.job.to_json())
    return {"job": job, "notebook": result.notebook, "sources": result.sources, "edited": result.edited}


if __name__ == "__main__":
    main()
