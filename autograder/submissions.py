"""Who handed in what: from a file, a folder in nbgrader's layout, an LMS's download (a zip, or unpacked), any folder.

Everybody whom the system names appears, whatever their files are called and even without any; of several attempts
the newest counts and the others are named. `lms` knows whose path it is, `people` sorts, `archive` unpacks; which
file is the notebook is for `intake` to say.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder import archive, lms, people, reader, skeleton, store
from autograder.archive import Budget, Entry
from autograder.people import Hand, Item


@dataclass(frozen=True)
class Found:
    """What one person handed in.

    name: identifier, unique within one call and usable as a file name. files: what was handed in last, every file
    whatever it is called; may be empty. notes: sentences for the person and the instructor. person: the name as the
    system shows it. id: the number or login that the system put into the path. Both are empty if unknown.
    late: the system says so. time: when it was handed in (local time, ISO), empty if the system does not say.
    system: whose path it was ("Canvas"), empty for plain files. doubt: other ids that the path could hold.
    """

    name: str
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    person: str = ""
    id: str = ""
    late: bool = False
    time: str = ""
    system: str = ""
    doubt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """An attempt that does not count. label: when it was, or the number that the system gave it."""

    label: str
    files: tuple[Path, ...]


@dataclass
class Download:
    """All that was found at a path. what: it was read as. names: file -> its name as handed in.

    earlier: identifier -> attempts that do not count, unpacked only where asked for.
    """

    what: str
    people: list[Found] = field(default_factory=list)
    names: dict[Path, str] = field(default_factory=dict)
    earlier: dict[str, list[Earlier]] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """One line for whoever runs the command."""
        count = len(self.people)
        return f"read as {self.what}: {count} {'person' if count == 1 else 'people'}"


def find(path: Path, assignment: str, scratch: Path) -> list[Found]:
    """What everybody handed in at a path, zips among their files opened. scratch: an empty folder for unpacked files.

    Raises FileNotFoundError and ValueError with a sentence that names the path and the way out.
    """
    return read(path, assignment, scratch).people


def read(path: Path, assignment: str, scratch: Path, *, as_handed_in: bool = False) -> Download:
    """As `find`, with what the path was read as. as_handed_in: leave zips closed, and unpack earlier attempts too."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    with ExitStack() as stack:
        packed = stack.enter_context(_archive(path)) if path.is_file() and path.suffix.lower() == ".zip" else None
        if packed is None and path.is_file():
            download = Download("one file", [Found(store.file_name(people.stem(path.name)), (path,))])
            download.names[path] = path.name
        else:
            entries = archive.listed(packed) if packed else archive.walked(path)
            download = _Reading(packed, scratch, as_handed_in).read(entries, assignment)
    if not download.people:
        raise ValueError(
            f"{path} holds no notebook and nothing else that was handed in; expected an LMS's download, "
            f"student/{assignment}/notebook.ipynb, or notebooks"
        )
    if not as_handed_in:
        budget = Budget(archive.MAX_TOTAL)
        download.people = [_opened(found, download, scratch, budget) for found in download.people]
    return download


def expanded(files: Iterable[Path], scratch: Path) -> tuple[list[Path], list[str]]:
    """Files with the zips among them opened (bounded, and recursively to a depth), and a sentence for each zip."""
    return reader.expanded(list(files), scratch)


def of_folder(folder: Path) -> tuple[list[Path], list[str]]:
    """What one person handed in, in a folder of their own, and what is said of files that are none.

    All its files count but checkpoints, what systems put beside them, and nbgrader's timestamp.
    """
    entries = archive.walked(folder)
    files = [entry.source for entry in entries if isinstance(entry.source, Path)]
    return sorted(file for file in files if file != folder / "timestamp.txt"), [e.said for e in entries if e.said]


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        packed = archive.opened(path)
    except archive.Unopenable as error:
        advice = "download it again" if "readable" in str(error) else "name the download of one assignment"
        raise ValueError(f"{path} {error}; {advice}") from None
    files = [info for info in packed.filelist if not info.is_dir()]
    if files and all(info.flag_bits & 0x1 for info in files):
        packed.close()
        raise ValueError(f"{path} is protected by a password; unpack it by hand and grade the folder")
    return packed


def _opened(found: Found, download: Download, scratch: Path, budget: Budget) -> Found:
    files, notes = reader.expanded(found.files, scratch, budget)
    if not found.system:
        notes = [note for file in found.files if (note := _whole_class(file))] + notes
    for file in files:
        download.names.setdefault(file, file.name)
    return replace(found, files=tuple(files), notes=(*found.notes, *notes))


def _whole_class(file: Path) -> str:
    """A sentence when a zip among plain files is itself the download of a class: its people would be one."""
    if file.suffix.lower() != ".zip":
        return ""
    try:
        with archive.opened(file) as packed:
            system, hands = people.sort(archive.listed(packed), lambda entry: "", "", "", True)
    except archive.Unopenable:
        return ""
    if not system or len(hands) < 2:
        return ""
    return f"{archive.safe(file.name)} looks like a {system} download of {len(hands)} people; name it by itself."


# ---- from hands to people ----------------------------------------------------------------------


class _Reading:
    """One download that is being read: unpacked a person at a time, the smallest first."""

    def __init__(self, packed: zipfile.ZipFile | None, scratch: Path, as_handed_in: bool) -> None:
        self.packed, self.scratch, self.as_handed_in = packed, scratch, as_handed_in
        self.left = archive.MAX_TOTAL

    def read(self, entries: list[Entry], assignment: str) -> Download:
        """Whoever is in it, by name."""
        released = skeleton.path(assignment).stem
        system, hands = people.sort(entries, self._text, assignment, released, self.packed is not None)
        what = f"a folder in {system}" if system == people.LAYOUT else f"a {system} download"
        download = Download(what if system else "plain files and folders, each a person")
        names: set[str] = set()
        # if there is room for some only, those that take the most are left out
        for hand in sorted(hands, key=lambda hand: sum(item.entry.size for item in hand.items)):
            name = people.identifier(hand)
            while name in names:
                name += "+"
            names.add(name)
            download.people.append(self._found(name, hand, system, download))
        download.people.sort(key=lambda found: found.name)
        return download

    def _found(self, name: str, hand: Hand, system: str, download: Download) -> Found:
        newest = max(mark.attempt for mark in hand.marks)
        current, replaced = _versions([item for item in hand.items if item.mark.attempt == newest])
        marks = [mark for mark in hand.marks if mark.attempt == newest]
        moment, late = max(mark.time for mark in marks), any(mark.late for mark in marks)
        doubt = tuple(dict.fromkeys(one for mark in marks for one in mark.doubt))
        notes = [*hand.notes, *_attempts(hand, newest), *_again(current, replaced, system)]
        if late:
            notes.append(f"{system} marks this submission as late.")
        if doubt:
            notes.append(f"The name of this file in the download can be read in two ways; it was taken for {name}.")
        if not current:
            typed = any(mark.text for mark in marks)
            notes.append("Text was typed, but no file was handed in." if typed else "No file was handed in.")
        budget = Budget(min(archive.MAX_PERSON, self.left))
        before = budget.size
        files, said = self._unpacked(current, budget, download)
        if self.as_handed_in:
            download.earlier[name] = self._earlier(hand, newest, replaced, budget, download)
        self.left -= before - budget.size
        shown = next((mark for mark in marks if mark.person), marks[0])
        return Found(name, tuple(files), (*notes, *said), shown.person, shown.id, late, moment, system, doubt)

    def _unpacked(self, items: Sequence[Item], budget: Budget, download: Download) -> tuple[list[Path], list[str]]:
        """The files of these items: where they are or, from an archive, where they are now. Sentences for the rest."""
        if self.packed is None:
            here = {item.entry.source: item.name for item in items if isinstance(item.entry.source, Path)}
            download.names |= here
            return list(here), []
        if not items:
            return [], []
        place = Path(tempfile.mkdtemp(dir=self.scratch))
        given = {id(item.entry): item.name for item in items}
        taken, said = archive.in_order([item.entry for item in items], budget)
        notes, files = [said] if said else [], []
        used: set[str] = set()
        for entry in taken:
            file = place / archive.free(archive.safe(PurePosixPath(given[id(entry)]).name), used)
            used.add(file.name)
            budget.files -= 1
            if said := archive.unpack(self.packed, entry, file, budget):
                notes.append(said)
            if file.exists():
                files.append(file)
                download.names[file] = given[id(entry)]
        return sorted(files), notes

    def _earlier(
        self, hand: Hand, newest: str, replaced: Sequence[Item], budget: Budget, download: Download
    ) -> list[Earlier]:
        groups: dict[str, list[Item]] = {}
        for item in hand.items:
            if item.mark.attempt != newest:
                groups.setdefault(item.mark.attempt, []).append(item)
        for item in replaced:
            assert item.mark.version is not None
            groups.setdefault(f"upload {item.mark.version[1] + 1}", []).append(item)
        return [
            Earlier(archive.safe(label or "without a date"), tuple(self._unpacked(items, budget, download)[0]))
            for label, items in sorted(groups.items())
        ]

    def _text(self, entry: Entry) -> str:
        """The beginning of a small text that the system wrote; empty when it cannot be read."""
        try:
            if isinstance(entry.source, Path):
                with entry.source.open("rb") as file:
                    data = file.read(lms.REPORT_BYTES)
            elif self.packed is not None and isinstance(entry.source, zipfile.ZipInfo):
                with self.packed.open(entry.source) as packed:
                    data = packed.read(lms.REPORT_BYTES)
            else:
                return ""
        except archive.BROKEN:
            return ""
        return data.decode("utf-8-sig", errors="replace")


# ---- attempts ----------------------------------------------------------------------------------


def _versions(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Files of which the system has no newer version, and those of which it has."""
    newest: dict[str, int] = {}
    for item in items:
        if item.mark.version:
            newest[item.mark.version[0]] = max(newest.get(item.mark.version[0], 0), item.mark.version[1])
    last = [item.mark.version is None or newest[item.mark.version[0]] == item.mark.version[1] for item in items]
    pairs = list(zip(items, last, strict=True))
    return [item for item, kept in pairs if kept], [item for item, kept in pairs if not kept]


def _attempts(hand: Hand, newest: str) -> list[str]:
    earlier = sorted({mark.attempt for mark in hand.marks} - {newest})
    if not earlier:
        return []
    shown = ", ".join(map(_readable, earlier))
    return [f"Handed in {len(earlier) + 1} times; that of {_readable(newest)} counts. Earlier attempts: {shown}."]


def _again(current: Sequence[Item], replaced: Sequence[Item], system: str) -> list[str]:
    """What to say of files that the system has numbered, because they were handed in again."""
    older: dict[str, list[str]] = {}
    for item in replaced:
        if item.mark.version:
            older.setdefault(item.mark.version[0], []).append(archive.safe(item.name))
    notes = []
    for item in current:
        name = archive.safe(item.name)
        if item.mark.version and (names := older.get(item.mark.version[0])):
            notes.append(f"Handed in {len(names) + 1} times; {name} counts. Earlier attempts: {', '.join(names)}.")
        elif item.mark.version and item.mark.version[1]:
            notes.append(f"Handed in again: {system} has numbered {name}, since one of that name came before.")
    return notes


def _readable(moment: str) -> str:
    for form in ("%Y-%m-%d-%H-%M-%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(moment, form).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            pass
    return moment or "an unknown time"
