"""Cases through the product's own reading and grading, and what was lost on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.pool import Pool
from autograder.report import Report
from autograder.tests.habits.cases import Case


@dataclass(frozen=True)
class Lost:
    """A right answer that lost points. whole: the habits that were done to the whole notebook. why: in a sentence."""

    case: str
    exercise: str
    answer: str
    habit: str
    whole: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        beside = f" beside {', '.join(self.whole)}" if self.whole else ""
        return f"{self.case}: {self.exercise}/{self.answer} with {self.habit}{beside}: {self.why}"


def lost_in(case: Case, report: Report) -> list[Lost]:
    """What this report takes off the case's answers."""
    found = []
    for name, (answer, habit) in case.done.items():
        result = report.exercise(name)
        if result.score < result.max_score:
            test = next((test for test in result.tests if test.status != "passed"), None)
            why = f"{result.score}/{result.max_score} {result.message} {test.title if test else ''}: "
            why += f"{test.message} {test.detail[-300:]}" if test else ""
            found.append(Lost(case.label, name, answer, habit, case.whole, f"{why} | {' '.join(report.notes)}"))
    return found


def graded(
    pool: Pool, cases: Iterable[Case], data: Callable[[Case], bytes] = lambda case: case.data
) -> Iterator[tuple[Case, Report]]:
    """Each case with its report. data: the file that is handed in, if it is not the case's own."""
    waiting: dict[str, Case] = {}
    with tempfile.TemporaryDirectory() as folder:

        def jobs() -> Iterator:
            for case in cases:
                waiting[case.label] = case
                yield case.job(Path(folder), data(case))

        for report in pool.grade(jobs()):
            yield waiting.pop(report.submission), report
