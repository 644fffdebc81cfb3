"""The outcome of grading as data: frozen, JSON both ways, free of hidden values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1


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
class ExerciseResult:
    """One exercise. status: right, partly, wrong, broken (the cell did not run) or blank (not attempted)."""

    name: str
    score: float
    max_score: float
    status: str
    tests: tuple[TestResult, ...] = ()
    mistake: Named | None = None
    message: str = ""


@dataclass(frozen=True)
class Report:
    """One submission.

    submission: its identifier. seed: replays the inputs of every test. isolation: "isolated" or "unsafe".
    notes: what the intake repaired or could not read, one sentence each. stopped: limits that were hit.
    """

    assignment: str
    submission: str
    seed: int
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    isolation: str = "isolated"
    seconds: float = 0.0
    version: int = field(default=VERSION)

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
        return json.dumps(asdict(self), ensure_ascii=False)

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
                }
            )
            for entry in data["exercises"]
        )
        return cls(**{**data, "exercises": exercises, "notes": tuple(data["notes"]), "stopped": tuple(data["stopped"])})
