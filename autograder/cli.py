"""The command line: grade, collect, verify, release, demo, and for maintainers: notebooks, fingerprints, stale."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from nbgrader.api import MissingEntry
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from autograder import (
    authoring,
    bank,
    batch,
    cluster,
    gradebook,
    gradescope,
    pages,
    paths,
    platforms,
    reader,
    scaffold,
    skeleton,
    store,
    submissions,
    words,
)
from autograder import collect as collecting
from autograder import demo as demonstration
from autograder import release as bundle
from autograder import roster as rosters
from autograder import verify as bank_check
from autograder import watch as watching
from autograder.job import Job, Note
from autograder.pool import Pool
from autograder.tally import tally
from autograder.warm import hidden_from_students
from autograder.worker.isolation import IsolationMissing

console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)


def known(assignment: str) -> str:
    """An assignment's full name from its name or number. Raises click.UsageError that names those there are."""
    matching = [name for name in paths.assignments() if assignment in (name, name.split("_")[0])]
    if not matching:
        raise click.UsageError(f"there is no assignment '{assignment}'; there are {', '.join(paths.assignments())}")
    return matching[0]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Grade, verify and release the course's assignments."""


ISOLATION = click.option(
    "--isolation",
    type=click.Choice(["namespaces", "user"]),
    default="namespaces",
    show_default=True,
    help="user: for containers that run as root and forbid namespaces, a separate user. Every report says so.",
)


ROSTER = click.option(
    "--roster",
    "roster_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The class as a CSV: an export of Canvas or Moodle, or nbgrader's list of students.",
)


@main.command()
@click.argument("assignment")
@click.argument("path", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--json",
    "json_out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for one results.json per submission.",
)
@click.option(
    "--html",
    "html_out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for one page per submission and class.html.",
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Submissions graded at once.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster instead, such as tcp://10.0.0.1:8786.")
@click.option("--seed", type=click.IntRange(0), help="Replay a report: the seed that it shows.")
@click.option("--unsafe", is_flag=True, help="Run student code without isolation. Every report says so.")
@ROSTER
@ISOLATION
def grade(
    assignment: str,
    path: tuple[Path, ...],
    json_out: Path | None,
    html_out: Path | None,
    workers: int,
    scheduler: str | None,
    seed: int | None,
    unsafe: bool,
    roster_file: Path | None,
    isolation: str,
) -> None:
    """Grade notebooks, folders or zips without nbgrader. Everybody in them gets a report, whatever was handed in."""
    assignment = known(assignment)
    roster = _roster(roster_file)
    try:
        skeleton.load(assignment)
        for folder in filter(None, (json_out, html_out)):
            folder.mkdir(parents=True, exist_ok=True)
        seed = store.class_seed(assignment) if seed is None else seed
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        found: dict[str, submissions.Found] = {}
        for number, place in enumerate(path):
            unpacked = Path(scratch) / str(number)
            unpacked.mkdir()
            try:
                download = submissions.read(place, assignment, unpacked)
            except (FileNotFoundError, ValueError) as error:
                raise click.ClickException(str(error)) from None
            _say(f"{place} {download.sentence}")
            for submission in download.people:
                name = submission.name
                while name in found or name == "class":  # class.html is the class report
                    name += "+"
                found[name] = submission
        reports, sources = [], {}

        def jobs() -> Iterator[Job]:
            for name, one in found.items():
                read = reader.take(one.files, assignment, name, seed=seed, notes=[Note(note) for note in one.notes])
                sources[name] = read.sources
                yield read.job

        try:
            if not unsafe and isolation != "user":
                hidden_from_students(path)
            with _graders(assignment, min(workers, len(found)), scheduler, unsafe, isolation)() as pool:
                for report in pool.grade(jobs()):
                    reports.append(report)
                    _show(report.submission, report)
                    if json_out:
                        store.write(
                            json_out / f"{report.submission}.json", json.dumps(gradescope.results(report), indent=1)
                        )
                    if html_out:
                        store.write(html_out / f"{report.submission}.html", pages.submission(report))
        except (IsolationMissing, cluster.ClusterMissing) as error:
            raise click.ClickException(str(error)) from None
    if html_out:
        reports.sort(key=lambda report: report.submission)
        store.write(html_out / "class.html", pages.class_report(reports, sources))
    _say(f"{time.monotonic() - started:.1f} s")
    _say(tally(reports, found, roster))


def _roster(file: Path | None) -> rosters.Roster | None:
    try:
        return rosters.read(file) if file else None
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _say(line: str) -> None:
    """A line as it is: neither wrapped nor read as markup."""
    console.print(line, markup=False, soft_wrap=True)


@main.command()
@click.argument("assignment")
@click.argument("path", type=click.Path(path_type=Path))
@ROSTER
def collect(assignment: str, path: Path, roster_file: Path | None) -> None:
    """Fill nbgrader's submitted folder from an LMS's download: a zip as it comes, or a folder.

    With a roster, students are named by their logins, and the gradebook learns names, addresses and the LMS's ids. What
    a newer download replaces is kept in the folder `earlier` of the grading workspace.
    """
    assignment = known(assignment)
    roster = _roster(roster_file)

    def show(one: collecting.Collected) -> None:
        _say(f"{words.line(one.student)}  {one.outcome}  {', '.join(map(words.line, one.files))}".rstrip())
        for note in one.notes:
            _say(f"    {words.line(note, 1000)}")

    try:
        collection = collecting.collect(assignment, path, roster, show)
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"the gradebook at {gradebook.shown_url()} cannot be used: {error}") from None
    for note in collection.match.notes if collection.match else ():
        _say(words.line(note, 1000))
    _say(f"{path} {collection.sentence}")
    _say(collection.tally)


def _graders(
    assignment: str, workers: int, scheduler: str | None, unsafe: bool, isolation: str
) -> Callable[[], batch.Graders]:
    """What grades: processes here or, given a scheduler's address, its cluster. Nothing is started yet."""
    if scheduler and isolation == "user":
        raise click.UsageError("--scheduler grades in namespaces only; leave --isolation user out")
    if scheduler:
        return lambda: cluster.Cluster(scheduler, [assignment], unsafe)
    return lambda: Pool([assignment], workers, unsafe, user=isolation == "user")


def _show(name: str, report: object) -> None:
    from autograder.report import Report

    assert isinstance(report, Report)
    mistakes = "; ".join(f"{e.name}: {e.mistake.title}" for e in report.exercises if e.mistake)
    unsafe = {"isolated": "", "user": " [second level of isolation]", "unsafe": " [without isolation]"}[
        report.isolation
    ]
    line = f"{words.line(name)}  {pages.points(report.score)} / {pages.points(report.max_score)}{unsafe}  {mistakes}"
    console.print(line.rstrip(), markup=False)
    for note in report.notes:
        console.print(f"    {words.line(note, 1000)}", markup=False)


@main.command()
@click.argument("assignment")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Submissions graded at once.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster instead, such as tcp://10.0.0.1:8786.")
@click.option("--force", is_flag=True, help="Grade again what has been graded.")
@click.option("--unsafe", is_flag=True, help="Run student code without isolation. Every report says so.")
@ROSTER
@ISOLATION
def autograde(
    assignment: str,
    workers: int,
    scheduler: str | None,
    force: bool,
    unsafe: bool,
    roster_file: Path | None,
    isolation: str,
) -> None:
    """Grade a class into nbgrader's gradebook: as `nbgrader autograde`, many times faster, and resumable."""
    started = time.monotonic()
    assignment = known(assignment)
    roster = _roster(roster_file)
    try:
        count = batch.run(
            assignment,
            graders=_graders(assignment, workers, scheduler, unsafe, isolation),
            force=force,
            unsafe=unsafe,
            say=lambda report: _show(report.submission, report),
        )
    except (IsolationMissing, cluster.ClusterMissing, FileNotFoundError, MissingEntry) as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"the gradebook at {gradebook.shown_url()} cannot be used: {error}") from None
    console.print(f"{count} graded in {time.monotonic() - started:.1f} s; the gradebook is complete")
    people = {student: submissions.Found(student, ()) for student in batch.handed_in(assignment)}
    reports = [report for report in store.load_all(assignment) if report.submission in people]
    _say(tally(reports, people, roster))


@main.command()
@click.argument("assignment", required=False)
@click.option("--exercise", help="Only this exercise.")
@click.option("--answer", "only", multiple=True, help="Only this answer of the bank; again for another one.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Graders at once.")
@click.option(
    "--changed", is_flag=True, help="Only what has changed since it was proven, and a sample drawn by the commit."
)
@click.option(
    "--write", is_flag=True, help="Write the fingerprints of what is judged; with --changed without a sample."
)
@click.option(
    "--repeat", default=1, show_default=True, type=click.IntRange(1, 1000), help="Times, with fresh inputs each."
)
def verify(
    assignment: str | None,
    exercise: str | None,
    only: tuple[str, ...],
    workers: int,
    changed: bool,
    write: bool,
    repeat: int,
) -> None:
    """Prove the hidden suites against the bank: wrong answers caught and named, right answers unharmed."""
    if only and write:
        raise click.UsageError("--write needs all answers of an exercise; leave --answer out")
    keys = bank_check.exercises([known(assignment)] if assignment else paths.assignments(), exercise)
    if not keys:
        raise click.UsageError(f"there is no exercise '{exercise}' in {assignment or 'any assignment'}")
    try:
        whole = bank_check.every(bank_check.changed(keys) if changed else keys)
        if only:
            whole = {key: [one for one in own if one.name in only] for key, own in whole.items()}
            if missing := set(only) - {one.name for own in whole.values() for one in own}:
                raise ValueError(f"there is no answer {', '.join(sorted(missing))} among these exercises")
        drawn_by = _commit()
        others = bank_check.every([key for key in keys if key not in whole] if changed and not write else [])
        drawn = bank_check.sample(others, drawn_by)
        rows = bank_check.judge({**whole, **drawn}, workers=workers, write=write, repeat=repeat)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for name in dict.fromkeys(name for name, _ in whole):
        table = Table(title=name, title_justify="left")
        for column in ("exercise", *COUNTS):
            table.add_column(_words(column), justify="left" if column == "exercise" else "right")
        own = [rows[key] for key in whole if key[0] == name]
        for row in own:
            table.add_row(row.exercise, *(str(getattr(row, count)) for count in COUNTS))
        table.add_row("all", *(str(sum(getattr(row, count) for row in own)) for count in COUNTS), style="bold")
        console.print(table)
    if changed and not whole:
        _say("nothing has changed since it was proven")
    if drawn:
        sums = ", ".join(
            f"{sum(getattr(rows[key], count) for key in drawn)} {count.replace('_', ' ')}" for count in COUNTS
        )
        _say(f"a sample of the rest, drawn by commit {drawn_by or 'none'}: {sums}")
    gaps = [f"{row.exercise}: {gap}" for row in rows.values() for gap in row.gaps]
    for gap in gaps:
        console.print(gap, markup=False)
    if gaps:
        raise click.ClickException(f"{len(gaps)} gaps")


COUNTS = ("wrong", "caught", "named", "by_kind", "false_green", "right", "harmed", "harsh")


def _words(count: str) -> str:
    return count.replace("_", " ")


def _commit() -> str:
    """The commit that is checked out; empty without git."""
    line = ["git", "-C", str(paths.ROOT), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(line, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


@main.command()
@click.option(
    "--out", default="dist", show_default=True, type=click.Path(path_type=Path), help="Where the bundle goes."
)
@click.option("--through", help="Last assignment to release, such as a1.")
@click.option("--gradescope", "for_gradescope", is_flag=True, help="Also an autograder zip for each assignment.")
@click.option("--github", "for_github", is_flag=True, help="Also a template repository and a grader for each.")
@click.option(
    "--instructors",
    default="dist-instructors",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where those go: they hold hidden suites.",
)
def release(out: Path, through: str | None, for_gradescope: bool, for_github: bool, instructors: Path) -> None:
    """Make the student bundle and scan it for leaks."""
    if out.resolve() == instructors.resolve() or out.resolve() in instructors.resolve().parents:
        raise click.UsageError("--instructors must lie outside --out: it holds hidden suites")
    try:
        console.print(f"released {bundle.release(out, through)}")
        for name in bundle.upto(through):
            if for_gradescope:
                console.print(f"for instructors only: {platforms.gradescope_folder(instructors, name)}")
            if for_github:
                console.print(f"for instructors only: {platforms.github_folder(instructors, name)}")
    except (bundle.Leaked, ValueError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("assignment", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every assignment, not the first two alone.")
def demo(assignment: tuple[str, ...], everything: bool) -> None:
    """Let a sample class of 24 submit, grade it with nbgrader and with the fast command, and show what comes out."""
    try:
        demonstration.run(_say, [known(name) for name in assignment], everything)
    except (RuntimeError, bank.Unreadable) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("assignment")
def report(assignment: str) -> None:
    """Write the class report from the grades that nbgrader autograde has stored."""
    try:
        console.print(f"written {demonstration.class_page(known(assignment))}")
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.argument("assignment", nargs=-1)
def notebooks(assignment: tuple[str, ...]) -> None:
    """Execute the notebooks in solutions/ and generate assignments/ from them."""
    authoring.build([known(name) for name in assignment] or paths.assignments())


@main.command()
@click.argument("assignment")
@click.argument("exercise")
def watch(assignment: str, exercise: str) -> None:
    """Judge some of an exercise's answers each time that one of its files is saved. Ctrl-C ends it."""
    name = known(assignment)
    if not bank_check.exercises([name], exercise):
        raise click.UsageError(f"there is no exercise '{exercise}' in {name}")
    try:
        watching.watch(name, exercise, _say)
    except KeyboardInterrupt:
        _say("")


@main.command()
@click.argument("assignment")
@click.argument("exercise")
def new(assignment: str, exercise: str) -> None:
    """Lay the files of a new exercise, filled with a small one that works."""
    try:
        files = scaffold.lay(assignment, exercise)
    except (ValueError, FileExistsError) as error:
        raise click.ClickException(str(error)) from None
    for file in files:
        _say(str(file.relative_to(paths.ROOT)))
    number = assignment.split("_")[0]
    _say(f"Write where REPLACE stands; then: python -m autograder notebooks {number}, and verify {number} --write")


@main.command()
def stale() -> None:
    """Fail when something generated is out of date."""
    found = scaffold.unfinished()
    try:
        found += authoring.stale(paths.assignments()) + bank_check.stale(paths.assignments())
    except (bank.Unreadable, FileNotFoundError) as error:
        found.append(str(error))
    for sentence in found:
        console.print(sentence, markup=False)
    if found:
        raise click.ClickException(f"{len(found)} places are stale or unfinished; run `make generated` after edits")
    console.print("everything generated is up to date")
