"""Edits as hunks: what they say, where they fit, and that the edit between two texts makes one of the other."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder import hunks

BASE = """def f(x):
    y = x + 1

    return y


def g(x):
    return y
"""


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        ("-    y = x + 1\n+    y = x + 2", "    y = x + 1\n", "    y = x + 2\n"),
        ("-    y = x + 1", "    y = x + 1\n", ""),
        (" def g(x):\n+    y = 2 * x", "def g(x):\n", "def g(x):\n    y = 2 * x\n"),
        ("+# why\n def f(x):", "def f(x):\n", "# why\ndef f(x):\n"),
        (" def g(x):\n-    return y\n+    return x", "def g(x):\n    return y\n", "def g(x):\n    return x\n"),
        ("     y = x + 1\n-\n-    return y\n+    return 0", "x + 1\n\n    return y\n", "x + 1\n    return 0\n"),
        ("     y = x + 1\n-\n+\n+    y += 1", "x + 1\n\n", "x + 1\n\n    y += 1\n"),
    ],
    ids=["one line", "out", "below a line", "above a line", "context", "an empty line", "an empty line stays"],
)
def test_lines_go_and_come(edit, old, new):
    assert hunks.apply(BASE, edit) == BASE.replace(old, new, 1)


def test_empty_lines_end_a_hunk_and_their_order_does_not_matter():
    edits = [" def g(x):\n-    return y\n+    return x", "-    y = x + 1\n+    y = x + 2"]
    one, other = (hunks.apply(BASE, separator.join(edits)) for separator in ("\n\n", "\n\n\n"))
    assert one == other == hunks.apply(BASE, "\n\n".join(reversed(edits)))
    assert one == BASE.replace("x + 1", "x + 2").replace("def g(x):\n    return y", "def g(x):\n    return x")


def test_a_hunk_is_looked_for_in_the_text_as_it_was():
    """What one hunk puts in, another one does not find."""
    edit = "-    y = x + 1\n+    y = x + 2"
    with pytest.raises(ValueError, match=r"hunk 2 fits nowhere: no line reads `    y = x \+ 2`"):
        hunks.apply(BASE, f"{edit}\n\n-    y = x + 2\n+    y = x + 3")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ("-    return y\n+    return x", "hunk 1 fits 2 times, from lines 4, 8: add a line above or below"),
        ("-    y = x + 2", "hunk 1 fits nowhere: no line reads `    y = x + 2`"),
        ("-y = x + 1", "no line reads `y = x + 1`; with other spaces in front, line 2 does"),
        (
            "-    y = x + 1\n-    return y",
            "hunk 1 fits nowhere: each of its lines is there, but not one under the other",
        ),
        ("-def g(x):\n+def h(x):\n\n+    y = 2", "hunk 2 does not say where"),
        (" def g(x):", "hunk 1 takes nothing out and puts nothing in"),
        ("-def g(x):\n+def h(x):\n\ndef g(x):\n-    return y", "hunk 2: a line begins with -, + or a space"),
        ("-    y = x + 1\n\n-def g(x):\n\n def f(x):\n-    y = x + 1", "hunks 1 and 3 are about the same lines"),
    ],
)
def test_a_hunk_that_cannot_be_meant(edit, says):
    with pytest.raises(ValueError) as told:
        hunks.apply(BASE, edit)
    assert says in str(told.value)


def test_no_more_lines_around_than_it_takes():
    assert hunks.between(BASE, BASE.replace("x + 1", "x + 2")) == "-    y = x + 1\n+    y = x + 2"
    changed = BASE.replace("def g(x):\n    return y", "def g(x):\n    return x")
    assert hunks.between(BASE, changed) == " def g(x):\n-    return y\n+    return x"
    assert hunks.between(BASE, BASE) == ""


LINES = st.lists(
    st.sampled_from(["", "a", "b", " ", "-", "+", " a", "-a", "+ a", "a\r", "\x0c", "\u2028"]), max_size=12
)
TEXTS = st.one_of(LINES.map("\n".join), st.text("ab\n", max_size=30))


@given(TEXTS, TEXTS)
@example("", "a")
@example("a\na\na", "a\na\na\na")
@example("a\n\n\n\na", "a\n\n\na")
def test_the_edit_between_two_texts_makes_one_of_the_other(base, text):
    edit = hunks.between(base, text)
    assert hunks.apply(base, edit) == text
    assert (edit == "") == (base == text)
    assert edit == edit.strip("\n") and all(hunk.old for hunk in hunks.read(edit))
