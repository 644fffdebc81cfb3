"""A submission's own process: it runs the student's cells and answers questions about what they defined.

In the room: the student's code. Not in the room: expected values, tests, other submissions, the gradebook.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import functools
import importlib.util
import inspect
import linecache
import marshal
import resource
import signal
import socket
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic, process_time
from typing import Any, TypeVar

from autograder.worker import notebook, tampering, wire
from autograder.worker.isolation import PATIENCE

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
LIBRARIES = ("course_lib", "torch", "numpy")
SOURCES = (str(importlib.util.find_spec("course_lib").submodule_search_locations[0]) + "/", "<course_lib.")  # type: ignore
OFTEN = 10  # times in a second; a loop on a busy machine is pushed aside some hundred times


class Server:
    """Answers one question after the other until the line closes. Every answer is {"value": …} or {"error": …}."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self.things: dict[int, Any] = {}
        self.moments: dict[str, dict[str, Any]] = {}
        self.last: dict[str, Any] = {}
        self.fresh: dict[str, types.ModuleType] = {}
        self.flags = 0  # of `from __future__ import …`, which holds for all cells below it

    def run(self) -> None:
        """Say that the door is shut, then answer until the line closes."""
        notebook.install(self.namespace)
        wire.send(self.line, wire.encode({"value": "ready"}, self._refer))
        while True:
            try:
                frame = wire.receive(self.line)
            except EOFError:
                return
            wire.send(self.line, frame[: wire.MARK] + self._answer(frame[wire.MARK :]))

    def _answer(self, frame: bytes) -> bytes:
        try:
            question = wire.decode(frame, self._resolve)
            reply = {"value": getattr(self, "ask_" + question.pop("ask"))(**question)}
        except BaseException as error:
            reply = {"error": _describe(error)}
        try:
            return wire.encode(reply, self._refer)
        except BaseException as error:
            return wire.encode({"error": _describe(error)}, self._refer)

    def _resolve(self, reference: wire.Reference) -> Any:
        if reference.name is not None:
            return self._named(reference.name)
        assert reference.number is not None
        return self.things[reference.number]

    def _named(self, name: str) -> Any:
        if name not in self.namespace:
            raise NameError(f"name '{name}' is not defined")
        return self.namespace[name]

    def _refer(self, thing: Any) -> wire.Reference:
        number = len(self.things)
        self.things[number] = thing
        return wire.Reference(number=number, kind=type(thing).__name__)

    def ask_cell(
        self, name: str, source: str, run: list[int] | None = None, seconds: float = 0
    ) -> list[tuple[int, dict[str, Any]]]:
        """Run a cell in the student's namespace, or the statements of these numbers, each for so many seconds.

        Returns what went wrong: (number of the statement, its exception). A whole cell raises instead.
        """
        filename = f"<cell {name}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        body = ast.parse(source, filename).body
        if run is None:
            self._run(body, filename)
            return []
        failed = []
        for number in run:
            try:
                with _at_most(seconds):
                    self._run(body[number : number + 1], filename)
            except BaseException as error:
                failed.append((number, _describe(error)))
        return failed

    def _run(self, body: list[ast.stmt], filename: str) -> None:
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(ast.Module(body, []), filename, "exec", flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURE
        done = eval(code, self.namespace)
        while inspect.iscoroutine(done):  # it awaited something; there is no event loop here, and hardly one is needed
            try:
                done.send(None)
            except StopIteration:
                return

    def ask_moment(self, name: str, alias: str = "", seconds: float = 0) -> None:
        """Keep what is defined now: an exercise is asked for in this state. alias: an expression that is its answer."""
        self.moments[name] = dict(self.namespace)
        if alias:
            with suppress(BaseException), _at_most(seconds):
                self.moments[name][name] = eval(alias, self.namespace)

    def ask_at(self, name: str) -> bool:
        """Go back to the moment of an exercise. Whether the exercise's own name is defined there.

        Names that were not there yet keep what they got later: whoever runs cells out of order has them too.
        """
        self.last = self.last or dict(self.namespace)
        later = {key: value for key, value in self.last.items() if not hasattr(builtins, key)}
        self.namespace.clear()
        self.namespace.update({**later, **self.moments.get(name, self.last)})
        return name in self.namespace

    def ask_module(self, name: str, source: str) -> None:
        """Make a module that the cells can import, from its source."""
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)

    def ask_call(self, target: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a thing."""
        return target(*args, **kwargs)

    def ask_attribute(self, target: Any, name: str) -> Any:
        """An attribute of a thing: data as itself, methods and objects as handles."""
        return getattr(target, name)

    def ask_value(self, target: Any) -> Any:
        """A thing itself: data comes across, the rest as a handle."""
        return target

    def ask_defined(self, name: str) -> bool:
        """Whether the student's cells defined this name."""
        return name in self.namespace

    def ask_gift(self, name: str) -> str:
        """What of the course library this answer is, by its full name; empty if it is the student's own."""
        seen: list[Any] = []
        waiting = [self._named(name)]
        while waiting and len(seen) < 100:
            thing = waiting.pop()
            if any(thing is other for other in seen):
                continue
            seen.append(thing)
            if isinstance(thing, type):
                waiting += [thing.__dict__.get("__new__"), thing.__dict__.get("__init__"), *thing.__mro__[1:]]
            waiting += [vars(thing).get("__wrapped__")] if isinstance(thing, WRAPPERS) else []
            waiting += [thing.func] if isinstance(thing, functools.partial) else []
            waiting += [thing.__func__, type(thing.__self__)] if isinstance(thing, types.MethodType) else []
            waiting += [type(thing)] if type(thing).__module__.split(".")[0] == "course_lib" else []
            if isinstance(thing, type | types.FunctionType) and _ours(thing):
                return f"{thing.__module__}.{thing.__qualname__}"
        return ""

    def ask_library(self, module: str, code: Any = None) -> Any:
        """A module of torch or numpy; with its code (a module's, marshalled, as bytes), one that no cell has seen."""
        if module.split(".")[0] not in LIBRARIES:
            raise ImportError(f"{module} is not among {', '.join(LIBRARIES)}")
        if code is None:
            return importlib.import_module(module)
        if module not in self.fresh:
            made = types.ModuleType(module)
            exec(marshal.loads(code.tobytes()), made.__dict__)
            self.fresh[module] = made
        return self.fresh[module]

    def ask_replaced(self) -> list[str]:
        """Functions of the libraries that the cells have replaced."""
        return tampering.replaced()

    def ask_gradients(self, target: Any, args: list[Any], weights: Any, part: int = 0) -> dict[str, Any]:
        """Gradients of sum(weights * output) with respect to the floating-point inputs and the target's parameters.

        target: a function or module. args: its inputs. weights: a tensor of the output's shape, of several
        outputs that of number `part`. An input or a parameter
        that the output does not depend on has the gradient None.
        """
        import torch

        floating = (torch.float32, torch.float64)
        args = [
            a.detach().clone().requires_grad_() if isinstance(a, torch.Tensor) and a.dtype in floating else a
            for a in args
        ]
        output = target(*args)
        output = output[part] if isinstance(output, tuple | list) else output
        named = dict(target.named_parameters()) if isinstance(target, torch.nn.Module) else {}
        named = {name: value for name, value in named.items() if value.requires_grad}
        wanted = [a for a in args if isinstance(a, torch.Tensor) and a.requires_grad]
        found = torch.autograd.grad((output * weights).sum(), [*wanted, *named.values()], allow_unused=True)
        return {"inputs": list(found[: len(wanted)]), "parameters": dict(zip(named, found[len(wanted) :], strict=True))}


WRAPPERS = (types.FunctionType, type(functools.lru_cache(len)))


def _ours(thing: Any) -> bool:
    """Whether a class or function was written in the course library."""
    made = str(thing.__module__).split(".")[0] == "course_lib"
    return made or (isinstance(thing, types.FunctionType) and thing.__code__.co_filename.startswith(SOURCES))


class TookTooLong(BaseException):
    """A statement had its time. Not an Exception, so that `except Exception` in a loop does not swallow it."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt what runs for longer, where Python can; the grader ends the process where it cannot.

    What ran and was made to wait by others is given its seconds of processor time, within PATIENCE.
    """
    started, used, pushed = monotonic(), process_time(), _pushed_aside()

    def stop(*_: object) -> None:
        passed = monotonic() - started
        left = seconds - (process_time() - used)
        if left > 0 and passed < PATIENCE * seconds and _pushed_aside() - pushed > OFTEN * passed:
            signal.setitimer(signal.ITIMER_REAL, min(max(left, 0.05), PATIENCE * seconds - passed + 0.05))
            return
        raise TookTooLong(f"it ran for more than {seconds:g} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _pushed_aside() -> int:
    """How often this process had to leave a processor before it was done: never while it sleeps."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception as data: its kind, the names of its base classes, its message and the student's line.

    Every part is the student's to define, so every part may raise.
    """
    kinds = _part(lambda: [_text(kind.__name__, 80) for kind in type.mro(type(error))[:20]], ["Exception"])
    message = _part(lambda: _text(error, 1000), "")
    place = _part(lambda: _place(error), ("", 0, ""))
    if isinstance(error, SyntaxError) and place[1]:
        message = _part(lambda: _text(error.msg, 1000), message)
    cell, number, text = place
    return {"kind": kinds[0], "kinds": kinds, "message": message, "cell": cell, "line": number, "text": text}


def _place(error: BaseException) -> tuple[str, int, str]:
    """The last line of a cell that an exception passed through, or that does not parse."""
    cell, number, text = "", 0, ""
    for frame in traceback.extract_tb(error.__traceback__)[-200:]:
        if frame.filename.startswith("<cell "):
            cell, number, text = frame.filename[6:-1], frame.lineno or 0, (frame.line or "")[:200]
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("<cell "):
        cell, number, text = (
            _text(error.filename, 86)[6:-1],
            int(error.lineno or 0),
            _text(error.text or "", 200).strip(),
        )
    return cell, number, text


def _text(thing: object, size: int) -> str:
    """A plain string, whatever kind of string `str` gives."""
    return "%.*s" % (size, thing)  # noqa: UP031 - an f-string would ask the thing's own __format__


Part = TypeVar("Part")


def _part(get: Callable[[], Part], otherwise: Part) -> Part:
    try:
        return get()
    except BaseException:
        return otherwise
