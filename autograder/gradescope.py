"""A report as Gradescope's results.json (schemas/gradescope_results.json). Our own facts stand under `extra_data`.

What students read in it is marked and made visible as everywhere (`words`); names that programs match by, such as the
submission's, stay as they are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from autograder import pages, words
from autograder.report import Report

SCHEMA = Path(__file__).parent / "schemas" / "gradescope_results.json"


def problems(document: dict[str, Any]) -> list[str]:
    """Where a document departs from the format that Gradescope documents; empty when it does not."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(document)]


@cache
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def results(report: Report) -> dict[str, Any]:
    """The document that Gradescope reads: score, output, and one entry per hidden test."""
    tests = []
    for exercise in report.exercises:
        for test in exercise.tests:
            named = exercise.mistake
            hint = f"\nLooks like: {named.title}. {named.hint}".rstrip() if named else ""
            failed = test.status != "passed"
            tests.append(
                {
                    "name": f"{exercise.name}: {test.title}",
                    "score": test.score,
                    "max_score": test.max_score,
                    "status": "failed" if failed else "passed",
                    "output": (words.plain(test.message) + hint) if failed else "",
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
    again = [f"{one.name}: {pages.follow_through(one)}" for one in report.exercises if one.follow_through]
    notes = [words.line(note, 1000) for note in report.notes]
    return {
        "score": round(report.score, 4),
        "execution_time": round(report.seconds),
        "output": "\n".join(filter(None, [report.isolation_note, *notes, *again])),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
        "extra_data": {
            "version": report.version,
            "assignment": report.assignment,
            "submission": report.submission,
            "seed": report.seed,
            "max_score": round(report.max_score, 4),
            "isolation": report.isolation,
            "versions": report.versions,
            "stopped": list(report.stopped),
            "exercises": [
                {
                    "name": exercise.name,
                    "score": exercise.score,
                    "max_score": exercise.max_score,
                    "status": exercise.status,
                    "mistake": exercise.mistake.name if exercise.mistake else None,
                    "text": pages.text(exercise),
                }
                for exercise in report.exercises
            ],
        },
    }
