"""Which submissions are graded, as what, and which of these grades stand in which gradebook.

A mark is the last thing that is written of a submission, whichever command graded it: `<reports>/marks/<student>.json`
with a digest of what was handed in, a stamp of its own, and the entry for the gradebook.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder import gradebook, paths, store, submissions
from autograder.report import Report
from autograder.skeleton import Skeleton


@dataclass(frozen=True)
class Mark:
    """A graded submission. digest: of what was graded and how, empty if the grader failed. stamp: another each time."""

    digest: str
    stamp: str
    entry: gradebook.Entry


def folder(assignment: str) -> Path:
    return store.folder(assignment) / "marks"


def digest_of(handed_in: Path, outline: Skeleton, unsafe: bool) -> str:
    """A digest of what a student handed in (a folder), and of how it is graded."""
    graded_how = f"{hashlib.sha256(repr(outline).encode()).hexdigest()} {'unsafe' if unsafe else 'isolated'}"
    digest = hashlib.sha256(graded_how.encode())
    for file in submissions.of_folder(handed_in)[0]:
        digest.update(f"\n{file.relative_to(handed_in)}\n".encode(errors="surrogateescape"))
        try:
            with file.open("rb") as content:
                while part := content.read(1 << 20):
                    digest.update(part)
        except OSError as error:  # a broken link: the intake will say so
            digest.update(repr(error).encode())
    return digest.hexdigest()


def put(outline: Skeleton, student: str, notebook: nbformat.NotebookNode, digest: str, timestamp: str) -> Mark:
    """Write the mark of an autograded notebook, and take back a feedback page that shows an earlier one."""
    mark = Mark(digest, secrets.token_hex(8), gradebook.entry_of(notebook, student, timestamp))
    shutil.rmtree(paths.grading() / "feedback" / student / outline.assignment, ignore_errors=True)
    store.write(folder(outline.assignment) / f"{store.file_name(student)}.json", json.dumps(asdict(mark)))
    return mark


def digest_for(report: Report, digest: str) -> str:
    """The digest for a mark: if the grader itself failed it fits no submission, so that the next run tries again."""
    return "" if report.detail else digest


def get(assignment: str, student: str) -> Mark | None:
    """A student's mark, or None."""
    return _read(folder(assignment) / f"{store.file_name(student)}.json")


def all_of(assignment: str) -> list[Mark]:
    found = [_read(file) for file in sorted(folder(assignment).glob("[!.]*.json"))]
    return [mark for mark in found if mark is not None]


def _read(file: Path) -> Mark | None:
    if not file.exists():
        return None
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    entry = {**data["entry"], "unanswered": tuple(data["entry"]["unanswered"])}
    return Mark(data["digest"], data["stamp"], gradebook.Entry(**entry))


def _ledger(assignment: str) -> Path:
    elsewhere = hashlib.sha256(os.environ.get("GRADEBOOK", "").encode()).hexdigest()[:16]
    return folder(assignment) / f".recorded-{elsewhere}.json"  # one for each gradebook; a workspace may be moved


def recorded(assignment: str) -> dict[str, str]:
    """student -> the stamp of the mark that stands in the gradebook of now."""
    file = _ledger(assignment)
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def record(assignment: str, stamps: Mapping[str, str]) -> None:
    """Note that these marks stand in the gradebook. The caller holds the lock."""
    store.write(_ledger(assignment), json.dumps({**recorded(assignment), **stamps}))
