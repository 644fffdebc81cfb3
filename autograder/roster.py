"""Who is in the class: a CSV that a learning system exports, and which of its students handed something in.

Read are, by their headers: Canvas' gradebook export (Student, ID, SIS Login ID), Moodle's participants, grades and
grading worksheet (First name, Last name, Username, ID number, Email address; or Identifier, Full name, Email address),
what Blackboard and Brightspace export (Last Name, First Name, Username), and nbgrader's students (id, first_name,
last_name, email, lms_user_id).
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder import spreadsheet
from autograder.submissions import Found

MAX_BYTES = 16 << 20
ACCEPTED = (
    "accepted are a gradebook export of Canvas (Student, ID, SIS Login ID), participants, grades or a grading "
    "worksheet of Moodle (First name, Last name and one of Username, ID number, Email address; or Identifier, Full "
    "name, Email address), and a list of nbgrader's (id, first_name, last_name, email, lms_user_id)"
)
FIRST_LAST, LAST_FIRST = "first name first", "last name first"
FIRST = ("first name", "firstname", "first_name", "given name")
LAST = ("last name", "lastname", "last_name", "surname")
FULL = ("full name", "name", "student")
EMAIL = ("email address", "email", "e-mail address", "e-mail")
Of = Callable[..., str]  # of(row, header, …): what a line holds under the first of these headers that it has
NUMBER = ("id number", "student id", "orgdefinedid", "sis user id")


@dataclass(frozen=True)
class Student:
    """One student. id: the login, by which nbgrader knows the student. lms_id: what the LMS finds a grade's owner by.

    participant: the number that Moodle gives this person in one assignment.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    participant: str = ""

    @property
    def name(self) -> str:
        """The whole name, or the login where there is none."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.id


@dataclass(frozen=True)
class Match:
    """Who is whom. students: name of a submission -> its student. strangers: those whom the roster does not know.

    missing: students who handed in nothing. notes: a sentence for each that could not be decided.
    """

    students: dict[str, Student]
    strangers: tuple[Found, ...]
    missing: tuple[Student, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of the file. system: whose export it is."""

    students: tuple[Student, ...]
    system: str = ""
    _by: dict[tuple[str, str], list[Student]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for one in self.students:
            local = one.id.partition("@")[0] if "@" in one.id else ""
            keys = [("lms", one.lms_id), ("participant", one.participant), ("login", one.id.casefold())]
            keys += [("local", local.casefold()), (FIRST_LAST, plain(one.first_name + one.last_name))]
            keys += [(LAST_FIRST, plain(one.last_name + one.first_name))]
            for key in keys:
                if key[1]:
                    self._by.setdefault(key, []).append(one)

    def match(self, people: Iterable[Found]) -> Match:
        """Find each submission's student: by the ids that its system and the roster share, else by name.

        A name that two students have, or two submissions, decides nothing: it is said, and nobody gets another's work.
        """
        people = list(people)
        order = self._order(people)
        notes: list[str] = []
        claims: dict[str, list[tuple[bool, Found]]] = {}  # login -> (by an id, who)
        for found in people:
            student, by_id, why = self._student(found, order)
            if student:
                claims.setdefault(student.id, []).append((by_id, found))
            elif why:
                notes.append(why)
        known = {one.id: one for one in self.students}
        students: dict[str, Student] = {}
        for login, claiming in claims.items():
            best = [found for by_id, found in claiming if by_id] or [found for _, found in claiming]
            if len(best) == 1:
                students[best[0].name] = known[login]
            rest = [found.name for _, found in claiming if found.name not in students]
            if rest:
                shown, verb = " and ".join(rest), "was" if len(rest) == 1 else "were"
                notes.append(
                    f"{shown} could be {known[login].name} ({login}) as well and {verb} not taken for that student."
                )
        handed_in = {student.id for student in students.values()}
        return Match(
            students,
            tuple(found for found in people if found.name not in students),
            tuple(one for one in self.students if one.id not in handed_in),
            tuple(notes),
        )

    def _student(self, found: Found, order: str) -> tuple[Student | None, bool, str]:
        """Whose submission this is, whether an id says so, and why nobody's where that needs saying."""
        by_id, by_name = self._by_id(found), self._by_name(found)
        if len(by_name) > 1:
            by_name = self._named(found, order) or by_name
        others = {one.id for number in found.doubt for one in self._by.get(("lms", number), [])}
        if by_id and others - {one.id for one in by_id}:
            return (
                None,
                False,
                f"{found.name}: the download's name can be read as two people; it was taken for neither.",
            )
        if len(by_id) == 1:
            return by_id[0], True, ""
        if len(by_name) == 1:
            return by_name[0], False, ""
        if len(by_name) > 1:
            return None, False, f"{found.name}: {len(by_name)} students have this name; it was taken for none of them."
        return None, False, ""

    def _by_id(self, found: Found) -> list[Student]:
        """Students with this submission's id. Only ids of one kind are compared: a number that Moodle made up for an
        assignment may by chance be somebody's student number."""
        if found.system == "Canvas":
            return self._by.get(("lms", found.id), []) if self.system in ("Canvas", "nbgrader") else []
        if found.system == "Moodle":
            return self._by.get(("participant", found.id), [])
        if found.system == "Brightspace":
            names = self._by_name(found)
            return [one for one in self._by.get(("lms", found.id), []) if one in names]
        login = (found.id or found.name).casefold()
        return list(dict.fromkeys([*self._by.get(("login", login), []), *self._by.get(("local", login), [])]))

    def _by_name(self, found: Found) -> list[Student]:
        return list(dict.fromkeys(self._named(found, FIRST_LAST) + self._named(found, LAST_FIRST)))

    def _named(self, found: Found, order: str) -> list[Student]:
        name = plain(found.person or ("" if found.system else found.name))
        return self._by.get((order, name), [])

    def _order(self, people: Iterable[Found]) -> str:
        """Which part of a name this download has first; it tells Wei Liu from Liu Wei."""
        counts = Counter(
            order for found in people for order in (FIRST_LAST, LAST_FIRST) if len(self._named(found, order)) == 1
        )
        return max((FIRST_LAST, LAST_FIRST), key=lambda order: counts[order])


def plain(name: str) -> str:
    """A name by its letters and digits alone: systems drop what else is in it, each in its own way."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


# ---- reading -----------------------------------------------------------------------------------


def read(path: Path) -> Roster:
    """A roster from a CSV. Raises ValueError with a sentence that names the file, and the headers that are accepted."""
    header, rows = _table(path)
    columns = {name.strip().casefold().strip('"'): number for number, name in reversed(list(enumerate(header)))}

    def of(row: list[str], *names: str) -> str:
        for name in names:
            if (number := columns.get(name)) is not None and number < len(row) and row[number].strip():
                return spreadsheet.read(row[number])
        return ""

    if {"first_name", "last_name", "email", "lms_user_id"} & set(columns) and {"id", "student_id"} & set(columns):
        system = "nbgrader"  # its list of students, or its gradebook with a line for each assignment
        students = [
            Student(
                of(row, "id", "student_id"), of(row, *FIRST), of(row, *LAST), of(row, *EMAIL), of(row, "lms_user_id")
            )
            for row in rows
        ]
    elif {"student", "id"} <= set(columns):
        system = "Canvas"
        students = [_of_canvas(row, of) for row in rows if _is_student(row, of)]
    elif "identifier" in columns and set(FULL) & set(columns):
        system = "Moodle"
        students = [_of_worksheet(row, of) for row in rows]
    elif set(FIRST) & set(columns) and set(LAST) & set(columns) and {"username", *NUMBER, *EMAIL} & set(columns):
        system = "Moodle"
        students = [
            Student(
                of(row, "username", *NUMBER, *EMAIL).lstrip("#"),
                of(row, *FIRST),
                of(row, *LAST),
                of(row, *EMAIL),
                of(row, *NUMBER).lstrip("#"),
            )
            for row in rows
        ]
    else:
        shown = ", ".join(header[:8]) or "nothing"
        raise ValueError(f"{path}: the first line holds {shown}, by which no students can be told; {ACCEPTED}")
    return _checked(path, students, system)


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    else:
        raise ValueError(f"{path} is no text; {ACCEPTED}")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV ({error}); {ACCEPTED}") from None
    if not rows:
        raise ValueError(f"{path} is empty or larger than {MAX_BYTES >> 20} MiB; {ACCEPTED}")
    return rows[0], rows[1:]


def _is_student(row: list[str], of: Of) -> bool:
    """Canvas adds lines of its own: points possible, how grades are posted, a test student."""
    name, number, login = of(row, "student"), of(row, "id"), of(row, "sis login id")
    test = name == "Student, Test" and (not login or re.fullmatch(r"[0-9a-f]{40}", login))
    return bool(number or login) and not test and not name.casefold().startswith("points possible")


def _of_canvas(row: list[str], of: Of) -> Student:
    last, comma, first = of(row, "student").partition(",")
    if not comma:
        first, _, last = last.rpartition(" ")
    login = of(row, "sis login id", "sis user id", "id")
    email = login if "@" in login.strip("@") else of(row, *EMAIL)
    return Student(login, first.strip(), last.strip(), email, of(row, "id"))


def _of_worksheet(row: list[str], of: Of) -> Student:
    first, _, last = of(row, *FULL).rpartition(" ")
    number = re.sub(r"\D", "", of(row, "identifier"))
    login = of(row, "username", *NUMBER, *EMAIL) or number
    return Student(login, first, last, of(row, *EMAIL), of(row, *NUMBER), number)


def _checked(path: Path, students: list[Student], system: str) -> Roster:
    students = list(dict.fromkeys(one for one in students if one.id))
    seen: set[str] = set()
    for one in students:
        if one.id.casefold() in seen:
            raise ValueError(f"{path}: {one.id} stands for two students; each needs a login of its own")
        seen.add(one.id.casefold())
    if not students:
        raise ValueError(f"{path} lists no students")
    return Roster(tuple(students), system)
