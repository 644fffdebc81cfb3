"""Every kind of notebook that asks much of a reader: time and memory per megabyte, and a class that has some in it.

`READING=1` reads files of a megabyte instead of some kilobytes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import authoring, batch, demo, paths, reader, skeleton, store
from autograder.benchmarks import reading
from autograder.benchmarks.workspace import A1, submit
from autograder.job import Job
from autograder.pool import failed
from autograder.reader import Reader
from autograder.tests.test_batch import Replay

SIZE = 1_000_000 if os.environ.get("READING") else 8_000
CPU_SECONDS = 20.0 + 60 * SIZE / 1e6  # of a busy machine; the slowest kind that is read takes about as much
MEMORY = 120 + 1100 * SIZE / 1e6  # MB beyond a reader at rest


@pytest.fixture(scope="module")
def one() -> Iterator[Reader]:
    process = Reader(cpu=CPU_SECONDS)
    yield process
    process.close()


@pytest.mark.parametrize("name", reading.FAMILIES)
def test_it_is_read_with_bounded_time_and_memory(tmp_path, one, name):
    """Or ends in a sentence that the file is no notebook; never with a limit, and never with the reader's end."""
    file = tmp_path / "n.ipynb"
    one.take([tmp_path / "nothing"], A1, "s00")
    reading.forget_peak(one)
    before, born = reading.peak(one), one.process_id
    file.write_bytes(reading.FAMILIES[name](SIZE))
    taken = one.take([file], A1, "s01", seed=1)
    assert one.process_id == born and "To read what was handed in" not in str(taken.job.notes)
    assert reading.peak(one) - before < MEMORY
    assert Job.from_json(taken.job.to_json()) == taken.job
    assert len(str(taken.job.notes)) < 100_000


def test_a_name_of_many_dots_is_no_python():
    """Python's own parser takes 5 GB for it."""
    from autograder import ipython, newer_python

    assert not ipython.parses("import a" + ".a" * 30_000) and not newer_python.needed("import a" + ".a" * 30_000)
    assert ipython.parses("import a" + ".a" * 100) and ipython.parses("x = y" + ".a()" * 400)
    with pytest.raises(SyntaxError) as info:
        ipython.tree("x = 1\nimport a" + ".a" * 30_000)
    assert info.value.lineno == 2 and "dots" in str(info.value)


DIES = (
    "import os; from autograder import reader, reading; loaded = reading._loaded; "
    "reading._loaded = lambda data: os.abort() if b'ABORT' in data else loaded(data); reader.main()"
)
BAD = {
    "keys like paths": reading.FAMILIES["keys: like paths"](5_000_000),
    "it takes too long": reading.FAMILIES["f-strings"](200_000),
    "a long way": reading.FAMILIES["imports: a long way"](100_000),
    "cells": reading.FAMILIES["cells: empty"](3_000_000),
    "it kills the reader": reading.notebook([reading.code("ABORT")]),
}  # fmt: skip


def released() -> bytes:
    return skeleton.path(A1).read_bytes()


def prepare(folder: Path, files: list[bytes]) -> None:
    authoring.generate(A1, folder / "release", database=True)
    for number, content in enumerate(files):
        submit(folder, A1, f"s{number}", content)


class Blank(Replay):
    """Stands in for graders: a report for every job, at once."""

    def __init__(self) -> None:
        super().__init__({})
        self.jobs: dict[str, Job] = {}

    def grade(self, jobs):
        for job in jobs:
            self.jobs[job.submission] = job
            yield failed(job, "")


@pytest.mark.parametrize(
    "first, middle, last",
    [
        ("it kills the reader", "it takes too long", "keys like paths"),
        ("it takes too long", "it kills the reader", "it kills the reader"),
        ("cells", "a long way", "it takes too long"),
    ],
)
def test_one_command_a_bad_notebook_in_each_place(tmp_path, monkeypatch, first, middle, last):
    """Everybody else is read as if it were not there, and whose it is has a sentence."""
    monkeypatch.setenv("GRADING", str(tmp_path))
    fragile = Reader(cpu=4.0)
    fragile.command = [sys.executable, "-c", DIES]
    monkeypatch.setattr(reader, "_process", fragile)
    prepare(tmp_path, [BAD[first], released(), BAD[middle], released(), BAD[last]])
    graders = Blank()
    assert batch.run(A1, graders=lambda: graders) == 5
    fragile.close()
    assert [bool(graders.jobs[f"s{n}"].notes) for n in range(5)] == [True, False, True, False, True]
    assert {report.submission for report in store.load_all(A1)} == {f"s{n}" for n in range(5)}
    said = [graders.jobs[f"s{n}"].notes[0].text for n in (0, 2, 4)]
    for kind, sentence in zip((first, middle, last), said, strict=True):
        assert ("ended the process that read it (signal 6)" in sentence) == (kind == "it kills the reader")
        assert ("of processor time" in sentence) == (kind == "it takes too long")


def test_the_other_command_a_bad_notebook_in_each_place(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADING", str(tmp_path))
    for name in ("PYTHONPATH", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
    prepare(tmp_path, [BAD["keys like paths"], released(), BAD["a long way"], released(), BAD["cells"]])
    demo.nbgrader("autograde", A1)
    reports = {report.submission: report for report in store.load_all(A1)}
    assert set(reports) == {f"s{n}" for n in range(5)}
    assert [bool(reports[f"s{n}"].notes) for n in range(5)] == [True, False, True, False, True]
    assert len(list((paths.grading() / "autograded").glob(f"*/{A1}/*.ipynb"))) == 5
