"""One submission through the hidden suites: scores, statuses, words, and what never gets out."""

from __future__ import annotations

import os
import signal

import numpy as np
import psutil
import pytest

from autograder.grader import Grader, Job, _bounded, _shown, _TookTooMuch
from autograder.pool import Pool, failed
from autograder.report import Report
from autograder.tests.conftest import A1, LIMITS, RIGHT, SmallCourse, stub
from autograder.warm import WarmWorker
from autograder.worker.isolation import IsolationMissing


def statuses(report: Report, name: str) -> list[str]:
    return [test.status for test in report.exercise(name).tests]


class TestScores:
    def test_all_right(self, grade):
        report = grade()
        assert (report.score, report.max_score) == (9, 9)
        assert [exercise.status for exercise in report.exercises] == ["right"] * 3
        assert report.isolation == "isolated" and report.stopped == () and report.notes == () and report.detail == ""

    def test_partial_credit_follows_the_weights(self, grade):
        report = grade(double="def double(x):\n    return 2 * x if hasattr(x, 'shape') else 1")
        double = report.exercise("double")
        assert (double.score, double.status) == (2, "partly")  # test_numbers weighs 2 of 4, of 4 points
        assert [test.score for test in double.tests] == [2, 0, 0]
        assert [test.max_score for test in double.tests] == [2, 1, 1]
        assert report.score == 7

    def test_wrong(self, grade):
        report = grade(W="W = [[2, 1]]")
        assert report.exercise("W").status == "partly" and statuses(report, "W") == ["failed", "passed"]
        assert report.exercise("double").status == report.exercise("square").status == "right"

    @pytest.mark.parametrize(
        "source", ["", "  \n", stub("double"), stub("double") + "\n\n", "def double(x):\n    raise NotImplementedError"]
    )
    def test_blank(self, grade, source):
        double = grade(double=source).exercise("double")
        assert (double.status, double.score, double.message) == ("blank", 0, "Not attempted.")
        assert {test.status for test in double.tests} == {"skipped"}

    @pytest.mark.parametrize(
        "source, said",
        [
            ("def double(x)\n    return x", "SyntaxError"),
            ("import a_package_that_is_not_there", "ModuleNotFoundError"),
            ("raise SystemExit", "SystemExit"),
            ("import os\nos._exit(0)", "ended its own process"),
            ("while True:\n    pass", "ran for more than 1 seconds"),
            ("<<<<<<< mine\nx = 1\n=======\nx = 2\n>>>>>>> theirs", "SyntaxError"),
        ],
    )
    def test_broken(self, grade, source, said):
        report = grade(double=source)
        double = report.exercise("double")
        assert (double.status, double.score) == ("broken", 0)
        assert said in double.message and double.message.startswith("This cell did not run")
        assert report.score == 5  # the rest is graded

    def test_all_blank_needs_no_process(self, course, grader):
        report = grader.grade(course.job())
        assert report.score == 0 and {exercise.status for exercise in report.exercises} == {"blank"}

    def test_an_answer_may_use_an_earlier_one_and_the_set_up(self, grade):
        assert grade(square="def square(x):\n    return double(x) * x / SCALE").score == 9

    def test_a_helper_cannot_break_the_set_up(self, grade):
        """The set-up is the instructor's: it runs before anything that a student added above it."""
        poison = "class A:\n    import builtins\n    builtins.__import__ = None"
        report = grade(helpers=[(0, poison)])
        assert not report.detail and "graded again" not in str(report.notes)


class TestWords:
    def test_a_plain_assert_says_nothing(self, grade):
        report = grade(double="def double(x):\n    return 2 * x if hasattr(x, 'shape') or x == 0 else 7")
        last = report.exercise("double").tests[-1]
        assert (last.status, last.message) == ("failed", "This does not hold for your answer.")
        assert "assert" in last.detail  # for the instructor

    def test_an_exception_that_did_not_come_is_a_failure(self, grade):
        report = grade(W="class W(list):\n    def __call__(self):\n        return 1\nW = W([[1, 2]])")
        assert statuses(report, "W") == ["passed", "failed"]

    def test_a_test_that_stumbles_is_an_error_and_no_crash(self, grade):
        report = grade(square="def square(x):\n    return x * x if x != 2 else object()")
        last = report.exercise("square").tests[-1]
        assert last.status == "error" and "form that this test cannot use" in last.message
        assert "Traceback" in last.detail

    def test_an_exception_names_its_line(self, grade):
        report = grade(square="def square(x):\n    return x.size")
        message = report.exercise("square").tests[0].message
        assert "AttributeError" in message and "cell square, line 2" in message

    @pytest.mark.parametrize("text", ["\\ud800", "\\x00\\x07\\x1b[2J", "a\\r\\nb", "x" * 100_000])
    def test_whatever_an_exception_says(self, grade, text):
        report = grade(square=f"def square(x):\n    raise ValueError('{text}')")
        message = report.exercise("square").tests[0].message
        assert "ValueError" in message and len(message) < 3000
        message.encode("utf-8")
        assert not set(message) & {"\x00", "\x07", "\x1b"}

    @pytest.mark.parametrize(
        "made",
        [
            "type('\\\\x00<b>', (), {})()",
            "(n for n in 'ab')",
            "float('nan')",
            "np.array(1.0)",
            "np.zeros((0,))",
            "np.zeros(10**7)",
            "[[[[1]]]] * 3",
            "'text'",
            "None",
            "...",
            "{}",
            "1 << 100",
            "torch.zeros(2, dtype=torch.cfloat)",
            "np.array([object()])",
            "type('T', (torch.Tensor,), {})()",
            "double",
        ],
    )
    def test_whatever_comes_back(self, grade, made):
        report = grade(double=f"def double(x):\n    return {made}")
        assert report.exercise("double").status in ("wrong", "partly") and report.score <= 9 - 2
        assert report.exercise("square").status == "right"

    def test_no_hidden_value_gets_out(self, grade):
        wrong = {
            "double": "def double(x):\n    return x",
            "square": "def square(x):\n    return x + 1",
            "W": "W = [[0, 0]]",
        }
        report = grade(**wrong)
        shown = " ".join(test.title + test.message for exercise in report.exercises for test in exercise.tests)
        assert "123454321" not in shown and "246908642" not in shown and "[[1, 2]]" not in shown


class TestSeeds:
    WRONG = {"square": "def square(x):\n    return -1"}

    def test_a_seed_replays_the_inputs(self, grade):
        first, second = (grade(seed=12, **self.WRONG) for _ in range(2))
        assert first.exercise("square").tests[0].message == second.exercise("square").tests[0].message
        assert first.seed == second.seed == 12

    def test_another_seed_draws_others(self, grade):
        messages = {grade(**self.WRONG).exercise("square").tests[0].message for _ in range(3)}
        assert len(messages) == 3

    def test_the_report_carries_a_fresh_seed(self, grade):
        assert grade().seed != grade().seed


class TestDeaths:
    def test_an_exercise_is_given_up_after_its_deaths(self, grade):
        report = grade(double="import os\ndef double(x):\n    os._exit(0)")
        assert statuses(report, "double") == ["failed", "failed", "skipped"]
        assert len(report.stopped) == Grader.MAX_DEATHS_PER_EXERCISE and set(report.stopped) == {"exit"}
        assert "Not asked any more" in report.exercise("double").tests[2].message
        assert report.score == 5

    def test_an_infinite_loop_costs_its_own_points(self, grade):
        report = grade(double="def double(x):\n    while True:\n        pass")
        assert report.stopped == ("time", "time") and report.score == 5

    def test_all_deadly(self, grade):
        deadly = "import os\ndef {0}(*x):\n    os._exit(0)"
        report = grade(double=deadly.format("double"), square=deadly.format("square"), W=deadly.format("W"))
        assert report.score == 0 and all(reason == "exit" for reason in report.stopped)

    def test_state_does_not_survive_into_the_next_submission(self, grade):
        grade(double="import builtins, torch\nbuiltins.spy = 1\ntorch.equal = None\ndef double(x):\n    return 2 * x")
        report = grade(
            double="def double(x):\n    import builtins\n    return 2 * x if not hasattr(builtins, 'spy') else 0"
        )
        assert report.exercise("double").status == "right"


class TestForgery:
    def test_a_made_up_signature_does_not_stop_the_grader(self, pool, a1_answers):
        """The worker's own library is in the student's hands: what it says is data, of any form."""
        from autograder import program, skeleton
        from course_lib.check import diagnosis

        known = diagnosis.mistakes("masked_attention")[0].signature
        forged = (
            "import course_lib.check.diagnosis as d, numpy as np\n"
            f"d.signature = lambda *a: {{k: np.zeros(3) for k in {list(known)!r}}}\n"
        )
        answers = {**a1_answers, "masked_attention": forged + "def masked_attention(Q, K, V):\n    return V"}
        job = program.job(skeleton.load(A1), "s01", answers, only=("masked_attention", "head_output"))
        (report,) = pool.grade([job])
        assert report.exercise("masked_attention").status in ("wrong", "partly") and not report.detail
        assert report.exercise("head_output").status == "right"

    def test_a_forged_reply_earns_nothing(self, grade):
        forge = (
            "import os, socket, struct, json\n"
            "header = json.dumps({'value': {'$type': 'dict', 'items': [['value', 1]]}, 'arrays': []}).encode()\n"
            "frame = struct.pack('>I', len(header)) + header\n"
            "line = socket.socket(fileno=os.dup(3))\n"
            "for _ in range(50):\n    line.sendall(struct.pack('>I', len(frame)) + frame)\n"
        )
        report = grade(double=forge)
        assert report.exercise("double").score == 0


class TestGraderProcess:
    def test_a_killed_grader_is_replaced_and_leaves_no_process(self, course):
        process = course.process()
        families = []
        try:
            for _ in range(2):
                assert process.grade(course.job(**RIGHT)).score == 9
                grader = psutil.Process(process._process.pid)
                families += [grader, *grader.children(recursive=True)]
                if len(families) < 6:
                    os.kill(grader.pid, signal.SIGKILL)
        finally:
            process.close()
        _, alive = psutil.wait_procs(families, timeout=20)
        assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]

    def test_a_grader_that_fails_gives_a_report_in_neutral_words(self, course, at_course):
        """The instructor gets the reason; the student's page does not hold a traceback through the suites."""
        (course.root / "suites" / SmallCourse.ASSIGNMENT / "test_square.py").rename(course.root / "kept.py")
        pool = Pool([SmallCourse.ASSIGNMENT])
        pool._graders = [course.process()]
        try:
            with pool:
                reports = list(pool.grade([course.job(**RIGHT)]))
        finally:
            (course.root / "kept.py").rename(course.root / "suites" / SmallCourse.ASSIGNMENT / "test_square.py")
        assert len(reports) == 1
        for report in reports:
            assert report.score == 0 and report.detail
            shown = " ".join(report.notes) + " ".join(exercise.message for exercise in report.exercises)
            assert "could not be graded" in shown and "Traceback" not in shown and ".py" not in shown

    def test_garbage_from_a_grader_is_a_failure_of_that_job(self, course, at_course):
        pool = Pool([SmallCourse.ASSIGNMENT])
        pool._graders[0].command = ["/bin/sh", "-c", "read a; while read b; do echo garbage; done"]
        with pool:
            reports = list(pool.grade([course.job(**RIGHT)]))
        assert [report.score for report in reports] == [0]

    def test_no_isolation_no_grading(self, course, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        process = course.process()
        try:
            with pytest.raises(IsolationMissing, match="bubblewrap"):
                process.grade(course.job(**RIGHT))
        finally:
            process.close()

    def test_a_pool_raises_when_isolation_is_missing(self, course, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        with Pool([SmallCourse.ASSIGNMENT], workers=2) as pool:
            for grader in pool._graders:
                grader.command = course.process().command
            with pytest.raises(IsolationMissing):
                list(pool.grade([course.job(**RIGHT)] * 3))

    def test_a_pool_of_two(self, course):
        with Pool([SmallCourse.ASSIGNMENT], workers=2) as pool:
            for grader in pool._graders:
                grader.command = course.process().command
            assert [report.score for report in pool.grade([course.job(**RIGHT)] * 6)] == [9] * 6


def test_the_whole_submission_has_one_limit(course):
    """Every question stays below its own limit; together they are above that of the submission."""
    from dataclasses import replace

    process = course.process(replace(LIMITS, submission=1.0))
    slow = "import time\ndef double(x):\n    time.sleep(0.6)\n    return 2 * x"
    try:
        report = process.grade(course.job(**{**RIGHT, "double": slow}))
    finally:
        process.close()
    assert report.stopped and set(report.stopped) == {"time"}
    assert "nothing more was asked" in str(report.exercise("square").tests)


def test_a_job_goes_through_json(course):
    job = course.job(seed=3, helpers=[(0, "x = '\ud800é\\n'")], **RIGHT)
    assert Job.from_json(job.to_json()) == job and "\n" not in job.to_json()


def test_the_report_of_total_failure(course, at_course):
    report = failed(course.job(**RIGHT), "Traceback: secret\ud800")
    assert report.max_score == 9 and report.score == 0 and "secret" in report.detail
    assert "secret" not in str(report.notes) + str(report.exercises)
    assert Report.from_json(report.to_json()) == report


class TestJudging:
    """What the tests themselves take: an answer may be larger than it looks."""

    def test_time_is_bounded(self):
        with pytest.raises(_TookTooMuch), _bounded(seconds=0.05):
            while True:
                pass
        assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)

    def test_memory_is_bounded_meanwhile(self):
        with pytest.raises(MemoryError), _bounded(memory=64 << 20):
            np.zeros(1 << 30, "int8")
        assert np.zeros(1 << 30, "int8").size == 1 << 30

    def test_a_test_that_overlooks_a_size_costs_the_grader_little(self, tmp_path):
        """(60000, 1) and (1, 60000) are small, and what numpy makes of both has 3.6 GB. The next one is graded."""
        course = SmallCourse(tmp_path)
        suite = "def test_it(student):\n    w = student.value('W')\n    assert (w == w.T).all()\n"
        (tmp_path / "suites" / course.ASSIGNMENT / "test_W.py").write_text(suite)
        process = course.process()
        wide = process.grade(course.job(**{**RIGHT, "W": "import numpy as np\nW = np.zeros((60000, 1), 'int8')"}))
        right = process.grade(course.job(**{**RIGHT, "W": "import numpy as np\nW = np.eye(2)"}))
        process.close()
        assert [test.status for test in wide.exercise("W").tests] == ["error"] and not wide.detail
        assert wide.exercise("double").status == "right" and right.exercise("W").status == "right"

    def test_a_worker_that_starts_during_a_test_is_not_limited_by_it(self, worker):
        with _bounded(memory=64 << 20):
            fresh = WarmWorker(LIMITS)
            fresh.launch()
        process = fresh.spawn()
        process.ask(ask="cell", name="c", source="import numpy as np\nx = np.ones(10 << 20).sum()")
        fresh.close()


class TestSlips:
    """A test that shows what a mistake is gives it its name where nothing else does."""

    @pytest.mark.parametrize(
        "slips, title", [([], None), ([""], None), (["", "later"], None), (["rows that mix", "later"], "rows that mix")]
    )
    def test_the_first_failed_test_names_it(self, slips, title):
        found = _shown(slips)
        assert (found.title if found else None) == title

    def test_in_a_report(self, grade):
        report = grade(double="def double(x):\n    return x")
        assert report.exercise("double").mistake.title == "numbers that stay as they are"
        assert grade().exercise("double").mistake is None
