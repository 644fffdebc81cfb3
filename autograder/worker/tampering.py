"""Which functions of the libraries a notebook has replaced, noticed by what they were before its first cell ran.

A second look, not the wall: it happens in the student's process, which could hide it. Scores do not follow from it.
"""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import Any

MODULES = (
    "copy", "inspect", "random", "torch", "torch.autograd", "torch.nn.functional", "torch.nn.init", "torch.random",
    "torch.overrides",
)  # fmt: skip
CLASSES = ("torch.Tensor", "torch.nn.Module", "torch.nn.Parameter", "torch.nn.Linear", "torch.nn.Embedding")
COURSE = "course_lib"
OURS = {"torch.compile"}  # the worker itself replaces it, see `notebook`
MOST = 20  # names in a report

_before: dict[str, tuple[Any, Any]] = {}


def remember() -> None:
    """Keep what the libraries' functions and classes are now."""
    _before.update(_now())


def replaced() -> list[str]:
    """Full names of functions and classes that are another thing now, or have other code; a few suffice."""
    now = _now()
    found = [
        name for name, (thing, code) in _before.items() if name not in OURS and _differs(now.get(name), thing, code)
    ]
    return sorted(found)[:MOST]


def _differs(now: tuple[Any, Any] | None, thing: Any, code: Any) -> bool:
    return now is None or now[0] is not thing or now[1] is not code


def _now() -> dict[str, tuple[Any, Any]]:
    found = {}
    for where, names in _places():
        for name, thing in names.items():
            if isinstance(thing, FunctionType | type) or (callable(thing) and not isinstance(thing, ModuleType)):
                code = thing.__code__ if isinstance(thing, FunctionType) else None
                found[f"{where}.{name}"] = thing, code
    return found


def _places() -> list[tuple[str, dict[str, Any]]]:
    own = [name for name in list(sys.modules) if name.split(".")[0] == COURSE]
    places = [(name, vars(sys.modules[name])) for name in (*MODULES, *own) if name in sys.modules]
    for name in CLASSES:
        module, _, cls = name.rpartition(".")
        thing = getattr(sys.modules.get(module), cls, None)
        places += [(name, dict(vars(thing)))] if isinstance(thing, type) else []
    return [(where, {key: names[key] for key in list(names) if not key.startswith("__")}) for where, names in places]
