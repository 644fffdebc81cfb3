"""What a notebook's code finds around it: display, get_ipython and magics, of which almost none does anything here."""

from __future__ import annotations

import builtins
import os
import sys
from typing import Any


class Shell:
    """Stands in for IPython's shell: magics and shell lines are heard and ignored; %%writefile writes, %run runs."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        """%name line"""
        if name == "run":
            file = line.split()[-1]
            with open(file, encoding="utf-8") as source:
                exec(compile(source.read(), file, "exec", dont_inherit=True), self._namespace)

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """%%name line"""
        if name == "writefile":
            words = line.split()
            with open(os.path.basename(words[-1]), "a" if "-a" in words else "w", encoding="utf-8") as file:
                file.write(cell)

    def system(self, line: str) -> None:
        """!line"""

    def getoutput(self, line: str, *_: Any, **__: Any) -> list[str]:
        """files = !line"""
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def install(namespace: dict[str, Any]) -> None:
    """Make them builtins, as IPython does, and let modules that a cell wrote be imported. namespace: the notebook's."""
    shell = Shell(namespace)
    names: dict[str, Any] = {"get_ipython": lambda: shell, "display": lambda *_, **__: None}
    for name, thing in names.items():
        setattr(builtins, name, thing)
    sys.path.append(os.getcwd())
    torch = sys.modules.get("torch")
    if torch is not None:
        setattr(torch, "compile", _as_it_is)  # noqa: B010 - it would cost a minute and change no result


def _as_it_is(model: Any = None, **_: Any) -> Any:
    return model if model is not None else _as_it_is
