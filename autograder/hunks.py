"""An edit of a text, as hunks: lines that go, lines that come.

    -        wei = q @ k.transpose(-2, -1) * C**-0.5
    +        wei = q @ k.transpose(-2, -1)

             v = self.value(x)
    +        v = self.dropout(v)

A line with `-` goes, one with `+` comes, one with a space in front stays and says where. An empty line ends a hunk; an
empty line of the text is a `-` or a `+` alone, and both where it stays. What a hunk takes out or keeps must stand
together in exactly one place of the text as it is before any hunk. So their order does not matter; overlap they may
not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise


@dataclass(frozen=True)
class Hunk:
    """old: the lines that it is looked for by. new: those in their place."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def read(edit: str) -> list[Hunk]:
    """The hunks of an edit. Raises ValueError, with the hunk's number, for one that says nothing or not where."""
    hunks: list[Hunk] = []
    for block in _blocks(edit):
        which = f"hunk {len(hunks) + 1}"
        if strange := next((line for line in block if line[0] not in "-+ "), None):
            raise ValueError(f"{which}: a line begins with -, + or a space, and this one does not: {strange}")
        if all(line[0] == " " for line in block):
            raise ValueError(f"{which} takes nothing out and puts nothing in")
        if all(line[0] == "+" for line in block):
            raise ValueError(f"{which} does not say where: add the line above or below, with a space in front")
        old, new = (tuple(line[1:] for line in block if line[0] in signs) for signs in ("- ", "+ "))
        hunks.append(Hunk(old, new))
    return hunks


def apply(base: str, edit: str) -> str:
    """The base with an edit made. Raises ValueError, with the hunk's number, for one that does not fit exactly once."""
    lines = base.split("\n")
    placed = sorted((_place(lines, hunk.old, number), number, hunk) for number, hunk in enumerate(read(edit), 1))
    for (at, number, hunk), (then, other, _) in pairwise(placed):
        if at + len(hunk.old) > then:
            raise ValueError(f"hunks {min(number, other)} and {max(number, other)} are about the same lines: join them")
    for at, _, hunk in reversed(placed):
        lines[at : at + len(hunk.old)] = hunk.new
    return "\n".join(lines)


def between(base: str, text: str) -> str:
    """The edit that makes `text` of `base`, with no more lines around it than it takes to say where."""
    old, new = base.split("\n"), text.split("\n")
    changes = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    regions: list[tuple[int, int]] = []
    for _, start, end, _, _ in changes:
        low, high = _grown(old, start, end)
        if regions and low <= regions[-1][1]:
            low, high = min(low, regions[-1][0]), max(high, regions.pop()[1])
        regions.append((low, high))
    written = []
    for low, high in regions:
        lines: list[str] = []
        at = low
        for _, start, end, first, last in changes:
            if low <= start and end <= high:
                lines += _kept(old[at:start])
                lines += [f"-{line}" for line in old[start:end]] + [f"+{line}" for line in new[first:last]]
                at = end
        written.append("\n".join(lines + _kept(old[at:high])))
    return "\n\n".join(written)


def _blocks(edit: str) -> list[list[str]]:
    """Runs of lines between empty ones."""
    blocks: list[list[str]] = [[]]
    for line in edit.split("\n"):
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _places(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    size = len(wanted)
    return [at for at in range(len(lines) - size + 1) if list(lines[at : at + size]) == list(wanted)]


def _place(lines: Sequence[str], wanted: Sequence[str], number: int) -> int:
    found = _places(lines, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        where = ", ".join(str(at + 1) for at in found)
        more = "add a line above or below, with a space in front"
        raise ValueError(f"hunk {number} fits {len(found)} times, from lines {where}: {more}")
    missing = next((line for line in wanted if line not in lines), None)
    if missing is None:
        raise ValueError(f"hunk {number} fits nowhere: each of its lines is there, but not one under the other")
    alike = next((line for line in lines if line.strip() == missing.strip()), None)
    spaces = f"; with other spaces in front, line {lines.index(alike) + 1} does" if alike is not None else ""
    raise ValueError(f"hunk {number} fits nowhere: no line reads `{missing}`{spaces}")


def _grown(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The fewest lines with those from start to end that stand in one place only; of as few, those above."""
    for more in range(len(lines) + 1):
        for above in range(min(more, start), -1, -1):
            low, high = start - above, end + more - above
            if low < high <= len(lines) and len(_places(lines, lines[low:high])) == 1:
                return low, high
    raise AssertionError("a text stands once in itself")


def _kept(lines: Sequence[str]) -> list[str]:
    """Lines that stay, as they are written: an editor would strip the space of an empty one."""
    return [part for line in lines for part in ((f" {line}",) if line else ("-", "+"))]
