"""What student code can see of the machine: single pieces, at places that say nothing about where they come from.

    /python      the interpreter, its standard library, the shared libraries that these and the packages below need
    /libraries   the packages that student code may import, with what they need; of their metadata only versions and
                 entry points: no RECORD, no direct_url.json, no finder or .pth of an editable install
    /course      course_lib and the worker's own source

and the dynamic loader at its usual place. No system tree is shown as a whole, so that a course below /usr stays hidden;
where something secret does lie inside a piece, `refuse` says so before anything is graded.

Runs on the grader's side. Standard library only.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

COURSE, PYTHON, LIBRARIES = "/course", "/python", "/libraries"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
COVERED = ("site-packages", "dist-packages", "test", "idlelib", "ensurepip")  # of the standard library's folder
FACTS = ("METADATA", "PKG-INFO", "entry_points.txt")  # of a package's metadata
SHARED = re.compile(r"\.so(\.[\d.]+)?$")
UNNAMED = "libgcc_s.so.1"  # the C library loads it when a thread is cancelled
FALLBACK = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")  # where there is no cache of the loader's


class IsolationMissing(RuntimeError):
    """This machine cannot isolate student code; the text says why and what to do."""


@dataclass(frozen=True)
class Sight:
    """What is shown. pieces: place inside -> place on this machine, links resolved. covered: empty folders over some.

    start: the interpreter's place inside.
    """

    pieces: Mapping[str, str]
    covered: tuple[str, ...]
    start: str = f"{PYTHON}/bin/{VERSION}"

    def bare(self, path: str) -> str | None:
        """The piece, on this machine, in which a path can be read; None if it lies in none or under a cover."""
        for inside, outside in self.pieces.items():
            if path == outside or path.startswith(outside + "/"):
                place = inside + path[len(outside) :]
                if not any((place + "/").startswith(cover + "/") for cover in self.covered):
                    return outside
        return None


@cache
def python(libraries: tuple[str, ...]) -> Sight:
    """This Python with these packages and what they need. Raises IsolationMissing where one cannot be found."""
    executable = os.path.realpath(sys.executable)
    library = os.path.realpath(sysconfig.get_path("stdlib"))
    there = f"{PYTHON}/{sys.platlibdir}/{VERSION}"
    pieces = {f"{PYTHON}/bin/{VERSION}": executable, there: library}
    for name in packages(libraries):
        pieces |= {f"{LIBRARIES}/{part}": os.path.realpath(place) for part, place in _parts(name)}
    pieces |= _shared(executable, pieces)
    inner = [name for name in COVERED if os.path.isdir(os.path.join(library, name))]
    inner += [name for name in os.listdir(library) if name.startswith("config-")]  # Makefile and the like
    return Sight(dict(sorted(pieces.items())), tuple(f"{there}/{name}" for name in sorted(inner)))


def with_course(sight: Sight, course_lib: Path, worker: Path) -> Sight:
    """The same, and course_lib (without its tests, which hold right answers) and the worker's source."""
    own = {f"{COURSE}/course_lib": course_lib, f"{COURSE}/autograder/worker": worker}
    pieces = {**sight.pieces, **{inside: os.path.realpath(place) for inside, place in own.items()}}
    tests = [f"{COURSE}/course_lib/tests"] if (course_lib / "tests").is_dir() else []
    return Sight(pieces, (*sight.covered, *tests), sight.start)


def places(sight: Sight) -> list[tuple[str, bool]]:
    """(place on this machine, whether all below it is shown) for Landlock, which knows no covers."""
    found = []
    for inside, outside in sight.pieces.items():
        covers = {cover[len(inside) + 1 :] for cover in sight.covered if cover.startswith(inside + "/")}
        if covers:
            found += [(os.path.join(outside, name), True) for name in os.listdir(outside) if name not in covers]
        found.append((outside, not covers))
    found += [(os.path.join(sys.prefix, "pyvenv.cfg"), True), ("/etc/ld.so.cache", True)]
    return found + [(sysconfig.get_path(name), False) for name in ("purelib", "platlib")]


def refuse(sight: Sight, secrets: Iterable[Path]) -> None:
    """Raise IsolationMissing, with the path, where something secret lies inside what student code is shown."""
    for secret in secrets:
        if (piece := sight.bare(os.path.realpath(secret))) is not None:
            raise IsolationMissing(
                f"Student code could read {secret}, so nothing was graded: it lies inside {piece}, which student code "
                "needs. Move the course, its workspace and what was handed in out of the folders of Python, its "
                "packages and course_lib."
            )
    pieces = set(sight.pieces.values())
    for place in _mounts():
        if place not in pieces and (piece := sight.bare(place)) is not None:
            raise IsolationMissing(
                f"Student code could read {place}, so nothing was graded: something is mounted there, inside {piece}, "
                "which student code needs. Mount it elsewhere."
            )


def _mounts() -> list[str]:
    """Where something is mounted on this machine."""
    lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    return [re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split()[4]) for line in lines]


# ---- packages ----------------------------------------------------------------------------------


def packages(libraries: Iterable[str]) -> list[str]:
    """These distributions and those that they need, as far as they are installed; extras are left out."""
    found: dict[str, None] = {}
    waiting = list(libraries)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            needs = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        found[name] = None
        for need in needs:
            wanted, _, condition = need.partition(";")
            if "extra" not in condition:
                waiting += re.findall(r"^[\w.-]+", wanted.strip())
    return list(found)


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """(name below /libraries, place) of a distribution's modules and packages, and of the facts about it."""
    distribution = metadata.distribution(name)
    folder = str(distribution.locate_file(""))
    tops: dict[str, None] = {}
    for file in _files(distribution):
        top, _, rest = file.partition("/")
        if top.endswith((".dist-info", ".egg-info")):
            if rest in FACTS:
                yield file, os.path.join(folder, file)
        elif (rest or SHARED.search(top) or top.endswith(".py")) and top not in ("", "..", "__pylisted_"):
            tops[top] = None
    tops = {top: None for top in tops if "__editable__" not in top}
    if not tops:  # without a list of its files, or installed from a folder of its own
        tops = dict.fromkeys((distribution.read_text("top_level.txt") or name.replace("-", "_")).split())
    for top in tops:
        place = os.path.join(folder, top)
        if not os.path.exists(place):
            with suppress(ImportError, ValueError):
                spec = importlib.util.find_spec(top)
                place = (spec and spec.origin) or place
            if os.path.basename(place) == "__init__.py":
                place = os.path.dirname(place)
        if os.path.exists(place):
            yield (top if os.path.isdir(place) else os.path.basename(place)), place
            yield from _compiled(place)


def _files(distribution: metadata.Distribution) -> list[str]:
    """Its files as RECORD lists them; `Distribution.files` says the same in a hundred times the time."""
    lines = (distribution.read_text("RECORD") or "").splitlines()
    return [line.rsplit(",", 2)[0].strip('"') for line in lines]


def _compiled(place: str) -> Iterator[tuple[str, str]]:
    if place.endswith(".py"):
        compiled = Path(importlib.util.cache_from_source(place))
        if compiled.exists():
            yield f"__pylisted_/{compiled.name}", str(compiled)


# ---- shared libraries --------------------------------------------------------------------------


def _shared(executable: str, pieces: Mapping[str, str]) -> dict[str, str]:
    """The loader, and every library that the pieces ask for and do not hold: place inside -> place here."""
    first = Elf.read(executable)
    if first is None:
        raise IsolationMissing(f"{executable} is no program of Linux, so student code cannot be isolated with it.")
    found: dict[str, str] = {first.loader: os.path.realpath(first.loader)} if first.loader else {}
    listed: dict[str, list[str]] = _cached()
    names: dict[str, str | None] = {}
    waiting = [executable, *(file for place in pieces.values() for file in _libraries(place))]
    own = {os.path.basename(file) for file in waiting}
    for file in waiting:  # which grows
        binary = Elf.read(file)
        if binary is None or binary.kind != first.kind:
            continue
        for name in (*binary.needed, UNNAMED):
            if name in own or name in names:
                continue
            folders = [folder.replace("$ORIGIN", os.path.dirname(file)) for folder in binary.folders]
            candidates = [os.path.join(folder, name) for folder in folders] + listed.get(name, [])
            candidates += [os.path.join(folder, name) for folder in FALLBACK]
            place = next((one for one in candidates if (read := Elf.read(one)) and read.kind == first.kind), None)
            names[name] = place
            if place:  # else whoever asks for it cannot be imported outside either
                waiting.append(os.path.realpath(place))
    known = {name: os.path.realpath(place) for name, place in names.items() if place}
    loader = os.path.basename(first.loader)
    return found | {f"{PYTHON}/lib/{name}": place for name, place in known.items() if name != loader}


def _libraries(place: str) -> Iterator[str]:
    if os.path.isfile(place):
        yield from [place] if SHARED.search(place) else []
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name not in COVERED]
        yield from (os.path.join(folder, name) for name in files if SHARED.search(name))


def _cached() -> dict[str, list[str]]:
    """The loader's cache: name -> places."""
    tool = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    text = ""
    if tool:
        text = subprocess.run([tool, "-p"], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    found: dict[str, list[str]] = {}
    for name, place in re.findall(r"^\s*(\S+) \([^\n]*\) => (\S+)$", text, re.MULTILINE):
        found.setdefault(name, []).append(place)
    return found


@dataclass(frozen=True)
class Elf:
    """A program or shared library. kind: class and machine. needed: names of libraries. folders: where it looks first.

    loader: the path of its dynamic loader, or an empty string.
    """

    kind: tuple[int, int]
    needed: tuple[str, ...]
    folders: tuple[str, ...]
    loader: str

    @classmethod
    def read(cls, file: str) -> Elf | None:
        """None for what is no 64-bit little-endian ELF file, or is damaged."""
        try:
            with open(file, "rb") as opened:
                return cls._of(opened.fileno())
        except (OSError, struct.error, ValueError, OverflowError, LookupError, StopIteration):
            return None

    @classmethod
    def _of(cls, number: int) -> Elf | None:
        head = os.pread(number, 64, 0)
        if head[:6] != b"\x7fELF\x02\x01":
            return None
        machine, start, size, count = struct.unpack_from("<H", head, 18)[0], *struct.unpack_from("<32xQ14xHH", head)
        loads, dynamic, loader = [], b"", ""
        for index in range(count):
            row = struct.unpack("<IIQQQQQQ", os.pread(number, 56, start + index * size))
            kind, offset, address, length = row[0], row[2], row[3], row[5]
            if kind == 1:
                loads.append((address, offset, length))
            elif kind == 2:
                dynamic = os.pread(number, length, offset)
            elif kind == 3:
                loader = os.pread(number, length, offset).split(b"\0")[0].decode()
        tags = list(struct.iter_unpack("<qQ", dynamic[: len(dynamic) // 16 * 16]))
        values = dict(tags)
        if 5 not in values:
            return cls((head[4], machine), (), (), loader)
        place = next(values[5] - at + offset for at, offset, length in loads if at <= values[5] < at + length)
        strings = os.pread(number, values[10], place)

        def text(at: int) -> str:
            return strings[at : strings.index(b"\0", at)].decode()

        needed = tuple(text(value) for tag, value in tags if tag == 1)
        folders = [folder for tag, value in tags if tag in (15, 29) for folder in text(value).split(":")]
        folders = [folder.replace("${ORIGIN}", "$ORIGIN") for folder in folders if folder]
        return cls((head[4], machine), needed, tuple(folders), loader)
