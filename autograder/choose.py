"""Which of several files is graded: the first that can be read as a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder import intake
from autograder.intake import Intake
from autograder.skeleton import Skeleton


def read_files(files: Sequence[Path], skeleton: Skeleton) -> Intake:
    """What was handed in as these files, as an intake with a sentence when none of them is a notebook."""
    first = None
    for file in files:
        read = intake.read(file, skeleton)
        if read.answers:
            return read
        first = first or read
    return first or Intake(skeleton, notes=["Nothing was handed in."])
