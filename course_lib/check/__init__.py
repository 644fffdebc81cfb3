"""Public checks: `check.masked_attention(masked_attention)`.

Each exercise has a module of its name in `course_lib/check/<assignment>/`, with

- properties, which say what a right answer does (see `properties`); or, where that form does not fit,
- `check(answer)`: raises `Wrong` with a sentence the student can act on, and
- `questions(answer)`: fixed public questions, name -> thunk, from which a known mistake is recognised;
- `picture(answer)` (optional): what a right answer looks like.

In the room: the calling of checks. The comparing of numbers is in `expect`, the naming of mistakes in `diagnosis`.
"""

from __future__ import annotations

import importlib
import linecache
import pkgutil
import random
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from course_lib.check import diagnosis, kinds, properties
from course_lib.check.expect import Wrong

__all__ = ["CheckFailed", "Wrong", "modules", "passed", "use"]

LINE, FRAMES = 200, 3  # of a student's code in a message: characters of a line, and lines

_passed: set[str] = set()  # modules of the checks that have passed
_assignment: str | None = None


class CheckFailed(AssertionError):
    """A public check that did not pass. In a notebook only its text is shown, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31m✗\x1b[0m {self}"]


class Unfinished(NotImplementedError):
    """An answer that is still a stub. Shown by its text alone; it is a NotImplementedError by name and by kind."""

    def _render_traceback_(self) -> list[str]:
        return [f"NotImplementedError: {self}"]


Unfinished.__name__ = Unfinished.__qualname__ = "NotImplementedError"


def use(assignment: str) -> None:
    """Look names up in this assignment first; for names that several assignments share, such as `generate`.

    Raises KeyError that names the assignments there are.
    """
    global _assignment
    if assignment not in assignments():
        raise KeyError(f"There is no assignment '{assignment}'; there are {', '.join(assignments())}.")
    _assignment = assignment


def assignments() -> list[str]:
    """The assignments that have checks, in teaching order."""
    return sorted(package.name for package in pkgutil.iter_modules(__path__) if package.ispkg)


def modules(assignment: str | None = None) -> dict[str, str]:
    """Exercise name -> dotted module of its check, over all assignments.

    Where several assignments share a name, `assignment` decides, else the one that `use` named, else the first.
    """
    found: dict[str, str] = {}
    first = assignment or _assignment
    for name in sorted(assignments(), key=lambda name: name != first):
        package = importlib.import_module(f"{__name__}.{name}")
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                found.setdefault(module.name, f"{package.__name__}.{module.name}")
    return found


def module_of(name: str, assignment: str | None = None) -> ModuleType:
    """The check module of an exercise. Raises KeyError, naming the nearest exercises, if there is none.

    assignment: see `modules`.
    """
    known = modules(assignment)
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known) or sorted(known)
        raise KeyError(f"There is no exercise '{name}'. Did you mean: {', '.join(near)}?")
    return importlib.import_module(known[name])


def unfinished(answer: Any) -> bool:
    """Whether an answer is still the placeholder `...`, alone or inside a tuple, list or dict."""
    if answer is Ellipsis:
        return True
    if isinstance(answer, tuple | list):
        return any(unfinished(part) for part in answer)
    if isinstance(answer, dict):
        return any(unfinished(part) for part in answer.values())
    return False


def passed(name: str) -> bool:
    """Whether the check of this exercise has passed in this session; if not, says what the cell waits for."""
    if modules().get(name) in _passed:
        return True
    print(f"This cell shows its result once {name} passes its check.")
    return False


def run(name: str, answer: Any) -> None:
    """Check one answer: silent success is a green line and a picture, failure a `CheckFailed` that says why.

    The random states of Python, NumPy and torch are afterwards what they were. Raises NotImplementedError naming the
    exercise while the answer is still a placeholder.
    """
    module = module_of(name)
    _passed.discard(module.__name__)
    if unfinished(answer):
        raise Unfinished(f"{name}: replace the ... by your answer")
    with random_states():
        _check(name, module, answer)
    _passed.add(module.__name__)
    print(f"\x1b[32m✓\x1b[0m {name} passes its public checks.")
    if hasattr(module, "picture"):
        with random_states():
            module.picture(answer)


@contextmanager
def random_states() -> Iterator[None]:
    """Whatever is drawn inside, the global generators of Python, NumPy and torch go on as if it had not been."""
    import numpy as np

    torch = sys.modules.get("torch")  # the first assignment does without it
    before, of_numpy = random.getstate(), np.random.get_state()
    of_torch = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(of_numpy)
        if torch and of_torch is not None:
            torch.set_rng_state(of_torch)


def _check(name: str, module: ModuleType, answer: Any) -> None:
    """Raises CheckFailed, Unfinished."""
    try:
        properties.ask(module, answer)
        mistake = diagnosis.recognise(name, answer)
        if mistake is not None:
            raise Wrong("this check's own examples pass, but other public examples show the mistake.")
    except NotImplementedError as error:
        named = str(error) if str(error) in modules() else name
        needed = f" ({name} needs it)" if named != name else ""
        raise Unfinished(f"{named}: write your answer in place of the NotImplementedError{needed}") from None
    except Wrong as error:
        raise CheckFailed(_explain(name, answer, str(error), error.slip or "")) from None
    except Exception as error:
        said = f"your code raised {type(error).__name__}: {error}{_where(error)}"
        raise CheckFailed(_explain(name, answer, said)) from error


def _where(error: BaseException) -> str:
    """The lines of the student's own cells that an exception passed through, the last ones; empty if there are none."""
    own = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__") == "__main__":
            line = linecache.getline(frame.f_code.co_filename, number).strip()
            own.append(f"\n  in {frame.f_code.co_name}, line {number} of its cell: {line[:LINE]}".rstrip(": "))
    return "".join(dict.fromkeys(own[-FRAMES:]))


def _explain(name: str, answer: Any, problem: str, slip: str = "") -> str:
    """The mistake by its name, of its fingerprint, else of its kind, else of what the check has found; the problem."""
    mistake = diagnosis.recognise(name, answer) or kinds.KINDS.get(kinds.of(name, answer))
    if mistake is not None:
        return f"{name}: looks like {mistake.title}.\n{mistake.hint}\n\n{problem}"
    return f"{name}: looks like {slip}.\n\n{problem}" if slip else f"{name}: {problem}"


def __getattr__(name: str) -> Callable[[Any], None]:
    if name.startswith("_") or name not in modules():
        raise AttributeError(f"There is no exercise '{name}' to check")

    def check(answer: Any) -> None:
        run(name, answer)

    check.__name__ = name
    return check


def __dir__() -> list[str]:
    return [*__all__, *modules()]
