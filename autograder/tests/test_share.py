"""One submission and its neighbours: who waits for a processor is given time, who takes too much steps back."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from autograder.pool import Pool
from autograder.report import Report
from autograder.tests.conftest import LIMITS
from autograder.tests.test_isolation import eventually, submissions_of
from autograder.warm import Died, Submission
from autograder.worker import isolation, serve, wire
from autograder.worker.isolation import ASK_WAITED, BURST, PATIENCE, Limits, Share


class TestShare:
    """The clock and what Linux says of threads are made up here."""

    @pytest.fixture
    def machine(self, monkeypatch):
        class Machine:
            now = 0.0
            threads = {7: {"7": (0.0, 0.0)}}
            ended = 0.0
            idle: set[int] = set()

        machine = Machine()
        machine.idle = set()
        monkeypatch.setattr(isolation.time, "monotonic", lambda: machine.now)
        monkeypatch.setattr(isolation, "_threads", lambda pid: list(machine.threads[pid]))
        monkeypatch.setattr(
            isolation, "schedule", lambda name: machine.threads[int(name.split("/")[0])][name.split("/")[2]]
        )
        monkeypatch.setattr(isolation, "used_time", lambda pid: machine.ended)
        monkeypatch.setattr(
            isolation.os, "sched_setscheduler", lambda thread, policy, _: machine.idle.add((thread, policy))
        )
        return machine

    def test_one_thread_never_steps_back(self, machine):
        """However long it worked, and however long it waited while it could have worked."""
        share = Share()
        for machine.now in range(1, 200):
            machine.threads = {7: {"7": (machine.now * 0.3, machine.now * 0.7)}}
            share.look([7])
        assert not share.over and not machine.idle

    def test_many_threads_step_back_all_of_them(self, machine):
        share = Share()
        machine.threads = {pid: {str(pid): (0.1, 0.9), str(pid + 100): (0.0, 1.0)} for pid in range(14)}
        machine.now = 1.0
        share.look(list(range(14)))
        assert share.over
        assert machine.idle == {(thread, os.SCHED_IDLE) for pid in range(14) for thread in (pid, pid + 100)}

    def test_what_has_ended_counts_on(self, machine):
        """Threads that come and go between two looks, and those that were seen and are gone."""
        share = Share()
        for number in range(40):
            machine.now += 0.1
            machine.threads = {7: {"7": (0.0, 0.0), f"{number + 100}": (0.1, 0.1)}}
            share.look([7])
        assert share.over
        other = Share()
        machine.threads, machine.ended = {7: {"7": (0.0, 0.0)}}, BURST + 0.1
        other.look([7])
        assert other.over

    def test_for_good(self, machine):
        share = Share()
        machine.ended = 100.0
        share.look([7])
        machine.ended, machine.now = 100.0, 1000.0
        machine.threads = {7: {"7": (0.0, 0.0), "8": (0.0, 0.0)}}
        share.look([7])
        assert share.over and (8, os.SCHED_IDLE) in machine.idle


class TestInside:
    def test_spinning_processes_get_what_nobody_else_wants(self, worker):
        process = worker.spawn(replace(LIMITS, question=60.0))
        try:
            source = "import os\nfor _ in range(12):\n    if os.fork() == 0:\n        while True: pass"
            process.ask(ask="cell", name="c", source=source)

            def policies():
                return [os.sched_getscheduler(one.pid) for one in submissions_of(worker)]

            assert eventually(lambda: len(policies()) >= 13 and set(policies()) == {os.SCHED_IDLE}, 60)
            process.ask(ask="cell", name="d", source="found = 1")  # it still answers
        finally:
            process.close()

    def test_what_works_in_one_thread_keeps_its_place(self, worker):
        process = worker.spawn(replace(LIMITS, question=60.0))
        try:
            source = "import time\nend = time.process_time() + 2\nwhile time.process_time() < end: pass"
            process.ask(ask="cell", name="c", source=source)
            assert {os.sched_getscheduler(one.pid) for one in submissions_of(worker)} == {os.SCHED_OTHER}
            assert process.look() >= 0.0
        finally:
            process.close()

    def test_nobody_takes_back_what_was_taken(self, inside):
        """Neither its policy, nor its niceness, nor a session of its own, which Linux would give a share of its own."""
        source = """
import os
found = []
for action in (lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)), lambda: os.nice(1), os.setsid,
               lambda: os.sched_setaffinity(0, [0]), lambda: os.setpriority(os.PRIO_PROCESS, 0, 0)):
    try:
        action()
        found.append("done")
    except OSError as error:
        found.append(error.errno)
"""
        assert set(inside(source)) == {1}


class Process:
    """The far end of a submission: a process that answers after a while, and a minder that says how long it waited."""

    def __init__(self, limits: Limits, waits, answers_at: float = 1e9) -> None:
        self.asked = 0
        ours, self.line = socket.socketpair()
        word, self.minder = socket.socketpair()
        wire.send(self.line, wire.encode({"value": "ready"}, None))
        self.submission = Submission(ours, word, limits)
        threading.Thread(target=self._mind, args=(waits,), daemon=True).start()
        threading.Thread(target=self._answer, args=(answers_at,), daemon=True).start()

    def _mind(self, waits) -> None:
        with suppress(OSError):  # a test has closed it
            while self.minder.recv(1) == ASK_WAITED:
                self.asked += 1
                self.minder.send(json.dumps({"waited": waits(self.asked)}).encode() + b"\n")

    def _answer(self, at: float) -> None:
        try:
            frame = wire.receive(self.line)
            while self.asked < at:
                time.sleep(0.002)
            wire.send(self.line, frame[: wire.MARK] + wire.encode({"value": 42}, None))
        except (EOFError, OSError):
            pass


QUICK = replace(LIMITS, question=0.2, submission=0.5)


class TestTimeLimits:
    """They do not count what a process waited for a processor that others had. The bounds of PATIENCE hold."""

    def test_a_slow_answer_on_a_busy_machine_arrives(self):
        """It comes after the third look, when the limit is over twice."""
        process = Process(replace(QUICK, submission=50.0), waits=lambda count: 10.0, answers_at=2)
        assert process.submission.ask(ask="value") == 42

    def test_who_does_not_wait_gets_nothing(self):
        process = Process(QUICK, waits=lambda count: 0.0)
        with pytest.raises(Died) as info:
            process.submission.ask(ask="value")
        assert info.value.reason == "time" and process.asked == 1

    def test_patience_ends(self):
        process = Process(replace(QUICK, submission=50.0), waits=lambda count: 1e6)
        started = time.monotonic()
        with pytest.raises(Died, match="after 0 seconds"):
            process.submission.ask(ask="value")
        assert time.monotonic() - started >= PATIENCE * 0.2  # it did wait so long
        assert process.asked >= 2

    def test_waiting_cannot_be_saved_up(self):
        """What was waited in earlier questions does not stretch this one."""
        process = Process(QUICK, waits=lambda count: 5.0)
        process.submission.waited = 5.0
        with pytest.raises(Died):
            process.submission.ask(ask="value")
        assert process.asked == 1

    def test_a_minder_that_has_gone(self):
        process = Process(QUICK, waits=lambda count: 1.0)
        process.minder.close()
        with pytest.raises(Died):
            process.submission.ask(ask="value")

    def test_the_last_word_instead_of_an_answer(self):
        ours, line = socket.socketpair()
        word, minder = socket.socketpair()
        wire.send(line, wire.encode({"value": "ready"}, None))
        submission = Submission(ours, word, QUICK)
        minder.send(json.dumps({"status": 9, "reason": "memory"}).encode())
        assert submission.look() == 0.0
        line.close()
        with pytest.raises(Died) as info:
            submission.ask(ask="value")
        assert info.value.reason == "memory"


class TestStatements:
    """`serve` interrupts a statement; the clocks are made up, the alarm is called by hand."""

    @pytest.fixture
    def alarm(self, monkeypatch):
        class Alarm:
            now = used = 0.0
            pushed = 0
            set_to: list[float] = []

        alarm = Alarm()
        alarm.set_to = []
        monkeypatch.setattr(serve, "monotonic", lambda: alarm.now)
        monkeypatch.setattr(serve, "process_time", lambda: alarm.used)
        monkeypatch.setattr(serve, "_pushed_aside", lambda: alarm.pushed)
        monkeypatch.setattr(serve.signal, "signal", lambda number, stop: setattr(alarm, "stop", stop))
        monkeypatch.setattr(serve.signal, "setitimer", lambda which, seconds: alarm.set_to.append(seconds))
        return alarm

    def test_it_worked_all_the_time(self, alarm):
        with serve._at_most(5.0):
            alarm.now, alarm.used, alarm.pushed = 5.0, 5.0, 900
            with pytest.raises(serve.TookTooLong):
                alarm.stop()

    def test_it_slept(self, alarm):
        with serve._at_most(5.0):
            alarm.now, alarm.used, alarm.pushed = 5.0, 0.1, 3
            with pytest.raises(serve.TookTooLong):
                alarm.stop()

    def test_others_had_the_processor(self, alarm):
        with serve._at_most(5.0):
            alarm.now, alarm.used, alarm.pushed = 5.0, 2.0, 600
            alarm.stop()
            assert alarm.set_to[-1] == 3.0  # what is left of its processor time
            alarm.now, alarm.used, alarm.pushed = PATIENCE * 5.0 + 0.1, 4.0, 9000
            with pytest.raises(serve.TookTooLong):
                alarm.stop()


class Grader:
    """Grades a job as it was told to, and knows whether another one works at the same time."""

    working = 0
    lock = threading.Lock()

    def __init__(self, crowded: set[str], log: list[tuple[str, int]]) -> None:
        self.crowded, self.log = crowded, log

    def grade(self, job) -> Report:
        with Grader.lock:
            Grader.working += 1
            self.log.append((job.submission, Grader.working))
        time.sleep(0.01)
        first = [name for name, _ in self.log].count(job.submission) == 1
        with Grader.lock:
            Grader.working -= 1
        return Report("a0", job.submission, 1, (), crowded=first and job.submission in self.crowded)

    def dismiss(self) -> None: ...

    def close(self) -> None: ...


class Job:
    def __init__(self, submission: str) -> None:
        self.submission = submission


class TestAskedAgain:
    def grade(self, graders: int, crowded: set[str]):
        pool, log = Pool(["a0"], graders), []
        pool._graders = [Grader(crowded, log) for _ in range(graders)]
        reports = list(pool.grade(Job(f"s{number}") for number in range(6)))
        return log, reports

    def test_alone_and_last(self):
        log, reports = self.grade(3, {"s1", "s4"})
        assert sorted(report.submission for report in reports) == [f"s{number}" for number in range(6)]
        assert not any(report.crowded for report in reports)
        assert len(log) == 8 and {name for name, _ in log[6:]} == {"s1", "s4"}
        assert [count for _, count in log[6:]] == [1, 1]

    def test_where_there_is_no_neighbour_nothing_is_asked_twice(self):
        log, reports = self.grade(1, {"s1"})
        assert len(log) == len(reports) == 6

    def test_a_second_time_is_the_last(self):
        pool, log = Pool(["a0"], 2), []
        always = [Grader({"s0"}, log) for _ in range(2)]
        for one in always:
            one.grade = lambda job: log.append((job.submission, 1)) or Report("a0", job.submission, 1, (), crowded=True)
        pool._graders = always
        assert len(list(pool.grade([Job("s0")]))) == 1 and len(log) == 2
