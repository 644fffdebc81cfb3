"""From text to notebooks: percent text -> executed notebook -> released assignment, and a check that none is stale.

solutions/<assignment>/<notebook>.py is what people edit. Everything else here is generated from it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from autograder import paths

KEY = "letters_to_gpt"  # our entry in a notebook's metadata


def text_of(assignment: str) -> Path:
    """The percent text of an assignment. Raises FileNotFoundError."""
    found = sorted(file for file in (paths.SOLUTIONS / assignment).glob("*.py") if file.name != "given.py")
    if len(found) != 1:
        raise FileNotFoundError(f"solutions/{assignment} holds {len(found)} .py files; one notebook text is expected")
    return found[0]


def notebook_of(text: Path) -> nbformat.NotebookNode:
    """The notebook of a percent text, without outputs, with cell ids that stay the same from run to run."""
    import jupytext

    notebook = jupytext.read(text)
    for number, cell in enumerate(notebook.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{number:03d}")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata.pop("jupytext", None)
    notebook.metadata[KEY] = {"source_sha256": digest(text)}
    notebook.metadata.setdefault("language_info", {"name": "python"})
    return notebook


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def execute(text: Path, timeout: int = 600) -> Path:
    """Run a notebook top to bottom beside its text and write it with its outputs. Raises CellExecutionError."""
    from nbclient import NotebookClient

    notebook = notebook_of(text)
    NotebookClient(notebook, timeout=timeout, resources={"metadata": {"path": str(text.parent)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    target = text.with_suffix(".ipynb")
    nbformat.write(notebook, target)
    return target


def generate(assignment: str, release: Path, *, database: bool = False) -> None:
    """Run `nbgrader generate_assignment` into the folder `release`. Raises RuntimeError with nbgrader's words."""
    line = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment, "--force"]
    line += [f"--CourseDirectory.release_directory={os.path.relpath(release, paths.ROOT)}"]
    run(line if database else [*line, "--no-db"])


def run(line: list[str]) -> str:
    """Run one of nbgrader's commands in the course folder. Returns what it said. Raises RuntimeError."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(line, cwd=paths.ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(line[2:])}` failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


def build(assignments: list[str]) -> None:
    """Make everything that is generated for these assignments."""
    from autograder import given

    for assignment in assignments:
        print(f"{assignment}: executing", flush=True)
        given.write(assignment)
        execute(text_of(assignment))
        generate(assignment, paths.ASSIGNMENTS)


def stale(assignments: list[str]) -> list[str]:
    """What is out of date, one sentence each."""
    with tempfile.TemporaryDirectory(dir=paths.grading()) as folder, ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda assignment: _stale(assignment, Path(folder)), assignments)
        return [sentence for sentences in found for sentence in sentences]


def _stale(assignment: str, folder: Path) -> list[str]:
    """What is out of date of one assignment. folder: where it is generated anew to compare."""
    from autograder import given

    found = []
    text = text_of(assignment)
    executed = text.with_suffix(".ipynb")
    if not executed.exists():
        return [f"{executed.relative_to(paths.ROOT)} is missing"]
    carried = text.with_name(given.NAME)
    if (given.source(assignment) if given.wanted(assignment) else None) != (
        carried.read_text(encoding="utf-8") if carried.exists() else None
    ):
        found.append(f"{carried.relative_to(paths.ROOT)} is out of date")
    notebook = nbformat.read(executed, as_version=4)
    if notebook.metadata.get(KEY, {}).get("source_sha256") != digest(text):
        return [*found, f"{executed.relative_to(paths.ROOT)} is older than {text.name}"]
    if [cell.source for cell in notebook.cells] != [cell.source for cell in notebook_of(text).cells]:
        return [*found, f"{executed.relative_to(paths.ROOT)} was edited by hand"]
    generate(assignment, folder)
    return found + _differences(folder / assignment, paths.ASSIGNMENTS / assignment)


def _differences(fresh: Path, kept: Path) -> list[str]:
    found = []
    names = {
        path.relative_to(root) for root in (fresh, kept) if root.exists() for path in root.rglob("*") if path.is_file()
    }
    for name in sorted(names):
        one, other = fresh / name, kept / name
        if not one.exists():
            found.append(f"{other.relative_to(paths.ROOT)} should not be there")
        elif not other.exists():
            found.append(f"{other.relative_to(paths.ROOT)} is missing")
        elif one.read_bytes() != other.read_bytes():
            found.append(f"{other.relative_to(paths.ROOT)} is out of date")
    return found
