"""An attack against a grader without isolation, and against this one."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder import bank, gradescope, pages, paths, program, skeleton
from autograder.pool import GraderProcess
from autograder.report import Report
from autograder.tests.attacks import HERE, Attack
from autograder.tests.attacks.arena import Arena
from autograder.worker import isolation
from autograder.worker.isolation import Limits

LIMITS = Limits(memory=384 << 20, cpu=20, scratch=32 << 20, file=32 << 20, question=5.0, submission=40.0)
SHORT = replace(LIMITS, question=1.5, submission=6.0)  # for what sleeps or spins; right answers need milliseconds
STUDENT_SEES = 200_000  # characters at most in any page about one submission


def unprotected(attack: Attack) -> set[str]:
    """Run an attack against `stock` in a sandbox from which nothing can be harmed. Returns the effects it had."""
    bwrap = shutil.which("bwrap")
    assert bwrap, "bubblewrap is needed"
    line = [bwrap, "--die-with-parent", "--new-session", "--clearenv"]
    line += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    line += [] if os.getuid() == 0 else ["--unshare-user"]
    line += ["--size", str(1 << 30), "--perms", "1777", "--tmpfs", "/tmp"]  # first: a Python may lie below it
    parents = {parent for name in (*python_folders(), str(HERE)) for parent in Path(name).parents}
    for parent in sorted(parents - {Path("/"), Path("/tmp")}):
        line += ["--perms", "0755", "--dir", str(parent)]
    for name in ("/usr", *python_folders(), str(HERE)):
        line += ["--ro-bind", name, name]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            line += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            line += ["--ro-bind", name, name]
    line += ["--proc", "/proc", "--dev", "/dev"]
    line += ["--perms", "1777", "--size", str(1 << 30), "--tmpfs", "/dev/shm", "--chdir", "/tmp"]
    for name, value in isolation.environment().items():
        line += ["--setenv", name, value]
    word = secrets.token_hex(16)
    line += ["--setenv", "GRADEBOOK_PASSWORD", f"secret-{word}"]
    job = {"code": attack.code, "exercise": attack.exercise, "effect": attack.effect}
    try:
        said = subprocess.run(
            [*line, sys.executable, "-B", str(HERE / "stock.py")],
            input=json.dumps({**job, "secret": f"secret-{word}", "claim": f"claim-{word}"}) + "\n",
            capture_output=True,
            text=True,
            timeout=10 if attack.effect == "stall" else 100,
        )
    except subprocess.TimeoutExpired:
        return {"stall", "next"}
    if not said.stdout.strip():  # the whole grader is gone: no grades, and everything of the same user with it
        ended = said.returncode in (137, -9, 143) or attack.effect in ("kill", "next")
        assert ended, f"the sandbox failed: {said.stderr}"
        return {"next", "kill"}
    return set(json.loads(said.stdout.splitlines()[-1]))


def python_folders() -> list[str]:
    """The folders of this Python that /usr does not hold."""
    real = os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))
    wanted = {sys.prefix, sys.base_prefix, real, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    found = sorted(folder for folder in wanted if folder and not (folder + "/").startswith("/usr/"))
    return [folder for folder in found if not any(folder.startswith(other + "/") for other in found)]


class Contest:
    """This grader, with an arena on the same machine. `fight` grades an attack, then the instructor's own answers."""

    def __init__(self, assignment: str, limits: Limits = LIMITS) -> None:
        self.assignment, self.limits = assignment, limits
        self.word = secrets.token_hex(16)
        folder = Path(tempfile.mkdtemp(prefix="arena-", dir="/tmp"))
        self.arena = Arena(folder, f"secret-{self.word}")
        self.outline = skeleton.load(assignment)
        self.right = bank.reference(assignment)
        before = os.environ.get("GRADEBOOK_PASSWORD")
        os.environ["GRADEBOOK_PASSWORD"] = self.arena.secret
        try:
            self.process = GraderProcess([assignment], limits=limits)
            self.honest()  # starts it, with this environment
        finally:
            os.environ.pop("GRADEBOOK_PASSWORD")
            if before is not None:
                os.environ["GRADEBOOK_PASSWORD"] = before

    def honest(self) -> Report:
        """The instructor's own answers, graded by the same warm worker."""
        return self.process.grade(program.job(self.outline, "s02", self.right))

    def fight(self, attack: Attack) -> tuple[Report, list[str]]:
        """The attack's report, and everything that should not have happened, one sentence each."""
        code = self.arena.names(f"claim-{self.word}", self.limits.question) + attack.code
        answers = {**self.right, attack.exercise: attack.exercise + "\n" if attack.helper else code}
        helpers = [(0, code)] if attack.helper else None
        only = (attack.exercise,)
        job = program.job(self.outline, "s01", answers, helpers=helpers, only=only, whole=True)  # all of it runs
        assert not attack.helper or any(source == code for _, source in job.cells), "the helper was not kept"
        for _ in range(2 if attack.effect == "again" else 1):
            report = self.process.grade(job)
        after = self.honest()
        return report, [*self._judge(attack, report), *self._judge_next(after)]

    def _judge(self, attack: Attack, report: Report) -> list[str]:
        found = []
        (result,) = report.exercises
        if report.isolation != "isolated" or not result.tests:
            found.append(f"it was not graded in isolation: {report.isolation}, {report.notes}")
        if result.score > attack.honest:
            found.append(f"it got {result.score} points of {result.max_score}; it earns {attack.honest}")
        seen = student_sees(report)
        for what, pattern in (
            ("the secret", self.arena.secret),
            ("the claim", f"claim-{self.word}"),
            ("an expected value", "8.675309e+06"),
            ("a path of the course", str(paths.ROOT)),
        ):
            if pattern in seen:
                found.append(f"{what} is in the report")
        if "<script" in student_pages(report):
            found.append("a script is in the page")
        found += [
            f"a line of a hidden test is in the report: {line}"
            for line in suite_lines(attack, self.assignment)
            if line in seen
        ]
        if len(seen) > STUDENT_SEES:
            found.append(f"the report has {len(seen)} characters")
        return found + [f"{what} happened outside" for what in sorted(self.arena.touched())]

    def _judge_next(self, report: Report) -> list[str]:
        lost = [exercise.name for exercise in report.exercises if exercise.score != exercise.max_score]
        return [f"the next submission lost points: {', '.join(lost)}"] if lost or report.stopped else []

    def close(self) -> None:
        self.process.close()
        self.arena.close()


def student_sees(report: Report) -> str:
    """All that reaches a student: the page, Gradescope's results, the feedback below each grade cell."""
    parts = [student_pages(report), json.dumps(gradescope.results(report), ensure_ascii=False)]
    parts += [pages.text(result) for result in report.exercises]
    "".join(parts).encode("utf-8")  # half a surrogate pair would raise here
    return "\n".join(parts)


def student_pages(report: Report) -> str:
    """The pages: one for the submission, and the feedback below each grade cell."""
    return "\n".join([pages.submission(report), *(pages.exercise(result, report) for result in report.exercises)])


def suite_lines(attack: Attack, assignment: str) -> list[str]:
    """Lines of the hidden suite that nobody writes by chance."""
    text = (paths.SUITES / assignment / f"test_{attack.exercise}.py").read_text(encoding="utf-8")
    return [
        line.strip()
        for line in text.splitlines()
        if len(line.strip()) > 25 and re.search(r"[=(]", line) and '"""' not in line
    ]


def assignment_of(attack: Attack) -> str:
    """The assignment that an attack's exercise belongs to."""
    for assignment in paths.assignments():
        if attack.exercise in [exercise.name for exercise in skeleton.load(assignment).exercises]:
            return assignment
    raise KeyError(attack.exercise)
