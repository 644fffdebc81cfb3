"""How learning systems name what they let teachers download: who somebody is, which attempt, when, how late.

Each convention reads only the part of a path that the system writes, from its left end. What a student chose (the name
of a file, folders in it) comes after that part and decides nothing. Where the conventions come from:

- Canvas: lib/content_zipper.rb of canvas-lms. `lovelaceada_LATE_12345_678901_name-2.ipynb`: the sortable name in lower
  case without what is no letter, digit or underscore (and without a number between underscores), LATE, the user's id,
  the file's id, the name of the file; `-2` when the student had handed in a file of that name before. In place of
  the file's id and name, `text.html` and `link.html` for what was typed. Anonymous: `anon_Ab12C` for user and id.
- Moodle: mod/assign/classes/downloader.php. `Ada Lovelace_123456_assignsubmission_file/…`, with a `_` at the end before
  Moodle 4.1, or everything in one folder and the file's name after that `_`; `onlinetext` for what was typed. The
  number is the assignment's own for that person (its grading worksheet lists it), not the user's id. Names have
  neither underscores nor quotes in them. Groups without a number are possible.
- Blackboard: `Assignment_login_attempt_2026-11-20-10-11-12_name.ipynb` and for each attempt a text file that ends
  after the time: "Name: Ada Lovelace (login)", "Date Submitted: …". As read by the tools that its users publish
  (kwurst/bb-file-cleanup and vangef/BBGradebookOrganiser among them); Blackboard documents none of it.
- Brightspace (D2L): `12345-678901 - Ada Lovelace - Nov 20, 2026 1011 AM/name.ipynb`, in older versions with ` - name`
  behind it instead of a folder, and an index.html beside them. As its users' tools read it, undocumented as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

REPORT_BYTES = 1 << 16
LONGEST = 1000  # characters of a name; file systems allow 255


@dataclass(frozen=True)
class Mark:
    """What a system's name says.

    who: tells people apart. label: who that is, for people and file names. person, id: as in `submissions.Found`.
    name: of the file as handed in, empty for a folder. attempt: sorts by time, the newest last. time: when it was
    handed in (local, ISO) or empty. version: (name without its number, number) where the system numbers files that
    were handed in again. report: the system wrote the file. doubt: other ids that the name could hold.
    """

    who: tuple[str, ...]
    label: str
    person: str = ""
    id: str = ""
    name: str = ""
    attempt: str = ""
    time: str = ""
    late: bool = False
    version: tuple[str, int] | None = None
    report: bool = False
    text: bool = False
    doubt: tuple[str, ...] = ()


Marks = list["Mark | None"]


@dataclass(frozen=True)
class Convention:
    """A system's naming. read: names at one depth -> what each says, None where it is no such name; `text_of` reads
    one of these names' beginning as text. own: names of files that the system adds for itself."""

    system: str
    read: Callable[[Sequence[str], Callable[[str], str]], Marks]
    own: frozenset[str] = frozenset()


# ---- Canvas ------------------------------------------------------------------------------------

CANVAS = re.compile(
    r"(?P<user>\w*?)_(?P<late>LATE_)?(?P<id>[1-9]\d*)_(?:(?P<file>[1-9]\d*)_(?P<name>.*)|(?P<typed>(?:text|link)\.html))",
    re.DOTALL,
)
ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[A-Za-z0-9]+)_(?:(?P<file>\d+)_(?P<name>.*)|(?P<typed>(?:text|link)\.html))",
    re.DOTALL,
)
SHIFTED = re.compile(r"(?P<file>[1-9]\d*)_(?P<name>.*)", re.DOTALL)
AGAIN = re.compile(r"(?P<stem>.*)-(?P<number>[1-9]\d?)(?P<ending>(?:\.[A-Za-z][A-Za-z0-9]*)*)", re.DOTALL)


def canvas(names: Sequence[str], text_of: Callable[[str], str]) -> Marks:
    """Canvas' names. Where people may name themselves, `smithjohn_99999` is a name like any other, and
    `smithjohn_99999_12345_678901_hw.ipynb` can be read in two ways; the ids of all other files then decide."""
    readings = [_canvas(name) for name in names]
    ids = [shown[0][1] for shown in readings if shown and shown[0][1]]
    if 2 * len(set(ids)) < len(ids):  # every file has an id of its own in Canvas: these are dates, or something else
        return [None] * len(names)
    sure = [int(shown[0][1][:30]) for shown in readings if len(shown) == 1 and shown[0][1]]
    files = range(min(sure) // 2, 2 * max(sure) + 1) if sure else None
    found: Marks = []
    for shown in readings:
        if not shown:
            found.append(None)
            continue
        mark = shown[0][0]
        if len(shown) == 2 and files is not None and int(shown[0][1][:30]) not in files:
            chosen = int(int(shown[1][1][:30]) in files)
            mark = replace(shown[chosen][0], doubt=(shown[1 - chosen][0].id,))
        found.append(mark)
    return found


def _canvas(name: str) -> list[tuple[Mark, str]]:
    """The ways to read a name, the one from the left first, each with the file's id."""
    if match := ANONYMOUS.fullmatch(name):
        label = f"anon_{match['id']}"
        mark = _canvas_mark((label,), label, "", match["id"], match["name"] or match["typed"], bool(match["late"]))
        return [(mark, match["file"] or "")]
    match = CANVAS.fullmatch(name)
    if not match:
        return []
    user, number, late = match["user"], match["id"], bool(match["late"])
    label = f"{user}_{number}" if user else number
    given = match["name"] if match["file"] else match["typed"]
    found = [(_canvas_mark((number,), label, user, number, given, late), match["file"] or "")]
    if match["file"] and not late and (again := SHIFTED.fullmatch(given)):
        user, number = label, match["file"]
        mark = _canvas_mark((number,), f"{user}_{number}", user, number, again["name"], False)
        found.append((mark, again["file"]))
    return found


def _canvas_mark(who: tuple[str, ...], label: str, person: str, number: str, name: str, late: bool) -> Mark:
    again = AGAIN.fullmatch(name)
    version = (again["stem"] + again["ending"], int(again["number"])) if again else (name, 0)
    return Mark(("canvas", *who), label, person, number, name or "file", late=late, version=version)


# ---- Moodle ------------------------------------------------------------------------------------

MOODLE = re.compile(r"(?P<person>.*?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<name>.*))?", re.DOTALL)


def moodle(names: Sequence[str], text_of: Callable[[str], str]) -> Marks:
    """Moodle's names: the person's folders, or the person's files with the folder's name before theirs."""
    found: Marks = []
    for name in names:
        match = MOODLE.fullmatch(name)
        if not match:
            found.append(None)
            continue
        person, number = match["person"].strip(), match["id"] or ""
        label = "_".join(filter(None, (person, number)))
        blind = person.casefold() == "participant"
        found.append(
            Mark(("moodle", person, number), label or "group", "" if blind else person, number, match["name"] or "")
        )
    return found


# ---- Blackboard --------------------------------------------------------------------------------

BLACKBOARD = re.compile(
    r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<name>.*)|(?P<report>\.txt))?", re.DOTALL
)
NAMED = re.compile(r"Name:\s*(?P<person>.*?)\s*\((?P<login>[^()]+)\)\s*")


def blackboard(names: Sequence[str], text_of: Callable[[str], str]) -> Marks:
    """Blackboard's names. Assignment and login are not told apart by the name alone, since both may hold underscores:
    the attempt's text file names the login, and what stands before it there stands before everybody's."""
    matches = [BLACKBOARD.fullmatch(name) for name in names]
    people: dict[str, tuple[str, str]] = {}  # head -> person, login
    told: dict[str, tuple[bool, bool]] = {}  # name of a text file -> late, text was typed
    for name, match in zip(names, matches, strict=True):
        if match and match["report"]:
            text = text_of(name)
            said = NAMED.match(text[:1000])
            if said and match["head"].endswith("_" + said["login"]):
                people[match["head"]] = said["person"], said["login"]
            facts, _, rest = text.partition("Submission Field:")
            field = rest.partition("Comments:")[0].strip()
            late = re.search(r"^(?:Date Submitted|Status|Submission Status):.*\blate\b", facts, re.IGNORECASE | re.M)
            told[name] = bool(late), bool(field) and not field.startswith("There is no student submission")
    heads = {match["head"] for match in matches if match}
    starts = Counter(head.removesuffix(login) for head, (_, login) in people.items())
    start = starts.most_common(1)[0][0] if starts else _common(heads)
    logins = {head: people[head][1] if head in people else _login(head, start) for head in heads}
    taken = Counter(logins.values())
    found: Marks = []
    for name, match in zip(names, matches, strict=True):
        if not match:
            found.append(None)
            continue
        head, login = match["head"], logins[match["head"]]
        is_late, typed = told.get(name, (False, False))
        found.append(
            Mark(
                ("blackboard", head),
                login if taken[login] == 1 else head,
                people.get(head, ("", ""))[0],
                login,
                match["name"] or "",
                attempt=match["time"],
                time=_iso(match["time"], "%Y-%m-%d-%H-%M-%S"),
                late=is_late,
                report=bool(match["report"]),
                text=typed,
            )
        )
    return found


def _common(heads: set[str]) -> str:
    """What all heads begin with, up to an underscore; nothing when there is only one head."""
    if len(heads) < 2:
        return ""
    low, high = min(heads), max(heads)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[: low.rfind("_", 0, same) + 1]


def _login(head: str, start: str) -> str:
    rest = head.removeprefix(start) if start else ""
    return rest if rest and rest != head else head.rpartition("_")[2] or head


# ---- Brightspace -------------------------------------------------------------------------------

DATE = r"(?P<time>[^\W\d]{3,12}\.? \d{1,2}, \d{4} \d{1,4}(?: ?[AP]M)?)"
BRIGHTSPACE = re.compile(r"(?P<id>\d+)-(?P<other>\d+) - (?P<person>.+?) - " + DATE + r"(?: - (?P<name>.*))?", re.DOTALL)
FOREIGN = re.compile(r"(?P<id>\d+)-(?P<other>\d+) - (?P<person>.+?) - (?P<time>[^/]*\b\d{4}\b[^/]*)", re.DOTALL)


def brightspace(names: Sequence[str], text_of: Callable[[str], str]) -> Marks:
    """Brightspace's names. Of the two numbers, the one that differs between people tells them apart; the first, if both
    do. A date in another language than English is read as a date of which nothing is known."""
    matches = [BRIGHTSPACE.fullmatch(name) or FOREIGN.fullmatch(name) for name in names]
    people = {match["person"] for match in matches if match}
    same = len(people) > 1 and len({match["id"] for match in matches if match}) == 1
    found: Marks = []
    for match in matches:
        if not match:
            found.append(None)
            continue
        person, number = match["person"].strip(), match["other"] if same else match["id"]
        moment = _brightspace_time(match["time"])
        name = match.groupdict().get("name") or ""
        who = ("brightspace", number, person)
        found.append(Mark(who, f"{person}_{number}", person, number, name, attempt=moment, time=moment))
    return found


def _brightspace_time(text: str) -> str:
    """`Nov 20, 2026 926 PM` -> ISO; empty when it cannot be read."""
    match = re.fullmatch(r"([^\W\d]{3})[^\W\d]*\.? (\d{1,2}), (\d{4}) (\d{1,2}?)(\d\d)(?: ?([AP]M))?", text)
    if not match:
        return ""
    month, day, year, hour, minute, half = match.groups()
    written = f"{month} {int(day):02d} {year} {int(hour):02d} {minute} {half or ''}".strip()
    return _iso(written, "%b %d %Y %I %M %p" if half else "%b %d %Y %H %M")


def _iso(text: str, form: str) -> str:
    try:
        return datetime.strptime(text, form).isoformat()
    except ValueError:
        return ""


# ---- which one it is ---------------------------------------------------------------------------

CONVENTIONS = (  # the most telling names first: they win where two conventions fit equally many names
    Convention("Moodle", moodle),
    Convention("Brightspace", brightspace, frozenset({"index.html"})),
    Convention("Blackboard", blackboard),
    Convention("Canvas", canvas),
)


def detect(names: Sequence[str], text_of: Callable[[str], str]) -> tuple[Convention, Marks] | None:
    """The system that wrote at least half of these names, and what they say."""
    names = [name if len(name) <= LONGEST else "" for name in names]
    read = [(one, one.read(names, text_of)) for one in CONVENTIONS]
    best, marks = max(read, key=lambda pair: sum(mark is not None for mark in pair[1]))
    fitting = sum(mark is not None for mark in marks)
    return (best, marks) if fitting and 2 * fitting >= len([name for name in names if name not in best.own]) else None
