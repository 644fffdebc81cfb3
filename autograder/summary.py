"""A class in figures: distribution, commonest mistakes, hard tests, submissions that a person should look at."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

from autograder.report import Report

STOPPED = {
    "time": "stopped by the time limit",
    "memory": "stopped by the memory limit",
    "cpu": "stopped by the processor limit",
    "crash": "its process crashed",
    "exit": "ended its own process",
    "wire": "answered in a form that cannot be read",
}


@dataclass(frozen=True)
class MistakeCount:
    """A recognised mistake. share: of the submissions that attempted the exercise."""

    exercise: str
    title: str
    count: int
    share: float


@dataclass(frozen=True)
class ExerciseSummary:
    """attempted, full: submissions. mean: share of the points, over those that attempted. hardest: a test's title."""

    name: str
    attempted: int
    full: int
    mean: float
    hardest: str


@dataclass(frozen=True)
class Attention:
    """A submission that a person should look at, and why."""

    submission: str
    why: str


@dataclass(frozen=True)
class Line:
    """One submission in the list of all."""

    name: str
    score: float
    mistakes: str


@dataclass(frozen=True)
class Summary:
    """A class. distribution: submissions per tenth of the points; full marks count to the last tenth."""

    assignment: str
    count: int
    max_score: float
    lowest: float
    median: float
    highest: float
    unsafe: int
    distribution: tuple[int, ...]
    mistakes: tuple[MistakeCount, ...]
    exercises: tuple[ExerciseSummary, ...]
    attention: tuple[Attention, ...]
    submissions: tuple[Line, ...]


def summarise(reports: list[Report]) -> Summary:
    """Figures of one assignment's reports. Raises ValueError without any."""
    if not reports:
        raise ValueError("there are no reports to summarise; grade the assignment first")
    scores = [report.score for report in reports]
    top = reports[0].max_score
    tenths = Counter(min(9, int(10 * score / top)) if top else 0 for score in scores)
    return Summary(
        assignment=reports[0].assignment,
        count=len(reports),
        max_score=top,
        lowest=min(scores),
        median=statistics.median(scores),
        highest=max(scores),
        unsafe=sum(report.isolation != "isolated" for report in reports),
        distribution=tuple(tenths[tenth] for tenth in range(10)),
        mistakes=tuple(_mistakes(reports)),
        exercises=tuple(_exercises(reports)),
        attention=tuple(_attention(reports)),
        submissions=tuple(
            Line(
                report.submission,
                report.score,
                "; ".join(f"{e.name}: {e.mistake.title}" for e in report.exercises if e.mistake),
            )
            for report in reports
        ),
    )


def _mistakes(reports: list[Report]) -> list[MistakeCount]:
    counts: Counter[tuple[str, str]] = Counter()
    attempted: Counter[str] = Counter()
    for report in reports:
        for exercise in report.exercises:
            attempted[exercise.name] += exercise.status != "blank"
            if exercise.mistake:
                counts[exercise.name, exercise.mistake.title] += 1
    return [MistakeCount(name, title, n, n / attempted[name]) for (name, title), n in counts.most_common()]


def _exercises(reports: list[Report]) -> list[ExerciseSummary]:
    found = []
    for name in dict.fromkeys(exercise.name for report in reports for exercise in report.exercises):
        results = [r.exercise(name) for r in reports if r.exercise(name).status != "blank"]
        fails = Counter(test.title for result in results for test in result.tests if test.status != "passed")
        shares = [result.score / result.max_score for result in results if result.max_score]
        title, count = fails.most_common(1)[0] if fails else ("", 0)
        found.append(
            ExerciseSummary(
                name,
                len(results),
                sum(result.status == "right" for result in results),
                statistics.mean(shares) if shares else 0.0,
                f"{title} (failed by {count})" if count else "",
            )
        )
    return found


def _attention(reports: list[Report]) -> list[Attention]:
    found = []
    for report in reports:
        reasons = [*report.notes, *(STOPPED.get(reason, reason) for reason in dict.fromkeys(report.stopped))]
        if any(test.status == "error" for exercise in report.exercises for test in exercise.tests):
            reasons.append("a test could not use an answer's form; see the JSON report")
        if reasons:
            found.append(Attention(report.submission, " · ".join(reasons)))
    return found
