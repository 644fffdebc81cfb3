"""From a download into nbgrader's `submitted/`, and from a roster into its gradebook.

Files are kept as they were handed in, zips closed. Collecting again changes only what has changed; whatever an attempt
replaces, and the earlier attempts that a download holds, are kept in `<grading>/earlier/<student>/<assignment>/`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from nbgrader.api import Gradebook

from autograder import archive, gradebook, paths, store, submissions, words
from autograder.roster import Match, Roster
from autograder.submissions import Download, Found

STAMP = "timestamp.txt"
NEW, REPLACED, UNCHANGED, OLDER = "new", "replaced", "unchanged", "older than what is there"


@dataclass(frozen=True)
class Collected:
    """One person's outcome. student: the folder's name. outcome: one of the four. notes: what there is to say."""

    student: str
    outcome: str
    files: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Collection:
    """What was collected. sentence: what the download was read as. match: with the roster, None without one."""

    sentence: str
    people: tuple[Collected, ...]
    match: Match | None

    @property
    def tally(self) -> str:
        """One line whose numbers add up; whoever is missing or unknown is named."""
        missing = [f"{words.line(one.name)} ({words.line(one.id)})" for one in self.match.missing] if self.match else []
        total = len(self.people) + len(missing)
        parts = [f"{total} {'person' if total == 1 else 'people'}: {len(self.people)} collected"]
        counts = [(sum(one.outcome == what for one in self.people), what) for what in (NEW, REPLACED, UNCHANGED, OLDER)]
        parts[0] += f" ({', '.join(f'{count} {what}' for count, what in counts if count)})"
        if empty := [words.line(one.student) for one in self.people if not one.files]:
            parts.append(f"{len(empty)} of them without a file ({', '.join(empty)})")
        if missing:
            parts.append(f"{len(missing)} missing ({', '.join(missing)})")
        if self.match and self.match.strangers:
            parts.append(f"not on the roster: {', '.join(words.line(found.name) for found in self.match.strangers)}")
        return ", ".join(parts)


def collect(
    assignment: str, path: Path, roster: Roster | None, say: Callable[[Collected], None] = lambda one: None
) -> Collection:
    """Collect what is at a path. Raises what `submissions.find` raises, and ValueError for a login that is no name of
    a folder; what the gradebook raises when there is no way to write it."""
    for one in roster.students if roster else ():
        if archive.safe(one.id) != one.id:
            raise ValueError(f"{one.id!r} on the roster cannot be the name of a folder")
    with tempfile.TemporaryDirectory(dir=paths.grading(), prefix=".collect-") as scratch:
        download = submissions.read(path, assignment, Path(scratch), as_handed_in=True)
        match = roster.match(download.people) if roster else None
        students = {name: one.id for name, one in match.students.items()} if match else {}
        logins = {one.id for one in roster.students} if roster else set()
        people = []
        for found in download.people:
            notes = []
            if found.name in students and found.name not in logins:
                notes = _renamed(assignment, found.name, students[found.name])
            people.append(_put(assignment, students.get(found.name, found.name), found, download, notes))
            say(people[-1])
    _write_students(roster, [found for found in download.people if found.name not in students])
    return Collection(download.sentence, tuple(people), match)


# ---- one person --------------------------------------------------------------------------------


def _renamed(assignment: str, name: str, student: str) -> list[str]:
    """Put away what was collected under the system's name, before a roster knew the student's login."""
    before = paths.grading() / "submitted" / name / assignment
    if not before.exists():
        return []
    _keep(assignment, student, before)
    if not any(before.parent.iterdir()):
        before.parent.rmdir()
    return [
        f"Was collected as {name} before, which is now in {_shown(assignment, student)}. If it was graded, "
        f"`nbgrader db student remove {name} --force` takes it out of the gradebook."
    ]


def _put(assignment: str, student: str, found: Found, download: Download, said: list[str]) -> Collected:
    """Bring one student's folder up to date."""
    place = paths.grading() / "submitted" / student / assignment
    notes = [*said, *found.notes]
    for one in download.earlier.get(found.name, []):
        _keep_files(assignment, student, _named(one.files, download), one.label)
    files = _named(found.files, download)
    stamp = _stamp(found.time)
    if not place.exists():
        _write(place, files, stamp)
        return Collected(student, NEW, tuple(files), tuple(notes))
    if _digests(_there(place)) == _digests(files) and (not stamp or _read(place / STAMP) == stamp):
        return Collected(student, UNCHANGED, tuple(files), tuple(notes))
    older = bool(stamp and _read(place / STAMP) > stamp)
    if older or (not files and _there(place)):
        _keep_files(assignment, student, files, found.time.replace(":", "-") or "attempt")
        notes.append(f"What was collected before {'is newer and ' if older else ''}stays.")
        return Collected(student, OLDER if older else UNCHANGED, tuple(_there(place)), tuple(notes))
    _keep(assignment, student, place)
    _write(place, files, stamp)
    notes.append(f"What was collected before is in {_shown(assignment, student)}.")
    return Collected(student, REPLACED, tuple(files), tuple(notes))


def _named(files: Iterable[Path], download: Download) -> dict[str, Path]:
    """Files by the names that they get here: as handed in, made safe, each its own."""
    found: dict[str, Path] = {}
    for file in files:
        name = archive.safe(PurePosixPath(download.names.get(file, file.name)).name)
        found[archive.free(name, {*found, STAMP})] = file
    return found


def _write(place: Path, files: Mapping[str, Path], stamp: str) -> None:
    """Make a folder so that it is there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix=".part-"))
    for name, file in files.items():
        shutil.copy2(file, made / name)
    if stamp:
        store.write(made / STAMP, stamp)
    made.chmod(0o755)
    os.replace(made, place)


def _keep(assignment: str, student: str, place: Path) -> None:
    """Move a folder to the earlier attempts."""
    label = _read(place / STAMP).replace(":", "-") or "attempt"
    _keep_files(assignment, student, _there(place), label)
    shutil.rmtree(place)


def _keep_files(assignment: str, student: str, files: Mapping[str, Path], label: str) -> None:
    """Copy files to the earlier attempts, unless these very files are there."""
    folder = paths.grading() / "earlier" / student / assignment
    kept = list(folder.iterdir()) if folder.exists() else []
    wanted = _digests(files)
    if not files or any(_digests(_there(one)) == wanted for one in kept):
        return
    _write(folder / archive.free(archive.safe(label), {one.name for one in kept}), files, "")


def _there(place: Path) -> dict[str, Path]:
    files = sorted(file for file in place.rglob("*") if file.is_file() and not file.is_symlink())
    return {str(file.relative_to(place)): file for file in files if file.name != STAMP}


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    found = {}
    for name, file in files.items():
        with file.open("rb") as content:
            found[name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def _stamp(time: str) -> str:
    """A local time as nbgrader writes it in timestamp.txt; empty without one."""
    if not time:
        return ""
    moment = datetime.fromisoformat(time).astimezone(timezone.utc)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _read(stamp: Path) -> str:
    try:
        return stamp.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _shown(assignment: str, student: str) -> Path:
    folder = paths.grading() / "earlier" / student / assignment
    return folder.relative_to(paths.ROOT) if folder.is_relative_to(paths.ROOT) else folder


# ---- the gradebook -----------------------------------------------------------------------------


def _write_students(roster: Roster | None, strangers: Iterable[Found]) -> None:
    """Names, addresses and the LMS's ids into nbgrader's gradebook, which is made if need be.

    Without a roster, Canvas' ids are still known: by them Canvas finds whose grade a line is.
    """
    rows = {
        one.id: {
            "first_name": one.first_name,
            "last_name": one.last_name,
            "email": one.email,
            "lms_user_id": one.lms_id,
        }
        for one in (roster.students if roster else ())
    }
    rows |= {found.name: {"lms_user_id": found.id} for found in strangers if found.system == "Canvas"}
    if not rows:
        return
    with _alembic_on_path(), Gradebook(gradebook.url(), gradebook.COURSE) as book:
        there = {one.id: one for one in book.students}
        for login, facts in rows.items():
            new = {key: value for key, value in facts.items() if value}
            if login not in there or any(getattr(there[login], key) != value for key, value in new.items()):
                book.update_or_create_student(login, **new)


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """nbgrader calls alembic by its name when it makes a gradebook."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before
