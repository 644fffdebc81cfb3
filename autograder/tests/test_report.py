"""Reports as data, and on disk."""

from __future__ import annotations

import json
import os
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import store
from autograder.report import ExerciseResult, Named, Report, TestResult

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
POINTS = st.floats(0, 100)
REPORTS = st.builds(
    Report,
    assignment=TEXT,
    submission=TEXT,
    seed=st.integers(0, 2**48),
    exercises=st.lists(
        st.builds(
            ExerciseResult,
            name=TEXT,
            score=POINTS,
            max_score=POINTS,
            status=st.sampled_from(["right", "partly", "wrong", "broken", "blank"]),
            tests=st.lists(st.builds(TestResult, TEXT, TEXT, POINTS, POINTS, TEXT, TEXT, TEXT), max_size=2).map(tuple),
            mistake=st.none() | st.builds(Named, TEXT, TEXT, TEXT),
            message=TEXT,
        ),
        max_size=3,
    ).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple),
    stopped=st.lists(TEXT, max_size=2).map(tuple),
    seconds=st.floats(0, 1000),
    detail=TEXT,
    outcomes=st.none() | st.dictionaries(TEXT, st.lists(POINTS, max_size=2) | TEXT, max_size=2),
)


def report(submission="s01", **changes):
    test = TestResult("test_one", "One", 2.0, 2.0, "passed")
    exercise = ExerciseResult(
        "double", 2.0, 4.0, "partly", (test, replace(test, name="test_two", score=0, status="failed"))
    )
    return replace(Report("a0_small", submission, 7, (exercise,)), **changes)


@given(REPORTS)
@settings(max_examples=60, deadline=None)
def test_through_json_and_back(one):
    assert Report.from_json(one.to_json()) == one
    assert "\n" not in one.to_json()  # a report is a line


def test_sums():
    one = report()
    two = replace(one, exercises=(*one.exercises, ExerciseResult("square", 1.5, 3, "partly")))
    assert (two.score, two.max_score) == (3.5, 7)
    assert two.exercise("square").score == 1.5
    with pytest.raises(KeyError):
        two.exercise("missing")


def test_reports_do_not_change():
    with pytest.raises(FrozenInstanceError):
        report().seed = 3


def test_an_unknown_version_of_the_document_is_not_misread():
    data = json.loads(report().to_json())
    with pytest.raises(TypeError):
        Report.from_dict({**data, "grade_of_a_later_version": 1})


class TestStore:
    @pytest.fixture(autouse=True)
    def workspace(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GRADING", str(tmp_path / "grading"))

    def test_saved_and_loaded(self):
        for name in ("s02", "s01"):
            store.save(report(name))
        assert [one.submission for one in store.load_all("a0_small")] == ["s01", "s02"]
        assert store.load_all("another") == []

    def test_a_later_report_takes_the_place_of_the_earlier(self):
        store.save(report())
        store.save(report(seed=8))
        assert [one.seed for one in store.load_all("a0_small")] == [8]

    def test_nothing_half_written(self, monkeypatch):
        """The process ends between writing and renaming: what was there is still there, and readable."""
        store.save(report())

        def stop(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            store.save(report(seed=8))
        assert [one.seed for one in store.load_all("a0_small")] == [7]

    @pytest.mark.parametrize(
        "name",
        [
            "../../x",
            "/etc/passwd",
            "..",
            ".hidden",
            "a/b",
            "a\x00b",
            "\udc80",
            "",
            "n" * 400,
            "中" * 200,
            "a\nb",
            "<b>",
        ],
    )
    def test_any_name_is_a_file_name_in_its_folder(self, name):
        file = store.save(report(name))
        assert file.parent == store.folder("a0_small") and file.exists() and not file.name.startswith(".")
        assert len(store.load_all("a0_small")) == 1

    def test_changed_names_stay_apart(self):
        names = ["n" * 400 + "1", "n" * 400 + "2", "a/b", "a_b", "a\nb", "\udc80", "", ".", "a b"]
        files = [store.file_name(name) for name in names]
        assert len(set(files)) == len(names) and [store.file_name(file) for file in files] == files
        assert store.file_name("s01@uni.org") == "s01@uni.org"
