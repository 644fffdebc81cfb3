"""Whatever a submission's bytes do to the process that reads them, it ends in a report and the class goes on."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from autograder import reader, skeleton
from autograder.job import Job
from autograder.reader import Reader
from autograder.tests.conftest import A1

MB = 1 << 20


def code(source: str) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}


def notebook(*sources: str) -> bytes:
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code(s) for s in sources]}
    ).encode()


def padded(content: bytes, size: int) -> bytes:
    """A notebook that is read piece by piece, because of its size."""
    return content[:-1] + b', "x": "' + b"A" * size + b'"}'


PATHS = b'{"cells": [{"cells.item.source": "x", "item": {"source": ["y"]}}]}'
BIG = {  # name -> (content, at most so many MB of memory in the reader)
    "keys named like paths": (
        padded(b'{"cells": [{"cells.item.source": "x", "item": {"source": ["y"]}}]}', 5 * MB),
        400,
    ),
    "millions of empty cells": (b'{"cells": [' + b"{}," * (6 * MB) + b"{}]}", 400),
    "millions of empty cells in a small file": (b'{"cells": [' + b"{}," * MB + b"{}]}", 700),
    "millions of empty lists": (b'{"cells": [' + b"[]," * (6 * MB) + b"[]]}", 400),
    "numbers": (b'{"cells": [' + b"1," * (8 * MB) + b"1]}", 400),
    "keys": (b'{"cells": [{' + b",".join(b'"%d": 0' % n for n in range(MB)) + b"}]}", 700),
    "outputs": (b'{"cells": [{"outputs": [' + b'{"text": "x"},' * MB + b"{}]}]}", 700),
    "one name, made in 2,000 cells": (notebook(*["masked_attention = masked_attention + 1"] * 1990), 700),
    "spaces in a link": (
        json.dumps(
            {"cells": [{"cell_type": "markdown", "source": "[x](" + " " * 30_000, "metadata": {}}] * 60}
        ).encode(),
        700,
    ),
    "a long way to a module": (notebook("import a" + ".a" * 30_000), 1400),
    "many names on a line": (notebook("=".join(f"a{n}" for n in range(30_000)) + "= 1"), 900),
    "magics": (notebook("%matplotlib inline\n" * 3000), 900),
    "brackets": (notebook("(" * 150_000, "[" * 199_000), 900),
    "names in circles": (
        notebook("masked_attention = x0", *(f"x{n} = x{(n + 1) % 900} + x{(n * 7) % 900}" for n in range(1800))),
        900,
    ),
}


@pytest.fixture(scope="module")
def process():
    one = Reader()
    yield one
    one.close()


def peak(one: Reader) -> int:
    """The reader's peak memory so far, in MB."""
    assert one._process is not None
    status = Path(f"/proc/{one._process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


@pytest.mark.parametrize("name", BIG)
def test_memory_is_bounded_and_there_is_a_job(tmp_path, name):
    content, most = BIG[name]
    file = tmp_path / "n.ipynb"
    file.write_bytes(content)
    one = Reader()
    try:
        taken = one.take([file], A1, "s01")
        assert peak(one) < most
    finally:
        one.close()
    assert taken.job.notes and Job.from_json(taken.job.to_json()) == taken.job
    assert {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in taken.notebook["cells"]} >= set(
        skeleton.load(A1).answers
    )


def test_a_reader_that_dies_is_a_sentence_and_the_next_one_is_read(tmp_path, process):
    file = tmp_path / "n.ipynb"
    file.write_bytes(notebook("x = 1"))
    dying = Reader()
    dying.command = [sys.executable, "-c", "import os, sys; sys.stdin.readline(); os.abort()"]
    taken = dying.take([file], A1, "s01")
    assert taken.job.unreadable and "ended the process that read it (signal 6)" in taken.job.notes[0].text
    dying.command = Reader().command
    assert not dying.take([file], A1, "s01").job.unreadable
    dying.close()


def test_memory_that_is_not_there_is_a_sentence(tmp_path):
    file = tmp_path / "n.ipynb"
    file.write_bytes(b'{"x": NaN, "cells": [' + b"[]," * (6 * MB) + b"[]]}")  # NaN: it has to be read as a whole
    small = Reader(memory=250 * MB)
    taken = small.take([file], A1, "s01")
    small.close()
    assert taken.job.unreadable and "more than 250 MB of memory" in taken.job.notes[0].text


def test_processor_time_is_bounded(tmp_path):
    file = tmp_path / "n.ipynb"
    file.write_bytes(BIG["names in circles"][0])
    one = Reader(cpu=0.01)
    taken = one.take([file], A1, "s01")
    one.close()
    assert taken.job.unreadable and "of processor time" in taken.job.notes[0].text


def test_a_pipe_that_never_ends_is_given_up(tmp_path):
    pipe = tmp_path / "n.ipynb"
    os.mkfifo(pipe)
    one = Reader(wall=3.0)
    started = time.monotonic()
    taken = one.take([pipe], A1, "s01")
    one.close()
    assert taken.job.unreadable and taken.job.notes and time.monotonic() - started < 60


@pytest.mark.parametrize("where", range(5))
def test_one_bad_notebook_anywhere_in_a_class(tmp_path, process, where):
    """It costs nobody else anything, whatever place it has."""
    released = json.loads(skeleton.path(A1).read_text(encoding="utf-8"))
    good = json.dumps(released).encode()
    for number in range(5):
        (tmp_path / f"s{number}.ipynb").write_bytes(
            padded(BIG["keys named like paths"][0], MB) if number == where else good
        )
    found = [process.take([tmp_path / f"s{number}.ipynb"], A1, f"s{number}") for number in range(5)]
    assert [bool(taken.job.notes) for taken in found] == [number == where for number in range(5)]


def test_what_is_said_besides_comes_first(tmp_path):
    from autograder.job import Note

    file = tmp_path / "n.ipynb"
    file.write_bytes(notebook("x = 1"))
    taken = reader.take([file], A1, "s01", seed=7, notes=[Note("It was handed in late.")])
    assert taken.job.notes[0].text == "It was handed in late." and taken.job.seed == 7


def test_that_there_is_no_file_is_said_once():
    from autograder.job import Note

    sentence = "Text was typed, but no file was handed in."
    assert [note.text for note in reader.take([], A1, "s01", notes=[Note(sentence)]).job.notes] == [sentence]
    assert [note.text for note in reader.take([], A1, "s01").job.notes] == ["Nothing was handed in."]
