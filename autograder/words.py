"""A student's words in a report: nothing in them is invisible, and they are told from the grader's own in every format.

`shown` makes visible what is not: control and format characters, those that turn the direction of writing, those of no
width. `parts` finds what a student's exception said, `plain` marks it in text; pages mark it with a box of its own.
"""

from __future__ import annotations

import re
import unicodedata

RAISED = "your code raised"  # the sentence about a student's exception (warm.StudentError); all after it is theirs
MARK = "│ "
STACKED = 4  # combining characters on one letter; more would be drawn over the lines above

# Cc control, Cf format (direction, zero width, tags), Co private, Cn unassigned, Cs surrogates, Zl and Zp line breaks
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
# letters and marks that Unicode gives a kind of their own but that draw nothing
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
EMOJI_STYLE = frozenset("\ufe0e\ufe0f")  # variation selectors, which belong to the symbol before them
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
UNUSUAL = re.compile(r"[^\n\t -~]")
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def shown(text: object, size: int | None = None) -> str:
    """Text for any report: cut to `size` characters, with what cannot be seen written out, such as ⟨U+202E⟩.

    Line feeds and tabs stay. Text that went through here stays as it is when it goes through again.
    """
    return UNUSUAL.sub(_visible, str(text)[:size].replace("\r\n", "\n"))


def _visible(found: re.Match[str]) -> str:
    character, text, at = found[0], found.string, found.start()
    if unicodedata.category(character) in HIDDEN or character in FILLERS:
        return escape(character)
    if SELECTORS.match(character):
        before = unicodedata.category(text[at - 1]) if at else ""
        return character if character in EMOJI_STYLE and before == "So" else escape(character)
    if _stacks(character):
        before = text[max(0, at - STACKED) : at]
        return escape(character) if at == 0 or (len(before) == STACKED and all(map(_stacks, before))) else character
    return character


def _stacks(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def escape(character: str) -> str:
    """How a character that cannot be seen is written: ⟨U+202E⟩."""
    return f"⟨U+{ord(character):04X}⟩"


def line(text: object, size: int = 200) -> str:
    """A name within a line of the grader's own, such as a student's: in one line, and unable to reorder the rest.

    Letters that are written from right to left stand between isolates (U+2068, U+2069), so that the points beside them
    stay where they are.
    """
    said = shown(text, size).replace("\n", escape("\n")).replace("\t", escape("\t"))
    turns = any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in said)
    return f"\u2068{said}\u2069" if turns else said


def kind(name: object) -> str:
    """The name of a student's class for a sentence of ours: as it is if it is a plain name, else in quotes."""
    text = str(name)[:80]
    return text if all(part.isidentifier() and part.isascii() for part in text.split(".")) else repr(shown(text))


def parts(message: str) -> tuple[str, str]:
    """A message as (what the grader says, what the student's exception said); the second is empty without one."""
    ours, found, theirs = shown(message).partition(RAISED)
    return ours + found, theirs.removeprefix(" ")


def plain(message: str) -> str:
    """A message as text, with a mark before each line of the student's."""
    ours, theirs = parts(message)
    return "\n".join([ours, *(MARK + part for part in theirs.split("\n"))]) if theirs else ours
