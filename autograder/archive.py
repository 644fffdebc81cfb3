"""Files as a learning system hands them over, in a zip or in a folder, and how they are read with suspicion.

Names inside an archive are data and never paths, every size and count has a bound, and what is damaged, locked or cut
becomes a sentence for the person it concerns. Not in this room: whose a file is (`lms`), what is in it (`intake`).
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MAX_FILE = 256 << 20  # bytes of one file
MAX_PERSON = 256 << 20  # bytes that the files of one person unpack to, inner zips counted by themselves
MAX_FILES = 1000  # files of one person
MAX_TOTAL = 4 << 30  # bytes that everything unpacks to
MAX_COUNT = 100_000  # entries of an archive
MAX_LIST = 32 << 20  # bytes of an archive's list of entries, which is read into memory at once
MAX_DEPTH = 3  # zips within zips
MAX_FOLDERS = 40  # folders within folders
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})  # zips that are documents or programs
OTHER_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


class Unopenable(ValueError):
    """An archive that cannot be opened at all; the text is a clause that says why."""


@dataclass(frozen=True)
class Entry:
    """A file or an empty folder. parts: the names on the way to it, as data. size: bytes, as far as it is known.

    source: where it is, or its place in the archive; None for a folder and for what is no plain file. said: why not.
    """

    parts: tuple[str, ...]
    size: int = 0
    source: Path | zipfile.ZipInfo | None = None
    said: str = ""


@dataclass
class Budget:
    """How much may still be unpacked: bytes, files."""

    size: int
    files: int = MAX_FILES


# ---- names -------------------------------------------------------------------------------------


def parts(name: str) -> tuple[str, ...]:
    """A name from an archive, split. Windows packers write backslashes; what would lead upwards is left out."""
    clean = unicodedata.normalize("NFC", name.encode(errors="surrogateescape").decode(errors="replace"))
    found = [part for part in re.split(r"[\\/]+", clean) if part not in ("", ".", "..")]
    found = found[1:] if len(found) > 1 and re.fullmatch(r"[A-Za-z]:", found[0]) else found
    return tuple(found if len(found) <= MAX_FOLDERS else found[: MAX_FOLDERS - 1] + found[-1:])


def junk(part: str) -> bool:
    """Whether a name is one that systems add by themselves: nobody's file."""
    return part in ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini") or part.startswith("._")


def safe(name: str) -> str:
    """A name as handed in that can be a file's name here: one part, visible characters, at most 150 bytes."""
    name = "".join("_" if unicodedata.category(c)[0] == "C" or c in "/\\" else c for c in name)
    name = name.strip().lstrip(".") or "file"
    if len(name.encode()) <= 150:
        return name
    ending = "".join(re.findall(r"\.[A-Za-z0-9]{1,10}", name[-24:])[-2:])
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name.encode()[:100].decode(errors='ignore')}-{digest}{ending}"


def free(name: str, taken: Iterable[str]) -> str:
    """The name itself, or with a number before its endings when it is taken. taken: a set or a mapping's keys."""
    if name not in taken:
        return name
    stem, dot, ending = name.partition(".")
    number = 2
    while (other := f"{stem} ({number}){dot}{ending}") in taken:
        number += 1
    return other


# ---- lists -------------------------------------------------------------------------------------


def opened(path: Path, most: int = MAX_COUNT) -> zipfile.ZipFile:
    """An archive, after a look at how long its list of entries is. Raises Unopenable."""
    try:
        with path.open("rb") as file:
            # the very function by which zipfile will find the list, so that the two cannot disagree about its size
            end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
        if end is None or end[5] > path.stat().st_size:
            raise Unopenable("is not a readable zip archive")
        if end[5] > MAX_LIST:
            raise Unopenable(f"lists more than {most} files")
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise error if isinstance(error, Unopenable) else Unopenable("is not a readable zip archive") from None
    if len(archive.filelist) > most:
        archive.close()
        raise Unopenable(f"lists more than {most} files")
    return archive


def listed(archive: zipfile.ZipFile) -> list[Entry]:
    """What an archive holds, in its own order: files and empty folders."""
    found = []
    for info in archive.filelist:
        name = info.filename if info.flag_bits & 0x800 else _decoded(info.orig_filename)
        folder = name.endswith(("/", "\\"))
        where = parts(name)
        if where or not folder:
            found.append(Entry(where or ("file",), info.file_size, None if folder else info))
    full = {entry.parts[:length] for entry in found for length in range(1, len(entry.parts))}
    return [entry for entry in found if entry.source or entry.parts not in full]


def _decoded(name: str) -> str:
    """A name that is not marked as UTF-8 and is UTF-8 all the same, as several systems write it."""
    try:
        return name.encode("cp437").decode("utf-8").split("\0")[0]
    except UnicodeError:
        return name.split("\0")[0]


def walked(folder: Path) -> list[Entry]:
    """What a folder holds, by name: files and empty folders. Links are listed without a source and never followed.

    Raises ValueError when there is more than a class can have.
    """
    found: list[Entry] = []
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = sorted(name for name in folders if not junk(name))
        for name in sorted([*files, *(name for name in folders if (Path(place) / name).is_symlink())]):
            file, where = Path(place) / name, parts(str(inside / name))
            if not where:
                continue
            if file.is_symlink() or not file.is_file():
                found.append(Entry(where, said=f"{safe(name)} is a link or no plain file and was not followed."))
            else:
                found.append(Entry(where, file.stat().st_size, file))
        if not files and not folders and inside.parts:
            found.append(Entry(parts(str(inside))))
        if len(found) > MAX_COUNT:
            raise ValueError(f"{folder} holds more than {MAX_COUNT} files; name the folder of one class")
    return found


# ---- bytes -------------------------------------------------------------------------------------


def unpack(archive: zipfile.ZipFile, entry: Entry, target: Path, budget: Budget) -> str:
    """Write an entry to a file, as far as it can be read. Returns a sentence when that is not all of it.

    Its time is the one in the archive, so that of two files the newer can be told.
    """
    info = entry.source
    assert isinstance(info, zipfile.ZipInfo)
    name = entry.parts[-1]
    if info.flag_bits & 0x1:
        return f"{name} is protected by a password in the archive and could not be unpacked."
    target.parent.mkdir(parents=True, exist_ok=True)
    left = min(MAX_FILE, budget.size)
    said = ""
    with target.open("wb") as out:
        try:
            with archive.open(info) as source:
                while left > 0 and (part := source.read(min(left, 1 << 20))):
                    out.write(part)
                    left -= len(part)
                    budget.size -= len(part)
                if left <= 0 and source.read(1):
                    said = f"{name} unpacks to more than {target.stat().st_size >> 20} MiB and was cut there."
        except BROKEN:
            said = f"{name} is damaged in the archive; what could be read of it was taken."
    try:
        stamp = time.mktime((*info.date_time, 0, 0, -1))
        os.utime(target, (stamp, stamp))
    except (ValueError, OverflowError, OSError):
        pass  # a time that no calendar has says nothing about which file is newer
    return said


def in_order(entries: list[Entry], budget: Budget) -> tuple[list[Entry], str]:
    """Entries that may be unpacked, notebooks first and then the small ones, and a sentence when some may not."""
    by_need = sorted(entries, key=lambda entry: (".ipynb" not in entry.parts[-1].lower(), entry.size))
    size = budget.size
    taken: list[Entry] = []
    for entry in by_need:
        if len(taken) == budget.files or (size <= 0 and entry.size):
            break
        taken.append(entry)
        size -= entry.size
    left = by_need[len(taken) :]
    if not left:
        return taken, ""
    names = ", ".join(entry.parts[-1] for entry in left[:5]) + (" and others" if len(left) > 5 else "")
    return taken, f"{len(left)} files were not unpacked, because there were too many or too large ones: {names}."


def packed(file: Path) -> bool:
    """Whether a file looks like an archive; nothing more of it is read."""
    try:
        if not file.is_file():  # a pipe would be waited for
            return False
        with file.open("rb") as content:
            return content.read(8).startswith((b"PK", *OTHER_ARCHIVES))
    except OSError:
        return False


def expanded(files: Iterable[Path], scratch: Path, budget: Budget | None = None) -> tuple[list[Path], list[str]]:
    """Files with zips among them replaced by what they hold, and a sentence for each zip. Never raises for a file.

    scratch: a folder for what is unpacked. budget: shared by the people of a class; each may use what one person may.
    Office documents, which are zips too, stay as they are.
    """
    shared = budget or Budget(MAX_TOTAL)
    own = Budget(min(MAX_PERSON, shared.size))
    before, found, notes = own.size, [], []
    for file in files:
        inside, said = _inside(file, scratch, own, 1)
        found += inside
        notes += said
    shared.size -= before - own.size
    return found, notes


def _inside(file: Path, scratch: Path, budget: Budget, depth: int) -> tuple[list[Path], list[str]]:
    called = safe(file.name)
    try:
        with file.open("rb") as content:
            head = content.read(8)
    except OSError:
        return [file], []
    if head.startswith(OTHER_ARCHIVES):
        return [file], [f"{called} is an archive of a kind that is not opened here; please hand in the notebook."]
    if not head.startswith(b"PK"):
        return [file], []
    try:
        archive = opened(file, 10 * MAX_FILES)
    except Unopenable as error:
        return [file], [f"{called} {error}."]
    with archive:
        if OFFICE & {info.filename for info in archive.filelist[:20]}:
            return [file], []
        if depth > MAX_DEPTH:
            return [file], [f"{called} was not opened: it lies {MAX_DEPTH} zips deep."]
        entries = [one for one in listed(archive) if one.source and not any(map(junk, one.parts))]
        taken, said = in_order(entries, budget)
        notes = [said] if said else []
        found: list[Path] = []
        place = Path(tempfile.mkdtemp(dir=scratch))
        names: set[str] = set()
        for entry in taken:
            name = free(safe(entry.parts[-1]), names)
            names.add(name)
            budget.files -= 1
            if said := unpack(archive, entry, place / name, budget):
                notes.append(said)
            if (place / name).exists():
                found.append(place / name)
    held = ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    notes.insert(0, f"{called} is a zip; it was opened and holds {held}." if names else f"{called} is empty.")
    opened_again = [_inside(one, scratch, budget, depth + 1) for one in found]
    files = [one for inside, _ in opened_again for one in inside]
    return files, [*notes, *(note for _, more in opened_again for note in more)]
