"""A class at once: the gradebook that nbgrader makes, and nothing lost whatever happens in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder import authoring, batch, demo, gradebook, skeleton, store
from autograder.benchmarks import kills, workspace
from autograder.benchmarks.workspace import A1, environment, snapshot
from autograder.job import Job
from autograder.pool import failed
from autograder.report import Report
from autograder.worker.isolation import IsolationMissing

KINDS = ("all right", "one mistake", "two mistakes", "half finished", "blank", "syntax error", "stripped metadata")
KINDS += ("not a notebook",)


class Replay(AbstractContextManager["Replay"]):
    """Stands in for graders: the reports that real ones gave, at once.

    asked: whom it was asked to grade. said: what the jobs say of each.
    """

    def __init__(self, reports: dict[str, Report]) -> None:
        self.reports, self.asked, self.said = reports, list[str](), dict[str, str]()

    def grade(self, jobs: Iterable[Job]) -> Iterator[Report]:
        for job in jobs:
            self.asked.append(job.submission)
            self.said[job.submission] = " ".join(note.text for note in job.notes)
            yield self.reports[job.submission]

    def __call__(self) -> Replay:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of eight that waits to be graded; to be copied, never to be changed."""
    folder = tmp_path_factory.mktemp("class") / "submitted"
    workspace.prepare(folder, A1, len(KINDS), KINDS)
    late = folder / "submitted" / "s0001" / A1 / "timestamp.txt"
    late.write_text("2031-02-03 04:05:06.789 UTC")
    return folder


@pytest.fixture(scope="module")
def graded(submitted: Path) -> Path:
    """The same class, graded without any disturbance; to be read, never to be changed."""
    folder = submitted.with_name("graded")
    shutil.copytree(submitted, folder)
    said = workspace.finish(workspace.autograder(folder, "autograde", A1, "--workers", "2"))
    assert "8 graded" in said
    return folder


@pytest.fixture
def reports(graded: Path) -> dict[str, Report]:
    with environment(GRADING=str(graded)):
        return {report.submission: report for report in store.load_all(A1)}


@pytest.fixture
def fresh(submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the waiting class, as this process's workspace."""
    shutil.copytree(submitted, tmp_path / "grading")
    monkeypatch.setenv("GRADING", str(tmp_path / "grading"))
    monkeypatch.delenv("GRADEBOOK", raising=False)
    return tmp_path / "grading"


@pytest.fixture
def again(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graded class, as this process's workspace."""
    shutil.copytree(graded, tmp_path / "grading")
    monkeypatch.setenv("GRADING", str(tmp_path / "grading"))
    monkeypatch.delenv("GRADEBOOK", raising=False)
    return tmp_path / "grading"


def marks(folder: Path) -> dict[str, str]:
    return {file.stem: file.read_text() for file in (folder / "reports" / A1 / "marks").glob("[!.]*.json")}


def hand_in(folder: Path, student: str, kind: str) -> None:
    """A sample's file as this student's submission."""
    sample = next(sample for sample in demo.sample_class(A1) if sample.what.startswith(kind))
    workspace.submit(folder, A1, student, sample.data)


def grade_by_hand(student: str, score: float) -> None:
    """What nbgrader's formgrader does."""
    with Gradebook(gradebook.url(), gradebook.COURSE) as book:
        grade = book.find_grade("why_positions", skeleton.load(A1).notebook, A1, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()


def by_hand(folder: Path, student: str) -> Any:
    return snapshot(folder, A1)[student, "grade", "why_positions"]


# ---- the same as nbgrader --------------------------------------------------------------------------------------------


def test_the_gradebook_is_that_of_nbgrader_autograde(graded: Path, fresh: Path) -> None:
    authoring.run([sys.executable, "-m", "nbgrader", "autograde", A1])
    assert snapshot(fresh, A1) == snapshot(graded, A1)
    exported = []
    for folder in (fresh, graded):
        with environment(GRADING=str(folder)):
            to = fresh / f"{folder.name}.csv"
            authoring.run([sys.executable, "-m", "nbgrader", "export", f"--CsvExportPlugin.to={to}"])
            exported.append(sorted(to.read_text().splitlines()))
    assert exported[0] == exported[1] and len(exported[0]) == 1 + 8


def test_late_submissions_are_penalised_as_nbgrader_is_configured(
    fresh: Path, reports: dict[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = fresh / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    monkeypatch.setattr(gradebook, "CONFIG", config)

    def penalties(due: str) -> dict[str, Any]:
        with Gradebook(gradebook.url(), gradebook.COURSE) as book:
            book.update_or_create_assignment(A1, duedate=due)
        batch.run(A1, graders=Replay(reports), force=True)
        return {key[0]: values for key, values in snapshot(fresh, A1).items() if key[1] == "notebook"}

    late = penalties("2030-01-01 12:00 UTC")
    assert late["s0001"][0] == late["s0001"][2] > 0 and all(late[name][0] is None for name in late if name != "s0001")
    assert all(values[0] is None for values in penalties("2032-01-01 12:00 UTC").values())


def test_nbgrader_has_nothing_left_to_do_and_can_write_feedback(again: Path) -> None:
    before = snapshot(again, A1)
    said = authoring.run([sys.executable, "-m", "nbgrader", "autograde", A1])
    assert said.count("Skipping existing assignment") == 8
    authoring.run([sys.executable, "-m", "nbgrader", "generate_feedback", A1, "--student=s0002"])
    assert list((again / "feedback" / "s0002" / A1).glob("*.html"))
    assert snapshot(again, A1) == before


def test_the_scores_in_the_gradebook_are_those_of_the_reports(graded: Path, reports: dict[str, Report]) -> None:
    book = snapshot(graded, A1)
    for student, report in reports.items():
        for exercise in report.exercises:
            assert book[student, "grade", f"test_{exercise.name}"] == (exercise.score, None, None, False)
    assert {round(report.score) for report in reports.values()} > {0, 38}


# ---- again and again -------------------------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(again: Path, reports: dict[str, Report]) -> None:
    grade_by_hand("s0001", 3)
    before, files = snapshot(again, A1), marks(again)
    replay = Replay(reports)
    assert batch.run(A1, graders=replay) == 0
    assert replay.asked == []
    assert snapshot(again, A1) == before and marks(again) == files
    assert by_hand(again, "s0001") == (None, 3, None, False)


def test_a_resubmission_is_graded_again_and_alone(again: Path, reports: dict[str, Report]) -> None:
    for student in ("s0001", "s0002"):
        grade_by_hand(student, 3)
    before = snapshot(again, A1)
    hand_in(again, "s0002", "all right")
    replay = Replay({**reports, "s0002": renamed(reports["s0001"], "s0002")})
    assert batch.run(A1, graders=replay) == 1
    assert replay.asked == ["s0002"]
    after = snapshot(again, A1)
    changed = {key[0] for key in after if after[key] != before[key]}
    assert changed == {"s0002"}
    assert by_hand(again, "s0001") == (None, 3, None, False)
    assert by_hand(again, "s0002") == (None, 3, None, True)  # nbgrader's rule: a person looks at it once more


def renamed(report: Report, student: str) -> Report:
    return Report.from_json(report.to_json().replace(report.submission, student))


def test_a_new_gradebook_is_filled_from_the_marks(again: Path, submitted: Path, reports: dict[str, Report]) -> None:
    before = snapshot(again, A1)
    shutil.copy(submitted / "gradebook.db", again / "gradebook.db")
    assert batch.run(A1, graders=Replay(reports)) == 0
    assert snapshot(again, A1) == before


def test_force_grades_everyone_again(again: Path, reports: dict[str, Report]) -> None:
    before, files = snapshot(again, A1), marks(again)
    assert batch.run(A1, graders=Replay(reports), force=True) == 8
    assert snapshot(again, A1) == before
    assert all(text != files[name] for name, text in marks(again).items())


def test_what_the_grader_failed_on_is_tried_again(fresh: Path, graded: Path, reports: dict[str, Report]) -> None:
    job = Job(A1, "s0003", (), (), (), 1)
    assert batch.run(A1, graders=Replay({**reports, "s0003": failed(job, "it fell over")})) == 8
    assert snapshot(fresh, A1)["s0003", "grade", "test_W_first"] == (0, None, None, False)
    replay = Replay(reports)
    assert batch.run(A1, graders=replay) == 1 and replay.asked == ["s0003"]
    assert snapshot(fresh, A1) == snapshot(graded, A1)


def test_files_that_cannot_be_read_are_graded_as_such(fresh: Path, reports: dict[str, Report]) -> None:
    place = next((fresh / "submitted" / "s0001" / A1).glob("*.ipynb"))
    place.unlink()
    place.symlink_to("nowhere")
    other = next((fresh / "submitted" / "s0002" / A1).glob("*.ipynb"))
    other.unlink()
    other.mkdir()
    replay = Replay(reports)
    assert batch.run(A1, graders=replay) == 8
    assert "is a link or no plain file" in replay.said["s0001"] and "Nothing was handed in" in replay.said["s0002"]
    for student in ("s0001", "s0002"):
        assert len(list((fresh / "autograded" / student / A1).glob("*.ipynb"))) == 1


def test_an_empty_class_and_an_unknown_assignment_are_told_apart(fresh: Path, reports: dict[str, Report]) -> None:
    shutil.copytree(fresh / "submitted" / "s0001" / A1, fresh / "submitted" / "s0001" / "a2_text_to_bigram")
    with pytest.raises(MissingEntry):
        batch.run("a2_text_to_bigram", graders=Replay(reports))
    shutil.rmtree(fresh / "submitted")
    with pytest.raises(FileNotFoundError, match="no submission found"):
        batch.run(A1, graders=Replay(reports))


# ---- stopped in the middle -------------------------------------------------------------------------------------------


class Stop(BaseException):
    """Ends a run where it stands, as a kill would."""


def counted(real: Callable[..., Any], stop_at: int, *, after: bool) -> Callable[..., Any]:
    """The function, which at its n-th call stops everything before, or after, it does its work."""
    calls = iter(range(1, 10_000))

    def call(*args: Any, **kwargs: Any) -> Any:
        number = next(calls)
        if number == stop_at and not after:
            raise Stop
        result = real(*args, **kwargs)
        if number == stop_at:
            raise Stop
        return result

    return call


@pytest.mark.parametrize("after", [False, True])
def test_stopped_at_every_single_write(
    after: bool, fresh: Path, submitted: Path, graded: Path, reports: dict[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in sorted(reports)[3:]:  # three students are enough
        shutil.rmtree(fresh / "submitted" / student)
    monkeypatch.setattr(batch, "WRITE_EVERY", 2)
    expected = {key: value for key, value in snapshot(graded, A1).items() if key[0] in sorted(reports)[:3]}
    stops = 0
    for module, name in ((store, "write"), (gradebook, "record")):
        for number in range(1, 100):
            for left in ("reports", "autograded"):
                shutil.rmtree(fresh / left, ignore_errors=True)
            shutil.copy(submitted / "gradebook.db", fresh / "gradebook.db")
            with monkeypatch.context() as patch:
                patch.setattr(module, name, counted(getattr(module, name), number, after=after))
                try:
                    batch.run(A1, graders=Replay(reports))
                except Stop:
                    stops += 1
                else:
                    break
            batch.run(A1, graders=Replay(reports))
            assert snapshot(fresh, A1) == expected
    assert stops > 12


def test_a_kill_leaves_no_half_file_where_reports_are_read(again: Path) -> None:
    (again / "reports" / A1 / ".half.part").write_text("{")
    assert len(store.load_all(A1)) == 8


def test_killed_at_random_moments(submitted: Path, graded: Path, tmp_path: Path) -> None:
    said: list[str] = []
    seed = random.randrange(1 << 32)
    outcome = kills.run(submitted, snapshot(graded, A1), tmp_path, count=4, seed=seed, seconds=6, say=said.append)
    assert outcome.kills >= 4 and outcome.rounds >= 1, said
    assert outcome.different == [] and outcome.left_over == [], (seed, said)


# ---- several at once -------------------------------------------------------------------------------------------------


def test_two_graders_at_once(submitted: Path, graded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "grading"
    shutil.copytree(submitted, folder)
    both = [workspace.autograder(folder, "autograde", A1, "--workers", "1") for _ in range(2)]
    said = [workspace.finish(one) for one in both]
    assert sum(int(text.rpartition(" graded in")[0].split()[-1]) for text in said) == 8, said
    assert snapshot(folder, A1) == snapshot(graded, A1)


def test_what_another_grader_drops_is_picked_up(fresh: Path, graded: Path, reports: dict[str, Report]) -> None:
    """The other grader holds a submission, dies, and this one, which had skipped it, grades it in the end."""
    outline = skeleton.load(A1)
    held = batch._lock(outline, "s0002", patient=False)
    assert held is not None and batch._lock(outline, "s0002", patient=False) is None
    replay = Replay(reports)

    def drop(report: Report) -> None:
        if len(replay.asked) == 7:
            os.close(held)

    assert batch.run(A1, graders=replay, say=drop) == 8
    assert replay.asked[-1] == "s0002"
    assert snapshot(fresh, A1) == snapshot(graded, A1)


def test_many_writers_on_one_sqlite_gradebook(fresh: Path, graded: Path) -> None:
    """Eight processes write the same class at the same moment, over and over."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    entries = [gradebook.Entry(**json.loads(text)["entry"]) for text in marks(graded).values()]
    notebook = skeleton.load(A1).notebook
    with ProcessPoolExecutor(8, mp_context=get_context("fork")) as several:
        list(several.map(gradebook.record, [A1] * 24, [notebook] * 24, [entries] * 24))
    assert snapshot(fresh, A1) == snapshot(graded, A1)


# ---- the machine cannot isolate --------------------------------------------------------------------------------------


class Refusing(Replay):
    def grade(self, jobs: Iterable[Job]) -> Iterator[Report]:
        raise IsolationMissing("no namespaces here")
        yield


def test_without_isolation_nothing_is_written(fresh: Path, submitted: Path) -> None:
    with pytest.raises(IsolationMissing):
        batch.run(A1, graders=Refusing({}))
    assert marks(fresh) == {}
    with contextlib.suppress(FileNotFoundError):
        assert list((fresh / "autograded").iterdir()) == []
    assert snapshot(fresh, A1) == snapshot(submitted, A1)


# ---- what counts as another submission -----------------------------------------------------------------------------


def test_a_file_that_was_only_touched_is_not_graded_again(again: Path, reports: dict[str, Report]) -> None:
    file = next((again / "submitted" / "s0001" / A1).glob("*.ipynb"))
    file.write_bytes(file.read_bytes())
    assert batch.run(A1, graders=Replay(reports)) == 0
