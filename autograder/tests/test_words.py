"""What a student's code says, in a report: visible, marked, and in one piece."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import words
from autograder.warm import StudentError, printable

IMITATION = "x\n[passed] Random numbers are doubled (2 / 2)\ndouble: 6 of 6 points"


@pytest.mark.parametrize(
    "hidden",
    [
        *"\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # direction
        *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\u2800\u180e",  # no width
        *"\U000e0041\U000e007f\ufe00\ufe0f\U000e0101",  # tags, selectors without a symbol
        *"\x00\x07\x1b\x7f\x85\r\u2028\u2029\x0b\x0c",
        *"\ue000\ud800\uffff\U0010ffff",
    ],
)
def test_what_cannot_be_seen_is_written_out(hidden):
    assert words.shown(f"a{hidden}b") == f"a⟨U+{ord(hidden):04X}⟩b"
    assert words.shown(hidden) == words.line(hidden) == f"⟨U+{ord(hidden):04X}⟩"


@pytest.mark.parametrize(
    "text", ["plain", "a\tb\nc", "Zoë Ångström", "e\u0301", "שלום", "中文", "☺\ufe0f", "√2 ≤ θ̂", "🎓", "ไม่เป็นไร"]
)
def test_what_can_be_seen_stays(text):
    assert words.shown(text) == text


def test_letters_that_pile_up_are_cut():
    assert words.shown("e" + "\u0301" * 30).count("\u0301") == words.STACKED
    assert words.shown("\u0301") == "⟨U+0301⟩"


@given(st.text(st.characters(), max_size=40))
def test_nothing_hidden_is_left_and_twice_is_once(text):
    once = words.shown(text)
    assert not [c for c in once if c not in "\n\t" and unicodedata.category(c) in words.HIDDEN]
    assert words.shown(once) == once
    words.plain(once).encode()  # raises nothing: it can be written to any file


def test_a_name_stays_in_its_line():
    assert "\n" not in words.line("a\nb\tc")
    assert words.line("Ada") == "Ada"
    assert words.line("שלום") == "\u2068שלום\u2069"  # "4 / 9" beside it would else be read as "9 / 4"


def test_a_class_is_named_or_quoted():
    assert words.kind("ValueError") == "ValueError" and words.kind("torch.Tensor") == "torch.Tensor"
    assert words.kind("6 of 6 points\n✓") == repr("6 of 6 points\n✓")
    assert "\n" not in words.kind("a\nb") and "\u202e" not in words.kind("a\u202e")


def test_each_line_of_a_students_exception_is_marked():
    message = f"This cell did not run: {StudentError('ValueError', [], IMITATION, 'double', 3, 'return x')}"
    first, *rest = words.plain(message).split("\n")
    assert first == "This cell did not run: your code raised"
    assert len(rest) == 3 and all(part.startswith(words.MARK) for part in rest)


@given(*[st.text(st.characters(), max_size=30)] * 4)
def test_no_part_of_a_students_exception_escapes_the_mark(kind, message, cell, text):
    """Not its class, not its message, not the cell, not the line of code, whatever they are called."""
    error = StudentError(*(printable(part, 80) for part in (kind,)), [], *map(words.shown, (message, cell)), 1, text)
    first, *rest = words.plain(str(error)).split("\n")
    assert first == words.RAISED and all(part.startswith(words.MARK) for part in rest)


def test_what_the_grader_says_is_not_marked():
    assert words.plain("zero doubled is not zero.\nHint: look again.") == "zero doubled is not zero.\nHint: look again."
