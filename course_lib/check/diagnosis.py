"""Mistakes called by their name: an answer's outcomes on public questions, compared with those of known mistakes.

The outcomes of known mistakes (fingerprints) are arrays in `course_lib/fingerprints/<assignment>/<name>.json`,
generated from the bank of wrong answers; no code of a wrong or right answer is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

import numpy as np

from course_lib.check import properties
from course_lib.check.expect import Wrong

Outcome = Any  # nested lists of numbers, a string, a bool, or {"error": "ValueError"}


@dataclass(frozen=True)
class Mistake:
    """A named wrong answer.

    name: its identifier in the bank. title: what it is, a phrase that follows "looks like".
    hint: one or two sentences for the student. signature: question -> outcome.
    """

    name: str
    title: str
    hint: str
    signature: dict[str, Outcome]


def signature(name: str, answer: Any, assignment: str | None = None) -> dict[str, Outcome]:
    """The outcomes of an answer on the exercise's public questions, as plain JSON values. assignment: see `modules`.

    Exceptions are outcomes too: {"error": "ValueError"}. torch's and numpy's global seeds are set before each question.
    """
    from course_lib.check import module_of

    outcomes = {}
    try:
        module = module_of(name, assignment)
        asked = getattr(module, "questions", None) or partial(properties.questions, module)
        questions = asked(answer)
    except Exception as error:
        return {"questions": {"error": type(error).__name__}}
    for question, ask in questions.items():
        _seed()
        try:
            outcomes[question] = plain(ask())
        except Wrong as error:
            outcomes[question] = {"error": str(error)[:200]}
        except Exception as error:
            outcomes[question] = {"error": type(error).__name__}
    return outcomes


def _seed() -> None:
    np.random.seed(0)
    import torch

    torch.manual_seed(0)


def plain(value: Any) -> Outcome:
    """A value as JSON: arrays and tensors become nested lists (6 significant digits), tuples become lists."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic | int | float):
        return _rounded(np.asarray(value).tolist())
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return {"type": type(value).__name__}


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if isinstance(value, float):
        if value != value:
            return "nan"
        if value in (float("inf"), float("-inf")):
            return "inf" if value > 0 else "-inf"
        return float(f"{value:.6g}")
    return value


def in_turn(*stages: tuple[str, Callable[[], Any], Callable[[Any], Any]]) -> dict[str, Callable[[], Any]]:
    """Questions of which each is asked only where the ones before were answered rightly; else it is "not asked".

    stages: (name, ask, is_right), where is_right judges what ask returned. Put what is basic first: a slip there is
    then recognised even when another one, of a later stage, comes on top.
    """

    def question(number: int) -> Callable[[], Any]:
        def ask() -> Any:
            for _, before, is_right in stages[:number]:
                try:
                    fine = is_right(before())
                except Exception:
                    fine = False
                if not fine:
                    return "not asked"
            return stages[number][1]()

        return ask

    return {name: question(number) for number, (name, _, _) in enumerate(stages)}


def same(left: Outcome, right: Outcome, largest: float = 0.0) -> bool:
    """Whether two outcomes agree: numbers within 1e-3 relative or 1e-5 absolute, everything else exactly.

    largest: number of the list that they stand in; rounding leaves up to 2e-5 of it where larger numbers cancel.
    """
    if isinstance(left, list) and isinstance(right, list):
        largest = largest or _largest(right)
        return len(left) == len(right) and all(same(a, b, largest) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return bool(np.isclose(left, right, rtol=1e-3, atol=max(1e-5, 2e-5 * largest)))
    return bool(left == right)


def _largest(value: Outcome) -> float:
    """The largest number in a list of lists, by its size; 0 if there is none."""
    if isinstance(value, list):
        return max(map(_largest, value), default=0.0)
    return abs(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def mistakes(name: str, assignment: str | None = None) -> tuple[Mistake, ...]:
    """The known mistakes of an exercise, from its fingerprint file; empty if it has none. assignment: see `modules`."""
    from course_lib.check import modules

    return fingerprints(modules(assignment)[name].split(".")[-2], name)


@cache
def fingerprints(assignment: str, name: str) -> tuple[Mistake, ...]:
    """The content of one fingerprint file."""
    path = resources.files("course_lib") / "fingerprints" / assignment / f"{name}.json"
    if not path.is_file():
        return ()
    return tuple(Mistake(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["mistakes"])


def match(outcomes: dict[str, Outcome], known: tuple[Mistake, ...]) -> Mistake | None:
    """The first known mistake whose outcomes agree with these on every question."""
    return next((mistake for mistake in known if same(outcomes, mistake.signature)), None)


def recognise(name: str, answer: Any) -> Mistake | None:
    """The known mistake that this answer makes, or None."""
    return match(signature(name, answer), mistakes(name))
