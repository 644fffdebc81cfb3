"""Cells as IPython understands them: magics, shell lines and help requests become Python, as IPython itself does it.

The worker knows what comes out (`get_ipython`, see `worker.notebook`), and almost all of it does nothing there.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache

PYTHON_MAGICS = ("%%time", "%%capture", "%%prun")  # their body is Python and runs in the notebook
WRITING = "%%writefile"
MAX_DOTS = 200  # of a name: Python's parser makes a new text of it for each dot, 5 GB for 50,000 of them
DOTTED = re.compile(r"(?<!\w)(?:\w++[ \t\f\\\n]*+\.[ \t\f\\\n]*+){" + f"{MAX_DOTS}" + "}")
MAX_REMEMBERED = 20_000  # characters of a cell
TIMED = re.compile(r"^([ \t]*)%time[ \t]+(?=\S)", re.MULTILINE)


def plain(source: str) -> str:
    """The cell as Python, each line where it was. A cell magic whose body is not Python empties the cell."""
    return _plain_before(source) if len(source) < MAX_REMEMBERED else _plain(source)


def _plain(source: str) -> str:
    if parses(source):
        return source
    bare = source.lstrip()
    if bare.startswith("%%"):
        gone = source[: len(source) - len(bare)]
        first, _, rest = bare.partition("\n")
        name = first.split()[0]
        if name in PYTHON_MAGICS:
            return gone + "\n" + plain(rest) if rest else ""
        if name != WRITING:
            return ""
    text = TIMED.sub(r"\1", source)
    if parses(text):
        return text
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        python = TransformerManager().transform_cell(text)
    except Exception:  # what IPython cannot read stays as it is, and Python says what is wrong with it
        return source
    python = python if source.endswith("\n") else python.removesuffix("\n")
    return python if parses(python) else source


_plain_before = lru_cache(1024)(_plain)  # most cells of a class are the same


def parses(source: str) -> bool:
    """Whether Python reads it."""
    try:
        tree(source)
    except SyntaxError:
        return False
    return True


def tree(source: str) -> ast.Module:
    """The syntax tree. Raises SyntaxError, for whatever reason Python's parser gives up, or would not end."""
    if found := DOTTED.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise SyntaxError(f"a name with more than {MAX_DOTS} dots", ("<cell>", line, 0, ""))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "too deeply nested") from None
