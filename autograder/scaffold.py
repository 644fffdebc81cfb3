"""The files of a new exercise, filled with a small one that works; what is to be written carries the word REPLACE."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from autograder import bank, paths

TEMPLATES = Path(__file__).parent / "templates" / "new"
MARK = "REPLACE:"


def lay(assignment: str, exercise: str) -> list[Path]:
    """Write the files of an exercise, and of an assignment that is new too. Returns them; the first is the text.

    Nothing that exists is overwritten: the notebook's text grows at its end. Raises ValueError for names that Python or
    the course cannot use, FileExistsError for an exercise that is there already.
    """
    if not re.fullmatch(r"[a-z]\d*_[a-z0-9_]+", assignment):
        raise ValueError(f"'{assignment}' is no name of an assignment; one is a5_training: a letter, its number, words")
    if not exercise.isidentifier() or keyword.iskeyword(exercise) or exercise.startswith("_"):
        raise ValueError(f"'{exercise}' is no name for an exercise: it becomes a function and a module of that name")
    text = _text_of(assignment)
    check = paths.COURSE_LIB / "check" / assignment / f"{exercise}.py"
    suite = paths.SUITES / assignment / f"test_{exercise}.py"
    new = {check: "check.py.txt", suite: "suite.py.txt", bank.file_of(assignment, exercise): "bank.txt"}
    there = [file for file in new if file.exists()]
    if there or (text.exists() and f'"grade_id": "{exercise}"' in text.read_text(encoding="utf-8")):
        named = ", ".join(str(file.relative_to(paths.ROOT)) for file in there or [text])
        raise FileExistsError(f"{assignment} has an exercise {exercise}: {named}")
    package = check.with_name("__init__.py")
    if not package.exists():
        _write(package, f'"""Public checks of {assignment}."""\n')
    before = text.read_text(encoding="utf-8") if text.exists() else _template("notebook.py.txt")
    _write(text, before.rstrip("\n") + "\n" + _template("exercise.py.txt").format(exercise=exercise))
    for file, template in new.items():
        _write(file, _template(template).format(assignment=assignment, exercise=exercise))
    return [text, *new]


def unfinished() -> list[str]:
    """Where a part of a new exercise still waits to be written, one line each."""
    found = []
    for root in (paths.SOLUTIONS, paths.COURSE_LIB / "check", paths.SUITES, paths.BANKS):
        for file in sorted([*root.glob("*/*.py"), *root.glob("*/*.txt")]):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                if MARK in line:
                    found.append(f"{file.relative_to(paths.ROOT)}, line {number}: {line.strip()}")
    return found


def _text_of(assignment: str) -> Path:
    found = [file for file in sorted((paths.SOLUTIONS / assignment).glob("*.py")) if file.name != "given.py"]
    return found[0] if found else paths.SOLUTIONS / assignment / f"{assignment.partition('_')[2]}.py"


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
