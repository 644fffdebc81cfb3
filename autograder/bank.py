"""The bank: wrong answers that people really give, each with a name and a hint, and right answers in other styles.

A bank file is percent text, `autograder/misconceptions/<assignment>/<exercise>.py`, read as data and never imported:

    # %% wrong no_scale
    # Title: no 1/√d scale
    # Hint: Divide the scores by the square root of the head size.
    def masked_attention(Q, K, V): …

    # %% right einsum
    def masked_attention(Q, K, V): …

Each cell replaces the exercise's whole solution cell. Answers that use the insides of another exercise's answer, by
names that are its own, say so in a line before the first cell: `# Together: MultiHeadAttention, CausalSelfAttention`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder import authoring, paths

HEAD = re.compile(r"^# %% (?P<kind>wrong|right) (?P<name>\w+)[ \t]*$", re.MULTILINE)

TOGETHER = re.compile(r"^# Together: (?P<names>\w+(?:, \w+)*)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One entry. title and hint are empty for right answers."""

    exercise: str
    name: str
    right: bool
    code: str
    title: str = ""
    hint: str = ""


def parse(text: str, exercise: str) -> list[Answer]:
    """The entries of a bank file. Raises ValueError for a doubled name or a wrong answer without title or hint."""
    pieces = HEAD.split(text)[1:]
    answers = []
    for kind, name, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        fields = {key: "" for key in ("Title", "Hint")}
        for key in fields:
            if line := re.search(rf"^# {key}: (.+)$", body, re.MULTILINE):
                fields[key] = line[1].strip()
                body = body.replace(line[0] + "\n", "", 1)
        if kind == "wrong" and not all(fields.values()):
            raise ValueError(f"{exercise}/{name}: a wrong answer needs a `# Title:` and a `# Hint:` line")
        answers.append(Answer(exercise, name, kind == "right", body.strip() + "\n", fields["Title"], fields["Hint"]))
    names = [answer.name for answer in answers]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{exercise}: doubled names {', '.join(sorted(doubled))}")
    return answers


def file_of(assignment: str, exercise: str) -> Path:
    return paths.BANKS / assignment / f"{exercise}.py"


def load(assignment: str, exercise: str) -> list[Answer]:
    """The bank of one exercise; empty if it has none."""
    file = file_of(assignment, exercise)
    return parse(file.read_text(encoding="utf-8"), exercise) if file.exists() else []


def uses(assignment: str, exercise: str) -> tuple[str, ...]:
    """Exercises whose answers this one's fit only as the instructor wrote them; see `# Together:` above."""
    file = file_of(assignment, exercise)
    found = TOGETHER.search(HEAD.split(file.read_text(encoding="utf-8"))[0]) if file.exists() else None
    return tuple(found["names"].split(", ")) if found else ()


def together(assignment: str) -> set[str]:
    """All exercises whose answers cannot be exchanged one by one."""
    found = {file.stem: uses(assignment, file.stem) for file in (paths.BANKS / assignment).glob("*.py")}
    return {name for exercise, used in found.items() if used for name in (exercise, *used)}


def reference(assignment: str) -> dict[str, str]:
    """The instructor's solution cells: grade_id -> source, from the notebook's text."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in authoring.notebook_of(authoring.text_of(assignment)).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
