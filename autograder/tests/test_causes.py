"""Why something did not run, as the report says it: where a missing name comes from, what the grader has."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest

from autograder import causes, program
from autograder.program import Part
from autograder.tests.conftest import RIGHT


@pytest.fixture
def graded(course, grader):
    """graded(cell, …, green=(…)) -> the report of the small notebook with these code cells and right answers below."""

    def run(*sources, green=(), **answers):
        parts = [Part(f"{number + 1}", source) for number, source in enumerate(sources)]
        parts += [Part(name, source, name, green=green) for name, source in {**RIGHT, **answers}.items()]
        return grader.grade(program.of_parts(course.outline, "s01", parts))

    return run


def said(report, name="double"):
    result = report.exercise(name)
    return "\n".join([result.message, *(test.message for test in result.tests)])


USES = "def double(x):\n    return helper(x)"


class TestMissingNames:
    def test_the_cell_that_makes_it_stopped(self, graded):
        report = graded("x = 1", "def times(n):\n    return 1 / 0\nhelper = times(2)", double=USES)
        text = said(report)
        assert "`helper` is made in cell 2, which stopped: your code raised ZeroDivisionError" in text
        assert any("In cell 2 a line that the answers need stopped" in note for note in report.notes)
        assert report.look_at and report.score == 5

    def test_no_cell_makes_it(self, graded):
        assert "No cell of the notebook makes `helper`." in said(graded(double=USES))

    def test_it_is_an_exercise_without_an_answer(self, graded):
        text = said(graded(double="def double(x):\n    return square(x)", square=""))
        assert "`square` is an exercise of its own, which has no answer yet." in text

    def test_what_failed_and_cost_nothing_is_for_the_student_alone(self, graded):
        report = graded("helper = 1 / 0", double="def double(x, y=lambda: helper):\n    return SCALE * x")
        assert report.score == 9 and "In cell 1" in report.notes[0] and report.look_at == ()


class TestWhatTheGraderHas:
    def test_a_library_that_it_lacks(self, graded):
        text = said(graded("import nosuchlibrary as helper", double=USES))
        assert "The grader has no library `nosuchlibrary`." in text and "einops" in text

    def test_an_import_that_nothing_needs_costs_nothing(self, graded):
        report = graded("import nosuchlibrary\nimport math", double="def double(x):\n    return x * math.sqrt(4)")
        assert report.score == 9 and report.notes == ()

    @pytest.mark.skipif(platform.python_version_tuple()[:2] >= ("3", "12"), reason="this Python reads it")
    def test_code_of_a_newer_python(self, graded):
        source = 'def double(x):\n    s = f"{\'a\' + "b"}"\n    return 2 * x'
        report = graded(double=source)
        assert "This needs Python 3.12 (line 2: " in said(report) and platform.python_version() in said(report)

    def test_the_report_names_the_versions(self, graded):
        assert graded().versions.startswith(f"Python {platform.python_version()}, torch 2.")


class TestGreen:
    def test_green_and_yet_half_lost_is_for_a_persons_eye(self, graded):
        report = graded(green=("double",), double="def double(x):\n    return 0 * x")
        assert f"double: {causes.GREEN}" in report.look_at
        assert any("The check of double was green" in note for note in report.notes)

    def test_green_and_right_is_nothing_to_look_at(self, graded):
        assert graded(green=("double", "square", "W")).look_at == ()


class TestStatements:
    """Each runs by itself: what fails, hangs or ends the process beside an answer costs it nothing."""

    @pytest.mark.parametrize(
        "beside",
        [
            "1 / 0",
            "x = undefined",
            "input('?')",
            "display(double(1))",
            "await something()",
            "import sys; sys.exit()",
            "raise KeyboardInterrupt",
            "import os; os._exit(0)",
            "while True: pass",
            "get_ipython().run_line_magic('matplotlib', 'inline')",
            "!pip install torch",
            "assert double(1) == 3",
            "double?",
            "print(double(1)",
            "return double",
        ],
    )
    @pytest.mark.parametrize("order", [1, -1])
    def test_beside_an_answer(self, graded, beside, order):
        report = graded(double="\n".join([RIGHT["double"], beside][::order]))
        assert report.exercise("double").status == "right", said(report)

    @pytest.mark.parametrize(
        "needed",
        [
            "def slow():\n    while True: pass\nscale = slow()",
            "def slow():\n    import os\n    os._exit(0)\nscale = slow()",
            "scale = [0] * 10**12",
            "def deep(n): return deep(n + 1)\nscale = deep(0)",
        ],
        ids=["hangs", "exits", "memory", "recursion"],
    )
    def test_what_an_answer_needs_costs_that_answer_alone(self, graded, needed):
        report = graded(needed, double="def double(x):\n    return 2 * x if scale else scale")
        assert report.exercise("double").score == 0 and report.score == 5
        assert "`scale` is made in cell 1, which stopped" in said(report)

    def test_a_limit_is_said_in_the_graders_words(self, graded):
        forged = "class TookTooLong(Exception): pass\ndef double(x):\n    raise TookTooLong('9 of 9 points')"
        assert "your code raised TookTooLong: 9 of 9 points" in said(graded(double=forged))


def test_states_are_those_of_the_checks(course, grader):
    """An exercise is asked for with the globals that its check saw, whatever later cells make of them."""
    cells = [
        "SCALE = 2",
        RIGHT["double"],
        "check.double(double)",
        "SCALE = 5",
        "def double(x): return None",
        RIGHT["W"],
    ]
    cells += [RIGHT["W"], "def square(x):\n    return x * x * SCALE / 5", "check.square(square)", "SCALE = 7"]
    parts = [Part(f"{number + 1}", source) for number, source in enumerate(cells)]
    report = grader.grade(program.of_parts(course.outline, "s01", parts))
    assert [result.status for result in report.exercises] == ["right", "right", "right"]


def test_a_process_that_died_comes_back_in_the_same_state(course, grader):
    cells = [
        "SCALE = 2",
        "def double(x):\n    if isinstance(x, int) and x > 9: import os; os._exit(1)\n    return SCALE * x",
    ]
    cells += ["check.double(double)", "SCALE = 9", RIGHT["square"], RIGHT["W"]]
    parts = [Part(f"{number + 1}", source) for number, source in enumerate(cells)]
    report = grader.grade(replace(program.of_parts(course.outline, "s01", parts)))
    tests = {test.name: test.status for test in report.exercise("double").tests}
    assert tests == {"test_numbers": "passed", "test_zero": "passed", "test_plain_assert": "failed"}
