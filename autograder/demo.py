"""A sample class through the whole product: release, submit, autograde, feedback, gradebook, class report.

Everything the class submits comes from the solutions and the bank; nothing is graded by anything but the real commands.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import authoring, bank, gradescope, pages, paths, skeleton, store, summary, words
from autograder.nbgrader.stubs import without_markers

WORKSPACE = "grading/demo"
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


TOGETHER = ("MultiHeadAttention", "CausalSelfAttention", "fuse_heads")  # the last reads the others' weights by name


def sample_class(assignment: str) -> list[Sample]:
    """The 24 submissions of an assignment."""
    outline = skeleton.load(assignment)
    reference = {name: without_markers(source) for name, source in bank.reference(assignment).items()}
    names = [exercise.name for exercise in outline.exercises]
    wrong = [answer for name in names for answer in bank.load(assignment, name) if not answer.right]
    right = [answer for name in names for answer in bank.load(assignment, name) if answer.right]
    spread = wrong[:: max(1, len(wrong) // 12)]
    last = names[-1]

    def written(**changes: str) -> bytes:
        return _notebook(outline, {**reference, **changes})

    samples: list[tuple[str, bytes]] = [("all right", written()) for _ in range(3)]
    for shift in range(3):
        styles = {name: [a.code for a in right if a.exercise == name] for name in names if name not in TOGETHER}
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
    loop = f"def {last}(*args, **kwargs):\n    while True:\n        pass\n"
    samples.append(("infinite loop", written(**{last: loop})))
    samples.append(("hostile", written(**{last: HOSTILE.format(name=last)})))
    samples.append(("stripped metadata", _stripped(written())))
    samples.append(("not a notebook", b"%PDF-1.7\n% a page printed from the browser\n"))
    assert len(samples) == 24, len(samples)
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


def run(say: Callable[[str], None], assignments: list[str] | None = None) -> None:
    """The demonstration. Raises RuntimeError with nbgrader's words if one of its commands fails."""
    os.environ["GRADING"] = WORKSPACE
    shutil.rmtree(paths.ROOT / WORKSPACE, ignore_errors=True)
    workspace = paths.grading()
    started = time.monotonic()
    for assignment in assignments or paths.assignments():
        say(f"\n{assignment}")
        authoring.generate(assignment, workspace / "release", database=True)
        samples = sample_class(assignment)
        file_name = skeleton.path(assignment).name
        for sample in samples:
            file = workspace / "submitted" / sample.student / assignment / file_name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(sample.data)
        say(f"  {len(samples)} students have submitted; grading with nbgrader autograde …")
        before = time.monotonic()
        nbgrader("autograde", assignment)
        say(f"  graded in {time.monotonic() - before:.0f} s")
        nbgrader("generate_feedback", assignment)
        class_page(assignment)
        _tell(say, assignment, samples)
    nbgrader("export")
    for system in ("Canvas", "Moodle"):
        plugin = f"--exporter=autograder.nbgrader.export.{system}ExportPlugin"
        nbgrader("export", plugin, "--to", str(workspace / f"{system.lower()}.csv"))
    shown = workspace.relative_to(paths.ROOT)
    say(f"\ngradebook      {shown}/gradebook.csv  ({shown}/gradebook.db)")
    say(f"for an LMS     {shown}/canvas.csv, {shown}/moodle.csv")
    say(f"feedback       {shown}/feedback/<student>/<assignment>/*.html")
    for assignment in assignments or paths.assignments():
        say(f"class report   {shown}/reports/{assignment}/class.html")
    say(f"time           {time.monotonic() - started:.0f} s")


def nbgrader(command: str, *arguments: str) -> str:
    """One of nbgrader's own commands, in the workspace."""
    return authoring.run([sys.executable, "-m", "nbgrader", command, *arguments])


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
