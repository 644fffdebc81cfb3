"""Gradescope and GitHub: folders that are ready to upload, and the command that runs inside them.

    python -m autograder release --through a1 --gradescope --github

These folders hold hidden suites and right answers. They go to a place of their own, never into the student bundle; the
one part of them that is for students (GitHub's template repository) passes the same scan as the bundle.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from autograder import follow_through, gradescope, pages, paths, reader, release, skeleton, store, submissions
from autograder.job import Job, Note
from autograder.pool import Pool
from autograder.report import Report
from autograder.worker.isolation import IsolationMissing

TEMPLATES = Path(__file__).parent / "templates" / "platforms"
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "tests", "misconceptions", "suites", "benchmarks", ".ipynb_checkpoints"
)
GRADESCOPE = (
    "Upload the zip beside this folder in Gradescope: Configure Autograder, Zip file upload. Give the assignment "
    "POINTS points; what is beyond the tests' points is for the written answers, which you mark there by hand. "
    "Gradescope's containers forbid namespaces, so student code runs there under the second level of isolation: "
    "see autograder/README.md for what that does not stop."
)
GITHUB = (
    "`students/` is the assignment's template repository: its workflow runs the public checks alone. `grader/` is a "
    "private repository of yours: its workflow fetches the students' repositories, grades them with the hidden suites "
    "in namespaces, and keeps the reports as an artifact. Hidden suites in a student's repository would be theirs to "
    "read. GitHub has retired Classroom's own site; template, workflows and reports work without it."
)


# ---- making the folders ------------------------------------------------------------------------


def gradescope_folder(out: Path, assignment: str) -> Path:
    """Make `out`/gradescope-<assignment>/ and the zip beside it, which Gradescope takes as it is. Returns the zip."""
    folder = _fresh(out / f"gradescope-{assignment}")
    grader(folder, assignment)
    for name in ("setup.sh", "run_autograder"):
        _template(name, folder / name, assignment).chmod(0o755)
    _note(folder, assignment, GRADESCOPE)
    return Path(shutil.make_archive(str(folder), "zip", root_dir=folder))


def github_folder(out: Path, assignment: str) -> Path:
    """Make `out`/github-<assignment>/ with `students/` and `grader/`. Raises release.Leaked as the bundle does."""
    folder = _fresh(out / f"github-{assignment}")
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        students = Path(scratch) / "students"
        release.assemble(students, release.upto(assignment))
        if leaks := release.scan(students):
            raise release.Leaked(leaks)
        shutil.move(students, folder / "students")
    _template("classroom.yml", folder / "students" / ".github" / "workflows" / "classroom.yml", assignment)
    _template("public_checks.py", folder / "students" / ".github" / "public_checks.py", assignment)
    grader(folder / "grader", assignment)
    _template("grade.yml", folder / "grader" / ".github" / "workflows" / "grade.yml", assignment)
    _note(folder, assignment, GITHUB)
    return folder


def grader(folder: Path, assignment: str) -> None:
    """What grading one assignment needs: the grader, its suites, course_lib, the notebook, its solutions. No bank.

    The solutions stand in the place of wrong answers that others use; see `follow_through`.
    """
    shutil.copytree(paths.ROOT / "autograder", folder / "autograder", ignore=LEFT_OUT)
    shutil.copytree(paths.SUITES / assignment, folder / "autograder" / "suites" / assignment, ignore=LEFT_OUT)
    shutil.copytree(paths.COURSE_LIB, folder / "course_lib", ignore=LEFT_OUT)
    shutil.copytree(paths.ASSIGNMENTS / assignment, folder / "assignments" / assignment, ignore=LEFT_OUT)
    follow_through.copy(assignment, folder / "solutions" / assignment)
    shutil.copytree(paths.ROOT / "data", folder / "data", ignore=LEFT_OUT)
    for name in ("pyproject.toml", "constraints.txt", "LICENSE", "README.md"):
        shutil.copy(paths.ROOT / name, folder / name)
    store.write(folder / "grading" / "seeds" / assignment, f"{store.class_seed(assignment)}\n")


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _template(name: str, target: Path, assignment: str) -> Path:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    text = text.replace("ASSIGNMENT", assignment).replace("NOTEBOOK", skeleton.load(assignment).notebook)
    return store.write(target, text)


def _note(folder: Path, assignment: str, what: str) -> None:
    cells = [cell.metadata.get("nbgrader", {}) for cell in skeleton.load(assignment).nodes()]
    points = sum(float(settings["points"]) for settings in cells if settings.get("grade"))
    text = (TEMPLATES / "instructors.md").read_text(encoding="utf-8").replace("ASSIGNMENT", assignment)
    store.write(folder / "INSTRUCTORS.md", text.replace("WHAT", what.replace("POINTS", pages.points(points))))


# ---- inside them -------------------------------------------------------------------------------


@click.command()
@click.argument("assignment")
@click.argument("submitted", type=click.Path(exists=True, path_type=Path))
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--isolation", type=click.Choice(["namespaces", "user"]), default="namespaces", show_default=True)
@click.option("--class", "whole_class", is_flag=True, help="Many submissions; RESULTS is a folder.")
def main(assignment: str, submitted: Path, results: Path, isolation: str, whole_class: bool) -> None:
    """Grade what a platform has put into the folder SUBMITTED and write RESULTS, a results.json."""
    try:
        if whole_class:
            grade_class(assignment, submitted, results, isolation == "user")
        else:
            grade_one(assignment, submitted, results, isolation == "user")
    except (IsolationMissing, RuntimeError, ValueError, FileNotFoundError) as error:
        # without a results.json the platform shows its own error, and nobody gets a zero that is not theirs
        raise click.ClickException(str(error)) from None


def grade_one(assignment: str, folder: Path, results: Path, user: bool) -> None:
    """Grade one submission, however many files it has. Raises IsolationMissing, RuntimeError when the grader fails."""
    read = reader.take_folder(folder, assignment, _name(folder), seed=store.class_seed(assignment))
    with Pool([assignment], user=user) as pool:
        report = next(iter(pool.grade([read.job])))
    if report.detail:
        raise RuntimeError(f"the grader failed; grade this submission again.\n{report.detail}")
    store.write(results, json.dumps(gradescope.results(report), indent=1))


def grade_class(assignment: str, folder: Path, out: Path, user: bool) -> None:
    """Grade all submissions in a folder into `out`: a page and a results file for each, and the class report."""
    sources = {}
    seed = store.class_seed(assignment)

    def jobs() -> Iterator[Job]:
        with tempfile.TemporaryDirectory() as scratch:
            for found in submissions.find(folder, assignment, Path(scratch)):
                notes = [Note(note) for note in found.notes]
                read = reader.take(found.files, assignment, found.name, seed=seed, notes=notes)
                sources[found.name] = read.sources
                yield read.job

    reports: list[Report] = []
    with Pool([assignment], 2, user=user) as pool:
        for report in pool.grade(jobs()):
            reports.append(report)
            store.write(out / f"{report.submission}.json", json.dumps(gradescope.results(report), indent=1))
            store.write(out / f"{report.submission}.html", pages.submission(report))
    reports.sort(key=lambda report: report.submission)
    store.write(out / "class.html", pages.class_report(reports, sources))


def _name(folder: Path) -> str:
    """Gradescope's number of the submission, from the file that it puts beside the folder."""
    try:
        facts = json.loads((folder.parent / "submission_metadata.json").read_text(encoding="utf-8"))
        return store.file_name(str(facts["id"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "submission"


if __name__ == "__main__":
    main()
