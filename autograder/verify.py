"""Suites and public checks proven against the bank: every wrong answer caught and named, no right answer harmed.

Also makes the fingerprints: the outcomes of the wrong answers on public questions, as data for `course_lib.check`. An
answer is graded and asked those questions in one go. A fingerprint file says what it was made from (`digests`), and
with which suite its answers were proven; where that is still so, nothing needs to be run again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder import bank, digests, paths, program, public, skeleton
from autograder.job import Job
from autograder.pool import Pool
from autograder.report import Named, Report
from course_lib.check import diagnosis
from course_lib.progress import progress

Key = tuple[str, str]  # assignment, exercise
Chosen = Mapping[Key, Collection[bank.Answer]]

SAMPLE = 200  # answers that are judged though nothing of theirs has changed
PARTS = {"bank": "the bank", "check": "the check or what it imports", "notebook": "the notebook's code"}


@dataclass(frozen=True)
class Row:
    """One exercise of the table. gaps: what is wrong, one sentence each.

    wrong, caught, named: counts of wrong answers; by_kind: those that `course_lib.check.kinds` names too, so also
    where nobody has written them down; false_green: those whose public check is green though they lose half of the
    points or more. right, harmed: counts of right answers (the instructor's included). harsh: answers that the public
    check refuses and that keep full points. In all of these an answer's own fingerprint is left aside.
    """

    exercise: str
    wrong: int
    caught: int
    named: int
    by_kind: int
    false_green: int
    right: int
    harmed: int
    harsh: int
    gaps: tuple[str, ...]


# ---- which answers ---------------------------------------------------------------------------------------------------


def exercises(assignments: Collection[str], only: str | None = None) -> list[Key]:
    """The exercises of these assignments, or those of this name."""
    return [
        (assignment, exercise.name)
        for assignment in assignments
        for exercise in skeleton.load(assignment).exercises
        if only in (None, exercise.name)
    ]


def entries(assignment: str) -> Iterator[bank.Answer]:
    """All answers of an assignment's bank, and the instructor's own as right ones."""
    reference = bank.reference(assignment)
    for exercise in skeleton.load(assignment).exercises:
        yield bank.Answer(exercise.name, "solution", True, reference[exercise.name])
        yield from bank.load(assignment, exercise.name)


def every(keys: Collection[Key]) -> dict[Key, list[bank.Answer]]:
    """All answers to these exercises."""
    of = {assignment: list(entries(assignment)) for assignment in dict.fromkeys(name for name, _ in keys)}
    return {key: [answer for answer in of[key[0]] if answer.exercise == key[1]] for key in keys}


def sample(chosen: Chosen, drawn_by: str, count: int = SAMPLE) -> dict[Key, list[bank.Answer]]:
    """Some of these answers. drawn_by: another text draws other ones."""
    pairs = [(key, answer) for key, answers in chosen.items() for answer in answers]
    found: dict[Key, list[bank.Answer]] = {}
    for at in sorted(random.Random(drawn_by).sample(range(len(pairs)), min(count, len(pairs)))):
        key, answer = pairs[at]
        found.setdefault(key, []).append(answer)
    return found


def changed(keys: Collection[Key]) -> list[Key]:
    """Those that are not as they were when they were last proven: in their bank, check, notebook or suite."""
    return [key for key in keys if (kept := read(*key)) is None or kept.proven_by != digests.suite(*key) or _old(*key)]


# ---- judging them ----------------------------------------------------------------------------------------------------


def judge(chosen: Chosen, *, workers: int = 1, write: bool = False, repeat: int = 1) -> dict[Key, Row]:
    """Grade answers. repeat: so many times, each with inputs of its own, of which the worst counts.

    write: also write the fingerprints of their exercises, of which these must then be all answers. Raises ValueError
    when an answer has no outcomes, or a wrong one has those of another one or of a right one; nothing is written then.
    """
    asked = {"/".join((*key, answer.name)): (key, answer) for key, answers in chosen.items() for answer in answers}
    with Pool(list(dict.fromkeys(assignment for assignment, _ in chosen)), workers) as pool:
        by_name: dict[str, Report] = {}
        for _ in range(repeat):
            for report in progress(pool.grade(_jobs(asked)), description="verify", total=len(asked)):
                key, answer = asked[report.submission]
                by_name[report.submission] = _worse(by_name.get(report.submission), report, key[1], answer)
    reports: dict[Key, dict[bank.Answer, Report]] = {key: {} for key in chosen}
    for name, (key, answer) in asked.items():
        reports[key][answer] = by_name[name]
    if write:
        made = {key: _mistakes(key[1], own) for key, own in reports.items()}
        if clashes := [clash for key in made for clash in _clashes(key[1], reports[key])]:
            raise ValueError("wrong answers that cannot be told apart:\n" + "\n".join(clashes))
        for key, mistakes in made.items():
            reports[key] = {answer: _named(report, key[1], mistakes) for answer, report in reports[key].items()}
    known = {key: _known(made[key]) if write else diagnosis.mistakes(key[1], key[0]) for key in chosen}
    said = dict(progress(public.ask(_jobs(asked), workers), description="public checks", total=len(asked)))
    seen = {key: {answer: said["/".join((*key, answer.name))] for answer in own} for key, own in reports.items()}
    rows = {key: _row(key[1], own, seen[key], known[key]) for key, own in reports.items()}
    if write:
        for key, mistakes in made.items():
            _write(key, mistakes, proven=not rows[key].gaps)
    return rows


def _worse(before: Report | None, now: Report, exercise: str, answer: bank.Answer) -> Report:
    """Of two reports on an answer the one that says less for the suite: more points for a wrong one, fewer for a
    right one; of equals, the one without the right name."""
    if before is None:
        return now
    sign = -1 if answer.right else 1

    def weight(report: Report) -> tuple[float, bool]:
        result = report.exercise(exercise)
        return sign * result.score, (result.mistake is None or result.mistake.name != answer.name) is not answer.right

    return max(before, now, key=weight)


def _jobs(asked: Mapping[str, tuple[Key, bank.Answer]]) -> Iterator[Job]:
    for name, ((assignment, _), answer) in asked.items():
        yield job_of(assignment, answer, name)


def job_of(assignment: str, answer: bank.Answer, submission: str) -> Job:
    """The instructor's notebook with one solution cell replaced: that exercise is graded, its outcomes are reported."""
    answers = {**bank.reference(assignment), answer.exercise: answer.code}
    return replace(program.job(skeleton.load(assignment), submission, answers, only=(answer.exercise,)), outcomes=True)


def _known(mistakes: list[dict[str, Any]]) -> tuple[diagnosis.Mistake, ...]:
    return tuple(diagnosis.Mistake(**entry) for entry in mistakes)


def _row(
    exercise: str,
    reports: Mapping[bank.Answer, Report],
    said: Mapping[bank.Answer, public.Said],
    known: tuple[diagnosis.Mistake, ...],
) -> Row:
    """One exercise of the table. said: what its public check says of each answer. known: its fingerprints."""
    gaps = []
    caught = named = by_kind = false_green = harmed = harsh = 0
    for answer, report in reports.items():
        if not report.exercise(exercise).tests:
            raise RuntimeError(f"{report.submission}: {' '.join(report.notes)} {report.detail}")
        result = report.exercise(exercise)
        lost = result.score < result.max_score
        others = tuple(mistake for mistake in known if mistake.name != answer.name)
        other = diagnosis.match(report.outcomes, others) if report.outcomes is not None else None
        red = said[answer].refused or (f"taken for {other.title}" if other else "")
        if red and not lost:
            harsh += 1
            gaps.append(f"answer {answer.name} keeps full points, but its public check refuses it: {red}")
        if not red and not answer.right and 2 * result.score <= result.max_score:
            false_green += 1
            points = f"{result.score:g} of {result.max_score:g} points"
            gaps.append(f"wrong answer {answer.name} has {points}, but its public check is green")
        by_kind += not answer.right and bool(said[answer].kind)
        if answer.right:
            if lost:
                harmed += 1
                first = next(test for test in result.tests if test.status != "passed")
                gaps.append(
                    f"right answer {answer.name} loses points: {first.title}: {first.message} {first.detail}".strip()
                )
            elif result.mistake is not None:
                harmed += 1
                gaps.append(f"right answer {answer.name} is taken for {result.mistake.title}")
            continue
        caught += lost
        named += lost and result.mistake is not None and result.mistake.name == answer.name
        if not lost:
            gaps.append(f"wrong answer {answer.name} is not caught")
        elif result.mistake is None:
            gaps.append(f"wrong answer {answer.name} is not recognised")
        elif result.mistake.name != answer.name:
            gaps.append(f"wrong answer {answer.name} is called {result.mistake.name}")
    rights = sum(answer.right for answer in reports)
    wrongs = len(reports) - rights
    return Row(exercise, wrongs, caught, named, by_kind, false_green, rights, harmed, harsh, tuple(gaps))


def _mistakes(exercise: str, reports: Mapping[bank.Answer, Report]) -> list[dict[str, Any]]:
    """What a fingerprint file says of the wrong answers, in the order of the bank. Raises ValueError."""
    for answer, report in reports.items():
        if report.outcomes is None:
            result = report.exercise(exercise)
            why = " ".join((*report.notes, result.message, *(test.message for test in result.tests), report.detail))
            raise ValueError(f"{exercise}/{answer.name} has no outcomes: {why}")
    return [
        {"name": one.name, "title": one.title, "hint": one.hint, "signature": reports[one].outcomes}
        for one in reports
        if not one.right
    ]


def _clashes(exercise: str, reports: Mapping[bank.Answer, Report]) -> list[str]:
    """Wrong answers that no outcome tells from another one or from a right one, one sentence each."""
    found: list[str] = []
    before: list[bank.Answer] = []
    for answer in sorted(reports, key=lambda answer: not answer.right):  # the right ones first
        for other in before:
            if not answer.right and diagnosis.same(reports[answer].outcomes, reports[other].outcomes):
                what = f"the right answer {other.name}" if other.right else other.name
                found.append(f"{exercise}: {answer.name} and {what} have the same outcomes")
        before.append(answer)
    return found


def _named(report: Report, exercise: str, mistakes: list[dict[str, Any]]) -> Report:
    """The report as it would be with these fingerprints."""
    assert report.outcomes is not None
    found = diagnosis.match(report.outcomes, _known(mistakes))
    named = Named(found.name, found.title, found.hint) if found else None
    results = tuple(
        replace(one, mistake=named) if one.name == exercise and one.status != "right" else one
        for one in report.exercises
    )
    return replace(report, exercises=results)


# ---- their fingerprints ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fingerprints:
    """A fingerprint file. made_from, proven_by: digests, of what the outcomes come from and of the suite."""

    mistakes: list[dict[str, Any]]
    made_from: dict[str, str] = field(default_factory=dict)
    proven_by: str = ""

    def text(self) -> str:
        """One line per mistake, so that a changed bank shows as a small difference."""
        lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in self.mistakes)
        head = f'{{"made_from": {json.dumps(self.made_from)},\n "proven_by": {json.dumps(self.proven_by)},\n'
        return f'{head} "mistakes": [\n{lines}\n]}}\n'


def fingerprint_file(assignment: str, exercise: str) -> Path:
    return paths.FINGERPRINTS / assignment / f"{exercise}.json"


def read(assignment: str, exercise: str) -> Fingerprints | None:
    """An exercise's fingerprints as they are kept, or None."""
    file = fingerprint_file(assignment, exercise)
    return Fingerprints(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def _write(key: Key, mistakes: list[dict[str, Any]], proven: bool) -> None:
    """Write a fingerprint file. Outcomes that are the same but for rounding stay as they were written."""
    kept = read(*key)
    if kept is not None and diagnosis.same(kept.mistakes, mistakes):
        mistakes = kept.mistakes
    new = Fingerprints(mistakes, digests.made_from(*key), digests.suite(*key) if proven else "")
    if new != kept:
        file = fingerprint_file(*key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(new.text(), encoding="utf-8")
        diagnosis.fingerprints.cache_clear()


def stale(assignments: Collection[str]) -> list[str]:
    """Fingerprints that were made from something else than what is there now, one sentence each."""
    found = []
    for assignment in assignments:
        own = exercises([assignment])
        for key in own:
            if old := _old(*key):
                short, file = assignment.split("_")[0], fingerprint_file(*key).relative_to(paths.ROOT)
                again = f"python -m autograder verify {short} --exercise {key[1]} --write"
                found.append(f"{file} is out of date: {old}; `{again}`")
        for file in sorted((paths.FINGERPRINTS / assignment).glob("*.json")):
            if (assignment, file.stem) not in own:
                found.append(f"{file.relative_to(paths.ROOT)} belongs to no exercise")
    return found


def _old(assignment: str, exercise: str) -> str:
    """What has changed since an exercise's fingerprints were made, in words; empty if nothing has."""
    kept = read(assignment, exercise)
    if kept is None:
        return "it is missing"
    now = digests.made_from(assignment, exercise)
    parts = [words for part, words in PARTS.items() if kept.made_from.get(part) != now[part]]
    return f"{', '.join(parts)} changed" if parts else ""
