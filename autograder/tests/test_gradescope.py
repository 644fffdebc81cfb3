"""results.json as Gradescope documents it: keys, types, values."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder import gradescope
from autograder.report import ExerciseResult, Named, Report, TestResult

# gradescope-autograders.readthedocs.io, "Output format"
DOCUMENT = {
    "score": float,
    "execution_time": int,
    "output": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
}
TEST = {
    "score": float,
    "max_score": float,
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}
VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}


def one(status, score=1.0, message="", detail=""):
    return TestResult(f"test_{status}", f"Title of {status}", score, 2.0, status, message, detail)


@pytest.fixture
def report():
    mistake = Named("no_scale", "no scale", "Divide by the root.")
    tests = (
        one("passed", 2.0),
        one("failed", 0.0, "too far off", "hidden detail"),
        one("error", 0.0, "of another form", "hidden detail"),
    )
    exercises = (
        ExerciseResult("first", 2.0, 6.0, "partly", tests, mistake),
        ExerciseResult("second", 0.0, 2.0, "blank", (one("skipped", 0.0, "Not attempted."),), message="Not attempted."),
        ExerciseResult("third", 0.0, 2.0, "broken", (), message="This cell did not run."),
    )
    return Report("a0_small", "s01", 7, exercises, ("A note.",), ("time",), seconds=3.7, detail="hidden detail")


def matches(value, kind):
    return (type(value) in (int, float)) if kind is float else type(value) is kind


def test_keys_and_types(report):
    document = gradescope.results(report)
    assert set(document) <= set(DOCUMENT)
    assert all(matches(value, DOCUMENT[key]) for key, value in document.items())
    assert document["visibility"] in VISIBLE and document["execution_time"] == 4
    for test in document["tests"]:
        assert set(test) <= set(TEST) and all(matches(value, TEST[key]) for key, value in test.items())
        assert test["visibility"] in VISIBLE and test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_scores_and_statuses(report):
    document = gradescope.results(report)
    assert document["score"] == 2
    assert [test["status"] for test in document["tests"]] == ["passed", "failed", "failed", "failed"]
    assert document["tests"][0]["name"] == "first: Title of passed"
    assert sum(test["score"] for test in document["tests"]) == document["score"]


def test_what_is_said(report):
    document = gradescope.results(report)
    passed, failed, *_ = document["tests"]
    assert passed["output"] == ""
    assert "too far off" in failed["output"] and "Looks like: no scale. Divide by the root." in failed["output"]
    assert "A note." in document["output"]
    extra = document["extra_data"]
    assert (extra["seed"], extra["stopped"], extra["isolation"]) == (7, ["time"], "isolated")
    assert [exercise["mistake"] for exercise in extra["exercises"]] == ["no_scale", None, None]


def test_nothing_for_the_instructor_gets_out(report):
    assert "hidden detail" not in json.dumps(gradescope.results(report))


def test_unsafe_is_marked(report):
    assert "without isolation" in gradescope.results(replace(report, isolation="unsafe"))["output"]
    assert "isolation" not in gradescope.results(report)["output"]
