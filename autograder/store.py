"""Reports on disk: `<grading>/reports/<assignment>/<submission>.json`, written atomically, out of students' reach.

The answers as they were handed in stand beside them in `sources/`, to be read and compared, never to be run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from autograder import paths
from autograder.report import Report


def folder(assignment: str) -> Path:
    return paths.grading() / "reports" / assignment


def save(report: Report, answers: Mapping[str, str] | None = None) -> Path:
    """Write one report, and the answers (grade_id -> source); later ones of the same submission take their place."""
    if answers is not None:
        file = folder(report.assignment) / "sources" / f"{file_name(report.submission)}.json"
        write(file, json.dumps({"submission": report.submission, "answers": dict(answers)}))
    return write(folder(report.assignment) / f"{file_name(report.submission)}.json", report.to_json())


def load_all(assignment: str) -> list[Report]:
    """All reports of an assignment, by submission."""
    return [Report.from_json(file.read_text(encoding="utf-8")) for file in sorted(folder(assignment).glob("*.json"))]


def load(assignment: str, submission: str) -> Report:
    """The report of one submission. Raises FileNotFoundError."""
    file = folder(assignment) / f"{file_name(submission)}.json"
    return Report.from_json(file.read_text(encoding="utf-8"))


def load_sources(assignment: str) -> dict[str, dict[str, str]]:
    """The answers of all submissions whose report was saved with them: submission -> grade_id -> source."""
    files = sorted((folder(assignment) / "sources").glob("*.json"))
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {one["submission"]: one["answers"] for one in found}


def class_seed(assignment: str) -> int:
    """The seed of the tests' inputs, one for a class, so that equal answers get equal marks.

    Drawn once, then kept in `<grading>/seeds/<assignment>`, which nobody else may read. Raises ValueError when that
    file holds something else, OSError when it can be neither read nor written.
    """
    file = paths.grading() / "seeds" / assignment
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # whoever writes first decides for all
        number, temporary = tempfile.mkstemp(dir=file.parent, prefix=".")
        with os.fdopen(number, "w", encoding="ascii") as out:
            out.write(f"{secrets.randbits(48)}\n")
        try:
            os.link(temporary, file)
        finally:
            os.unlink(temporary)
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{file} should hold a whole number, the seed of the class; delete it and a new one is drawn")
    return int(text)


def file_name(submission: str) -> str:
    """A submission's identifier as a file name; one that has to be changed for that ends in a hash of its own."""
    name = re.sub(r"[^\w .@+-]", "_", submission).lstrip(".") or "submission"
    if name == submission and len(name.encode()) <= 150:
        return name
    digest = hashlib.sha256(submission.encode(errors="surrogatepass")).hexdigest()[:12]
    return name.encode(errors="replace")[:130].decode(errors="ignore") + "-" + digest


def write(file: Path, text: str) -> Path:
    """Write a file so that it is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    number, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, file)
    return file
