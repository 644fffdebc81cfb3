"""Where submissions are: a notebook, a folder in nbgrader's layout, any folder of notebooks, a zip from an LMS."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from autograder import skeleton, store

MAX_ENTRY = 256 << 20
MAX_TOTAL = 4 << 30
MAX_COUNT = 10_000


@dataclass(frozen=True)
class Found:
    """A submission: its identifier (used in file names) and its file."""

    name: str
    file: Path


def find(path: Path, assignment: str, scratch: Path) -> list[Found]:
    """The submissions at a path. scratch: an empty folder for what is unpacked.

    Raises FileNotFoundError and ValueError with a sentence that names the path and the way out.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    if path.is_file() and path.suffix.lower() == ".zip":
        found = list(_zipped(path, scratch))
    elif path.is_file():
        return [Found(store.file_name(path.stem), path)]
    else:
        found = list(_submitted(path, assignment)) or list(_loose(path))
    if not found:
        raise ValueError(
            f"{path} holds no notebook (.ipynb); expected notebooks or student/{assignment}/notebook.ipynb"
        )
    return found


def _submitted(folder: Path, assignment: str) -> Iterator[Found]:
    """nbgrader's layout: <student>/<assignment>/<notebook>.ipynb; of several notebooks, the one named as released."""
    released = skeleton.path(assignment).name
    for place in sorted(folder.glob(f"*/{assignment}")):
        files = sorted(file for file in place.glob("*.ipynb") if _wanted(file.relative_to(folder)))
        named = [file for file in files if file.name == released]
        for file in named or files:
            yield Found(store.file_name(place.parent.name), file)


def _loose(folder: Path) -> Iterator[Found]:
    files = sorted(file for file in folder.rglob("*.ipynb") if _wanted(file.relative_to(folder)) and file.is_file())
    stems = [file.stem for file in files]
    for file in files:
        alone = stems.count(file.stem) == 1
        name = file.stem if alone else "-".join(file.relative_to(folder).with_suffix("").parts)
        yield Found(store.file_name(name), file)


def _wanted(place: PurePath) -> bool:
    """Whether a notebook is one that a person saved, and not a checkpoint or what macOS puts beside it."""
    return not place.name.startswith("._") and not {".ipynb_checkpoints", "__MACOSX"} & set(place.parts)


def _zipped(path: Path, scratch: Path) -> Iterator[Found]:
    """Notebooks in a zip. Names inside are never used as paths; entries that grow beyond bounds are cut."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise ValueError(f"{path} is not a readable zip archive; download it again") from None
    with archive:
        entries = [e for e in archive.infolist() if e.filename.lower().endswith(".ipynb") and not e.is_dir()]
        entries = [e for e in entries if _wanted(PurePosixPath(e.filename))]
        if sum(entry.file_size for entry in entries) > MAX_TOTAL or len(entries) > MAX_COUNT:
            raise ValueError(
                f"{path} would unpack to more than {MAX_TOTAL >> 30} GiB or {MAX_COUNT} notebooks; "
                "unpack it by hand and grade the folder"
            )
        stems = [PurePosixPath(entry.filename).stem for entry in entries]
        for number, entry in enumerate(entries):
            if entry.flag_bits & 0x1:
                raise ValueError(f"{path} is protected by a password; unpack it by hand and grade the folder")
            inner = PurePosixPath(entry.filename)
            alone = stems.count(inner.stem) == 1
            name = store.file_name(inner.stem if alone else "-".join(inner.with_suffix("").parts))
            target = scratch / f"{number:05d}.ipynb"
            _unpack(archive, entry, target)
            yield Found(name, target)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write an entry to a file, as far as it can be read: what is damaged becomes a damaged notebook, with a report."""
    with target.open("wb") as out:
        try:
            with archive.open(entry) as source:
                left = MAX_ENTRY
                while left > 0 and (part := source.read(min(left, 1 << 20))):
                    out.write(part)
                    left -= len(part)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError):
            return


def files_in(folder: Path) -> list[Path]:
    """What one person handed in: all files of a folder, checkpoints and nbgrader's timestamp left out."""
    files = sorted(file for file in folder.rglob("*") if not file.is_dir() and file.name != "timestamp.txt")
    return [file for file in files if _wanted(file.relative_to(folder)) and not file.name.startswith(".")]


def expanded(files: Iterable[Path], scratch: Path) -> tuple[list[Path], list[str]]:
    return list(files), []
