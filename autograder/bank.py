"""The bank: wrong answers that people really give, each with a name and a hint, and right answers in other styles.

A bank file is text, `autograder/misconceptions/<assignment>/<exercise>.txt`, read as data and never run as a file:

    # %% wrong no_scale of solution
    # Title: no 1/√d scale
    # Hint: Divide the scores by the square root of the head size.
    -    scores = Q @ K.T / np.sqrt(K.shape[-1])
    +    scores = Q @ K.T

    # %% right einsum
    def masked_attention(Q, K, V): …

An entry replaces the exercise's whole solution cell. It is written whole, or as an edit (see `hunks`) `of` a whole
entry of the same file or of `solution`, the instructor's own answer without its BEGIN and END lines. An edit of an edit
is refused: who reads one looks up one other text. Answers that use the insides of another exercise's answer, by names
that are its own, say so in a line before the first entry: `# Together: MultiHeadAttention, CausalSelfAttention`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder import authoring, hunks, paths
from autograder.nbgrader.stubs import without_markers

HEAD = re.compile(r"^# %% (?P<kind>wrong|right) (?P<name>\w+)(?: of (?P<base>\w+))?[ \t]*$", re.MULTILINE)

TOGETHER = re.compile(r"^# Together: (?P<names>\w+(?:, \w+)*)[ \t]*$", re.MULTILINE)

SOLUTION = "solution"  # the instructor's own answer, as a base


class Unreadable(ValueError):
    """A bank file that cannot be read. Its text: which one, where and why."""


@dataclass(frozen=True)
class Answer:
    """One entry. title and hint are empty for right answers."""

    exercise: str
    name: str
    right: bool
    code: str
    title: str = ""
    hint: str = ""


@dataclass(frozen=True)
class _Entry:
    """An entry as it is written. body: code, or hunks if there is a base."""

    name: str
    right: bool
    base: str
    title: str
    hint: str
    body: str


def parse(text: str, exercise: str, solution: Callable[[], str] | None = None) -> list[Answer]:
    """The entries of a bank file. solution: gives the base of that name, for files that have one.

    Raises ValueError with a sentence for a head that is none, a name that is doubled or `solution`, a wrong answer
    without title or hint, a base that is unknown or an edit itself, and hunks that do not fit or change nothing.
    """
    written = list(_written(text, exercise))
    names = [entry.name for entry in written]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{exercise}: doubled names {', '.join(sorted(doubled))}")
    if SOLUTION in names:
        raise ValueError(f"{exercise}/{SOLUTION}: this name is taken by the instructor's own answer")
    bases = {entry.name: entry.base for entry in written}
    whole = {entry.name: entry.body for entry in written if not entry.base}

    def code(entry: _Entry) -> str:
        if not entry.base:
            return entry.body
        if entry.base == SOLUTION and solution is not None:
            base = solution().strip() + "\n"
        elif entry.base in whole:
            base = whole[entry.base]
        elif entry.base in bases:
            raise ValueError(f"{entry.base} is itself an edit, of {bases[entry.base]}; a base must be written whole")
        else:
            raise ValueError(f"there is no entry {entry.base}")
        made = hunks.apply(base, entry.body).strip() + "\n"
        if made == base:
            raise ValueError("its hunks change nothing")
        return made

    answers = []
    for entry in written:
        try:
            answers.append(Answer(exercise, entry.name, entry.right, code(entry), entry.title, entry.hint))
        except ValueError as error:
            what = f", an edit of {entry.base}" if entry.base else ""
            raise ValueError(f"{exercise}/{entry.name}{what}: {error}") from None
    return answers


def _written(text: str, exercise: str) -> Iterator[_Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"#\s*%%", line) and not HEAD.match(line):
            forms = "`# %% wrong name`, `# %% right name`, either perhaps with `of base`"
            raise ValueError(f"{exercise}: line {number}, `{line}`, is no head of an entry. Heads: {forms}")
    pieces = HEAD.split(text)
    for kind, name, base, body in zip(*(pieces[part::4] for part in range(1, 5)), strict=True):
        fields = {key: "" for key in ("Title", "Hint")}
        for key in fields:
            if said := re.search(rf"^# {key}: (.+)$", body, re.MULTILINE):
                fields[key] = said[1].strip()
                body = body.replace(said[0] + "\n", "", 1)
        if kind == "wrong" and not all(fields.values()):
            raise ValueError(f"{exercise}/{name}: a wrong answer needs a `# Title:` and a `# Hint:` line")
        body = body.strip("\n") if base else body.strip() + "\n"
        yield _Entry(name, kind == "right", base or "", fields["Title"], fields["Hint"], body)


def file_of(assignment: str, exercise: str) -> Path:
    return paths.BANKS / assignment / f"{exercise}.txt"


def exercises(assignment: str) -> list[str]:
    """Those that have a bank."""
    return sorted(file.stem for file in (paths.BANKS / assignment).glob("*.txt"))


def load(assignment: str, exercise: str) -> list[Answer]:
    """The bank of one exercise; empty if it has none. Raises Unreadable."""
    file = file_of(assignment, exercise)
    if not file.exists():
        return []
    try:
        return parse(file.read_text(encoding="utf-8"), exercise, lambda: _solution(assignment, exercise))
    except ValueError as error:
        raise Unreadable(f"{os.path.relpath(file, paths.ROOT)}: {error}") from None


def uses(assignment: str, exercise: str) -> tuple[str, ...]:
    """Exercises whose answers this one's fit only as the instructor wrote them; see `# Together:` above."""
    file = file_of(assignment, exercise)
    found = TOGETHER.search(HEAD.split(file.read_text(encoding="utf-8"))[0]) if file.exists() else None
    return tuple(found["names"].split(", ")) if found else ()


def together(assignment: str) -> set[str]:
    """All exercises whose answers cannot be exchanged one by one."""
    found = {exercise: uses(assignment, exercise) for exercise in exercises(assignment)}
    return {name for exercise, used in found.items() if used for name in (exercise, *used)}


def reference(assignment: str) -> dict[str, str]:
    """The instructor's solution cells: grade_id -> source, from the notebook's text."""
    text = authoring.text_of(assignment)
    return dict(_reference(text, text.read_bytes()))


@lru_cache(16)
def _reference(text: Path, _: bytes) -> dict[str, str]:
    """_: what is in the text, so that it is read again when it changes."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in authoring.notebook_of(text).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def _solution(assignment: str, exercise: str) -> str:
    return without_markers(reference(assignment)[exercise])
