"""A new exercise: its files are laid, work at once, and cannot land as they are."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from autograder import paths, scaffold
from autograder.cli import main


@pytest.fixture
def copy(tmp_path):
    """A copy of the course, which may grow."""
    ignored = shutil.ignore_patterns(".git", ".venv", "grading", "dist*", "tests", "a[2-9]_*", "*.png", "__pycache__")
    return shutil.copytree(paths.ROOT, tmp_path / "course", ignore=ignored)


@pytest.fixture
def at_copy(copy, monkeypatch):
    for name in ("SOLUTIONS", "ASSIGNMENTS", "COURSE_LIB", "SUITES", "BANKS", "FINGERPRINTS"):
        monkeypatch.setattr(paths, name, copy / getattr(paths, name).relative_to(paths.ROOT))
    monkeypatch.setattr(paths, "ROOT", copy)
    return copy


def python(copy, *arguments):
    line = [sys.executable, "-m", "autograder", *arguments]
    done = subprocess.run(line, cwd=copy, env={"PYTHONPATH": str(copy), "PATH": "/usr/bin:/bin"}, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def test_a_new_exercise_works_as_it_is_laid(copy):
    """The notebook runs, the wrong answer is caught and named, the right one keeps its points."""
    said = python(copy, "new", "a5_training", "warmup_lr")
    assert "solutions/a5_training/training.py" in said
    python(copy, "new", "a5_training", "other")
    python(copy, "notebooks", "a5")
    said = python(copy, "verify", "a5", "--write")
    for row in said.splitlines():
        if "warmup_lr" in row or "other" in row:
            assert [cell.strip() for cell in row.split("│")[2:10]] == ["1", "1", "1", "0", "0", "2", "0", "0"], row
    assert "warmup_lr" in said and "other" in said


def test_what_is_to_be_written_is_named(at_copy):
    assert scaffold.unfinished() == []
    scaffold.lay("a5_training", "warmup_lr")
    found = "\n".join(scaffold.unfinished())
    for part in ("training.py", "check/a5_training", "suites/a5_training", "misconceptions/a5_training"):
        assert part in found
    done = CliRunner().invoke(main, ["stale"])
    assert done.exit_code != 0 and "REPLACE" in done.output


@pytest.mark.parametrize(
    "assignment, exercise, said",
    [
        ("training", "warmup_lr", "a5_training"),
        ("a5_training", "warm-up", "no name for an exercise"),
        ("a5_training", "lambda", "no name for an exercise"),
        ("a1_attention_by_hand", "masked_attention", "has an exercise masked_attention"),
    ],
)
def test_names_that_cannot_be(at_copy, assignment, exercise, said):
    done = CliRunner().invoke(main, ["new", assignment, exercise])
    assert done.exit_code != 0 and said in done.output and "Traceback" not in done.output
    assert not (at_copy / "solutions" / "a5_training").exists()
