"""The outcome of grading as data: frozen, JSON both ways, free of hidden values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1
ISOLATION = {
    "isolated": "",
    "user": "Graded under the second level of isolation: a separate user, without namespaces.",
    "unsafe": "Graded without isolation (--unsafe).",
}


@dataclass(frozen=True)
class Named:
    """A recognised mistake. name: in the bank. title: "looks like …". hint: what to do."""

    name: str
    title: str
    hint: str


@dataclass(frozen=True)
class TestResult:
    """One hidden test.

    name: function name. title: what was asked. score, max_score: points. status: passed, failed, error or skipped.
    message: for the student. detail: for the instructor alone (a traceback when
    a test itself stumbled).
    """

    __test__ = False

    name: str
    title: str
    score: float
    max_score: float
    status: str
    message: str = ""
    detail: str = ""


@dataclass(frozen=True)
class FollowThrough:
    """An answer was graded once more, with right answers in the place of those that it uses and that are not right.

    instead: their exercises. before, after: points without and with them. counts: the result is the second one. alone:
    it would be better, but one of the right answers earns as much when it is handed in for this exercise.
    """

    instead: tuple[str, ...]
    before: float
    after: float
    counts: bool
    alone: bool = False


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise. status: right, partly, wrong, broken (the cell did not run) or blank (not attempted)."""

    name: str
    score: float
    max_score: float
    status: str
    tests: tuple[TestResult, ...] = ()
    mistake: Named | None = None
    message: str = ""
    follow_through: FollowThrough | None = None


@dataclass(frozen=True)
class Report:
    """One submission.

    submission: its identifier. seed: replays the inputs of every test. isolation: "isolated", "user" or "unsafe".
    notes: what was repaired, left out, chosen or could not be read, one sentence each. look_at: those that a person
    should look at. unreadable: nothing handed in was a notebook. versions: the Python and torch that graded.
    mentions: what its code mentions that no exercise needs, see `mentions`.
    stopped: limits that were hit. crowded: a limit of time was, while others on the machine had the processor.
    detail: why the grader itself failed, for the instructor, never shown to students; empty otherwise.
    outcomes: what the public questions of its one exercise gave, if the job asked for them.
    """

    assignment: str
    submission: str
    seed: int
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    isolation: str = "isolated"
    seconds: float = 0.0
    detail: str = ""
    look_at: tuple[str, ...] = ()
    unreadable: bool = False
    versions: str = ""
    mentions: tuple[str, ...] = ()
    crowded: bool = False
    outcomes: dict[str, Any] | None = None
    version: int = field(default=VERSION)

    @property
    def isolation_note(self) -> str:
        """A sentence when the submission was not graded in namespaces of its own, else an empty string."""
        return ISOLATION[self.isolation]

    @property
    def score(self) -> float:
        """Points earned on the exercises that are graded by tests."""
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> float:
        """Points that these exercises give at most."""
        return sum(exercise.max_score for exercise in self.exercises)

    def exercise(self, name: str) -> ExerciseResult:
        """The result of one exercise. Raises KeyError."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)

    def to_json(self) -> str:
        return json.dumps(asdict(self))  # in ASCII: an editor shows what cannot be seen, and it is read back as it was

    @classmethod
    def from_json(cls, text: str) -> Report:
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        exercises = tuple(
            ExerciseResult(
                **{
                    **entry,
                    "tests": tuple(TestResult(**test) for test in entry["tests"]),
                    "mistake": Named(**entry["mistake"]) if entry["mistake"] else None,
                    "follow_through": _follow_through(entry.get("follow_through")),
                }
            )
            for entry in data["exercises"]
        )
        lists = {key: tuple(data.get(key, ())) for key in ("notes", "look_at", "stopped", "mentions")}
        return cls(**{**data, **lists, "exercises": exercises})


def _follow_through(entry: dict[str, Any] | None) -> FollowThrough | None:
    return FollowThrough(**{**entry, "instead": tuple(entry["instead"])}) if entry else None
