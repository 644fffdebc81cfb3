"""One grader: a pytest session that stays open and grades one submission after the other.

In the room: hidden suites, expected values, points. Not in the room: student code, which runs in the warm worker.
Jobs come in and reports go out as lines of JSON; see `pool`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import select
import signal
import sys
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

from autograder import causes, follow_through, paths, skeleton, source, words
from autograder.job import Job
from autograder.report import ExerciseResult, FollowThrough, Named, Report, TestResult
from autograder.student import Died, Handle, Session, Student, StudentError
from autograder.warm import WarmWorker, printable
from autograder.worker.isolation import IsolationMissing, Limits
from course_lib.check import diagnosis, kinds
from course_lib.check.expect import Wrong

GRACE_SECONDS = 3
JUDGING_SECONDS = 20.0  # of this process's own time for one test, importing its oracle included; most take milliseconds
JUDGING_BYTES = 1 << 30  # of address space beyond what is there before a test; most take some 10 MB
TOOK_TOO_LONG = "TookTooLong"  # the worker's exception for a statement that had its time


class Grader:
    """The pytest plugin that grades: it holds the session's items and the submission of the moment."""

    MAX_DEATHS_PER_EXERCISE = 2

    def __init__(self, jobs: Iterable[Job], emit: Callable[[Report], None], worker: WarmWorker) -> None:
        self.jobs, self.emit, self.worker = jobs, emit, worker
        self._session: Session | None = None
        self._job: Job | None = None
        self._seed, self._assignment, self._name = 0, "", ""
        self._raised: BaseException | None = None
        self._outcomes: dict[str, Any] | None = None
        self._tests: dict[str, list[pytest.Item]] = {}
        self._controls: dict[tuple[str, str, str, int], float] = {}

    # ---- fixtures -------------------------------------------------------------------------------

    @pytest.fixture
    def student(self) -> Student:
        """The submission being graded, as a remote namespace."""
        assert self._session is not None and self._job is not None
        return Student(self._session.ask, partial(source.needed, self._job, self._name))

    @pytest.fixture
    def answer(self, student: Student) -> Handle:
        """What the submission defines under the name of the exercise."""
        return student.handle(self._name)

    @pytest.fixture
    def value(self, student: Student) -> Any:
        """The data that the submission assigns to the name of the exercise."""
        return student.value(self._name)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Fresh random numbers: another stream for each test and each run; the report's seed replays them."""
        return np.random.default_rng([self._seed, zlib.crc32(request.node.name.encode())])

    @pytest.fixture
    def torch_rng(self, rng: np.random.Generator) -> Any:
        """The same for torch."""
        import torch

        return torch.Generator().manual_seed(int(rng.integers(1 << 62)))

    # ---- pytest hooks ---------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(weight): weight of a test within its exercise")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Iterator[None]:
        if call.excinfo is not None and self._raised is None:
            self._raised = call.excinfo.value
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for job in self.jobs:
            try:
                report = self.grade(session.items, job)
            except IsolationMissing as error:
                self._raised = error
                raise
            self.emit(report)
        return True

    # ---- grading --------------------------------------------------------------------------------

    def grade(self, items: list[pytest.Item], job: Job) -> Report:
        """Ask every hidden test of the assignment and report."""
        started = time.monotonic()
        outline = skeleton.load(job.assignment)
        own = [item for item in items if Path(item.path).parent.name == job.assignment]
        wanted = [exercise for exercise in outline.exercises if not job.only or exercise.name in job.only]
        self._tests = {one.name: [item for item in own if Path(item.path).stem == f"test_{one.name}"] for one in wanted}
        if missing := [name for name, tests in self._tests.items() if not tests]:
            raise RuntimeError(f"no hidden test found for {job.assignment}/{missing[0]}")
        self._seed, self._assignment, self._outcomes = job.seed, job.assignment, None
        with self._process_of(job, self.worker.limits.submission) as session:
            if any(exercise.name not in job.blank for exercise in wanted):
                session.start()
            results = [self._exercise(exercise, exercise.name in job.blank) for exercise in wanted]
            crowded, replaced = _late(session) and session.crowded, session.replaced()
        outcomes, seconds = self._outcomes, time.monotonic() - started
        results, untried, late = self._follow_through(job, wanted, results)
        notes, look_at = causes.remarks(job, results, session.failures, replaced, untried)
        return Report(
            assignment=job.assignment,
            submission=job.submission,
            seed=job.seed,
            exercises=tuple(results),
            notes=notes,
            look_at=look_at,
            unreadable=job.unreadable,
            versions=causes.versions(),
            mentions=job.mentions,
            stopped=tuple(died.reason for died in session.deaths),
            crowded=crowded or late,
            outcomes=outcomes,
            isolation=self.worker.level,
            seconds=round(seconds, 3),
        )

    @contextmanager
    def _process_of(self, job: Job, seconds: float) -> Iterator[Session]:
        """A submission's session, in fresh processes, for so many seconds; what is asked meanwhile is asked of it."""
        self._job = job
        self._session = Session(self.worker.spawn, job.steps, seconds, self.worker.limits.question / 2)
        try:
            yield self._session
        finally:
            self._session.close()

    def _follow_through(
        self, job: Job, exercises: Sequence[skeleton.Exercise], results: Sequence[ExerciseResult]
    ) -> tuple[list[ExerciseResult], list[str], bool]:
        """The results once those are graded again that use an answer which is not right, with right ones instead.

        And those that there was no time for, and whether others had the processor meanwhile. Code of the student's
        could read the right answers: of what its process says, prints or raises nothing is kept but which tests of
        this exercise hold, and the name of a mistake that is known. All these processes together have the time of one
        submission.
        """
        found = {result.name: result for result in results}
        taken = {step.name for step in job.steps if step.kind == "moment"}
        left, untried, crowded = self.worker.limits.submission, list[str](), False
        for at, exercise in enumerate(exercises):
            own = found[exercise.name]
            lost = {name for name, result in found.items() if result.score < result.max_score} - {exercise.name}
            if own.score == own.max_score or exercise.name not in taken or not lost:
                continue
            try:
                with _bounded():
                    used = follow_through.uses(job, exercise.name, lost)
                    instead = [earlier.name for earlier in exercises[:at] if earlier.name in used]
                    there = follow_through.with_right(job, instead, exercise.name) if instead and left > 0 else None
            except (_TookTooMuch, MemoryError):  # it is a very long notebook
                used, instead, there = lost, list(lost), None
            if there is not None:
                started = time.monotonic()
                with self._process_of(there, left) as session:
                    again = self._exercise(exercise, blank=False)
                    crowded = crowded or (_late(session) and session.crowded)
                left -= time.monotonic() - started
                alone = again.score > own.score and any(
                    self._handed_through(exercise, name) >= again.score for name in instead
                )
                found[exercise.name] = _followed(own, again, instead, alone)
            elif used:
                untried += [exercise.name] if instead else []
                found[exercise.name] = replace(own, mistake=None)  # it may be that of what it uses
        return list(found.values()), untried, crowded

    def _handed_through(self, exercise: skeleton.Exercise, name: str) -> float:
        """The points that the instructor's answer to one exercise gets when it is handed in for another one."""
        key = self._assignment, exercise.name, name, self._seed
        if key not in self._controls:
            job = follow_through.handed_through(self._assignment, exercise.name, name, self._seed)
            with self._process_of(job, self.worker.limits.submission):
                self._controls[key] = self._exercise(exercise, blank=False).score
        return self._controls[key]

    def _exercise(self, exercise: skeleton.Exercise, blank: bool) -> ExerciseResult:
        assert self._session is not None and self._job is not None
        self._name = exercise.name
        tests = self._tests[exercise.name]
        weights = [_weight(test) for test in tests]
        shares = _shares(exercise.points, weights)

        def none(status: str, text: str) -> ExerciseResult:
            results = [_result(test, share, "skipped", text) for test, share in zip(tests, shares, strict=True)]
            return ExerciseResult(exercise.name, 0.0, exercise.points, status, tuple(results), message=text)

        if blank:
            return none("blank", "Not attempted.")
        try:
            defined = self._session.at(exercise.name)
        except Died:
            defined = False
        if not defined:
            failure = self._session.failed(causes.made_in(self._job, exercise.name))
            if failure is None:
                return none("broken", causes.missing(exercise.name, self._job, self._session.failures))
            if isinstance(failure.error, StudentError) and "NotImplementedError" in failure.error.kinds:
                return none("blank", "Not attempted.")
            return none("broken", f"This cell did not run: {causes.explained(failure.error, self._job)}")
        try:
            gift = self._session.ask(ask="gift", name=exercise.name)
        except (StudentError, Died):  # the questions of the tests will say so
            gift = ""
        if isinstance(gift, str) and gift:
            return none(
                "blank",
                f"Not attempted: this answer is {words.kind(gift)}, which the course library brings along for its own "
                "checks. Write your own, and it counts.",
            )
        results, deaths, slips = [], len(self._session.deaths), list[str]()
        for test, share in zip(tests, shares, strict=True):
            if len(self._session.deaths) - deaths >= self.MAX_DEATHS_PER_EXERCISE:
                results.append(_result(test, share, "skipped", f"Not asked any more: {self._session.deaths[-1]}"))
            else:
                results.append(self._ask(test, share))
                if results[-1].status != "passed":
                    slips.append((self._raised.slip or "") if isinstance(self._raised, Wrong) else "")
        score = round(sum(result.score for result in results), 4)
        passed = sum(result.status == "passed" for result in results)
        stuck = len(self._session.deaths) - deaths >= self.MAX_DEATHS_PER_EXERCISE
        outcomes = self._answered(exercise.name) if self._job.outcomes and not stuck else None
        self._outcomes = outcomes
        if passed == len(results):
            kind = self._kind(exercise.name) if self._job.outcomes else None  # asked of the bank alone
            return ExerciseResult(exercise.name, exercise.points, exercise.points, "right", tuple(results), kind)
        if all(result.message == "Not attempted." for result in results):
            return ExerciseResult(
                exercise.name, 0.0, exercise.points, "blank", tuple(results), message="Not attempted."
            )
        mistake = None
        if not stuck:
            outcomes = outcomes or self._answered(exercise.name)
            mistake = self._recognise(exercise.name, outcomes) or self._kind(exercise.name) or _shown(slips)
        return ExerciseResult(
            exercise.name, score, exercise.points, "partly" if passed else "wrong", tuple(results), mistake
        )

    def _ask(self, test: pytest.Item, share: float) -> TestResult:
        assert self._session is not None
        self._raised = None
        test._initrequest()  # type: ignore[attr-defined]
        try:
            with _bounded():
                runtestprotocol(test, log=False, nextitem=None)
        except _TookTooMuch as late:  # between the test and its report
            self._raised = self._raised or late
        error = self._raised
        if isinstance(error, _TookTooMuch):
            self._session.close()  # it may have been in the middle of a question
        if error is None:
            return _result(test, share, "passed")
        if isinstance(error, IsolationMissing | KeyboardInterrupt):
            raise error
        if isinstance(error, StudentError) and "NotImplementedError" in error.kinds:
            return _result(test, share, "skipped", "Not attempted.")
        if isinstance(error, StudentError):
            assert self._job is not None
            return _result(test, share, "failed", causes.sentence(error, self._job, self._session.failures))
        if isinstance(error, Wrong | Died):
            return _result(test, share, "failed", str(error))
        trace = "".join(traceback.format_exception(error))[-4000:]
        if isinstance(error, AssertionError | pytest.fail.Exception):
            return _result(test, share, "failed", "This does not hold for your answer.", trace)
        said = f"Your answer has a form that this test cannot use ({type(error).__name__})."
        return _result(test, share, "error", said, trace)

    def _answered(self, name: str) -> dict[str, Any] | None:
        """What the answer gives on the exercise's public questions; None if that cannot be told."""
        assert self._session is not None
        student = Student(self._session.ask)
        try:
            with _bounded():
                ours = student.library("course_lib.check.diagnosis")
                outcomes = ours.signature(name, student.handle(name), self._assignment)
        except IsolationMissing:
            raise
        except Exception:  # the student's code ended the process, or took too long
            return None
        return outcomes if isinstance(outcomes, dict) else None

    def _recognise(self, name: str, outcomes: dict[str, Any] | None) -> Named | None:
        if outcomes is None:
            return None
        try:
            with _bounded():
                found = diagnosis.match(outcomes, diagnosis.mistakes(name, self._assignment))
        except Exception:  # outcomes that the student's code made up
            return None
        return Named(found.name, found.title, found.hint) if found else None

    def _kind(self, name: str) -> Named | None:
        """The kind of mistake that an answer shows. Its words are ours, whatever the student's process says."""
        assert self._session is not None
        student = Student(self._session.ask)
        try:
            with _bounded():
                said = student.library("course_lib.check.kinds").of(name, student.handle(name), self._assignment)
        except IsolationMissing:
            raise
        except Exception:  # the student's code ended the process, or took too long
            return None
        kind = kinds.KINDS.get(said) if isinstance(said, str) else None
        return Named(kind.name, kind.title, kind.hint) if kind else None


def _shown(slips: Sequence[str]) -> Named | None:
    """The name that the first failed test gives the mistake, which may be none: what fails later follows from it."""
    if not slips or not slips[0]:
        return None
    return Named("_".join(re.findall(r"[a-z0-9]+", slips[0].lower())), slips[0], "")


class _TookTooMuch(Died):
    """To judge an answer took this process too long."""

    def __init__(self) -> None:
        super().__init__(
            "time", f"to look at your code's answer took more than {JUDGING_SECONDS:.0f} seconds. Is it very large?"
        )


@contextmanager
def _bounded(seconds: float = JUDGING_SECONDS, memory: int = JUDGING_BYTES) -> Iterator[None]:
    """Let this process take only so much processor time and memory meanwhile. Raises _TookTooMuch, MemoryError.

    Tests look at an answer's size before they compute with it; this is for what they overlook.
    """

    def stop(*_: object) -> None:
        raise _TookTooMuch

    before = signal.signal(signal.SIGPROF, stop)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGPROF, before)


def _late(session: Session) -> bool:
    """Whether a limit of time ended anything of a submission."""
    interrupted = [one.error for one in session.failures if isinstance(one.error, StudentError)]
    return any(died.reason == "time" for died in session.deaths) or any(
        one.kind == TOOK_TOO_LONG for one in interrupted
    )


def _followed(own: ExerciseResult, again: ExerciseResult, instead: Sequence[str], alone: bool) -> ExerciseResult:
    """The result that counts of one with the student's own answers and one with right ones instead of some.

    Of the second one only which tests passed, and its mistake. alone: it is no work of the student's.
    """
    counts = again.score > own.score and not alone
    followed = FollowThrough(tuple(instead), own.score, again.score, counts, alone)
    if not counts:
        mistake = again.mistake if again.score == own.score else None
        return replace(own, mistake=mistake, follow_through=followed)
    tests = tuple(map(_with_right, own.tests, again.tests))
    status = "right" if again.score == again.max_score else "partly"
    return ExerciseResult(own.name, again.score, own.max_score, status, tests, again.mistake, follow_through=followed)


def _with_right(own: TestResult, again: TestResult) -> TestResult:
    if again.status == "passed":
        return replace(again, message="", detail="")
    if own.status in ("failed", "error"):
        return own
    return replace(own, score=0.0, status="failed", message="This does not hold for your answer.", detail="")


def _weight(test: pytest.Item) -> float:
    marker = test.get_closest_marker("points")
    return float(marker.args[0]) if marker else 1.0


def _shares(points: float, weights: Sequence[float]) -> list[float]:
    """Points dealt out in quarters that add up, as near to the weights as quarters can be, at least one to each test.

    What does not go into quarters, such as a tenth of a point or five tests of one point, is divided exactly.
    """
    quarters = round(4 * points)
    if quarters != 4 * points or quarters < len(weights):
        return [points * weight / sum(weights) for weight in weights]
    exact = [quarters * weight / sum(weights) for weight in weights]
    dealt = [max(1, int(share)) for share in exact]
    while (left := quarters - sum(dealt)) != 0:
        step = 1 if left > 0 else -1
        able = [at for at, share in enumerate(dealt) if share + step >= 1]
        dealt[max(able, key=lambda at: step * (exact[at] - dealt[at]))] += step
    return [share / 4 for share in dealt]


def _result(test: pytest.Item, share: float, status: str, message: str = "", detail: str = "") -> TestResult:
    function: Any = getattr(test, "function", None)
    title = (function.__doc__ or test.name).strip().splitlines()[0].rstrip(".")
    score = round(share, 4) if status == "passed" else 0.0
    return TestResult(test.name, title, score, round(share, 4), status, printable(message, 4000), detail)


def run(
    jobs: Iterable[Job],
    emit: Callable[[Report], None],
    *,
    assignments: list[str],
    unsafe: bool = False,
    user: bool = False,
    limits: Limits | None = None,
) -> None:
    """Grade jobs as they come. Raises IsolationMissing, RuntimeError when a suite cannot be collected."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    worker = WarmWorker(limits, unsafe, user)
    worker.launch()  # it warms up while this process imports the suites
    folders = [str(paths.SUITES / assignment) for assignment in assignments]
    options = [
        "-c",
        os.devnull,
        f"--rootdir={paths.SUITES}",
        "--import-mode=importlib",
        "-s",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:logging",
        "--tb=native",
    ]
    plugin = Grader(jobs, emit, worker)
    try:
        status = pytest.main([*options, *folders], plugins=[plugin])
    finally:
        worker.close()
    if isinstance(plugin._raised, IsolationMissing):
        raise plugin._raised
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(
            f"the hidden suites of {', '.join(assignments)} could not be run (pytest exit {int(status)})"
        )


def _end_with(line: int) -> None:
    """End this process, and with it the worker, once nobody holds the other end of this pipe any more."""
    poll = select.poll()
    poll.register(line, 0)  # nothing but the end of it
    poll.poll()
    time.sleep(GRACE_SECONDS)  # between two submissions it ends by itself, in good order
    os._exit(1)


def main() -> None:
    """Read jobs from standard input, write reports to standard output; whatever is printed goes to stderr."""
    threading.Thread(target=_end_with, args=(0,), daemon=True).start()
    settings = json.loads(sys.stdin.readline())
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)

    def emit(report: Report) -> None:
        out.write(report.to_json() + "\n")
        out.flush()

    try:
        run(
            (Job.from_json(line) for line in sys.stdin),
            emit,
            assignments=settings["assignments"],
            unsafe=settings["unsafe"],
            user=settings["user"],
            limits=Limits(**settings["limits"]),
        )
    except IsolationMissing as error:
        out.write(json.dumps({"isolation_missing": str(error)}) + "\n")
        out.flush()
    os._exit(0)  # to take torch apart in good order would take longer than a submission


if __name__ == "__main__":
    main()
