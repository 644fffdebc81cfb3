"""Reports on disk: `<grading>/reports/<assignment>/<submission>.json`, written atomically, out of students' reach."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from autograder import paths
from autograder.report import Report


def folder(assignment: str) -> Path:
    return paths.grading() / "reports" / assignment


def save(report: Report) -> Path:
    """Write one report; a later one of the same submission takes its place."""
    return write(folder(report.assignment) / f"{file_name(report.submission)}.json", report.to_json())


def load_all(assignment: str) -> list[Report]:
    """All reports of an assignment, by submission."""
    return [Report.from_json(file.read_text(encoding="utf-8")) for file in sorted(folder(assignment).glob("*.json"))]


def file_name(submission: str) -> str:
    """A submission's identifier as a file name."""
    return re.sub(r"[^\w.@+-]", "_", submission).lstrip(".") or "submission"


def write(file: Path, text: str) -> Path:
    """Write a file so that it is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    number, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=file.suffix)
    with os.fdopen(number, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, file)
    return file
