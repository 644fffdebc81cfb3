"""What suites, names and public checks are worth on unseen answers: `python -m autograder.benchmarks.unseen [a1 …]`.

Each answer stands in the instructor's notebook and is graded in the isolation, as `verify` does with the bank. Whether
a name fits is for a person to judge: every name that was given is printed beside what the answer is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from autograder import bank, paths, public, skeleton, verify
from autograder.cli import known
from autograder.pool import Pool
from autograder.report import ExerciseResult
from course_lib.check import diagnosis

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """One answer, graded. answer.hint: its kind. green: whether its public check passes."""

    answer: bank.Answer
    result: ExerciseResult
    green: bool

    @property
    def full(self) -> bool:
        return self.result.score == self.result.max_score

    @property
    def line(self) -> str:
        """What a person needs to judge it."""
        answer, result = self.answer, self.result
        head = f"{answer.exercise}/{answer.name}"
        colour = "green" if self.green else "red"
        if answer.right:
            lost = next((test for test in result.tests if test.status != "passed"), None)
            said = f": {lost.title}: {lost.message} {lost.detail}" if lost else ""
            return f"{head} {result.score:g} of {result.max_score:g}, check {colour}{said}".rstrip()
        named = f"named {result.mistake.name} ({result.mistake.title})" if result.mistake else "no name"
        return (
            f"{head} [{answer.hint}: {answer.title}] {result.score:g} of {result.max_score:g}, check {colour}, {named}"
        )


def answers(assignment: str, only: str | None = None) -> list[bank.Answer]:
    """The unseen answers of an assignment, in the order of its exercises. only: one exercise's name.

    Raises ValueError for a file that belongs to no exercise.
    """
    exercises = [exercise.name for exercise in skeleton.load(assignment).exercises]
    if strange := sorted({file.stem for file in (HERE / assignment).glob("*.py")} - set(exercises)):
        raise ValueError(f"{assignment} has no exercise {', '.join(strange)}")
    found: list[bank.Answer] = []
    for name in exercises:
        file = HERE / assignment / f"{name}.py"
        if only in (None, name) and file.exists():
            found += bank.parse(file.read_text(encoding="utf-8").replace("\n# Kind: ", "\n# Hint: "), name)
    return found


def measure(assignment: str, *, workers: int = 1, only: str | None = None) -> list[Outcome]:
    """The unseen answers of an assignment, graded and checked. Raises RuntimeError if one got no grade."""
    every = answers(assignment, only)
    jobs = [verify.job_of(assignment, answer, f"{answer.exercise}/{answer.name}") for answer in every]
    with Pool([assignment], workers) as pool:
        reports = {report.submission: report for report in pool.grade(iter(jobs))}
    said = dict(public.ask(jobs, workers))
    outcomes = []
    for answer in every:
        report = reports[f"{answer.exercise}/{answer.name}"]
        result = report.exercise(answer.exercise)
        if not result.tests:
            raise RuntimeError(f"{report.submission}: {result.message} {' '.join(report.notes)} {report.detail}")
        known = diagnosis.mistakes(answer.exercise, assignment)
        recognised = report.outcomes is not None and diagnosis.match(report.outcomes, known)
        outcomes.append(Outcome(answer, result, not said[report.submission].refused and not recognised))
    return outcomes


def say(assignment: str, outcomes: list[Outcome]) -> None:
    wrong = [outcome for outcome in outcomes if not outcome.answer.right]
    right = [outcome for outcome in outcomes if outcome.answer.right]
    kept = [outcome for outcome in wrong if outcome.full]
    named = [outcome for outcome in wrong if not outcome.full and outcome.result.mistake]
    harmed = [outcome for outcome in right if not outcome.full or outcome.result.mistake]
    false_green = [outcome for outcome in wrong if outcome.green]
    harsh = [outcome for outcome in right if not outcome.green]
    click.echo(
        f"\n{assignment}: {len(wrong)} wrong: {len(wrong) - len(kept)} caught, {len(named)} named, "
        f"{len(false_green)} with a green check; "
        f"{len(right)} right: {len(harmed)} harmed, {len(harsh)} with a red check"
    )
    of_kind = Counter(outcome.answer.hint for outcome in wrong)
    click.echo("kinds: " + ", ".join(f"{kind} {count}" for kind, count in of_kind.most_common()))
    unnamed = [outcome for outcome in wrong if not outcome.full and not outcome.result.mistake]
    for title, some in {
        "Kept full points": kept,
        "Right, and harmed": harmed,
        "Wrong, and the public check is green": false_green,
        "Right, and the public check is red": harsh,
        "Named (does the name fit?)": named,
        "Caught without a name": unnamed,
    }.items():
        if some:
            click.echo(f"  {title}:")
        for outcome in some:
            click.echo(f"    {outcome.line}")


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--exercise", help="Only this exercise.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Graders at once.")
def main(assignments: tuple[str, ...], exercise: str | None, workers: int) -> None:
    """Grade the unseen answers of these assignments, of all if none is named."""
    for name in [known(assignment) for assignment in assignments] or paths.assignments():
        say(name, measure(name, workers=workers, only=exercise))


if __name__ == "__main__":
    main()
