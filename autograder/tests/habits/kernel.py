"""A notebook run from top to bottom in a real kernel, without any isolation: for answers of the bank alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder import paths
from autograder.reading import cells_of

HOURS = ("range(10**12)", "sleep(3600)")  # cells with these are interrupted, as their student would
SECONDS = 3
MOST_SECONDS = 300  # for a cell of any other kind; the machine may be busy


def run(data: bytes, assignment: str, folder: Path) -> tuple[bytes, set[str]]:
    """Run a notebook in an empty folder, cell after cell, whatever fails.

    data: the file. Returns the file as it is saved afterwards, and the exercises whose public check was green.
    """
    notebook = nbformat.from_dict(json.loads(data.decode("utf-8-sig")))
    carried = paths.ASSIGNMENTS / assignment / "given.py"
    if carried.exists():
        shutil.copy(carried, folder)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout_func=_seconds,
        interrupt_on_timeout=True,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    environment = {**os.environ, "PYTHONPATH": str(paths.ROOT), "OMP_NUM_THREADS": "1", "COURSE_DATA": str(folder)}
    client.execute(env=environment)
    saved = folder / "saved.ipynb"
    saved.write_text(json.dumps(notebook), encoding="utf-8")
    return saved.read_bytes(), {name for cell in cells_of(saved) for name in cell.green}


def errors(data: bytes) -> list[str]:
    """What failed in a notebook that was run: the cell's number and the error."""
    found = []
    for number, cell in enumerate(json.loads(data)["cells"], 1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                found.append(f"cell {number}: {output['ename']}: {output['evalue'][:300]}")
    return found


def _seconds(cell: NotebookNode) -> int:
    return SECONDS if any(mark in cell.source for mark in HOURS) else MOST_SECONDS
