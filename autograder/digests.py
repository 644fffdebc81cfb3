"""What a fingerprint was made from, as digests: where they agree with those of now, nothing has to be computed again.

Everything counts that decides an outcome: the bank's entries, the check with all of course_lib that it imports, and
those statements of the notebook that the answers may use. Left out are comments and blank lines in code, how a bank's
entries are written down (whole or as edits, and in which layout), the prose of notebooks, and the engine, whose own
tests and `verify` stand for it.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder import authoring, bank, ipython, paths, program, skeleton
from autograder.job import Step
from autograder.statements import statements

SIZE = 16  # hexadecimal digits
MACHINERY = ("course_lib", "autograder.suites")  # whose modules decide what a test or check says


def made_from(assignment: str, exercise: str) -> dict[str, str]:
    """What decides an exercise's fingerprints: part -> digest. The parts: bank, check and notebook.

    Raises bank.Unreadable.
    """
    return {
        "bank": _of_answers(bank.load(assignment, exercise)),
        "check": _of_code(paths.COURSE_LIB / "check" / assignment / f"{exercise}.py"),
        "notebook": _digest(_used(assignment, exercise)),
    }


def suite(assignment: str, exercise: str) -> str:
    """A digest of an exercise's hidden tests, of what they import, and of other answers of which they speak."""
    file = paths.SUITES / assignment / f"test_{exercise}.py"
    words = set(re.findall(r"\w+", _bare(_text(file))))
    others = [one.name for one in skeleton.load(assignment).exercises if one.name in words - {exercise}]
    return _digest([_of_code(file), *(part for other in others for part in _used(assignment, other))])


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}\n{text}\n".encode())
    return digest.hexdigest()[:SIZE]


def _of_answers(answers: Iterable[bank.Answer]) -> str:
    kinds = {True: "right", False: "wrong"}
    return _digest(
        part for one in answers for part in (kinds[one.right], one.name, one.title, one.hint, _tree(one.code))
    )


def _of_code(file: Path) -> str:
    """A digest of a module and, in the order of their names, of those that it imports."""
    found, waiting = {file}, [file]
    while waiting:
        new = set(_imported(waiting.pop())) - found
        found |= new
        waiting += new
    return _digest(part for one in sorted(found) for part in (str(one.relative_to(paths.ROOT)), _bare(_text(one))))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _imported(file: Path) -> Iterator[Path]:
    """The files of ours that a file imports, packages included."""
    for name in _names_imported(_text(file)):
        if name.startswith(MACHINERY):
            place = paths.ROOT.joinpath(*name.split("."))
            yield from (one for one in (place.with_suffix(".py"), place / "__init__.py") if one.exists())


@lru_cache(256)
def _names_imported(text: str) -> frozenset[str]:
    """Names of modules, and of what is imported from them: a module too, perhaps."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:  # a file in the middle of being written
        return frozenset()
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found | {parent for name in found for parent in _parents(name)})


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


@lru_cache(1024)
def _bare(code: str) -> str:
    """Code without comments and blank lines; as it is, if it is no Python."""
    lines = code.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    except (tokenize.TokenError, SyntaxError):
        return code
    return "\n".join(line.rstrip() for line in lines if line.strip())


@lru_cache(2048)
def _tree(code: str) -> str:
    """The syntax tree of code, as text; the code as it is, if it is no Python."""
    try:
        return _branch(ast.parse(code))
    except (SyntaxError, ValueError):  # a ValueError for a null byte
        return code


def _branch(node: object) -> str:
    """As ast.dump, without what is empty: later Pythons have fields there that earlier ones lack."""
    if isinstance(node, ast.AST):
        parts = [f"{name}={_branch(value)}" for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({', '.join(parts)})"
    return f"[{', '.join(map(_branch, node))}]" if isinstance(node, list) else repr(node)


# ---- of the notebook ---------------------------------------------------------------------------------------------


def _used(assignment: str, exercise: str) -> list[str]:
    """What an exercise's answers may use of a notebook: its set-up, the statements that the instructor's own answer
    needs, and those that make a name which another answer reads, or another such statement."""
    text = authoring.text_of(assignment)
    reference, pieces = _notebook(assignment, text.read_bytes())
    job = program.job(skeleton.load(assignment), exercise, reference, only=(exercise,), alone=True)
    found = [_bare(_of(step)) for step in job.steps]
    there = {name for step in job.steps for one in statements(step.source) for name in one.defines}
    asked = {name for answer in bank.load(assignment, exercise) for name in _asked(answer.code)} - there
    taken: set[int] = set()
    while new := {at for at, piece in enumerate(pieces) if at not in taken and piece.defines & asked}:
        taken |= new
        asked |= {name for at in new for name in pieces[at].asks} - there
    return [*found, *(pieces[at].source for at in sorted(taken))]


@dataclass(frozen=True)
class _Piece:
    """A statement. defines, asks: names."""

    source: str
    defines: frozenset[str]
    asks: frozenset[str]


@lru_cache(8)
def _notebook(assignment: str, _: bytes) -> tuple[dict[str, str], list[_Piece]]:
    """The instructor's answers, and the statements of all code cells. _: of the text, so that a new one is read."""
    reference = bank.reference(assignment)
    cells = [node for node in skeleton.load(assignment).released if node.cell_type == "code"]
    sources = [
        reference.get(str(one.metadata.get("nbgrader", {}).get("grade_id", "")), str(one.source)) for one in cells
    ]
    return reference, [piece for source in sources for piece in _pieces(source)]


def _pieces(source: str) -> list[_Piece]:
    plain = ipython.plain(source)
    parts = zip(statements(plain), ast.parse(plain).body, strict=True)
    return [
        _Piece(_bare(ast.get_source_segment(plain, node) or ""), one.defines, one.reads | one.deferred)
        for one, node in parts
        if one.defines
    ]


def _asked(code: str) -> set[str]:
    """Names that an answer reads and does not make."""
    try:
        own = statements(code)
    except SyntaxError:
        return set()
    made = {name for one in own for name in one.defines}
    return {name for one in own for name in one.reads | one.deferred} - made


def _of(step: Step) -> str:
    """What runs of a step."""
    if step.run is None:
        return step.source
    body = ast.parse(step.source).body
    return "\n".join(ast.get_source_segment(step.source, body[number]) or "" for number in step.run)
