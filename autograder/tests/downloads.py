"""Downloads as learning systems make them: thirty people, each with a habit of their own. Lists of (path, bytes).

The names follow the systems' own rules for making them (see `autograder.lms`), not our rules for reading them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Entries = list[tuple[str, bytes]]
NOTEBOOK = "attention_by_hand.ipynb"


@dataclass(frozen=True)
class Person:
    """first, last: the name. login. number: the system's id. kind: what this person does, a key of KINDS."""

    first: str
    last: str
    login: str
    number: int
    kind: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def zipped(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 10, 11, 12)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def notebook(person: Person, attempt: int = 1) -> bytes:
    """Content that says whose it is: what tests compare. Enough to be told from another attempt."""
    return f'{{"cells": [], "metadata": {{"of": "{person.number} attempt {attempt}"}}}}'.encode()


DOCX = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"))
# kind -> files of one attempt, as the student named them
KINDS: dict[str, Callable[[bytes], Entries]] = {
    "plain": lambda data: [(NOTEBOOK, data)],
    "browser's copy": lambda data: [("attention_by_hand (1).ipynb", data)],
    "Jupyter's copy": lambda data: [("attention_by_hand-Copy1.ipynb", data)],
    "text": lambda data: [("attention_by_hand.ipynb.txt", data)],
    "json": lambda data: [("attention_by_hand.json", data)],
    "capitals": lambda data: [("ATTENTION.IPYNB", data)],
    "no ending": lambda data: [("attention_by_hand", data)],
    "zip": lambda data: [("work.zip", zipped((NOTEBOOK, data)))],
    "zip in a zip": lambda data: [("work.zip", zipped(("a/b.zip", zipped(("c/" + NOTEBOOK, data))), ("x.csv", b"1")))],
    "pdf": lambda data: [("printed.pdf", b"%PDF-1.7 " + data)],
    "docx": lambda data: [("answers.docx", DOCX)],
    "page": lambda data: [("attention_by_hand.html", b"<html></html>")],
    "two files": lambda data: [(NOTEBOOK, data), ("picture.png", b"\x89PNG")],
    "a classmate's name": lambda data: [("smithjohn_99999_88888_hw.ipynb", data)],
    "a classmate's folder": lambda data: [("Ada Lovelace_1_assignsubmission_file_hw.ipynb", data)],
    "a date": lambda data: [("2026_11_20_a1_x_attempt_2026-01-01-01-01-01_hw.ipynb", data)],
    "quotes": lambda data: [('it\'s "mine" & <b>.ipynb'.replace('"', "'"), data)],
    "unicode": lambda data: [("Übung – 注意.ipynb", data)],
    "typed": lambda data: [],
    "late": lambda data: [(NOTEBOOK, data)],
    "twice": lambda data: [(NOTEBOOK, data)],
    "thrice, late": lambda data: [(NOTEBOOK, data)],
}
NOTHING = ("pdf", "docx", "page", "typed")
NAMES = [
    ("Ada", "Lovelace"),
    ("John", "Smith"),
    ("John", "Smith"),  # another one
    ("Jörg", "Müller"),
    ("Miles", "O'Brien"),
    ("Anne - Marie", "Lee"),
    ("Mary-Ann", "Smith-Jones"),
    ("小明", "王"),
    ("Jean", "d'Arc_Dupont"),
    ("Late", "Attempt"),
    ("Text", "Link"),
    ("Pelé", "3rd"),
    ('Zoë "Zed"', "Quinn"),
    ("Wei", "Liu"),
    ("Liu", "Wei"),
]


def people(count: int = 30) -> list[Person]:
    kinds = list(KINDS)
    found = []
    for number in range(count):
        first, last = NAMES[number] if number < len(NAMES) else (f"First{number}", f"Last{number}")
        found.append(Person(first, last, f"u_{number:03d}", 10001 + 7 * number, kinds[number % len(kinds)]))
    return found


def attempts(person: Person) -> int:
    return {"twice": 2, "thrice, late": 3}.get(person.kind, 1)


def is_late(person: Person) -> bool:
    return "late" in person.kind


# ---- the systems -------------------------------------------------------------------------------


def canvas(class_: Iterable[Person]) -> Entries:
    """lib/content_zipper.rb: only the last attempt is in it, and only a number says that there were others."""
    found: Entries = []
    for number, person in enumerate(class_):
        user = re.sub(r"_(\d+)_", r"\1", f"{person.last}, {person.first}").lower()
        start = re.sub(r"\W", "", "_".join([user, *(["LATE"] if is_late(person) else []), str(person.number)]))
        if person.kind == "typed":
            found.append((f"{start}_text.html", b"<p>my answer</p>"))
        for at, (name, data) in enumerate(KINDS[person.kind](notebook(person, attempts(person)))):
            stem, dot, ending = name.partition(".")
            again = f"-{attempts(person) - 1}" if attempts(person) > 1 else ""
            name = re.sub(r'[\x00/\\:*?"<>|]+', "_", f"{stem}{again}{dot}{ending}")
            found.append((f"{start}_{6780000 + 10 * number + at}_{name}", data))
    return found


def moodle(class_: Iterable[Person], *, flat: bool = False, slash: str = "/", blind: bool = False) -> Entries:
    """mod/assign/classes/downloader.php, in folders as it comes or flat."""
    found: Entries = []
    for person in class_:
        full = "Participant" if blind else re.sub(r"[&<>\"`|':\\/]", "", person.name.replace("_", " "))
        start = f"{full}_{person.number}_assignsubmission"
        between = "_" if flat else f"_{slash}"
        if person.kind in ("typed", "two files"):
            found.append((f"{start}_onlinetext{between}onlinetext.html", b"<p>my answer</p>"))
        for name, data in KINDS[person.kind](notebook(person, attempts(person))):
            found.append((f"{start}_file{between}{name.replace(chr(39), '')}", data))
    return found


def blackboard(class_: Iterable[Person], assignment: str = "a1_hand in_1") -> Entries:
    found: Entries = []
    for person in class_:
        for attempt in range(1, attempts(person) + 1):
            start = f"{assignment}_{person.login}_attempt_2026-11-{10 + attempt}-10-11-12"
            files = KINDS[person.kind](notebook(person, attempt))
            typed = "my answer" if person.kind == "typed" else "There is no student submission text data."
            found += [(f"{start}_{name}", data) for name, data in files]
            status = "\nStatus: Late" if is_late(person) else ""
            report = (
                f"Name: {person.name} ({person.login})\nAssignment: {assignment}\n"
                f"Date Submitted: Friday, {10 + attempt} November 2026 10:11:12 o'clock GMT\nCurrent Mark: {status}\n\n"
                f"Submission Field:\n{typed}\n\nComments:\nName: John Smith (u_001)\n\nFiles:\n"
            )
            found.append((f"{start}.txt", report.encode()))
    return found


def brightspace(class_: Iterable[Person], *, flat: bool = False) -> Entries:
    found: Entries = [("index.html", b"<html>all submissions</html>")]
    for person in class_:
        name = re.sub(r'[\\/:*?"<>|]', "", person.name)
        for attempt in range(1, attempts(person) + 1):
            start = f"{person.number}-678901 - {name} - Nov {10 + attempt}, 2026 1011 PM"
            for file, data in KINDS[person.kind](notebook(person, attempt)):
                found.append((f"{start}{' - ' if flat else '/'}{file}", data))
            if person.kind == "typed":
                found.append((f"{start}{' - ' if flat else '/'}Text Submission.html", b"<p>my answer</p>"))
    return found


JUNK: Entries = [
    ("__MACOSX/._x.ipynb", b"\0"),
    (".DS_Store", b"\0"),
    ("Thumbs.db", b"\0"),
    (".ipynb_checkpoints/x-checkpoint.ipynb", b"{}"),
    ("._lovelaceada_10001_6780000_attention_by_hand.ipynb", b"\0"),
]


# ---- writing them ------------------------------------------------------------------------------


def pack(file: Path, entries: Entries) -> Path:
    file.write_bytes(zipped(*entries))
    return file


def lay_out(folder: Path, entries: Entries) -> Path:
    """Unpacked by hand."""
    for name, data in entries:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder
