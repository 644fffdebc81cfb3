"""What a student sees before the first answer: every cell runs, and exactly the checks ask for work."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import paths, skeleton


@pytest.mark.parametrize("assignment", paths.assignments())
def test_exactly_the_cells_that_ask_for_work_fail(assignment):
    file = skeleton.path(assignment)
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(file.parent)}}
    )
    client.execute()
    failed = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                failed[cell.metadata.get("nbgrader", {}).get("grade_id", cell.source[:80])] = output
    wanted = {f"test_{exercise.name}" for exercise in skeleton.load(assignment).exercises}
    assert set(failed) == wanted
    for name, output in failed.items():
        assert output.ename == "NotImplementedError"
        assert re.search(rf"\b{name.removeprefix('test_')}\b", output.evalue), output.evalue
