"""Kills at random moments: `python -m autograder.benchmarks.kills --count 50`.

A class is graded with two workers; at a random moment the grader's whole process group gets SIGKILL. It is started
again, killed again, until the class is complete; then the gradebook is compared with that of an undisturbed run, and a
new round begins. Half of the moments are drawn from the whole run, half from the time in which submissions are graded.
"""

from __future__ import annotations

import random
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from autograder.benchmarks import workspace
from autograder.benchmarks.workspace import A1


@dataclass
class Outcome:
    """kills: that hit a running grader. rounds: classes completed. different: rows of gradebooks that are not as they
    should be. left_over: processes that outlived their grader."""

    kills: int = 0
    rounds: int = 0
    different: list[object] = field(default_factory=list)
    left_over: list[int] = field(default_factory=list)


def run(
    submitted: Path, expected: dict[tuple[str, str, str], object], scratch: Path, *, count: int, seed: int,
    seconds: float = 12.0, say: Callable[[str], None],
) -> Outcome:  # fmt: skip
    """Kill `count` times. submitted: a workspace that waits to be graded. expected: its gradebook, once graded.

    seconds: about how long a run takes.
    """
    moments, outcome = random.Random(seed), Outcome()
    while outcome.kills < count:
        folder = scratch / f"round{outcome.rounds}"
        shutil.copytree(submitted, folder)
        while True:
            enough = outcome.kills >= count
            process = workspace.autograder(folder, "autograde", A1, "--workers", "2")
            if enough or _over(process, folder, moments, seconds):
                workspace.finish(process)
                break
            family = workspace.belonging(folder)
            workspace.kill(process)
            outcome.kills += 1
            outcome.left_over += (left := workspace.gone(family))
            done = len(_marks(folder))
            say(f"kill {outcome.kills}: {len(family)} processes, {done} submissions done, {len(left)} left over")
        outcome.rounds += 1
        found = workspace.snapshot(folder, A1)
        different = [key for key in {*found, *expected} if found.get(key) != expected.get(key)]
        outcome.different += different
        say(f"round {outcome.rounds} complete: {len(found)} rows, {len(different)} different")
        shutil.rmtree(folder)
    return outcome


def _over(process: subprocess.Popen[str], folder: Path, moments: random.Random, seconds: float) -> bool:
    """Wait until a random moment. Whether the run ended before it."""
    if moments.random() < 0.5:
        return _ends_within(process, moments.uniform(0, seconds))
    before = len(_marks(folder))
    while len(_marks(folder)) == before:
        if _ends_within(process, 0.01):
            return True
    return _ends_within(process, moments.uniform(0, seconds / 8))


def _ends_within(process: subprocess.Popen[str], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() >= end:
            return False
        time.sleep(0.005)
    return True


def _marks(folder: Path) -> list[Path]:
    return list((folder / "reports" / A1 / "marks").glob("[!.]*.json"))


@click.command()
@click.option("--count", default=50, show_default=True, type=click.IntRange(1), help="Kills.")
@click.option("--students", default=12, show_default=True, type=click.IntRange(1), help="Submissions of the class.")
@click.option("--seed", type=int, help="Of the moments; drawn by default.")
def main(count: int, students: int, seed: int | None) -> None:
    """Kill the grader at random moments, restart it, and compare the gradebooks."""
    seed = secrets.randbits(32) if seed is None else seed
    click.echo(f"seed {seed}")
    with tempfile.TemporaryDirectory() as scratch:
        submitted, graded = Path(scratch) / "submitted", Path(scratch) / "graded"
        workspace.prepare(submitted, A1, students)
        shutil.copytree(submitted, graded)
        started = time.monotonic()
        workspace.finish(workspace.autograder(graded, "autograde", A1, "--workers", "2"))
        seconds = time.monotonic() - started
        click.echo(f"undisturbed: {students} submissions in {seconds:.1f} s")
        expected = workspace.snapshot(graded, A1)
        outcome = run(submitted, expected, Path(scratch), count=count, seed=seed, seconds=seconds, say=click.echo)
    click.echo(
        f"{outcome.kills} kills, {outcome.rounds} classes completed, {len(outcome.different)} rows different, "
        f"{len(outcome.left_over)} processes left over"
    )
    if outcome.different or outcome.left_over:
        raise click.ClickException("not as it should be")


if __name__ == "__main__":
    main()
