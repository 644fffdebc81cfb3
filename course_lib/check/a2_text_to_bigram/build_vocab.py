"""What `build_vocab(text)` does: the distinct characters of a text, sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from course_lib.check.expect import describe, expect, shown
from course_lib.check.properties import judged

TEXT = " To be,\n\tor not to be?\n— Zoë & Éva, 3 × 12! "


def call(answer: Callable[..., Any], text: str, _: Any) -> Any:
    return answer(text)


def _characters(got: Any) -> dict[str, Any]:
    """Which characters are listed and how often, in whatever order: that of a set changes from run to run."""
    return {"a string": isinstance(got, str), "characters": "|".join(sorted(map(str, got)))}


def _order(got: Any) -> dict[str, bool]:
    """In which orders the characters of TEXT may stand."""
    found = list(got)
    counts = [Counter(TEXT)[character] for character in found]
    return {
        "ascending": found == sorted(found),
        "case ignored": [c.lower() for c in found] == sorted(c.lower() for c in found),
        "descending": found == sorted(found, reverse=True),
        "by first place": found == sorted(found, key=TEXT.find),
        "by count": counts == sorted(counts, reverse=True),
    }


@judged(
    "Random texts: the distinct characters in sorted order",
    call,
    ["hello world", "?"],
    outcome=_characters,
    slip="a vocabulary that is not the text's characters in order",
)
def texts(got: Any, text: str) -> None:
    brief = text if len(text) < 60 else f"{text[:40]}…"
    asked = f"for {shown(repr(brief), 'a text')} ({len(text)} characters, {len(set(text))} distinct)"
    expect(isinstance(got, list | tuple), f"{asked} expected a list of characters, yours is {describe(got)}.")
    expect(
        all(isinstance(part, str) for part in got),
        f"{asked} expected a list of single characters, yours holds other things.",
    )
    missing, strange = sorted(set(text) - set(got)), sorted(set(got) - set(text))
    doubled = sorted(character for character, times in Counter(got).items() if times > 1)
    for what, found in (("missing", missing), ("doubled", doubled), ("not in the text", strange)):
        blank, capital = sum(map(str.isspace, found)), sum(map(str.isupper, found))
        kinds = f" ({blank} whitespace, {capital} capitals)" if blank or capital else ""
        expect(
            not found,
            f"{asked} your list has length {len(got)}, with {len(found)} {what}{kinds}{shown(f': {found[:9]}')}.",
        )
    expect(
        all(before < after for before, after in pairwise(got)),
        f"{asked} yours lists the right characters, but not in sorted order{shown(f': {list(got)}')}.",
    )


kept = texts.at(
    "Capitals, spaces, tabs and line ends are characters of their own",
    [TEXT],
    outcome=_order,
    slip="characters that are lost or changed",
)
each_once = texts.at(
    "Every character is listed once, however often it occurs",
    ["Bab\n", TEXT * 12],
    slip="characters that are listed more than once",
)
