"""Seconds per submission, ours and theirs: `python -m autograder.benchmarks.throughput --students 24 --rounds 3`.

The same submissions and the same hidden suites, graded in alternating rounds by

- stock `nbgrader autograde`, with the suites as hidden tests that run in the student's kernel;
- the same, every cell but set-up, answers and tests removed from the notebooks: nothing to plot or train;
- `otter run`, once for each submission, with the suites as its hidden test files (if otter-grader is installed);
- our preprocessor inside `nbgrader autograde`, and the same without grading: nbgrader's conversion alone;
- `python -m autograder autograde` with 1 and 2 workers.

All but Otter's ends in nbgrader's gradebook; ours in isolation. All times are of whole commands, start included.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import nbformat

from autograder import paths, skeleton
from autograder.benchmarks import local, workspace
from autograder.benchmarks.workspace import A1

KINDS = ("all right", "right, in another style", "one mistake", "two mistakes", "half finished", "blank")
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
"""
TEST = """### BEGIN HIDDEN TESTS
from autograder.benchmarks.local import score
score("{assignment}", "{exercise}", {points}, globals())
### END HIDDEN TESTS"""
OTTER = """from otter.test_files import test_case
from autograder.benchmarks.local import ask
OK_FORMAT = False
name = "{exercise}"
points = None
"""
OTTER_TEST = """
@test_case(points={points}, hidden=True)
def {name}(env):
    ask("{assignment}", "{exercise}", "{name}", env)
"""
CONVERSION = "--Autograde.autograde_preprocessors=nbgrader.preprocessors.SaveAutoGrades"


class Stock:
    """A course as nbgrader's manual describes it, in a folder of its own."""

    def __init__(self, folder: Path, submitted: Path, bare: bool) -> None:
        self.folder, self.bare = folder, bare
        name = skeleton.path(A1).name
        folder.mkdir()
        (folder / "nbgrader_config.py").write_text(STOCK)
        source = nbformat.read(paths.SOLUTIONS / A1 / name, as_version=4)
        for cell in source.cells:
            settings = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and settings.get("grade") and not settings.get("solution"):
                exercise = settings["grade_id"].removeprefix("test_")
                cell.source = TEST.format(assignment=A1, exercise=exercise, points=settings["points"])
        self._write(source, folder / "source" / A1 / name)
        for file in sorted((submitted / "submitted").glob(f"*/{A1}/*.ipynb")):
            student = file.parent.parent.name
            self._write(nbformat.read(file, as_version=4), folder / "submitted" / student / A1 / name)
        self.command("generate_assignment", A1)

    def _write(self, notebook: nbformat.NotebookNode, file: Path) -> None:
        if self.bare:
            notebook.cells = [
                cell
                for cell in notebook.cells
                if cell.metadata.get("nbgrader") or "given" in cell.metadata.get("tags", [])
            ]
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, file)

    def command(self, *words: str) -> None:
        shell([sys.executable, "-m", "nbgrader", *words], self.folder, {})

    def grade(self) -> None:
        self.command("autograde", A1, "--force")


class Otter:
    """The class graded by Otter in its own way for one machine without containers: `otter run` on each notebook."""

    def __init__(self, folder: Path, submitted: Path, command: str) -> None:
        self.folder, self._command = folder, command
        self.files = sorted((submitted / "submitted").glob(f"*/{A1}/*.ipynb"))
        self.points = 0.0
        (folder / "tests").mkdir(parents=True)
        for exercise in skeleton.load(A1).exercises:
            text, suite = OTTER.format(exercise=exercise.name), local.suite(A1, exercise.name)
            whole = sum(weight for weight, _ in suite.values())
            for name, (weight, _) in suite.items():
                share = exercise.points * weight / whole
                text += OTTER_TEST.format(assignment=A1, exercise=exercise.name, name=name, points=share)
            self.points += exercise.points
            (folder / "tests" / f"{exercise.name}.py").write_text(text)
        shell([command, "generate", "-t", "tests", "-o", "autograder.zip"], folder, {})
        if abs(self._run(self.files[0]) - self.points) > 0.01:
            raise RuntimeError(f"Otter does not give {self.points} points to {self.files[0].parent.parent.name}")

    def _run(self, file: Path) -> float:
        line = [self._command, "run", "--no-logo", "-a", "autograder.zip", "-o", ".", str(file)]
        shell(line, self.folder, {})
        found = json.loads((self.folder / "results.json").read_text())
        return sum(test.get("score", 0.0) for test in found["tests"])

    def grade(self) -> None:
        for file in self.files:
            self._run(file)


def shell(line: list[str], folder: Path, more: dict[str, str]) -> None:
    """Run a command. Raises RuntimeError with its words if it fails."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(paths.ROOT), **more}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(line[2:])} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def ours(submitted: Path, scratch: Path, *words: str) -> Callable[[], None]:
    """One of our commands on a fresh copy of the class; the copy is made before the clock starts."""
    folder = scratch / "-".join(word.strip("-") for word in words if "=" not in word and "." not in word)
    folder = folder.with_name(f"{folder.name}-{len(words)}")

    def prepare() -> Callable[[], None]:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(submitted, folder)
        return lambda: shell([sys.executable, "-m", *words], paths.ROOT, {"GRADING": str(folder), "GRADEBOOK": ""})

    return lambda: prepare()()


@click.command()
@click.option("--students", default=24, show_default=True, type=click.IntRange(1), help="Submissions in the class.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds, alternating.")
def main(students: int, rounds: int) -> None:
    """Compare the throughput of stock nbgrader with ours, and say how much of ours is nbgrader's."""
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        submitted = scratch / "submitted"
        workspace.prepare(submitted, A1, students, KINDS)
        stock = Stock(scratch / "stock", submitted, bare=False)
        bare = Stock(scratch / "bare", submitted, bare=True)
        rivals = {
            "stock nbgrader autograde": stock.grade,
            "stock, answers and tests alone": bare.grade,
            "ours inside nbgrader autograde": ours(submitted, scratch, "nbgrader", "autograde", A1),
            "    of which nbgrader's conversion": ours(submitted, scratch, "nbgrader", "autograde", A1, CONVERSION),
            "ours, 1 worker": ours(submitted, scratch, "autograder", "autograde", A1, "--workers", "1"),
            "ours, 2 workers": ours(submitted, scratch, "autograder", "autograde", A1, "--workers", "2"),
        }
        if otter := shutil.which("otter"):
            rivals["otter run"] = Otter(scratch / "otter", submitted, otter).grade
        else:
            click.echo("otter run is left out: otter-grader is not installed.")
        seconds: dict[str, list[float]] = {name: [] for name in rivals}
        for number in range(1, rounds + 1):
            for name, grade in rivals.items():
                started = time.monotonic()
                grade()
                seconds[name].append((time.monotonic() - started) / students)
                click.echo(f"round {number}: {name}: {seconds[name][-1]:.3f} s per submission")
    first = statistics.median(seconds["stock nbgrader autograde"])
    click.echo(
        f"\n{students} submissions, {rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians"
    )
    for name, values in seconds.items():
        middle = statistics.median(values)
        click.echo(f"{name:36} {middle:8.3f} s per submission {first / middle:8.1f} x stock")


if __name__ == "__main__":
    main()
