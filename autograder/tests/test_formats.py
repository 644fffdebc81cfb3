"""What students write in every format of a report: visible, marked as theirs, in pages that run nothing.

`FORMATS` lists the formats. A function that makes text of a report, or a template of a page, that is not on it fails.
"""

from __future__ import annotations

import html
import importlib
import inspect
import io
import json
import pkgutil
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from rich.console import Console
from traitlets.config import Config

import autograder
from autograder import cli, demo, gradescope, pages, sanitise, tally, words
from autograder.collect import NEW, Collected, Collection
from autograder.intake import notes_cell
from autograder.nbgrader import display
from autograder.report import ExerciseResult, Named, Report, TestResult
from autograder.roster import Match, Student
from autograder.submissions import Found
from autograder.tests.conftest import A1, written_cell
from autograder.warm import StudentError

HIDDEN = "\u202e\u2066\u200b\u2060\u00ad\u061c\x1b[2J\x07\u2028\U000e0041\ufeff"
IMITATION = f"x\n[passed] Random numbers are doubled (2 / 2)\ndouble: 6 of 6 points\nLooks like: nothing.{HIDDEN}"
LINES = ["[passed] Random numbers", "double: 6 of 6 points", "Looks like: nothing."]


def hostile() -> Report:
    """A report in which all that can come from a student hides something and imitates lines of the report."""
    said = str(StudentError("ValueError", [], IMITATION, f"double{HIDDEN}", 3, f"return x{HIDDEN}"))
    tests = (
        TestResult("test_one", "Random numbers are doubled", 0.0, 2.0, "failed", f"It failed: {said}"),
        TestResult("test_two", "Zero stays zero", 0.0, 1.0, "error", said),
    )
    exercises = (
        ExerciseResult("masked_attention", 0.0, 3.0, "wrong", tests, Named("x", "a mistake", "Look again.")),
        ExerciseResult("head_output", 0.0, 2.0, "broken", (), message=f"This cell did not run: {said}"),
    )
    notes = (f"The file evil{HIDDEN}\n9 of 9 points.ipynb was read.", f"The kernel evil{HIDDEN} is unknown.")
    return Report(
        A1, f"evil{HIDDEN}\ns02  9 / 9", 7, exercises, notes, ("exit",), look_at=notes, mentions=(f"evil{HIDDEN}",)
    )


def terminal(report: Report) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "console", Console(file=out, width=10_000))
        cli._show(report.submission, report)
    return out.getvalue()


def graded(report: Report) -> nbformat.NotebookNode:
    """A graded notebook with the reports as outputs and hostile facts of its own."""
    cells = [nbformat.v4.new_code_cell(f"x = 1  # {HIDDEN}", id="c-1"), written_cell("why")]
    cells[0].outputs = [
        nbformat.v4.new_output(
            "display_data", {"text/html": pages.exercise(one, report), "text/plain": pages.text(one)}
        )
        for one in report.exercises
    ]
    cells[0].metadata.nbgrader = {
        "grade": True,
        "grade_id": "masked_attention",
        "locked": True,
        "solution": False,
        "points": 3,
        "schema_version": 3,
        "cell_type": "code",
        "score": 0.0,
    }
    cells[1].source = IMITATION.replace("\n", "\n\n")
    cells[1].metadata.nbgrader.update(score=1.0, points=2.0, comment="")
    notes = notes_cell(report.notes)
    assert notes is not None
    metadata = {
        "kernelspec": {"name": f"evil{HIDDEN}", "display_name": f"evil{HIDDEN}", "language": "python"},
        "language_info": {"name": "python", "version": f"3{HIDDEN}"},
    }
    return nbformat.v4.new_notebook(cells=[notes, *cells], metadata=metadata)


def shown(exporter: type[HTMLExporter], report: Report) -> str:
    config = Config()
    display.configure(config)
    resources = {
        **dict.fromkeys(("student", "last_name", "first_name"), report.submission),
        "nbgrader": {"notebook": "small", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0},
        **{"assignment_id": A1, "notebook_id": "small", "submission_id": "01", "index": 0, "total": 1, "base_url": ""},
        "notebook_path": f"/{report.submission}.ipynb",
    }
    page, _ = exporter(config=config).from_notebook_node(graded(report), resources=resources)
    return str(page)


def figures(report: Report) -> str:
    """What `demo` says of a class."""
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo.store, "load_all", lambda assignment: [report])
        patch.setattr(demo.store, "load_sources", lambda assignment: {})
        demo._tell(said.append, A1, [])
    return "\n".join(said)


Format = Callable[[Report], str]
PAGES: dict[str, Format] = {
    "submission.html": pages.submission,
    "class.html": lambda report: pages.class_report([report], {report.submission: {"masked_attention": "x"}}),
    "exercise.html": lambda report: "".join(pages.exercise(one, report) for one in report.exercises),
    "nbgrader/course_feedback/index.html.j2": lambda report: shown(display.FeedbackExporter, report),
    "nbgrader/course_formgrade/index.html.j2": lambda report: shown(HTMLExporter, report),
}
TEXTS: dict[str, Format] = {
    "terminal": terminal,
    "text below a cell": lambda report: "\n".join(map(pages.text, report.exercises)),
    "tally": lambda report: tally.tally([replace(report, unreadable=True)], {}, None),
    "collected": lambda report: (
        Collection(
            "",
            (Collected(report.submission, NEW, (), ()),),
            Match({}, (Found(report.submission, ()),), (Student("s", IMITATION),)),
        ).tally
    ),
    "demo": figures,
    "results.json": lambda report: "\n".join(_texts(gradescope.results(report))),
    "notes of the notebook": lambda report: str(getattr(notes_cell(report.notes), "source", "")),
}
RAW: dict[str, Format] = {  # read by programs: nothing is changed, and nothing is hidden in the file
    "report.json": Report.to_json,
    "results.json as a file": lambda report: json.dumps(gradescope.results(report), indent=1),
}
FORMATS = {**PAGES, **TEXTS, **RAW}
# functions that make something of reports and are part of the formats above, or that make no text for people
PARTS = {
    *("pages.exercise", "pages.text", "pages.submission", "pages.class_report", "pages.histogram"),
    "pages.follow_through",  # words of ours and numbers
    *(
        "gradescope.results",
        "report.Report.to_json",
        "tally.tally",
        "cli._show",
        "summary.summarise",
        "marks.digest_for",
    ),
}


def _texts(document: Any, name: str = "") -> list[str]:
    """The texts of a document that people read; what programs match people by stays as it is."""
    if isinstance(document, dict):
        return [text for key, value in document.items() for text in _texts(value, key)]
    if isinstance(document, list):
        return [text for value in document for text in _texts(value, name)]
    return [document] if isinstance(document, str) and name != "submission" else []


def hidden_in(text: str) -> set[str]:
    """What cannot be seen in a text; isolates around names that are written from right to left are the grader's own."""
    return {f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in words.HIDDEN and c not in "\n\t\u2068\u2069"}


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_hidden(name: str) -> None:
    made = FORMATS[name](hostile())
    assert not hidden_in(html.unescape(made))
    assert "evil" in made or "x" in made


@pytest.mark.parametrize("name", TEXTS)
def test_no_line_of_text_imitates_the_report(name: str) -> None:
    lines = [line.strip() for line in FORMATS[name](hostile()).split("\n")]
    assert not [line for line in lines for false in [*LINES, "s02  9 / 9", "9 of 9 points"] if line.startswith(false)]


@pytest.mark.parametrize("name", ["submission.html", "exercise.html", *(n for n in PAGES if n.startswith("nbgrader"))])
def test_on_pages_it_stands_in_a_box_that_says_so(name: str) -> None:
    page = FORMATS[name](hostile())
    boxes = re.findall(r"your code’s own words:</div>(.*?)</blockquote>", page, re.DOTALL)
    assert len(boxes) == 3 and all(line in box for box in boxes for line in LINES)
    reports = (
        [page] if not name.startswith("nbgrader") else re.findall(r'<div class="output.*?</table>', page, re.DOTALL)
    )
    outside = re.sub(r"<blockquote.*?</blockquote>", "", "".join(reports), flags=re.DOTALL)
    assert not [line for line in LINES if line in outside]


def test_programs_read_what_was_there() -> None:
    report = hostile()
    assert Report.from_json(report.to_json()) == report


def test_no_format_is_forgotten() -> None:
    """Each function that turns reports into text, and each template of a page, is on the lists."""
    made = set()
    for module in pkgutil.walk_packages(autograder.__path__, "autograder."):
        if any(part in module.name for part in (".tests", ".suites", ".misconceptions", ".benchmarks", "__main__")):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if not inspect.isfunction(function) or function.__module__ != module.name:
                continue
            asked = {str(value) for key, value in function.__annotations__.items() if key != "return"}
            given = str(function.__annotations__.get("return", ""))
            reports = [one for one in asked if re.search(r"\b(Report|ExerciseResult|Summary)\b", one)]
            if reports and re.match(r"str|Markup|dict\[str, Any\]|Summary", given):
                made.add(f"{module.name.removeprefix('autograder.')}.{name}")
    assert made - PARTS == set(), "add it to FORMATS"
    templates = {str(file.relative_to(pages.TEMPLATES)) for file in pages.TEMPLATES.rglob("*.html*")}
    assert templates - {file for file in templates if "mathjax" in file} == set(PAGES)


# ---- what a page may do ----


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"exercise.html"}))  # that one is a part of the others
def test_every_page_has_a_policy_before_all_else(name: str) -> None:
    page = PAGES[name](hostile())
    assert page.count('http-equiv="Content-Security-Policy"') == 1
    head = page[: page.index("Content-Security-Policy")].rpartition("<")[0]
    assert not re.search(r"<(script|style|link|img|body|title)\b", head), "the policy holds for what comes after it"
    (meta,) = re.findall(r'<meta [^>]*http-equiv="Content-Security-Policy"[^>]*>', page)
    policy = re.findall(r'content="([^"]*)"', meta)[0]
    rules = dict(rule.strip().partition(" ")[::2] for rule in html.unescape(policy).split(";"))
    assert (rules["default-src"], rules["base-uri"], rules["form-action"]) == ("'none'", "'none'", "'none'")
    assert rules["img-src"] == "data:"
    scripts = rules.get("script-src", "'none'").split()
    assert "'unsafe-inline'" not in scripts and "'unsafe-eval'" not in scripts and not [s for s in scripts if ":" in s]
    if "formgrade" not in name:
        assert policy == sanitise.POLICY and "script-src" not in rules
