"""What one person handed in: of all the files, the notebook that counts.

The rule is one for every way of grading. The files' names decide nothing; a file that is no notebook gives a blank
submission with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.intake import Intake
from autograder.job import Note
from autograder.matching import match
from autograder.reading import Unreadable, cells_of
from autograder.skeleton import Skeleton


def read(path: Path, skeleton: Skeleton) -> Intake:
    """Take in a file, whatever it is. Never raises for what the file holds."""
    try:
        cells = cells_of(path)
    except Unreadable as error:
        return Intake(skeleton, remarks=[Note(str(error))], unreadable=True)
    return match(cells, skeleton)


def read_files(files: Sequence[Path], skeleton: Skeleton) -> Intake:
    """Take in all that a person handed in. The notebook with the most edited answers counts, the newest of equals.

    The files' names decide nothing but, between files that are alike in both, which is named first.
    """
    files = sorted(files, key=lambda file: (file.stem != skeleton.notebook, file.suffix.lower() != ".ipynb", str(file)))
    if not files:
        return Intake(skeleton, remarks=[Note("Nothing was handed in.")], unreadable=True)
    taken = [(file, read(file, skeleton)) for file in files]
    notebooks = [(file, one) for file, one in taken if not one.unreadable]
    if not notebooks:
        best = taken[0][1]
        if len(files) > 1:
            best.remarks[:0] = [
                Note(f"No notebook is among the {len(files)} files that were handed in: {_listed(files)}.")
            ]
        elif not files[0].name.lower().endswith(".ipynb"):
            best.remarks[:0] = [Note(f"Handed in was {files[0].name}.")]
        return best
    file, best = max(notebooks, key=lambda pair: (pair[1].edited, _modified(pair[0])))
    if len(notebooks) > 1:
        others = [one for one, _ in notebooks if one != file]
        text = f"{len(notebooks)} notebooks were handed in; {file.name} was graded, the one with the most answers in it"
        best.say(f"{text} ({best.edited}). Not graded: {_listed(others)}.")
    elif file.suffix.lower() != ".ipynb":
        best.say(f"The notebook was called {file.name}; it was read as a notebook all the same.", always=False)
    return best


def _listed(files: Sequence[Path]) -> str:
    names = [file.name for file in files]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
