"""The grader's end of a warm worker: start it, ask for a fresh submission process, replace it when it dies."""

from __future__ import annotations

import json
import os
import resource
import secrets
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from autograder import libraries, paths, words
from autograder.worker import second_level, sight, wire
from autograder.worker.isolation import ASK_WAITED, PATIENCE, IsolationMissing, Limits, command

START_SECONDS = 180
SPAWN_SECONDS = 60
ANSWER_BYTES = 2 << 20  # of the arrays in any answer; where more was sent with the question, more may come back
ANSWER_TIMES = 4


def hidden_from_students(more: Iterable[Path] = ()) -> None:
    """Raise IsolationMissing where the course, its workspace, or one of these, lies inside what student code is shown.

    more: submissions that lie elsewhere.
    """
    book = os.environ.get("GRADEBOOK", "").partition("sqlite:///")[2]
    secrets = [paths.ROOT, paths.ROOT / "autograder", paths.SUITES, paths.BANKS, paths.SOLUTIONS, paths.grading()]
    secrets += [*([Path(book)] if book else []), *more]
    seen = sight.with_course(sight.python(libraries.COUNT), paths.COURSE_LIB, paths.WORKER)
    sight.refuse(seen, secrets)


class WarmWorker:
    """One warm process. `spawn()` gives a new, empty submission process; `close()` ends everything.

    unsafe: run without namespaces, as the grader's own user. Only for notebooks that you trust; reports say so.
    user: where this is root and namespaces are refused, the second level of isolation may serve; reports say so.
    """

    def __init__(self, limits: Limits | None = None, unsafe: bool = False, user: bool = False) -> None:
        self.limits = limits or Limits()
        self.unsafe = unsafe
        self._user = user and not unsafe
        self._place: second_level.Place | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._errors: IO[bytes] = tempfile.TemporaryFile()

    @property
    def level(self) -> str:
        """How student code is kept apart: "isolated", "user" (see `worker.second_level`) or "unsafe"."""
        return "unsafe" if self.unsafe else "user" if self._second_level() else "isolated"

    def _second_level(self) -> second_level.Place | None:
        """The second level's place if it serves: it was allowed, this is root, and namespaces are refused."""
        if self._user and self._place is None:
            own = paths.COURSE_LIB, paths.WORKER
            self._user = os.getuid() == 0 and bool(second_level.refused(*own, libraries.COUNT))
            if self._user:
                secrets = [paths.ROOT / "autograder", paths.SOLUTIONS, paths.grading()]
                self._place = second_level.Place(*own, secrets, libraries.COUNT)
        return self._place

    def launch(self) -> None:
        """Start the warm process now and go on; the first `spawn()` waits until it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        if self.unsafe:
            start = f"from autograder.worker import zygote; zygote.main({number}, isolated=False)"
            line = [sys.executable, "-c", start]
            environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        elif place := self._second_level():
            line, environment = place.command(number), place.environment()
        else:
            hidden_from_students()
            line = command(paths.COURSE_LIB, paths.WORKER, number, libraries.COUNT)
            environment = dict(os.environ)
        self._errors = tempfile.TemporaryFile()
        own = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (own[1], own[1]))  # what limits a test in the grader is not the worker's
        try:
            self._process = subprocess.Popen(
                line,
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env=environment,
            )
        finally:
            resource.setrlimit(resource.RLIMIT_AS, own)
        theirs.close()
        self._control, self._ready = ours, False

    def _wait(self) -> None:
        assert self._control is not None
        ready, _, _ = select.select([self._control], [], [], START_SECONDS)
        if not ready or not self._control.recv(4096):
            self.close()
            raise IsolationMissing(
                "The isolated worker did not start, so nothing was graded. bubblewrap needs user namespaces; some "
                "containers forbid them: as root there, add --isolation user. For notebooks that you trust, add "
                f"--unsafe. It said:\n{self._said()}"
            )
        self._ready = True

    def spawn(self, limits: Limits | None = None) -> Submission:
        """A fresh submission process, from a warm worker that is started first if need be. Raises IsolationMissing.

        limits: of this submission, where they differ from the worker's.
        """
        limits = limits or self.limits
        for attempt in (1, 2):
            if self._control is None or (
                self._ready and self._process is not None and self._process.poll() is not None
            ):
                self.launch()
            if not self._ready:
                self._wait()
            control = self._control
            assert control is not None
            questions, theirs_questions = socket.socketpair()
            last_word, theirs_last = socket.socketpair()
            try:
                settings = json.dumps(limits.as_dict()).encode()
                socket.send_fds(control, [settings], [theirs_questions.fileno(), theirs_last.fileno()])
                theirs_questions.close()
                theirs_last.close()
                return Submission(questions, last_word, limits)
            except (OSError, EOFError):
                said = self._said()
                self.close()
                if attempt == 2:
                    raise IsolationMissing(
                        "A submission's namespaces could not be set up, so nothing was graded. See the isolation "
                        f"section of autograder/README.md. The worker said:\n{said}"
                    ) from None
        raise AssertionError("unreachable")

    def _said(self) -> str:
        """The end of what the warm worker wrote to its standard error; student code cannot write there."""
        self._errors.seek(0)
        return self._errors.read()[-2000:].decode(errors="replace").strip()

    def close(self) -> None:
        """End the warm worker and every submission in it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._place is not None:
            self._place.close()
        self._control = self._process = self._place = None


class Died(Exception):
    """A submission's process ended, was stopped by a limit, or broke the rules of the wire.

    reason: time, memory, cpu, crash, exit, wire. The text is a sentence for the student.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class StudentError(Exception):
    """An exception that the student's code raised.

    kind: its class's name. kinds: its class and base classes. message: its text, cut at 1000 characters.
    cell, line, text: where in the student's notebook.
    """

    def __init__(
        self, kind: str, kinds: list[str], message: str, cell: str = "", line: int = 0, text: str = ""
    ) -> None:
        self.kind, self.kinds, self.message = kind, kinds, message
        self.cell, self.line, self.text = cell, line, text
        place = f" (cell {cell}, line {line}: `{text.strip()}`)" if cell and line else ""
        super().__init__(f"your code raised {kind}: {message}{place}" if message else f"your code raised {kind}{place}")

    def parts(self) -> tuple[str, list[str], str, str, int, str]:
        """The arguments that make this exception."""
        return self.kind, self.kinds, self.message, self.cell, self.line, self.text


class Submission:
    """A submission's process, seen from the grader: `ask` it and get data back.

    A limit of time does not count what the process waited for a processor that others had, as far as PATIENCE goes.
    waited: seconds of that so far, as of the last look.
    """

    def __init__(self, questions: socket.socket, last_word: socket.socket, limits: Limits) -> None:
        self._questions, self._last_word, self._limits = questions, last_word, limits
        self.dead: Died | None = None
        self.waited = 0.0
        self._word = b""  # the minder's last
        wire.decode(wire.receive(questions, time.monotonic() + SPAWN_SECONDS))
        self._end = time.monotonic() + limits.submission

    def end_by(self, end: float) -> None:
        """Let no question last longer than until this `time.monotonic()` value."""
        self._end = min(self._end, end)

    def ask(self, **question: object) -> object:
        """Put one question. Raises StudentError for the student's exceptions, Died when the process is gone."""
        if self.dead is not None:
            raise self.dead
        now, before = time.monotonic(), self.waited
        first = min(now + self._limits.question, self._stretched_end())

        def later() -> float:
            extra = min(self.look() - before, time.monotonic() - now)
            own = min(self._limits.question + extra, PATIENCE * self._limits.question)
            return min(now + own, self._stretched_end())

        try:
            self._questions.settimeout(max(0.001, first - now))
            mark = secrets.token_bytes(wire.MARK)
            asked = wire.encode(question, _no_reference)
            wire.send(self._questions, mark + asked)
            answer = wire.receive(self._questions, first, later, ANSWER_BYTES + ANSWER_TIMES * len(asked))
            if answer[: wire.MARK] != mark:
                raise wire.WireError("it does not belong to the question")
            reply = wire.decode(answer[wire.MARK :])
            if time.monotonic() > first and time.monotonic() > later():  # to read an answer is the submission's time
                raise TimeoutError
        except TimeoutError:
            self._stop(Died("time", f"your code had not answered after {first - now:.0f} seconds and was stopped."))
        except (EOFError, OSError):
            self._stop(self._ended())
        except wire.WireError as error:
            self._stop(Died("wire", f"your code's answer could not be read: {error}."))
        if not isinstance(reply, dict) or not (reply.keys() == {"value"} or reply.keys() == {"error"}):
            self._stop(Died("wire", "your code's answer could not be read: it has an unknown form."))
        assert isinstance(reply, dict)
        if "error" in reply:
            raised = student_error(reply["error"])
            if raised is None:
                self._stop(Died("wire", "your code's answer could not be read: it has an unknown form."))
            else:
                raise raised
        return reply["value"]

    def look(self) -> float:
        """Ask the minder how many seconds the process has waited for a processor."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            self._last_word.settimeout(1)
            self._last_word.send(ASK_WAITED)
            said = self._last_word.recv(4096)
            if b"status" in said:
                self._word = said
            else:
                self.waited = max(self.waited, float(json.loads(said)["waited"]))
        return self.waited

    def _stretched_end(self) -> float:
        return self._end + min(self.waited, (PATIENCE - 1) * self._limits.submission)

    def _stop(self, died: Died) -> None:
        self.close()
        self.dead = died
        raise died

    def _ended(self) -> Died:
        """Why the process has gone, from its minder's last word."""
        try:
            self._last_word.settimeout(5)
            word = json.loads((self._word or self._last_word.recv(4096)).splitlines()[-1])
            status, reason = int(word["status"]), str(word["reason"])
        except (OSError, ValueError, LookupError, TypeError):
            return Died("crash", "the process that ran your code ended without a word.")
        if reason == "cpu":
            return Died(
                "cpu", f"your code used more than {self._limits.cpu} seconds of processor time and was stopped."
            )
        if reason == "memory":
            return Died("memory", f"your code used more than {_size(self._limits.memory)} of memory and was stopped.")
        if reason == "scratch":
            return Died("scratch", f"your code wrote more than {_size(self._limits.scratch)} of files and was stopped.")
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            names = {
                11: "a segmentation fault",
                6: "an abort",
                7: "a bus error",
                9: "a kill signal",
                25: "a file too large",
            }
            return Died("crash", f"your code ended its own process with {names.get(number, f'signal {number}')}.")
        return Died("exit", "your code ended its own process (an exit call?).")

    def close(self) -> None:
        """End the process and everything it started."""
        self._questions.close()
        self._last_word.close()


def student_error(data: object) -> StudentError | None:
    """An exception from its description on the wire, with every part cut to size; None if it has another form."""
    if not isinstance(data, dict):
        return None
    kinds = data.get("kinds")
    line = data.get("line")
    if not isinstance(kinds, list) or type(line) is not int:
        return None
    kind, message, cell, text = (
        _text(data.get(key), size) for key, size in (("kind", 80), ("message", 1000), ("cell", 80), ("text", 200))
    )
    return StudentError(kind, [_text(part, 80) for part in kinds[:20]], message, cell, line, text)


def _text(value: object, size: int) -> str:
    """Text from the wire. Nothing else is written out: for an array of twenty dimensions that takes half a minute."""
    return printable(value, size) if isinstance(value, str) else ""


def printable(text: object, size: int) -> str:
    """Text of a submission that can be written into any report: cut, and with nothing in it that cannot be seen."""
    return words.shown(text, size)


def _size(count: int) -> str:
    return f"{count / 2**30:.0f} GiB" if count >= 1 << 30 else f"{count / 2**20:.0f} MB"


def _no_reference(thing: object) -> wire.Reference:
    raise TypeError(f"a question cannot carry a {type(thing).__name__}; build it in the worker (course_lib.doubles)")
