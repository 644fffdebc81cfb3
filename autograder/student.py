"""What a hidden suite sees of a submission: a namespace whose things live in the isolated worker.

student.masked_attention(Q, K, V)        # numbers there, numbers back
model = student.BigramLanguageModel(65)  # a handle
logits, loss = model(idx)
"""

from __future__ import annotations

import ast
import copy
import marshal
import math
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograder import paths, words
from autograder.job import Step
from autograder.warm import Died, StudentError, Submission, student_error
from autograder.worker.isolation import PATIENCE
from autograder.worker.wire import Reference

__all__ = ["Died", "Handle", "Student", "StudentError"]

Ask = Callable[..., Any]
GIVEN = "given"  # name of the module with the earlier assignments' answers
SET_UP = "set-up"  # name of the instructor's given cell


class NoAttribute(StudentError, AttributeError):
    """A thing in the worker lacks an attribute; an AttributeError too, so that `hasattr` works on handles."""


class Handle:
    """A thing in the worker. Calling it calls it there; attributes are data, or handles when they are not data."""

    def __init__(self, ask: Ask, reference: Reference) -> None:
        self._ask, self._reference = ask, reference

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._open(self._ask(ask="call", target=self._reference, args=_strip(list(args)), kwargs=_strip(kwargs)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._open(self._ask(ask="attribute", target=self._reference, name=name))
        except StudentError as error:
            if "AttributeError" in error.kinds:
                raise NoAttribute(*error.parts()) from None
            raise

    def __described__(self) -> str:
        """What it is, for messages."""
        return words.kind(self._reference.kind) if self._reference.kind else "an object"

    def __repr__(self) -> str:
        return f"<{self._reference.kind or self._reference.name} in the worker>"

    def _open(self, value: Any) -> Any:
        return _wrap(self._ask, value)


class Student:
    """The student's namespace. Names are looked up in the worker when they are used.

    Raises StudentError when the student's code raises, Died when its process is gone.
    """

    def __init__(self, ask: Ask, needed: Callable[[], list[ast.stmt]] = list) -> None:
        self._ask, self._needed = ask, needed

    def statements(self) -> list[ast.stmt]:
        """What of the notebook the answer needs, as trees; see `source`."""
        return self._needed()

    def __getattr__(self, name: str) -> Handle:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.handle(name)

    def handle(self, name: str) -> Handle:
        """A handle to what the student defined under this name."""
        return Handle(self._ask, Reference(name=name))

    def value(self, name: str) -> Any:
        """The data that the student assigned to this name (a handle where it is not data)."""
        return _wrap(self._ask, self._ask(ask="value", target=Reference(name=name)))

    def library(self, module: str) -> Handle:
        """A module of course_lib, torch or numpy in the worker.

        Of course_lib it is a fresh copy, made from the grader's own file after the cells have run: what they put into
        the module that they import is not in it. Still, it works in the student's process: what it says is to be
        confirmed by outputs (see `modules`).
        """
        code = _code(module) if module.startswith("course_lib.") else None
        return _wrap(self._ask, self._ask(ask="library", module=module, code=code))

    def gradients(self, target: Handle, *args: Any, weights: Any, part: int = 0) -> dict[str, Any]:
        """Gradients of sum(weights * target(*args)): {"inputs": [one per float input], "parameters": {name: …}}.

        part: which of several outputs.
        """
        asked = {"target": _strip(target), "args": _strip(list(args)), "weights": weights, "part": part}
        return self._ask(ask="gradients", **asked)


@cache
def _code(module: str) -> np.ndarray:
    """The code of a module's file, as the worker's `marshal` reads it."""
    file = paths.ROOT / f"{module.replace('.', '/')}.py"
    code = compile(file.read_text(encoding="utf-8"), f"<{module}>", "exec", dont_inherit=True)
    return np.frombuffer(marshal.dumps(code), np.uint8)


def _wrap(ask: Ask, value: Any) -> Any:
    if isinstance(value, Reference):
        return Handle(ask, value)
    if isinstance(value, list):
        return [_wrap(ask, part) for part in value]
    if isinstance(value, tuple):
        return tuple(_wrap(ask, part) for part in value)
    if isinstance(value, dict):
        return {key: _wrap(ask, part) for key, part in value.items()}
    return value


def _strip(value: Any) -> Any:
    if isinstance(value, Handle):
        return value._reference
    if isinstance(value, list):
        return [_strip(part) for part in value]
    if isinstance(value, tuple):
        return tuple(_strip(part) for part in value)
    if isinstance(value, dict):
        return {key: _strip(part) for key, part in value.items()}
    return value


def _costs_the_process(error: StudentError | Died) -> bool:
    return isinstance(error, Died) or error.kind in ("MemoryError", "SystemError")


def _raised(failed: Any, asked: Sequence[int]) -> list[tuple[int, StudentError]]:
    """What a cell's statements raised, from the worker's description of it; what has another form is no description.

    asked: the statements that were to run; each has one description at most.
    """
    found = []
    for pair in failed[: len(asked)] if isinstance(failed, list) else []:
        error = student_error(pair[1]) if isinstance(pair, tuple) and len(pair) == 2 else None
        if error is not None and type(pair[0]) is int and pair[0] in asked:
            found.append((pair[0], error))
    return found


def _holds_reference(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_reference, value.values()))
    return any(map(_holds_reference, value)) if isinstance(value, list | tuple) else isinstance(value, Reference)


@dataclass(frozen=True)
class Failure:
    """A statement, or a cell, that did not run to its end. statement: its number, None for the whole cell."""

    cell: str
    statement: int | None
    error: StudentError | Died


class Session:
    """One submission being graded: its program, statement by statement, and a process that is replaced when it dies.

    A process that ran out of memory or whose interpreter broke is replaced too: it may end at any later question.
    spawn: gives a fresh process. steps: the program. What cost a process is left out when the rest runs again in a new
    one. seconds: of wall clock for all its processes together. per_statement: seconds after which a statement is
    interrupted. failures: what did not run. deaths: every end of a process, in order.
    """

    MAX_DEATHS = 8

    def __init__(
        self,
        spawn: Callable[[], Submission],
        steps: Sequence[Step],
        seconds: float = math.inf,
        per_statement: float = 5.0,
    ) -> None:
        self._spawn, self._steps, self._seconds, self._per_statement = spawn, list(steps), seconds, per_statement
        self._started, self._end = time.monotonic(), time.monotonic() + seconds
        self._waited = 0.0  # by processes that are gone
        self._failures: dict[tuple[int, int | None], Failure] = {}
        self._careful: set[int] = set()  # cells in which a statement ended a process: each is then asked by itself
        self.deaths: list[Died] = []
        self._process: Submission | None = None
        self._give_up: Died | None = None
        self._values: dict[tuple[str, Reference], Any] = {}
        self._at = ""

    @property
    def failures(self) -> list[Failure]:
        """What did not run to its end, in the order of the program."""
        return [self._failures[key] for key in sorted(self._failures, key=lambda key: (key[0], key[1] or 0))]

    def failed(self, cells: Container[str]) -> Failure | None:
        """The first failure in one of these cells."""
        return next((failure for failure in self.failures if failure.cell in cells), None)

    def start(self) -> None:
        """Run the program, in a new process as often as a part of it ends it.

        Raises IsolationMissing, RuntimeError when one of the notebook's own cells fails.
        """
        while self._give_up is None:
            self.close()
            before = time.monotonic()
            self._process = self._spawn()
            self._end += time.monotonic() - before  # to start a warm worker is not the submission's time
            self._process.end_by(self._end)
            if all(self._step(self._process, at, step) for at, step in enumerate(self._steps)):
                if self._at:
                    self._process.ask(ask="at", name=self._at)
                return

    def _step(self, process: Submission, at: int, step: Step) -> bool:
        """One step of the program. Whether the process can go on."""
        if step.kind == "moment":
            process.ask(ask="moment", name=step.name, alias=step.alias, seconds=self._per_statement)
            return True
        if step.run is None:
            return self._whole(process, at, step)
        own = [number for number in step.run if not self._fatal(at, number)]
        batches = [[number] for number in own] if at in self._careful else [own]
        for batch in batches:
            try:
                failed = process.ask(
                    ask="cell", name=step.name, source=step.source, run=batch, seconds=self._per_statement
                )
            except (StudentError, Died) as error:
                if isinstance(error, Died):
                    self._died(error)
                if len(batch) == 1:
                    self._failures[at, batch[0]] = Failure(step.name, batch[0], error)
                self._careful.add(at)
                return False
            for number, raised in _raised(failed, batch):
                self._failures[at, number] = Failure(step.name, number, raised)
                if _costs_the_process(raised):
                    return False
        return True

    def _whole(self, process: Submission, at: int, step: Step) -> bool:
        if self._fatal(at, None):
            return True
        try:
            process.ask(ask=step.kind, name=step.name, source=step.source)
        except (StudentError, Died) as error:
            if (step.kind == "module" or step.name == SET_UP) and not self._out_of_time():
                raise RuntimeError(f"the notebook's own {step.name} fails in the worker: {error}") from error
            self._failures[at, None] = Failure(step.name, None, error)
            if isinstance(error, Died):
                self._died(error)
            return not _costs_the_process(error)
        return True

    def _fatal(self, at: int, number: int | None) -> bool:
        failure = self._failures.get((at, number))
        return failure is not None and _costs_the_process(failure.error)

    def at(self, exercise: str) -> bool:
        """From now on, ask in the state of this exercise's moment. Whether its name is defined there.

        Raises Died when no process can be had any more.
        """
        self._at = exercise
        return self.ask(ask="at", name=exercise) is True

    def ask(self, **question: Any) -> Any:
        """Put a question; after a death the next question finds a fresh process. Raises StudentError, Died.

        A value is fetched once: whoever asks again gets the same answer.
        """
        if self._give_up is None and self._out_of_time():
            self._stop_asking()
        if self._give_up is None and (self._process is None or self._process.dead is not None):
            self.start()
        if self._give_up is not None:
            raise self._give_up
        assert self._process is not None
        wanted = (self._at, question["target"]) if question["ask"] == "value" else None
        if wanted in self._values:
            return copy.deepcopy(self._values[wanted])
        try:
            answer = self._process.ask(**question)
            if wanted is not None and not _holds_reference(answer):
                self._values[wanted] = copy.deepcopy(answer)
            return answer
        except StudentError as error:
            if _costs_the_process(error):
                self.close()
            raise
        except Died as died:
            self._died(died)
            if len(self.deaths) >= self.MAX_DEATHS and self._give_up is None:
                self._give_up = Died(
                    died.reason, f"{died} This happened {len(self.deaths)} times; nothing more was asked."
                )
            raise self._give_up if self._out_of_time() and self._give_up else died from None

    def replaced(self) -> list[str]:
        """Functions of the libraries that the notebook has replaced, as far as its process says so."""
        if self._process is None or self._process.dead is not None or self._give_up is not None:
            return []
        try:
            found = self._process.ask(ask="replaced")
        except (StudentError, Died):
            return []
        return [str(name)[:100] for name in found[:20]] if isinstance(found, list) else []

    def _died(self, died: Died) -> None:
        self.deaths.append(died)
        if self._out_of_time():
            self._stop_asking()

    def _out_of_time(self) -> bool:
        own = self._process.waited if self._process is not None else 0.0
        return time.monotonic() >= self._end + min(own, (PATIENCE - 1) * self._seconds)

    @property
    def crowded(self) -> bool:
        """Whether its processes waited for a processor for a fifth of the time or longer."""
        own = self._process.look() if self._process is not None else 0.0
        return self._waited + own > 0.2 * (time.monotonic() - self._started)

    def _stop_asking(self) -> None:
        sentence = f"your code had used its {self._seconds:.0f} seconds altogether; nothing more was asked."
        self._give_up = Died("time", sentence)
        if not self.deaths:
            self.deaths.append(self._give_up)
        if self._process is None or self._process.dead is not None:
            for at, step in enumerate(self._steps):
                if step.kind == "cell":
                    self._failures.setdefault((at, None), Failure(step.name, None, self._give_up))

    def close(self) -> None:
        if self._process is not None:
            self._end += min(self._process.waited, (PATIENCE - 1) * self._seconds - self._waited)
            self._waited += self._process.waited
            self._process.close()
        self._process = None
