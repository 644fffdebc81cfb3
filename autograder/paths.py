"""Where things are in the course folder."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions"
ASSIGNMENTS = ROOT / "assignments"
COURSE_LIB = ROOT / "course_lib"
WORKER = ROOT / "autograder" / "worker"
SUITES = ROOT / "autograder" / "suites"
BANKS = ROOT / "autograder" / "misconceptions"
FINGERPRINTS = COURSE_LIB / "fingerprints"


def grading() -> Path:
    """The grading workspace: submissions, gradebook, feedback. `GRADING` in the environment moves it."""
    folder = ROOT / os.environ.get("GRADING", "grading")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def assignments() -> list[str]:
    """Names of all assignments that have a source, in teaching order."""
    return sorted(folder.name for folder in SOLUTIONS.iterdir() if folder.is_dir() and any(folder.glob("*.py")))
