"""A class in figures: distribution, mistakes, how hard and how telling each test is, who needs a person's eye.

Sources, where they are given, are read as text; nothing of them runs.
"""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

from autograder import causes, likeness, skeleton
from autograder.likeness import Alike, Sources
from autograder.report import Report

STOPPED = {
    "time": "stopped by the time limit",
    "memory": "stopped by the memory limit",
    "cpu": "stopped by the processor limit",
    "crash": "its process crashed",
    "exit": "ended its own process",
    "wire": "answered in a form that cannot be read",
    "scratch": "stopped by the limit on files",
}
HOSTILE = ("exit", "wire")  # what honest mistakes hardly ever do
KINDS = FAILED, ATTACK, LIMIT, FORM, UNREAD, GREEN, REPAIRED = (
    "not graded", "unusual code", "stopped", "unusual form", "nothing to grade", "green, yet lost", "repaired"
)  # fmt: skip
LEAST = 5  # submissions that a discrimination is computed from


@dataclass(frozen=True)
class MistakeCount:
    """A recognised mistake. share: of the submissions that attempted the exercise."""

    exercise: str
    title: str
    count: int
    share: float


@dataclass(frozen=True)
class ExerciseSummary:
    """attempted, full: submissions. mean: share of the points, over those that attempted. hardest: a test's title.

    followed: submissions whose answer earned more with a right one in the place of another that it uses.
    """

    name: str
    attempted: int
    full: int
    mean: float
    hardest: str
    followed: int = 0


@dataclass(frozen=True)
class TestSummary:
    """One hidden test. attempted: submissions that attempted its exercise. passed: their share that passed it.

    discrimination: correlation between passing the test and the points on all other tests (corrected point-biserial),
    -1 to 1; None when everybody or nobody passed, or too few tried.
    """

    __test__ = False

    exercise: str
    title: str
    attempted: int
    passed: float
    discrimination: float | None


@dataclass(frozen=True)
class Attention:
    """A submission that a person should look at, and why. kinds: see KINDS."""

    submission: str
    why: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One submission in the list of all."""

    name: str
    score: float
    mistakes: str


@dataclass(frozen=True)
class Summary:
    """A class. distribution: submissions per tenth of the points; full marks count to the last tenth.

    unsafe, second_level: submissions graded without namespaces. compared: whether sources were there to compare.
    """

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
    second_level: int = 0
    tests: tuple[TestSummary, ...] = ()
    alike: tuple[Alike, ...] = ()
    compared: bool = False


def summarise(reports: list[Report], sources: Sources | None = None) -> Summary:
    """Figures of one assignment's reports. sources: see `store.load_sources`. Raises ValueError without reports."""
    sources = sources or {}
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
        unsafe=sum(report.isolation == "unsafe" for report in reports),
        second_level=sum(report.isolation == "user" for report in reports),
        distribution=tuple(tenths[tenth] for tenth in range(10)),
        mistakes=tuple(_mistakes(reports)),
        exercises=tuple(_exercises(reports)),
        attention=tuple(_attention(reports)),
        tests=tuple(_tests(reports)),
        alike=tuple(_alike(reports[0].assignment, sources)),
        compared=bool(sources),
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
        results = [e for r in reports for e in r.exercises if e.name == name and e.status != "blank"]
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
                sum(result.follow_through is not None and result.follow_through.counts for result in results),
            )
        )
    return found


def _tests(reports: list[Report]) -> list[TestSummary]:
    """Difficulty and discrimination of every test, in the order of the notebook."""
    found: dict[tuple[str, str], list[tuple[bool, float]]] = {}
    titles = {}
    for report in reports:
        for exercise in report.exercises:
            for test in exercise.tests:
                key = exercise.name, test.name
                titles[key] = test.title
                if exercise.status != "blank":
                    found.setdefault(key, []).append((test.status == "passed", report.score - test.score))
    return [
        TestSummary(
            exercise,
            title,
            len(results := found.get((exercise, name), [])),
            statistics.mean(passed for passed, _ in results) if results else 0.0,
            _discrimination(results),
        )
        for (exercise, name), title in titles.items()
    ]


def _discrimination(results: list[tuple[bool, float]]) -> float | None:
    passed, rest = [float(p) for p, _ in results], [points for _, points in results]
    if len(results) < LEAST or len(set(passed)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(passed, rest)


def _alike(assignment: str, sources: Sources) -> list[Alike]:
    if len(sources) < 2:
        return []
    outline = skeleton.load(assignment)
    code = [exercise.name for exercise in outline.exercises]
    return likeness.find(sources, {name: outline.stub(name) for name in [*code, *outline.written]}, code)


def _attention(reports: list[Report]) -> list[Attention]:
    """Submissions with something out of the ordinary, what may be an attack first."""
    found = []
    for report in reports:
        reasons = [(FAILED, "the grader itself failed; see the JSON report")] if report.detail else []
        for reason in dict.fromkeys(report.stopped):
            reasons.append((ATTACK if reason in HOSTILE else LIMIT, STOPPED.get(reason, reason)))
        if report.mentions:
            reasons.append((ATTACK, f"its code mentions {', '.join(report.mentions)}"))
        if any(test.status == "error" for exercise in report.exercises for test in exercise.tests):
            reasons.append((FORM, "a test could not use an answer's form; see the JSON report"))
        reasons += [
            (UNREAD if report.unreadable else GREEN if note.endswith(causes.GREEN) else REPAIRED, note)
            for note in report.look_at
        ]
        if reasons:
            reasons.sort(key=lambda reason: KINDS.index(reason[0]))
            kinds = tuple(dict.fromkeys(kind for kind, _ in reasons))
            found.append(
                (KINDS.index(kinds[0]), Attention(report.submission, " · ".join(w for _, w in reasons), kinds))
            )
    return [attention for _, attention in sorted(found, key=lambda pair: pair[0])]
