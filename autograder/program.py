"""From cells to a job: what runs in the worker, in which order, and what was not attempted."""

from __future__ import annotations

import ast
import secrets

from autograder.grader import Job
from autograder.skeleton import Skeleton
from autograder.student import GIVEN, SET_UP

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
    kept = [(at, source) for at, raw in helpers or [] if harmless(source := without_magics(raw))]
    cells: list[tuple[str, str]] = [(GIVEN, skeleton.given)] if skeleton.given else []
    for index, node in enumerate(skeleton.nodes()):
        cells += [(f"added {number + 1}", source) for number, (at, source) in enumerate(kept) if at == index]
        grade_id = node.metadata.get("nbgrader", {}).get("grade_id")
        if node.cell_type == "code" and "given" in node.metadata.get("tags", []):
            cells.append((SET_UP, node.source))
        elif grade_id in names and grade_id not in blank:
            cells.append((grade_id, without_magics(answers[grade_id])))
    cells += [(f"added {number + 1}", source) for number, (at, source) in enumerate(kept) if at >= len(skeleton.cells)]
    seed = secrets.randbits(48) if seed is None else seed
    return Job(skeleton.assignment, submission, tuple(cells), tuple(blank), notes, seed, only)


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
        return rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
    kept = []
    depth = 0
    for line in source.split("\n"):
        bare = line.lstrip()
        if depth == 0 and bare[:1] in ("%", "!", "?"):
            indent = line[: len(line) - len(bare)]
            kept.append(f"{indent}pass" if indent else "")
            continue
        depth = max(0, depth + sum(bare.count(b) for b in "([{") - sum(bare.count(b) for b in ")]}"))
        kept.append(line)
    return "\n".join(kept)


def harmless(source: str) -> bool:
    """Whether a cell that a student added only imports, defines, or assigns constants (so that running it is quick)."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    definitions = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
    return bool(body) and all(isinstance(node, definitions) or _constant(node) for node in body)


def _constant(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is None or not any(
            isinstance(part, ast.Await | ast.Yield | ast.YieldFrom | ast.ListComp | ast.GeneratorExp | ast.Call)
            and not _plain_call(part)
            for part in ast.walk(node.value)
        )
    return False


def _plain_call(part: ast.AST) -> bool:
    """Calls that build a value from constants: np.array([[1, 1]]), set("aeiou")."""
    names = {"array", "asarray", "eye", "zeros", "ones", "tensor", "set", "frozenset", "list", "tuple", "dict", "range"}
    if not isinstance(part, ast.Call):
        return False
    function = part.func
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in names
