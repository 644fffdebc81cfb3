"""The entries of one download, sorted into people, before anything is unpacked.

First the conventions of learning systems, then nbgrader's layout, then plain files and folders. Nobody is left out:
what fits no convention in a download that has one is taken as a person by itself, and says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from autograder import archive, lms, store
from autograder.archive import Entry
from autograder.lms import Mark

LAYOUT = "nbgrader's layout"
DEPTHS = range(3)  # folders that may lie around a download
Text = Callable[[Entry], str]


@dataclass(frozen=True)
class Item:
    """A file that somebody handed in. mark: what its path says. name: as handed in."""

    mark: Mark
    name: str
    entry: Entry


@dataclass
class Hand:
    """One person. marks: what all their paths say, the system's own files among them."""

    label: str
    items: list[Item] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, mark: Mark, entry: Entry) -> None:
        """Take what a path says, and what there is to say of it."""
        self.marks.append(mark)
        if entry.said and entry.said not in self.notes:
            self.notes.append(entry.said)


def sort(entries: list[Entry], text_of: Text, assignment: str, released: str, packed: bool) -> tuple[str, list[Hand]]:
    """The system whose download it is (empty for plain files), and the people in it.

    text_of: reads the beginning of a small file that the system wrote. released: the notebook's name without ending.
    """
    layout = _by_layout(entries, text_of, assignment, packed)
    for depth in DEPTHS:
        if depth and len(layout) > 1:
            break
        if known := _convention(entries, text_of, depth):
            hands = _by_mark(entries, depth, *known)
            folders = {entry.parts[:depth] for entry in entries if len(entry.parts) > depth}
            if len(hands) >= len(folders):  # fewer people than folders: then the folders are the people
                return known[0].system, list(hands.values())
    if layout:
        return LAYOUT, list(layout.values())
    return "", list(_loose(entries, released).values())


def _convention(
    entries: list[Entry], text_of: Text, depth: int
) -> tuple[lms.Convention, dict[str, Mark | None]] | None:
    """The system whose names stand at this depth, and what they say."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if len(entry.parts) > depth and not any(map(archive.junk, entry.parts[: depth + 1])):
            first.setdefault(entry.parts[depth], entry)
    names = list(first)
    known = lms.detect(names, lambda name: text_of(first[name]))
    return (known[0], dict(zip(names, known[1], strict=True))) if known else None


def _by_mark(
    entries: list[Entry], depth: int, convention: lms.Convention, marks: dict[str, Mark | None]
) -> dict[tuple[str, ...], Hand]:
    hands: dict[tuple[str, ...], Hand] = {}
    for entry in entries:
        head, rest = entry.parts[: depth + 1], entry.parts[depth + 1 :]
        if any(map(archive.junk, head)) or (not rest and head[-1] in convention.own):
            continue
        mark = marks.get(head[-1]) if len(head) > depth else None
        alone = mark is None
        if mark is None:
            mark = Mark(("by itself", *head), stem(head[-1]), name="" if rest else head[-1])
        hand = hands.setdefault(mark.who, Hand(mark.label))
        hand.add(mark, entry)
        if alone and not hand.notes:
            shown = archive.safe(head[-1])
            hand.notes.append(f"{shown} is not named as {convention.system} names things; it was taken by itself.")
        if entry.source is not None and not mark.report and not any(map(archive.junk, rest)):
            hand.items.append(Item(mark, "/".join(filter(None, (mark.name, *rest))) or head[-1], entry))
    return hands


def _by_layout(entries: list[Entry], text_of: Text, assignment: str, packed: bool) -> dict[tuple[str, ...], Hand]:
    """nbgrader's layout: <student>/<assignment>/…, in a zip perhaps below one folder that holds all."""
    one_top = len({entry.parts[0] for entry in entries}) == 1
    for depth in range(2 if packed and one_top else 1):
        hands: dict[tuple[str, ...], Hand] = {}
        for entry in entries:
            inside, rest = entry.parts[depth : depth + 2], entry.parts[depth + 2 :]
            if len(inside) < 2 or inside[1] != assignment or any(map(archive.junk, entry.parts)):
                continue
            stamp = rest == ("timestamp.txt",) and entry.source is not None
            time = _when(text_of(entry)) if stamp else ""
            mark = Mark(inside[:1], inside[0], id=inside[0], time=time, report=stamp)
            hand = hands.setdefault(inside[:1], Hand(inside[0]))
            hand.add(mark, entry)
            if rest and entry.source is not None and not stamp:
                hand.items.append(Item(mark, "/".join(rest), entry))
        if hands:
            return hands
    return {}


def _when(text: str) -> str:
    """nbgrader's timestamp.txt as local time (ISO); empty when it cannot be read."""
    from nbgrader.utils import parse_utc

    try:
        moment = datetime.fromisoformat(f"{parse_utc(text.strip()).isoformat()}+00:00")
        return moment.astimezone().replace(tzinfo=None, microsecond=0).isoformat()
    except (ValueError, TypeError, OverflowError):
        return ""


# ---- plain files and folders -------------------------------------------------------------------


def _loose(entries: list[Entry], released: str) -> dict[tuple[str, ...], Hand]:
    """Any files: one at the top is a person, and so is a folder that holds files; folders of folders are looked into.
    A folder of several notebooks with names of their own, none of them the released one, is a class."""
    entries = [entry for entry in entries if not any(map(archive.junk, entry.parts))]
    direct: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        direct.setdefault(_folder(entry), []).extend([entry] if entry.source is not None else [])
    top = _shared(direct)
    hands: dict[tuple[str, ...], Hand] = {}
    for entry in entries:
        owner = _owner(entry, direct, top, released)
        hand = hands.setdefault(owner, Hand(""))
        mark = Mark(owner, "")
        hand.add(mark, entry)
        if entry.source is not None:
            hand.items.append(Item(mark, "/".join(entry.parts[len(owner) :] or entry.parts[-1:]), entry))
    shown = {owner: stem(owner[len(top)] if len(owner) > len(top) else owner[-1]) for owner in hands}
    often = Counter(shown.values())
    for owner, hand in hands.items():
        hand.label = shown[owner] if often[shown[owner]] == 1 else stem("-".join(owner[len(top) :]))
    return hands


def _folder(entry: Entry) -> tuple[str, ...]:
    return entry.parts if entry.source is None and not entry.said else entry.parts[:-1]


def _shared(folders: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders that all others lie in."""
    low, high = min(folders, default=()), max(folders, default=())
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:same]


def _owner(
    entry: Entry, direct: dict[tuple[str, ...], list[Entry]], top: tuple[str, ...], released: str
) -> tuple[str, ...]:
    """The folder or file that stands for the person whose entry this is. direct: folder -> files right in it."""
    folders = _folder(entry)
    for length in range(len(top) + 1, len(folders) + 1):
        if (files := direct.get(folders[:length])) and not _is_class(files, released):
            return folders[:length]
    return entry.parts


COPY = re.compile(r"(?:[ _-]*\(\d{1,3}\)|[ _-]+(?:copy|kopie) ?\d{0,3})+", re.IGNORECASE)


def _is_class(files: list[Entry], released: str) -> bool:
    """Whether a folder's files are those of several people: differently named notebooks, none named as released."""
    stems = {stem(file.parts[-1]) for file in files if ".ipynb" in file.parts[-1].lower()}
    plain = {COPY.sub("", one).casefold() for one in stems}  # `a (1)` and `a-Copy1` are names of `a`
    return len(plain) > 1 and released.casefold() not in plain


def stem(name: str) -> str:
    """A file's name without what says its kind: `s01.ipynb.txt` is s01."""
    found = PurePosixPath(name).stem if PurePosixPath(name).suffix else name
    return found[: -len(".ipynb")] if found.lower().endswith(".ipynb") and len(found) > len(".ipynb") else found


def identifier(hand: Hand) -> str:
    """A person's label as a name for files."""
    return store.file_name(hand.label)
