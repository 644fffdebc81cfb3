"""Graders and warm workers as processes: replaced when they die or hang, gone when nobody needs them, free of leaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import pool, warm
from autograder.benchmarks.workspace import alive, descendants, gone
from autograder.pool import GraderProcess
from autograder.tests.conftest import LIMITS, RIGHT, SmallCourse
from autograder.warm import WarmWorker


def wait_for(file: Path) -> None:
    end = time.monotonic() + 60
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.02)


@pytest.fixture
def own(course: SmallCourse) -> Iterator[GraderProcess]:
    """A grader of the small course, for this test alone."""
    process = course.process()
    yield process
    process.close()


def pid_of(process: GraderProcess) -> int:
    assert process._process is not None
    return process._process.pid


def zygote_of(worker: WarmWorker) -> int:
    """The warm Python process itself, below bubblewrap's own two."""
    assert worker._process is not None
    return descendants(worker._process.pid)[-1]


# ---- replaced ----------------------------------------------------------------------------------------------------


def test_a_grader_that_dies_is_replaced(own: GraderProcess, course: SmallCourse) -> None:
    first = own.grade(course.job(seed=1, **RIGHT))
    before = pid_of(own)
    os.kill(before, signal.SIGKILL)
    again = own.grade(course.job(seed=1, **RIGHT))
    assert again.score == first.score == first.max_score
    assert pid_of(own) != before


def test_a_grader_that_dies_with_a_submission_in_hand_tries_it_again(own: GraderProcess, course: SmallCourse) -> None:
    own.grade(course.job(**RIGHT))
    before = pid_of(own)
    threading.Timer(0.5, os.kill, (before, signal.SIGKILL)).start()
    slow = "import time\ndef double(x):\n    time.sleep(0.6)\n    return SCALE * x"
    report = own.grade(course.job(**{**RIGHT, "double": slow}))
    assert report.score == report.max_score
    assert pid_of(own) != before


def test_a_grader_that_hangs_is_replaced(own: GraderProcess, course: SmallCourse) -> None:
    own.grade(course.job(**RIGHT))
    before, family = pid_of(own), descendants(pid_of(own))
    os.kill(before, signal.SIGSTOP)
    own.job_seconds = 1
    close = own.close

    def close_and_be_patient() -> None:
        own.job_seconds = pool.JOB_SECONDS
        close()

    own.close = close_and_be_patient  # type: ignore[method-assign]
    report = own.grade(course.job(**RIGHT))
    assert report.score == report.max_score
    assert pid_of(own) != before
    assert gone(family) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_warm_worker_that_dies_or_hangs_is_replaced(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = WarmWorker(LIMITS)
    try:
        worker.spawn().close()
        before = zygote_of(worker)
        os.kill(before, number)
        monkeypatch.setattr(warm, "SPAWN_SECONDS", 20)
        if number == signal.SIGSTOP:
            monkeypatch.setattr(warm, "SPAWN_SECONDS", 1)
            threading.Timer(1.2, setattr, (warm, "SPAWN_SECONDS", 60)).start()
        process = worker.spawn()
        process.ask(ask="cell", name="c", source="found = 6 * 7")
        process.close()
        assert zygote_of(worker) != before
        assert gone([before]) == []
    finally:
        worker.close()


# ---- gone --------------------------------------------------------------------------------------------------------


def test_close_leaves_nothing(course: SmallCourse) -> None:
    process = course.process()
    process.grade(course.job(**RIGHT))
    family = descendants(pid_of(process))
    assert len(family) >= 4  # grader, bubblewrap twice, warm worker
    process.close()
    assert gone(family) == []


def test_whoever_asks_is_killed_and_nothing_stays(course: SmallCourse, tmp_path: Path) -> None:
    """SIGKILL of the asking process alone, in the middle of a submission that would run for minutes."""
    asking = tmp_path / "asking.py"
    asking.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from autograder.tests.conftest import LIMITS, RIGHT, SmallCourse\nfrom dataclasses import replace\n"
        "course = SmallCourse(Path(sys.argv[1]))\n"
        "process = course.process(replace(LIMITS, question=500.0, submission=500.0))\n"
        "print('warm', process.grade(course.job(**RIGHT)).score, flush=True)\n"
        "endless = 'def double(x):\\n    while True: pass'\n"
        "process.grade(course.job(**{**RIGHT, 'double': endless}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    head = subprocess.Popen(
        [sys.executable, str(asking), str(tmp_path / "course")], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert head.stdout is not None
    assert head.stdout.readline().startswith("warm")
    end = time.monotonic() + 30
    while len(descendants(head.pid)) < 7 and time.monotonic() < end:  # the submission and its minder have come
        time.sleep(0.02)
    family = descendants(head.pid)
    assert len(family) >= 7
    head.kill()
    head.communicate()
    assert gone(family) == []


# ---- no leaks ----------------------------------------------------------------------------------------------------


def files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid: int) -> int:
    """Bytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settled(pid: int, wanted: int) -> list[int]:
    """The family of a process, once it has no more than this many members."""
    end = time.monotonic() + 20
    while len(family := descendants(pid)) > wanted and time.monotonic() < end:
        time.sleep(0.05)
    return family


def test_nothing_piles_up_over_many_submissions(own: GraderProcess, course: SmallCourse) -> None:
    kinds = [
        RIGHT,
        {**RIGHT, "double": "def double(x):\n    return x"},
        {**RIGHT, "double": "import os\ndef double(x):\n    os._exit(3)"},
        {**RIGHT, "square": "def square(x):\n    raise ValueError('no')"},
        {**RIGHT, "W": "W = ("},
        {**RIGHT, "square": "import numpy\nkept = numpy.ones(1 << 20)\ndef square(x):\n    return x * x"},
    ]

    def some(rounds: int) -> None:
        for number in range(rounds * len(kinds)):
            own.grade(course.job(**kinds[number % len(kinds)]))

    some(2)
    family = settled(pid_of(own), 4)
    before = {pid: (files(pid), memory(pid)) for pid in family}
    here = files(os.getpid())
    some(10)
    after = settled(pid_of(own), len(family))
    assert after == family, "processes pile up, or zombies"
    assert files(os.getpid()) <= here, "open files pile up here"
    for pid in family:
        assert alive(pid)
        assert files(pid) == before[pid][0], "open files pile up"
        assert memory(pid) < before[pid][1] + (12 << 20), "memory piles up"
