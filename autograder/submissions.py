"""Where submissions are: a notebook, a folder in nbgrader's layout, any folder of notebooks, a zip from an LMS."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder import store

MAX_ENTRY = 256 << 20
MAX_TOTAL = 4 << 30


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
    """nbgrader's layout: <student>/<assignment>/<notebook>.ipynb."""
    for file in sorted(folder.glob(f"*/{assignment}/*.ipynb")):
        yield Found(store.file_name(file.parent.parent.name), file)


def _loose(folder: Path) -> Iterator[Found]:
    files = sorted(file for file in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in file.parts)
    stems = [file.stem for file in files]
    for file in files:
        alone = stems.count(file.stem) == 1
        name = file.stem if alone else "-".join(file.relative_to(folder).with_suffix("").parts)
        yield Found(store.file_name(name), file)


def _zipped(path: Path, scratch: Path) -> Iterator[Found]:
    """Notebooks in a zip. Names inside are never used as paths; entries that grow beyond bounds are refused."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise ValueError(f"{path} is not a readable zip archive; download it again") from None
    with archive:
        entries = [e for e in archive.infolist() if e.filename.lower().endswith(".ipynb") and not e.is_dir()]
        entries = [e for e in entries if not PurePosixPath(e.filename).parts[0].startswith("__MACOSX")]
        if sum(entry.file_size for entry in entries) > MAX_TOTAL:
            raise ValueError(
                f"{path} would unpack to more than {MAX_TOTAL >> 30} GiB; unpack it by hand and grade the folder"
            )
        stems = [PurePosixPath(entry.filename).stem for entry in entries]
        for number, entry in enumerate(entries):
            inner = PurePosixPath(entry.filename)
            alone = stems.count(inner.stem) == 1
            name = store.file_name(inner.stem if alone else "-".join(inner.with_suffix("").parts))
            target = scratch / f"{number:05d}.ipynb"
            with archive.open(entry) as source, target.open("wb") as out:
                left = MAX_ENTRY
                while left > 0 and (part := source.read(min(left, 1 << 20))):
                    out.write(part)
                    left -= len(part)
            yield Found(name, target)
