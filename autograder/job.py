"""A submission to grade, as data that travels to a grader."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Note:
    """A sentence about a submission for its student.

    exercises: those that it concerns. always: the instructor reads it too, whatever the marks; otherwise only where one
    of these exercises lost points.
    """

    text: str
    exercises: tuple[str, ...] = ()
    always: bool = True


@dataclass(frozen=True)
class Step:
    """One step of the program that a submission's process goes through.

    kind: "module" (its source becomes the module `name`), "cell" (statements of a cell), or "moment" (what is there now
    is what the exercise `name` is asked for). run: the numbers of the statements that run, each by itself; None for the
    whole cell at once. alias: at a moment, the expression that the student's check asks for, if it is another.
    """

    kind: str
    name: str
    source: str = ""
    run: tuple[int, ...] | None = None
    alias: str = ""


@dataclass(frozen=True)
class Job:
    """A submission to grade.

    submission: identifier. steps: the program. blank: exercises that were not attempted. notes: what is to be said.
    seed: of the tests' inputs. only: grade these exercises alone (when the bank is verified); empty for all. green:
    exercises whose check had passed when the notebook was saved. origins: name -> the cells that make it. unreadable:
    nothing that was handed in is a notebook. newer: cell -> which newer Python would read it. mentions: see
    `mentions`. outcomes: the report is to hold those of its one exercise (when the bank is verified).
    """

    assignment: str
    submission: str
    steps: tuple[Step, ...]
    blank: tuple[str, ...]
    notes: tuple[Note, ...]
    seed: int
    only: tuple[str, ...] = ()
    green: tuple[str, ...] = ()
    origins: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unreadable: bool = False
    newer: tuple[tuple[str, str], ...] = ()
    mentions: tuple[str, ...] = ()
    outcomes: bool = False

    @property
    def cells(self) -> list[tuple[str, str]]:
        """(name, source) of the cells that run, in order."""
        return [(step.name, step.source) for step in self.steps if step.kind == "cell"]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Job:
        steps = (Step(**{**step, "run": None if step["run"] is None else tuple(step["run"])}) for step in data["steps"])
        notes = (Note(**{**note, "exercises": tuple(note["exercises"])}) for note in data["notes"])
        origins = ((name, tuple(cells)) for name, cells in data["origins"])
        lists = {key: tuple(data[key]) for key in ("blank", "only", "green", "mentions")}
        newer = tuple((cell, sentence) for cell, sentence in data["newer"])
        found = {"steps": tuple(steps), "notes": tuple(notes), "origins": tuple(origins), "newer": newer}
        return cls(**{**data, **lists, **found})
