"""From cells to a job: magics, helpers, order, what counts as attempted."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import program
from autograder.program import harmless, without_magics
from autograder.student import GIVEN, SET_UP
from autograder.tests.conftest import RIGHT, stub


class TestMagics:
    @pytest.mark.parametrize(
        "source, left",
        [
            ("%matplotlib inline\nx = 1", "\nx = 1"),
            ("!pip install torch\nx = 1", "\nx = 1"),
            ("?print\nx = 1", "\nx = 1"),
            ("print?\nx = 1", "\nx = 1"),
            ("np.linalg.norm??\nx = 1", "\nx = 1"),
            ("files = !ls\nx = 1", "\nx = 1"),
            ("a, b = %timeit -o f()\nx = 1", "\nx = 1"),
            ("if True:\n    %time f()\nx = 1", "if True:\n    pass\nx = 1"),
            ("%%time\nx = 1", "x = 1"),
            ("%%time\n%matplotlib inline\nx = 1", "\nx = 1"),
            ("%%capture out\n!ls\nx = 1", "\nx = 1"),
            ("%%bash\nrm -rf /", ""),
            ("%%", ""),
            ("%%html\n<b>", ""),
            ("s = '('\n%matplotlib inline\nx = 1", "s = '('\n\nx = 1"),
            ("s = 1  # (\n!ls\nx = 1", "s = 1  # (\n\nx = 1"),
        ],
    )
    def test_are_dropped(self, source, left):
        assert without_magics(source) == left
        ast.parse(left)

    @pytest.mark.parametrize(
        "source",
        [
            "x = (7\n% 4)",
            "x = 7 \\\n  % 4",
            'text = """\n%matplotlib inline\n!ls\n"""',
            "x = a != b",
            "def f(a):\n    return a % 2",
            "'a' 'b'\n[1,\n2]",
            "",
        ],
    )
    def test_python_is_left_alone(self, source):
        assert without_magics(source) == source

    def test_a_remainder_in_brackets_survives_beside_a_magic(self):
        assert without_magics("%matplotlib inline\nx = (7\n% 4)") == "\nx = (7\n% 4)"

    def test_line_numbers_stay(self):
        source = "%matplotlib inline\n\ndef f():\n    return 1\n!ls\ny = 2"
        assert without_magics(source).count("\n") == source.count("\n")

    @given(st.text(st.sampled_from("%!?()[]'\"\n =xf:#\\\t")))
    @settings(max_examples=200, deadline=None)
    def test_never_fails(self, source):
        without_magics(source)
        harmless(source)


class TestHelpers:
    @pytest.mark.parametrize(
        "source",
        [
            "import math",
            "from math import *",
            "def f():\n    return 1",
            "@property\ndef f(self):\n    return 1",
            "class A:\n    x = 1",
            "x = 1\ny: int = 2\nz: str",
            "W = np.array([[0, 5]])",
            "square = lambda x: np.square(x)",
            "index = {c: i for i, c in enumerate('abc')}",
            "'''only text'''",
            "a, b = (1, 2), [3]",
        ],
    )
    def test_kept(self, source):
        assert harmless(source) == source

    @pytest.mark.parametrize(
        "source",
        [
            "print('x')",
            "train()",
            "while True:\n    pass",
            "for i in range(3):\n    x = i",
            "x = model(idx)",
            "if True:\n    import os",
            "with open('x') as f:\n    pass",
            "x += 1",
            "del x",
            "assert f(1) == 2",
            "this does not parse",
            "",
            "# a remark",
        ],
    )
    def test_dropped(self, source):
        assert harmless(source) == ""

    def test_the_harmless_part_of_a_mixed_cell_stays(self):
        """A helper and a line that tries it out stand in one cell more often than not."""
        source = "import math\ndef helper(x):\n    return x + 1\n\nprint(helper(2))\nplt.plot(\n    [1],\n)\nK = 3"
        left = harmless(source)
        assert left == "import math\ndef helper(x):\n    return x + 1\n\n\n\n\n\nK = 3"

    def test_two_statements_on_a_line(self):
        assert harmless("x = 1; print(x)") == ""
        assert harmless("x = 1; print(x)\ny = 2") == "\ny = 2"


class TestJob:
    def test_the_order(self, outline):
        helpers = [(0, "zero = 0"), (2, "two = 2"), (6, "six = 6"), (99, "last = 1"), (3, "print('dropped')")]
        job = program.job(outline, "s01", RIGHT, helpers=helpers)
        names = [name for name, _ in job.cells]
        assert names[0] == SET_UP
        sources = [source for _, source in job.cells]
        order = [
            sources.index(text)
            for text in ("zero = 0", "two = 2", RIGHT["double"], "six = 6", RIGHT["square"], "last = 1")
        ]
        assert order == sorted(order)
        assert "print('dropped')" not in sources

    def test_given_answers_come_first(self, outline):
        from dataclasses import replace

        job = program.job(replace(outline, given="def earlier():\n    return 1"), "s01", RIGHT)
        assert [name for name, _ in job.cells[:2]] == [GIVEN, SET_UP]

    def test_only_solution_cells_run(self, outline):
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

    def test_magics_in_an_answer(self, outline):
        job = program.job(outline, "s01", {**RIGHT, "double": "%matplotlib inline\n" + RIGHT["double"]})
        assert dict(job.cells)["double"] == "\n" + RIGHT["double"]

    def test_seeds(self, outline):
        assert program.job(outline, "s01", RIGHT, seed=0).seed == 0
        assert program.job(outline, "s01", RIGHT).seed != program.job(outline, "s01", RIGHT).seed
