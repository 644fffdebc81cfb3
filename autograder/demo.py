"""A sample class through the whole product: release, submit, autograde, feedback, gradebook, class report.

Everything the class submits comes from the solutions and the bank; nothing is graded by anything but the real commands:
the first assignment by nbgrader's own, the others by the fast one.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import authoring, bank, gradescope, pages, paths, skeleton, store, summary, words
from autograder.nbgrader.stubs import without_markers
from course_lib.progress import progress

WORKSPACE = "grading/demo"
SHOWN = 2  # assignments, unless more are asked for: one for each of the two commands
STUDENTS = 24
LOOK_SECONDS = 0.3  # between two looks at how far a command has come
HOSTILE = """
import os, subprocess
def {name}(*args, **kwargs):
    for path in ("autograder/suites", "../../gradebook.db", "/etc/shadow", os.path.expanduser("~")):
        try:
            subprocess.run(["cat", path]); os.listdir(path)
        except OSError:
            pass
    os._exit(0)
"""


@dataclass(frozen=True)
class Sample:
    """One submission of the sample class. data: the file's bytes."""

    student: str
    what: str
    data: bytes


def sample_class(assignment: str) -> list[Sample]:
    """The submissions of an assignment, of every kind."""
    outline = skeleton.load(assignment)
    reference = {name: without_markers(source) for name, source in bank.reference(assignment).items()}
    names = [exercise.name for exercise in outline.exercises]
    together = bank.together(assignment)
    wrong = [answer for name in names for answer in bank.load(assignment, name) if not answer.right]
    right = [answer for name in names for answer in bank.load(assignment, name) if answer.right]
    spread = wrong[:: max(1, len(wrong) // 12)]
    last = names[-1]

    def written(**changes: str) -> bytes:
        return _notebook(outline, {**reference, **changes})

    loop = f"def {last}(*args, **kwargs):\n    while True:\n        pass\n"
    samples: list[tuple[str, bytes]] = [("all right", written()) for _ in range(3)]
    samples.insert(2, ("infinite loop", written(**{last: loop})))  # early: the others are graded meanwhile
    for shift in range(3):
        styles = {name: [a.code for a in right if a.exercise == name] for name in names if name not in together}
        chosen = {name: codes[shift % len(codes)] for name, codes in styles.items() if codes}
        samples.append(("right, in another style", written(**chosen)))
    copied = {name: _renamed(code) for name, code in chosen.items()}
    samples.append((f"a copy of s{len(samples):02d} with other names", written(**copied)))
    for answer in spread[:8]:
        samples.append((f"one mistake: {answer.exercise}/{answer.name}", written(**{answer.exercise: answer.code})))
    for first, second in ((spread[1], spread[6]), (spread[3], spread[8])):
        changes = {first.exercise: first.code, second.exercise: second.code}
        samples.append(
            (f"two mistakes: {', '.join(f'{a.exercise}/{a.name}' for a in (first, second))}", written(**changes))
        )
    half = {name: outline.stub(name) for name in names[len(names) // 2 :]}
    samples.append(("half finished", written(**half)))
    samples.append(("blank", _notebook(outline, {})))
    samples.append(("syntax error", written(**{names[0]: reference[names[0]] + "\nif True print('done'"})))
    samples.append(("hostile", written(**{last: HOSTILE.format(name=last)})))
    samples.append(("stripped metadata", _stripped(written())))
    samples.append(("not a notebook", b"%PDF-1.7\n% a page printed from the browser\n"))
    assert len(samples) == STUDENTS, len(samples)
    return [Sample(f"s{number:02d}", what, data) for number, (what, data) in enumerate(samples, 1)]


def _notebook(outline: skeleton.Skeleton, answers: dict[str, str]) -> bytes:
    nodes = outline.nodes()
    for node in nodes:
        settings = node.metadata.get("nbgrader", {})
        if settings.get("grade_id") in answers:
            node.source = answers[settings["grade_id"]]
        elif answers and settings.get("grade") and settings.get("solution"):
            node.source = "My answer in a sentence or two."
    metadata = outline.notebook_metadata()
    return nbformat.writes(
        nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": nodes})
    ).encode()


def _renamed(source: str) -> str:
    """The same code with other names for what its functions assign."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assigned = [node for one in functions for node in ast.walk(one) if isinstance(node, ast.Name)]
    for name in {node.id for node in assigned if isinstance(node.ctx, ast.Store)}:
        source = re.sub(rf"(?<![.\w]){name}\b(?!=[^=])", f"my_{name}", source)
    return source


def _stripped(data: bytes) -> bytes:
    """What is left when the cells were copied into a new notebook: sources alone."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return json.dumps({**notebook, "metadata": {}, "nbformat_minor": 4}).encode()


def run(say: Callable[[str], None], assignments: Sequence[str] = (), everything: bool = False) -> None:
    """The demonstration. Raises RuntimeError with the words of a command that fails.

    assignments: those to show; by default the first two or, with `everything`, all.
    """
    os.environ["GRADING"] = WORKSPACE
    shutil.rmtree(paths.ROOT / WORKSPACE, ignore_errors=True)
    workspace = paths.grading()
    known = paths.assignments()
    chosen = list(assignments) or (known if everything else known[:SHOWN])
    started = time.monotonic()
    for assignment in chosen:
        say(f"\n{assignment}")
        authoring.generate(assignment, workspace / "release", database=True)
        samples = sample_class(assignment)
        file_name = skeleton.path(assignment).name
        for sample in samples:
            file = workspace / "submitted" / sample.student / assignment / file_name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(sample.data)
        module = "nbgrader" if assignment == chosen[0] else "autograder"
        what = {"nbgrader": "nbgrader autograde", "autograder": "python -m autograder autograde"}[module]
        say(f"  {len(samples)} students have submitted; grading with {what} …")
        before = time.monotonic()
        _watched([[module, "autograde", assignment]], what, store.folder(assignment), "*.json", len(samples))
        say(f"  graded in {time.monotonic() - before:.0f} s")
        class_page(assignment)
        _tell(say, assignment, samples)
    say("\nfeedback pages and spreadsheets")
    lines = [["nbgrader", "generate_feedback", assignment] for assignment in chosen]
    lines.append(["nbgrader", "export"])
    for system in ("Canvas", "Moodle"):
        plugin = f"--exporter=autograder.nbgrader.export.{system}ExportPlugin"
        lines.append(["nbgrader", "export", plugin, "--to", str(workspace / f"{system.lower()}.csv")])
    _watched(lines, "nbgrader generate_feedback", workspace / "feedback", "*/*/*.html", len(chosen) * STUDENTS)
    say(f"\ngradebook      {WORKSPACE}/gradebook.csv  ({WORKSPACE}/gradebook.db)")
    say(f"for an LMS     {WORKSPACE}/canvas.csv, {WORKSPACE}/moodle.csv")
    say(f"feedback       {WORKSPACE}/feedback/<student>/<assignment>/*.html")
    for assignment in chosen:
        say(f"class report   {WORKSPACE}/reports/{assignment}/class.html")
    if not assignments and (left := known[len(chosen) :]):
        say(f"not shown      {', '.join(left)}; all of them: make demo ALL=1")
    say(f"time           {time.monotonic() - started:.0f} s")


def nbgrader(command: str, *arguments: str) -> str:
    """One of nbgrader's own commands, in the workspace."""
    return authoring.run([sys.executable, "-m", "nbgrader", command, *arguments])


def _watched(lines: list[list[str]], what: str, folder: Path, pattern: str, total: int) -> None:
    """Run commands, two at once, with a progress bar that follows the files they write. Raises RuntimeError."""
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(authoring.run, [sys.executable, "-m", *line]) for line in lines]
        arrivals = _arrivals(running, lambda: len(list(folder.glob(pattern))))
        for _ in progress(arrivals, description=f"  {what}", total=total):
            pass
        for one in running:
            one.result()


def _arrivals(running: Sequence[Future[str]], count: Callable[[], int]) -> Iterator[None]:
    """One item for each thing that is new, until those who make them have ended."""
    before, ended = 0, False
    while not ended:
        ended = not wait(running, LOOK_SECONDS).not_done
        now = count()
        yield from [None] * (now - before)
        before = max(before, now)


def class_page(assignment: str) -> Path:
    """Write the class report of an assignment from its stored reports."""
    html = pages.class_report(store.load_all(assignment), store.load_sources(assignment))
    return store.write(store.folder(assignment) / "class.html", html)


def _tell(say: Callable[[str], None], assignment: str, samples: list[Sample]) -> None:
    reports = store.load_all(assignment)
    figures = summary.summarise(reports, store.load_sources(assignment))
    by_name = {line.name: line for line in figures.submissions}
    for sample in samples:
        line = by_name.get(sample.student)
        score = f"{pages.points(line.score):>6} / {pages.points(figures.max_score)}" if line else "not graded"
        say(f"  {sample.student}  {score}  {sample.what}")
    say("  score distribution (tenths of the points): " + " ".join(map(str, figures.distribution)))
    say("  commonest mistakes:")
    for mistake in figures.mistakes[:6]:
        say(
            f"    {mistake.count} × {mistake.exercise}: {mistake.title} "
            f"({100 * mistake.share:.0f} % of those who tried)"
        )
    say("  for a person's eye:")
    for attention in figures.attention:
        who, why = words.line(attention.submission), words.line(attention.why, 90)
        say(f"    {who}  {', '.join(attention.kinds)}: {why}")
    for alike in figures.alike:
        how = "the same to the letter" if alike.verbatim else f"{100 * alike.share:.0f} % of uncommon code alike"
        say(f"    {', '.join(map(words.line, alike.submissions))}  {how}")
    valid = sum(not gradescope.problems(gradescope.results(report)) for report in reports)
    say(f"  results.json as Gradescope documents it: {valid} of {len(reports)}")
