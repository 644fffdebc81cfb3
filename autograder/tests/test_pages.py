"""Reports as HTML: escaped, complete, and standing alone."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from autograder import pages
from autograder.report import ExerciseResult, Named, Report, TestResult
from autograder.tests.conftest import A1, no_links_out

EVIL = "</div></td><script>alert(1)</script><img src=x onerror=alert(2)> & 'quoted' \"twice\""
VOID = {"meta", "br", "img", "hr", "input", "link", "line", "rect"}


class Structure(HTMLParser):
    """Whether every tag is closed in order, and which tags there are."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.sound = [], set(), True
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.sound = False


@pytest.fixture
def report():
    tests = (
        TestResult("test_one", "One", 2.0, 2.0, "passed", "not shown"),
        TestResult("test_two", f"Two {EVIL}", 0.0, 1.5, "failed", EVIL, "hidden detail"),
        TestResult("test_three", "Three", 0.0, 1.0, "error", "of another form", "hidden detail"),
        TestResult("test_four", "Four", 0.0, 1.0, "skipped", "Not asked any more"),
    )
    exercises = (
        ExerciseResult("masked_attention", 2.0, 5.5, "partly", tests, Named("x", EVIL, EVIL)),
        ExerciseResult("head_output", 0.0, 2.0, "broken", tests[1:2], message=f"This cell did not run: {EVIL}"),
        ExerciseResult("W_first", 0.0, 2.0, "blank", (), message="Not attempted."),
    )
    return Report(A1, f"s01 {EVIL}", 7, exercises, (f"A note {EVIL}",), ("time",), detail="hidden detail")


def all_pages(report):
    return [pages.submission(report), pages.class_report([report, replace(report, submission="s02")])]


def test_student_text_is_escaped(report):
    fragments = [pages.exercise(result, report) for result in report.exercises]
    for page in [*all_pages(report), *fragments]:
        assert "<script" not in page and "<img" not in page.replace('<img src="data:', "")
        found = Structure(page)
        assert found.sound and not found.open and "script" not in found.tags


def test_pages_stand_alone(report):
    for page in all_pages(report):
        assert no_links_out(page) and page.lstrip().startswith("<!doctype html>") and 'charset="utf-8"' in page


def test_nothing_for_the_instructor_is_on_a_students_page(report):
    shown = pages.submission(report) + "".join(map(pages.text, report.exercises))
    assert "hidden detail" not in shown


def test_a_submissions_page_says_everything(report):
    page = pages.submission(report)
    assert "2 of 9.5 points" in page and "2 of 5.5 points" in page and "Seed 7" in page
    for said in (
        "A note",
        "One",
        "Three",
        "of another form",
        "Not asked any more",
        "This cell did not run",
        "Not attempted.",
    ):
        assert said in page
    assert "not shown" not in page  # a test that passed has nothing to say


def test_unsafe_is_marked_everywhere(report):
    unsafe = replace(report, isolation="unsafe")
    for page in [*all_pages(unsafe), *(pages.exercise(result, unsafe) for result in unsafe.exercises)]:
        assert "without isolation" in page
    for page in all_pages(report):
        assert "without isolation" not in page


def test_plain_text(report):
    text = pages.text(report.exercises[0])
    assert text.splitlines()[0] == "masked_attention: 2 of 5.5 points"
    assert "[failed] Two" in text and "[passed] One (2 / 2)" in text and "[error] Three" in text


@pytest.mark.parametrize(
    "value, shown",
    [(4, "4"), (4.0, "4"), (2.5, "2.5"), (10 / 3, "3.33"), (0, "0"), (100, "100"), (0.001, "0"), (19.999, "20")],
)
def test_points(value, shown):
    assert pages.points(value) == shown


def test_a_class_of_one_and_of_zeros(report):
    nothing = replace(report, exercises=tuple(replace(e, score=0.0) for e in report.exercises))
    for reports in ([report], [nothing], [nothing] * 3):
        assert "submissions" in pages.class_report(reports)
