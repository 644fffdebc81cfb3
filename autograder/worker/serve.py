"""A submission's own process: it runs the student's cells and answers questions about what they defined.

In the room: the student's code. Not in the room: expected values, tests, other submissions, the gradebook.
"""

from __future__ import annotations

import importlib
import linecache
import socket
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any, TypeVar

from autograder.worker import wire

LIBRARIES = ("course_lib", "torch", "numpy")


class Server:
    """Answers one question after the other until the line closes. Every answer is {"value": …} or {"error": …}."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self.things: dict[int, Any] = {}

    def run(self) -> None:
        """Say that the door is shut, then answer until the line closes."""
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

    def ask_cell(self, name: str, source: str) -> None:
        """Run one cell in the student's namespace."""
        filename = f"<cell {name}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        exec(compile(source, filename, "exec"), self.namespace)

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

    def ask_library(self, module: str) -> Any:
        """A module of the course library or torch, loaded here."""
        if module.split(".")[0] not in LIBRARIES:
            raise ImportError(f"{module} is not among {', '.join(LIBRARIES)}")
        return importlib.import_module(module)

    def ask_gradients(self, target: Any, args: list[Any], weights: Any) -> dict[str, Any]:
        """Gradients of sum(weights * output) with respect to the floating-point inputs and the target's parameters.

        target: a function or module. args: its inputs. weights: a tensor of the output's shape. An input or a parameter
        that the output does not depend on has the gradient None.
        """
        import torch

        floating = (torch.float32, torch.float64)
        args = [
            a.detach().clone().requires_grad_() if isinstance(a, torch.Tensor) and a.dtype in floating else a
            for a in args
        ]
        output = target(*args)
        output = output[0] if isinstance(output, tuple | list) else output
        named = dict(target.named_parameters()) if isinstance(target, torch.nn.Module) else {}
        wanted = [a for a in args if isinstance(a, torch.Tensor) and a.requires_grad]
        found = torch.autograd.grad((output * weights).sum(), [*wanted, *named.values()], allow_unused=True)
        return {"inputs": list(found[: len(wanted)]), "parameters": dict(zip(named, found[len(wanted) :], strict=True))}


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
