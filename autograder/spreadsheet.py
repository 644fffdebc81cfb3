"""Cells of a CSV that people open in a spreadsheet, which would compute a name such as `=1+1` (OWASP, CSV injection).

`text` writes a cell that is read by people: a quote keeps it from being a formula. `key` writes one by which a learning
system finds a person: a tab in front does the same, and importers that trim cut it off. `read` gives back what was
written.
"""

from __future__ import annotations

import re
import unicodedata

from autograder import words

# whatever Unicode takes for one of = + - @, such as their full-width forms
SIGNS = "".join(c for c in map(chr, range(0x10000)) if unicodedata.normalize("NFKC", c) in ("=", "+", "-", "@"))
AHEAD = rf"(?=[\s\"']*[{re.escape(SIGNS)}])"
# a cell also begins after a semicolon, where spreadsheets of other countries separate by that
FORMULA = re.compile(rf"(^|;){AHEAD}")
QUOTED = re.compile(rf"(^|;)'{AHEAD}")


def text(value: object) -> str:
    """A name in one line: no formula wherever it is opened, nothing in it that cannot be seen, no space around it."""
    shown = re.sub(r"[\n\t]", lambda found: words.escape(found[0]), words.shown(value).strip())
    return FORMULA.sub(r"\1'", shown)


def key(value: object) -> str:
    """A login or an address as it is, but for what cannot be seen, with a tab in front if it would be computed."""
    shown = words.shown(value).strip()
    return f"\t{shown}" if re.match(AHEAD, shown) else shown


def read(cell: str) -> str:
    """What `text` or `key` made a cell of, without space around it."""
    return QUOTED.sub(r"\1", cell.strip())
