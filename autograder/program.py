"""From cells to a job: what runs in the worker, in which order, and what was not attempted."""

from __future__ import annotations

import ast
import re
import secrets
from typing import Any

from autograder.grader import Job
from autograder.skeleton import Skeleton
from autograder.student import GIVEN, SET_UP

# %matplotlib inline, !ls, ?print, files = !ls, print?
MAGIC = re.compile(r"[%!?]|[\w.,\s]+=\s*[%!]|%?[\w.]+\?{1,2}\s*$")
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
Helper = tuple[int, str]  # (index of the skeleton's cell before which it ran, source)


def job(
    skeleton: Skeleton,
    submission: str,
    answers: dict[str, str],
    *,
    helpers: list[Helper] | None = None,
    notes: tuple[str, ...] = (),
    seed: int | None = None,
    only: tuple[str, ...] = (),
) -> Job:
    """The job of a submission.

    answers: solution cell's grade_id -> the student's source. helpers: cells that the student added; those that only
    import, define or assign constants are kept. seed: of the tests' inputs; fresh by default. only: see Job.
    """
    names = [exercise.name for exercise in skeleton.exercises]
    blank = [name for name in names if not _attempted(answers.get(name, ""), skeleton.stub(name))]
    kept = [(at, source) for at, raw in helpers or [] if (source := harmless(without_magics(raw)))]
    cells: list[tuple[str, str]] = [(GIVEN, skeleton.given)] if skeleton.given else []
    cells += [(SET_UP, node.source) for node in skeleton.nodes() if _is_set_up(node)]  # before all that is a student's
    for index, node in enumerate(skeleton.nodes()):
        cells += [(f"added {number + 1}", source) for number, (at, source) in enumerate(kept) if at == index]
        grade_id = node.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in names and grade_id not in blank:
            cells.append((grade_id, without_magics(answers[grade_id])))
    cells += [(f"added {number + 1}", source) for number, (at, source) in enumerate(kept) if at >= len(skeleton.cells)]
    seed = secrets.randbits(48) if seed is None else seed
    return Job(skeleton.assignment, submission, tuple(cells), tuple(blank), notes, seed, only)


def _is_set_up(node: Any) -> bool:
    return node.cell_type == "code" and "given" in node.metadata.get("tags", [])


def _attempted(source: str, stub: str) -> bool:
    return _normal(source) not in ("", _normal(stub))


def _normal(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines() if line.strip())


def without_magics(source: str) -> str:
    """The source without IPython's magics and shell lines; a cell magic (%%bash) empties the whole cell.

    A line that continues a Python statement is left alone, so `% b` inside brackets stays a remainder.
    """
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        return without_magics(rest) if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    if _parses(source):
        return source
    careful = _without_magic_lines(source, follow_brackets=True)
    if _parses(careful):
        return careful
    bold = _without_magic_lines(source, follow_brackets=False)
    return bold if _parses(bold) else careful


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_magic_lines(source: str, *, follow_brackets: bool) -> str:
    """follow_brackets: count brackets, those in strings too, and leave lines inside them alone."""
    kept = []
    depth = 0
    for line in source.split("\n"):
        bare = line.lstrip()
        if depth == 0 and MAGIC.match(bare):
            indent = line[: len(line) - len(bare)]
            kept.append(f"{indent}pass" if indent else "")
            continue
        if follow_brackets:
            depth = max(0, depth + sum(bare.count(b) for b in "([{") - sum(bare.count(b) for b in ")]}"))
        kept.append(line)
    return "\n".join(kept)


def harmless(source: str) -> str:
    """What is kept of a cell that a student added: imports, definitions and constants, which are quick to run.

    Other statements (calls, prints, plots, loops) become blank lines, so that the rest keeps its line numbers. Empty if
    nothing is left.
    """
    if not _parses(source):
        return ""
    lines = source.split("\n")
    kept: set[int] = set()
    dropped: set[int] = set()
    for node in ast.parse(source).body:
        first = min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", []))])
        numbers = range(first - 1, node.end_lineno or node.lineno)
        (kept if isinstance(node, DEFINITIONS) or _constant(node) else dropped).update(numbers)
    if not kept - dropped:
        return ""
    rest = "\n".join("" if number in dropped else line for number, line in enumerate(lines))
    return rest if _parses(rest) else ""


def _constant(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    slow = (ast.Await, ast.Yield, ast.YieldFrom, ast.Call)
    parts = ast.walk(node.value) if node.value is not None and not isinstance(node.value, ast.Lambda) else ()
    return not any(isinstance(part, slow) and not _plain_call(part) for part in parts)


def _plain_call(part: ast.AST) -> bool:
    """Calls that build a value from constants: np.array([[1, 1]]), set("aeiou")."""
    names = {"array", "asarray", "eye", "zeros", "ones", "tensor", "set", "frozenset", "list", "tuple", "dict", "range"}
    names |= {"enumerate", "zip", "sorted", "len", "int", "float", "str", "transpose"}
    if not isinstance(part, ast.Call):
        return False
    function = part.func
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in names
