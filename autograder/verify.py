"""Suites proven against the bank: every wrong answer caught and named, no right answer harmed.

Also makes the fingerprints: the outcomes of the wrong answers on public questions, as data for `course_lib.check`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import bank, paths, program, skeleton
from autograder.job import Job
from autograder.pool import Pool
from autograder.report import Report
from autograder.student import Died, Session, Student, StudentError
from autograder.warm import WarmWorker
from course_lib.check import diagnosis


@dataclass(frozen=True)
class Row:
    """One exercise of the table. gaps: what is wrong, one sentence each.

    wrong, caught, named: counts of wrong answers. right, harmed: counts of right answers (the instructor's included).
    """

    exercise: str
    wrong: int
    caught: int
    named: int
    right: int
    harmed: int
    gaps: tuple[str, ...]


def entries(assignment: str) -> Iterator[bank.Answer]:
    """All answers of an assignment's bank, and the instructor's own as right ones."""
    reference = bank.reference(assignment)
    for exercise in skeleton.load(assignment).exercises:
        yield bank.Answer(exercise.name, "solution", True, reference[exercise.name])
        yield from bank.load(assignment, exercise.name)


def job_of(assignment: str, answer: bank.Answer) -> Job:
    """The instructor's notebook with one solution cell replaced."""
    answers = {**bank.reference(assignment), answer.exercise: answer.code}
    name = f"{answer.exercise}/{answer.name}"
    return program.job(skeleton.load(assignment), name, answers, only=(answer.exercise,))


def verify(assignment: str, *, workers: int = 1, only: str | None = None) -> list[Row]:
    """Grade the whole bank. only: one exercise's name."""
    answers = {f"{a.exercise}/{a.name}": a for a in entries(assignment) if only in (None, a.exercise)}
    with Pool([assignment], workers) as pool:
        reports = {r.submission: r for r in pool.grade(job_of(assignment, answer) for answer in answers.values())}
    rows = []
    for exercise in dict.fromkeys(answer.exercise for answer in answers.values()):
        own = {answer: reports[key] for key, answer in answers.items() if answer.exercise == exercise}
        rows.append(_row(exercise, own))
    return rows


def _row(exercise: str, reports: dict[bank.Answer, Report]) -> Row:
    gaps = []
    caught = named = harmed = 0
    for answer, report in reports.items():
        if not report.exercise(exercise).tests:
            raise RuntimeError(f"{report.submission}: {' '.join(report.notes)} {report.detail}")
        result = report.exercise(exercise)
        lost = result.score < result.max_score
        if answer.right:
            if lost:
                harmed += 1
                first = next(test for test in result.tests if test.status != "passed")
                gaps.append(
                    f"right answer {answer.name} loses points: {first.title}: {first.message} {first.detail}".strip()
                )
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
    return Row(exercise, len(reports) - rights, caught, named, rights, harmed, tuple(gaps))


def signatures(assignment: str, only: str | None = None) -> dict[str, dict[str, Any]]:
    """exercise -> the content of its fingerprint file. Runs the bank's wrong answers in the isolated worker.

    Raises ValueError when a wrong answer's outcomes equal those of another one or of the instructor's answer.
    """
    worker = WarmWorker()
    found: dict[str, dict[str, Any]] = {}
    clashes: list[str] = []
    try:
        for answer in entries(assignment):
            if only not in (None, answer.exercise):
                continue
            job = job_of(assignment, answer)
            session = Session(worker.spawn, job.steps)
            student = Student(session.ask)
            try:
                session.at(answer.exercise)
                outcomes = student.library("course_lib.check.diagnosis").signature(
                    answer.exercise, student.handle(answer.exercise)
                )
            except (StudentError, Died) as error:
                raise ValueError(f"{answer.exercise}/{answer.name} has no signature: {error}") from None
            finally:
                session.close()
            known = found.setdefault(answer.exercise, {"right": [], "mistakes": []})
            if answer.right:
                known["right"].append(outcomes)
                continue
            for other in known["mistakes"]:
                if diagnosis.same(other["signature"], outcomes):
                    clashes.append(f"{answer.exercise}: {answer.name} and {other['name']} have the same outcomes")
            entry = {"name": answer.name, "title": answer.title, "hint": answer.hint, "signature": outcomes}
            known["mistakes"].append(entry)
    finally:
        worker.close()
    for exercise, known in found.items():
        for outcomes in known.pop("right"):
            for mistake in known["mistakes"]:
                if diagnosis.same(mistake["signature"], outcomes):
                    clashes.append(f"{exercise}: {mistake['name']} has the outcomes of a right answer")
    if clashes:
        raise ValueError("wrong answers that cannot be told apart:\n" + "\n".join(clashes))
    return found


def fingerprint_file(assignment: str, exercise: str) -> Path:
    return paths.FINGERPRINTS / assignment / f"{exercise}.json"


def write_fingerprints(assignment: str, only: str | None = None) -> list[Path]:
    """Write the fingerprints of an assignment. Returns the files."""
    written = []
    for exercise, content in signatures(assignment, only).items():
        file = fingerprint_file(assignment, exercise)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_text(content), encoding="utf-8")
        written.append(file)
    diagnosis.fingerprints.cache_clear()
    return written


def stale_fingerprints(assignment: str) -> list[str]:
    """Fingerprints that no longer say what the bank says, one sentence each."""
    found = []
    fresh = signatures(assignment)
    for exercise, content in fresh.items():
        file = fingerprint_file(assignment, exercise)
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        if kept is None or not diagnosis.same(kept, json.loads(_text(content))):
            found.append(f"{file.relative_to(paths.ROOT)} is out of date")
    for file in sorted((paths.FINGERPRINTS / assignment).glob("*.json")):
        if file.stem not in fresh:
            found.append(f"{file.relative_to(paths.ROOT)} belongs to no exercise")
    return found


def _text(content: dict[str, Any]) -> str:
    """One line per mistake, so that a changed bank shows as a small difference."""
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in content["mistakes"])
    return '{"mistakes": [\n' + lines + "\n]}\n"
