"""What a hidden suite sees of a submission: a namespace whose things live in the isolated worker.

student.masked_attention(Q, K, V)        # numbers there, numbers back
model = student.BigramLanguageModel(65)  # a handle
logits, loss = model(idx)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.warm import Died, StudentError, Submission
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
        return self._reference.kind or "an object"

    def __repr__(self) -> str:
        return f"<{self._reference.kind or self._reference.name} in the worker>"

    def _open(self, value: Any) -> Any:
        return _wrap(self._ask, value)


class Student:
    """The student's namespace. Names are looked up in the worker when they are used.

    Raises StudentError when the student's code raises, Died when its process is gone.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

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
        """A module of course_lib, torch or numpy, loaded in the worker."""
        return _wrap(self._ask, self._ask(ask="library", module=module))

    def gradients(self, target: Handle, *args: Any, weights: Any) -> dict[str, Any]:
        """Gradients of sum(weights * target(*args)): {"inputs": [one per float input], "parameters": {name: …}}."""
        return self._ask(ask="gradients", target=_strip(target), args=_strip(list(args)), weights=weights)


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


class Session:
    """One submission being graded: its program, run cell by cell, and a process that is replaced when it dies.

    spawn: gives a fresh process. cells: (name, source) in order. A cell that ended the process is left out when the
    others run again in a new one. failures: cell name -> why it did not run.
    """

    MAX_DEATHS = 8

    def __init__(self, spawn: Callable[[], Submission], cells: list[tuple[str, str]]) -> None:
        self._spawn, self._cells = spawn, cells
        self.failures: dict[str, StudentError | Died] = {}
        self.deaths: list[Died] = []
        self._process: Submission | None = None
        self._give_up: Died | None = None

    def start(self) -> None:
        """Run the cells, in a new process as often as one of them ends it."""
        while True:
            self.close()
            self._process = self._spawn()
            if self._run_cells(self._process):
                return

    def _run_cells(self, process: Submission) -> bool:
        for name, source in self._cells:
            if isinstance(self.failures.get(name), Died):
                continue
            try:
                process.ask(ask="module" if name == GIVEN else "cell", name=name, source=source)
            except StudentError as error:
                if name in (SET_UP, GIVEN):
                    raise RuntimeError(f"the notebook's own {name} fails in the worker: {error}") from error
                self.failures[name] = error
            except Died as died:
                self.failures[name] = died
                self.deaths.append(died)
                return False
        return True

    def ask(self, **question: Any) -> Any:
        """Put a question; after a death the next question finds a fresh process. Raises StudentError, Died."""
        if self._give_up is not None:
            raise self._give_up
        if self._process is None or self._process.dead is not None:
            self.start()
        assert self._process is not None
        try:
            return self._process.ask(**question)
        except Died as died:
            self.deaths.append(died)
            if len(self.deaths) >= self.MAX_DEATHS:
                self._give_up = Died(
                    died.reason, f"{died} This happened {len(self.deaths)} times; nothing more was asked."
                )
            raise

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
        self._process = None
