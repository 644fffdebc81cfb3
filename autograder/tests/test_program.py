"""From cells to a job: order, moments, what counts as attempted, what is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import program, skeleton
from autograder.job import Job
from autograder.program import Part
from autograder.student import GIVEN, SET_UP
from autograder.tests.conftest import RIGHT, released, stub


def parts(*sources, **checks):
    """Code cells, numbered from 1; a cell `check.double(double)` is a check of double."""
    return [Part(f"{number + 1}", source) for number, source in enumerate(sources)]


def made(outline, *sources):
    return program.of_parts(outline, "s01", parts(*sources), seed=1)


def order(job):
    """The program as words: a cell's label, or the exercise whose moment it is in brackets."""
    return [f"[{step.name}]" if step.kind == "moment" else step.name for step in job.steps]


def texts(job):
    return [note.text for note in job.notes]


class TestJob:
    def test_the_order(self, outline):
        helpers = [(0, "zero = 0"), (2, "two = zero"), (6, "six = two"), (99, "last = six"), (3, "print('dropped')")]
        answers = {**RIGHT, "W": "W = last"}
        job = program.job(outline, "s01", answers, helpers=helpers)
        assert [name for name, _ in job.cells] == [
            SET_UP,
            "added 1",
            "added 2",
            "double",
            "added 3",
            "square",
            "W",
            "added 4",
        ]

    def test_given_answers_come_first(self, outline):
        job = program.job(replace(outline, given="def earlier():\n    return 1"), "s01", RIGHT)
        assert [(step.kind, step.name) for step in job.steps[:2]] == [("module", GIVEN), ("cell", SET_UP)]

    def test_only_what_answers_need_runs(self, outline):
        job = program.job(outline, "s01", {**RIGHT, "why": "because", "test_double": "1 / 0"})
        assert [name for name, _ in job.cells] == [SET_UP, "double", "square", "W"]

    @pytest.mark.parametrize(
        "source", ["", " \n ", stub("double"), stub("double") + "\n\n", stub("double").replace("\n", "  \n")]
    )
    def test_not_attempted(self, outline, source):
        job = program.job(outline, "s01", {**RIGHT, "double": source})
        assert job.blank == ("double",) and "double" not in dict(job.cells)

    def test_attempted(self, outline):
        job = program.job(outline, "s01", {"double": stub("double") + "\nx = 1"})
        assert job.blank == ("square", "W") and "double" in dict(job.cells)

    def test_an_answer_that_makes_nothing_runs_whole_to_say_why(self, outline):
        job = program.job(outline, "s01", {**RIGHT, "double": "x = 1\nraise SystemExit"})
        assert "double" not in job.blank and [step.run for step in job.steps if step.name == "double"] == [(0, 1)]

    def test_a_whole_program(self, outline):
        job = program.job(outline, "s01", RIGHT, helpers=[(0, "print('kept')")], whole=True)
        assert ("added 1", "print('kept')") in job.cells

    def test_seeds(self, outline):
        assert program.job(outline, "s01", RIGHT, seed=0).seed == 0
        assert program.job(outline, "s01", RIGHT).seed != program.job(outline, "s01", RIGHT).seed

    def test_as_text_and_back(self, outline):
        job = made(outline, "x = 1", "def double(a):\n    return x", "check.double(double)", "double = 3")
        assert Job.from_json(job.to_json()) == job


class TestMoments:
    CHECK = "check.double(double)"

    def test_an_answer_is_taken_where_its_check_stands(self, outline):
        job = made(outline, "def double(x): return 1", self.CHECK, "def double(x): return 2")
        assert order(job) == [SET_UP, "1", "[double]"]
        assert any("made in several cells (cell 1, cell 3)" in text and "from cell 1" in text for text in texts(job))

    def test_of_several_checks_the_last(self, outline):
        job = made(outline, "def double(x): return 1", self.CHECK, "def double(x): return 2", self.CHECK)
        assert order(job) == [SET_UP, "3", "[double]"]

    def test_of_several_checks_the_last_that_had_passed(self, outline):
        cells = parts("def double(x): return 1", self.CHECK, "def double(x): return 2", self.CHECK)
        cells[1] = replace(cells[1], green=("double",))
        job = program.of_parts(outline, "s01", cells)
        assert order(job) == [SET_UP, "1", "[double]"] and job.green == ("double",)

    def test_an_answer_below_its_check(self, outline):
        job = made(outline, self.CHECK, "def double(x): return 1")
        assert order(job) == [SET_UP, "2", "[double]"] and "below its check" in texts(job)[0]

    def test_without_a_check_the_end(self, outline):
        assert order(made(outline, "def double(x): return 1", "print(1)"))[-1] == "[double]"

    def test_a_stub_left_behind_is_no_answer(self, outline):
        job = made(outline, "def double(x): return 1", stub("double"), self.CHECK)
        assert order(job) == [SET_UP, "1", "[double]"] and not texts(job)

    def test_of_a_stub_left_behind_no_placeholder_counts(self):
        """Its answer stands in another cell, with a helper that the stub leaves open too; what that gives counts."""
        notebook = released()
        cell = next(cell for cell in notebook.cells if cell.id == "double")
        cell.source = "class Given:\n    pass\n\n" + stub("helper").replace("helper", "double", 2)
        cell.source = cell.source.replace("def double", "def helper") + "\n\n" + stub("double")
        outline = skeleton.from_notebook(notebook, "a0_small", "small")
        own = "def helper(x): return 2 * x\n\ndef double(x): return helper(Given() and x)"
        job = made(outline, own, cell.source, self.CHECK)
        assert [(step.name, step.run) for step in job.steps if step.kind == "cell"][1:] == [("1", (0, 1)), ("2", (0,))]

    def test_a_check_of_another_name(self, outline):
        cells = [*parts("def mine(x): return 1"), Part("2", "check.double(mine)", checks=("double",))]
        job = program.of_parts(outline, "s01", cells)
        assert [(step.name, step.alias) for step in job.steps if step.kind == "moment"] == [("double", "mine")]
        assert "Your check asks `mine` as double" in texts(job)[0] and "double" not in job.blank


class TestUnreadableLines:
    def test_beside_an_answer(self, outline):
        job = made(outline, "def double(x):\n    return 1\n\nprint(double(1)")
        assert texts(job) == ["Cell 1: line 4 is not Python here, so it was left out."] and "double" not in job.blank

    def test_in_the_answer(self, outline):
        job = made(outline, "K = 3\ndef double(x)\n    return K")
        assert "double" not in job.blank and not texts(job)
        assert [step.run for step in job.steps if step.name == "1"] == [None]

    def test_of_two_answers_in_a_cell_one(self, outline):
        job = made(outline, "def double(x)\n    return 1\n\ndef square(x):\n    return x * x")
        assert job.blank == ("W",) and [step.run for step in job.steps if step.name == "1"] == [None, (0,)]


def test_torch_compile_is_said_to_be_off(outline):
    assert any("torch.compile is switched off" in text for text in texts(made(outline, "double = torch.compile(f)")))


def test_where_names_are_made(outline):
    job = made(outline, "softmax = 1", "def double(x): return softmax", "def softmax(x)\n  return 1")
    assert dict(job.origins)["softmax"] == ("1",)
