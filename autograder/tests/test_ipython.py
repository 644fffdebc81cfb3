"""Magics, shell lines and help requests become Python where they stand."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.ipython import parses, plain
from autograder.statements import statements


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1",
        "!pip install torch\nx = 1",
        "?print\nx = 1",
        "print?\nx = 1",
        "np.linalg.norm??\nx = 1",
        "files = !ls\nx = 1",
        "a = %timeit -o f()\nx = 1",
        "if True:\n    %time f()\nx = 1",
        "%%time\nx = 1",
        "%%time\n%matplotlib inline\nx = 1",
        "%%capture out\n!ls\nx = 1",
        "\n\n%%prun\nx = 1",
        "s = '('\n%matplotlib inline\nx = 1",
        "s = 1  # (\n!ls\nx = 1",
        "%time x = 1",
        "%matplotlib inline\nx = (7\n% 4)",
    ],
)
def test_what_a_cell_defines_is_still_there(source):
    assert "x" in {name for one in statements(plain(source)) for name in one.defines}


@pytest.mark.parametrize(
    "source", ["%%bash\nrm -rf /", "%%", "%%html\n<b>", "%%javascript\nx = 1", "%%time", "%%timeit\nx = 1"]
)
def test_cells_in_other_languages_are_empty(source):
    assert ast.parse(plain(source)).body == []


def test_a_written_file_is_still_written():
    (one,) = statements(plain("%%writefile helper.py\nx = 1"))
    assert one.always and not one.defines


@pytest.mark.parametrize(
    "source",
    [
        "x = (7\n% 4)",
        "x = 7 \\\n  % 4",
        'text = """\n%matplotlib inline\n!ls\n"""',
        "x = a != b",
        "def f(a):\n    return a % 2",
        "'a' 'b'\n[1,\n2]",
        "await f()",
        "",
    ],
)
def test_python_is_left_alone(source):
    assert plain(source) == source


@pytest.mark.parametrize("source", ["%matplotlib inline\n\ndef f():\n    return 1\n!ls\ny = 2", "%%time\n\ny = 2"])
def test_lines_stay_where_they_were(source):
    assert plain(source).split("\n")[-1] == "y = 2" and plain(source).count("\n") == source.count("\n")


@given(st.text(st.sampled_from("%!?()[]'\"\n =xf:#\\\t")))
@settings(max_examples=200, deadline=None)
def test_never_fails(source):
    if parses(plain(source)):
        statements(plain(source))
