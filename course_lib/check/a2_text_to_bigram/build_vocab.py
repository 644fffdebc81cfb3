"""Public check of `build_vocab(text)`: the distinct characters of a text, sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from course_lib.check.expect import describe, expect

TEXT = " To be,\n\tor not to be?\n— Zoë & Éva, 3 × 12! "


def questions(answer: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
    """Which characters are found, how often each is listed, and in which order they stand."""

    def order() -> dict[str, bool]:
        found = list(answer(TEXT))
        counts = [Counter(TEXT)[character] for character in found]
        return {
            "ascending": found == sorted(found),
            "case ignored": [c.lower() for c in found] == sorted(c.lower() for c in found),
            "descending": found == sorted(found, reverse=True),
            "by first place": found == sorted(found, key=TEXT.find),
            "by count": counts == sorted(counts, reverse=True),
        }

    return {
        "characters": lambda: "|".join(sorted(map(str, answer(TEXT)))),
        "order": order,
        "is a string": lambda: isinstance(answer(TEXT), str),
    }


def check(answer: Callable[..., Any]) -> None:
    got = answer("hello world")
    expect(isinstance(got, list | tuple), f"for 'hello world' expected a list of characters, yours is {describe(got)}.")
    expect(
        len(got) == 8, f"'hello world' has 8 distinct characters (the space counts), your list has length {len(got)}."
    )
    expect(list(got) == list(" dehlorw"), f"for 'hello world' expected {list(' dehlorw')}, yours is {list(got)}.")
    got = answer("Bab\n")
    expect(list(got) == ["\n", "B", "a", "b"], f"for 'Bab\\n' expected ['\\n', 'B', 'a', 'b'], yours is {list(got)}.")
    missing = set(TEXT) - set(answer(TEXT))
    expect(not missing, f"in {TEXT!r} your vocabulary misses {sorted(missing)}.")
