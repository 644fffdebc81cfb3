"""A report as Gradescope's results.json. Our own facts stand under `extra_data`."""

from __future__ import annotations

from typing import Any

from autograder import pages
from autograder.report import Report


def results(report: Report) -> dict[str, Any]:
    """The document that Gradescope reads: score, output, and one entry per hidden test."""
    tests = []
    for exercise in report.exercises:
        for test in exercise.tests:
            hint = f"\nLooks like: {exercise.mistake.title}. {exercise.mistake.hint}" if exercise.mistake else ""
            failed = test.status != "passed"
            tests.append(
                {
                    "name": f"{exercise.name}: {test.title}",
                    "score": test.score,
                    "max_score": test.max_score,
                    "status": "failed" if failed else "passed",
                    "output": (test.message + hint) if failed else "",
                    "visibility": "visible",
                }
            )
    unsafe = ["Graded without isolation (--unsafe)."] if report.isolation != "isolated" else []
    return {
        "score": round(report.score, 4),
        "max_score": round(report.max_score, 4),
        "execution_time": round(report.seconds),
        "output": "\n".join([*unsafe, *report.notes]),
        "visibility": "visible",
        "tests": tests,
        "extra_data": {
            "version": report.version,
            "assignment": report.assignment,
            "submission": report.submission,
            "seed": report.seed,
            "isolation": report.isolation,
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
