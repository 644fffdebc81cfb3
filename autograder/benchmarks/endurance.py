"""Many submissions in one run: `python -m autograder.benchmarks.endurance --count 1000`.

Prints the time, the memory of the grader and of its warm worker after 100 submissions and at the end, open files and
zombies, and whether the gradebook is complete.
"""

from __future__ import annotations

import os
import tempfile
import time
from functools import partial
from pathlib import Path

import click

from autograder import batch, skeleton
from autograder.benchmarks import workspace
from autograder.benchmarks.workspace import A1, alive, descendants, environment
from autograder.pool import Pool
from autograder.report import Report


def held(pid: int) -> int:
    """Bytes that a process holds, and never held more than: its peak."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    return 0


def state() -> str:
    """This process, and each process below it that stays from one submission to the next."""
    lines = []
    for pid in descendants(os.getpid()):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            count = len(os.listdir(f"/proc/{pid}/fd"))
            peak = held(pid) / 2**20
        except OSError:
            continue
        if peak > 50:
            kind = "grader" if "autograder.grader" in words else "worker" if "-I" in words else "batch"
            lines.append(f"{kind} {peak:.0f} MB, {count} files")
    zombies = sum(not alive(pid) for pid in descendants(os.getpid()))
    return f"{'; '.join(sorted(lines))}; {zombies} zombies"


@click.command()
@click.option("--count", default=1000, show_default=True, type=click.IntRange(1), help="Submissions.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Submissions graded at once.")
def main(count: int, workers: int) -> None:
    """Grade a large class in one run, with the gradebook, and say what it took."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "grading"
        workspace.prepare(folder, A1, count)
        done = 0
        started = time.monotonic()

        def say(report: Report) -> None:
            nonlocal done
            done += 1
            if done == min(100, count) or done == count or done % 250 == 0:
                click.echo(f"{done} after {time.monotonic() - started:.1f} s: {state()}")

        os.environ["OMP_NUM_THREADS"] = "1"
        with environment(GRADING=str(folder), GRADEBOOK=""):
            graded = batch.run(A1, graders=partial(Pool, [A1], workers), say=say)
        seconds = time.monotonic() - started
        book = workspace.snapshot(folder, A1)
    outline = skeleton.load(A1)
    cells = [f"test_{exercise.name}" for exercise in outline.exercises] + outline.written
    missing = [(n, c) for n in range(1, count + 1) for c in cells if (f"s{n:04d}", "grade", c) not in book]
    ungraded = [key for key, value in book.items() if key[1] == "grade" and key[2].startswith("test_")]
    ungraded = [key for key in ungraded if book[key][0] is None]  # type: ignore[index]
    click.echo(f"{graded} graded in {seconds:.1f} s, {seconds / count:.3f} s each")
    click.echo(f"gradebook: {len(book)} rows, {len(missing)} missing, {len(ungraded)} without a score")
    if missing or ungraded or graded != count:
        raise click.ClickException("the gradebook is not complete")


if __name__ == "__main__":
    main()
