"""Grading on a Dask cluster of two worker processes on this machine, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from autograder import batch, cluster, paths, skeleton, store
from autograder.benchmarks import workspace
from autograder.benchmarks.workspace import A1, alive, descendants, gone
from autograder.report import Report

Client = pytest.importorskip(
    "distributed", reason="Dask is not installed: pip install 'letters-to-gpt[cluster]'"
).Client

NAMES = ("one", "two")
KINDS = ("all right", "one mistake", "half finished", "blank", "two mistakes", "syntax error")


class Machines:
    """A scheduler and two workers, as processes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        place = folder / "scheduler.json"
        self._start("dask_scheduler", "--port=0", "--no-dashboard", "--host=127.0.0.1", f"--scheduler-file={place}")
        self._wait(place)
        self.address = json.loads(place.read_text())["address"]
        self.workers = [self._worker(name) for name in NAMES]

    def holding_a_result(self) -> subprocess.Popen[bytes]:
        """A worker that has done a job whose result is still with it; waits for one."""
        with Client(self.address, set_as_default=False) as client:
            end = time.monotonic() + 120
            while time.monotonic() < end:
                names = {address: worker["name"] for address, worker in client.scheduler_info()["workers"].items()}
                for address, results in client.has_what().items():
                    if len(results) > 1:  # the report that has just come is one
                        return self.workers[NAMES.index(names[address])]
                time.sleep(0.05)
        raise AssertionError("no worker has a result to lose")

    def _worker(self, name: str) -> subprocess.Popen[bytes]:
        options = [self.address, f"--name={name}", "--nthreads=1", "--no-nanny", "--no-dashboard"]
        return self._start("dask_worker", *options, f"--local-directory={self.folder}")

    def _start(self, program: str, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *options],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(paths.ROOT), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def _wait(self, file: Path) -> None:
        end = time.monotonic() + 120
        while not (file.exists() and file.read_text().rstrip().endswith("}")):
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with ExitStack() as stack:
        yield Machines(tmp_path_factory.mktemp("cluster"), stack)


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "submitted"
    workspace.prepare(folder, A1, 18, KINDS)
    return folder


def test_a_class_on_two_workers_with_one_killed_in_the_middle(
    machines: Machines, submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "grading"
    shutil.copytree(submitted, folder)
    monkeypatch.setenv("GRADING", str(folder))
    monkeypatch.delenv("GRADEBOOK", raising=False)
    families: list[list[int]] = []

    def say(report: Report) -> None:
        if not families:  # lose a worker that has a warm grader and a result that nobody has fetched
            worker = machines.holding_a_result()
            families.append(descendants(worker.pid))
            worker.kill()

    assert batch.run(A1, graders=lambda: cluster.Cluster(machines.address, [A1]), say=say) == 18
    assert gone(families[0][1:]) == [], "the lost worker's grader and warm worker are still there"
    assert sum(alive(worker.pid) for worker in machines.workers) == 1
    reports = {report.submission: report for report in store.load_all(A1)}
    assert len(reports) == 18
    assert {report.isolation for report in reports.values()} == {"isolated"}
    for number in range(1, 19):  # equal submissions, equal scores, whoever graded them
        assert reports[f"s{number:04d}"].score == reports[f"s{(number - 1) % 6 + 1:04d}"].score
    full = sum(exercise.points for exercise in skeleton.load(A1).exercises)
    assert reports["s0001"].score == full and reports["s0004"].score == 0 < reports["s0003"].score < full
    book = workspace.snapshot(folder, A1)
    for student, report in reports.items():
        for exercise in report.exercises:
            assert book[student, "grade", f"test_{exercise.name}"] == (exercise.score, None, None, False)


def test_no_scheduler_is_one_clear_sentence(tmp_path: Path) -> None:
    command = workspace.autograder(
        tmp_path, "grade", A1, str(paths.ASSIGNMENTS / A1), "--scheduler", "tcp://127.0.0.1:9"
    )
    said, _ = command.communicate()
    assert command.returncode == 1
    assert "cannot be reached" in said and "Traceback" not in said
