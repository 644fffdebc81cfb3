"""The loop of whoever writes an exercise: at each saving, the instructor's answer and some of the bank's are judged.

Judged are the answers that the edit concerns, then others drawn afresh each time, as many as a short wait allows. The
judging is `verify` in a process of its own, so that it runs what is on disk now.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder import authoring, bank, paths, verify

COUNT = 12  # answers at each saving
LOOK = 0.3  # seconds between two looks at the files

State = dict[Path, tuple[int, int]]


def watch(assignment: str, exercise: str, say: Callable[[str], None], times: int | None = None) -> None:
    """Judge at once, and at each saving from then on. times: so often; None for ever."""
    before: list[bank.Answer] = []
    seen: State = {}
    while times is None or times > 0:
        seen = _saved(seen, lambda: _state(assignment, exercise))
        try:
            answers = verify.every([(assignment, exercise)])[assignment, exercise]
        except ValueError as error:  # a bank in the middle of being written
            say(str(error))
        else:
            names = chosen(before, answers)
            say(f"{exercise}: {', '.join(names)}")
            _judge(assignment, exercise, names, say)
            before = answers
        times = None if times is None else times - 1


def _saved(seen: State, look: Callable[[], State]) -> State:
    """The files' state once it is another than `seen` and stays for one look: editors write in several steps."""
    now = look()
    while True:
        time.sleep(LOOK)
        before, now = now, look()
        if now == before != seen:
            return now


def chosen(before: Sequence[bank.Answer], now: Sequence[bank.Answer], count: int = COUNT) -> list[str]:
    """Names of the answers to judge: the instructor's, those that have changed, and others by chance up to `count`."""
    names = [answer.name for answer in now]
    new = [answer.name for answer in now if before and answer not in before]
    first = list(dict.fromkeys([bank.SOLUTION, *new]))
    others = [name for name in names if name not in first]
    return [*first, *random.sample(others, max(0, min(count - len(first), len(others))))]


def _judge(assignment: str, exercise: str, names: Sequence[str], say: Callable[[str], None]) -> None:
    started = time.monotonic()
    line = [sys.executable, "-m", "autograder", "verify", assignment, "--exercise", exercise, "--workers", "2"]
    for name in names:
        line += ["--answer", name]
    done = subprocess.run(line, cwd=paths.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = [
        one for one in done.stdout.splitlines() if one.strip() and not one.startswith(("verify:", "public checks:"))
    ]
    say("\n".join(lines))
    say(f"{'all as it should be' if done.returncode == 0 else 'not yet'}, after {time.monotonic() - started:.0f} s\n")


def _state(assignment: str, exercise: str) -> State:
    """When each file was written that decides how the exercise's answers are judged, and its size."""
    found = {}
    for file in _files(assignment, exercise):
        try:
            info = file.stat()
        except FileNotFoundError:  # an editor that writes a new file and renames it
            continue
        found[file] = (info.st_mtime_ns, info.st_size)
    return found


def _files(assignment: str, exercise: str) -> Iterator[Path]:
    yield authoring.text_of(assignment)
    yield bank.file_of(assignment, exercise)
    yield from paths.COURSE_LIB.glob("*.py")
    yield from (paths.COURSE_LIB / "check").glob("*.py")
    yield from (paths.COURSE_LIB / "check" / assignment).glob("*.py")
    yield from (paths.SUITES / assignment).glob("*.py")
    yield from paths.SUITES.parent.glob("*.py")
