"""Run a notebook and report its public checks: a table on the run's page, and a result for the Autograding Reporter."""

import base64
import json
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def outcome(cell: nbformat.NotebookNode) -> str:
    """What a check cell said when it failed, or an empty string."""
    for output in cell.outputs:
        if output.output_type == "error":
            return re.sub(r"\x1b\[[0-9;]*m", "", output.evalue)
    return "" if cell.execution_count else "the notebook stopped before this check"


def main(path: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    stopped = ""
    try:
        folder = {"metadata": {"path": str(Path(path).parent)}}
        NotebookClient(notebook, timeout=600, allow_errors=True, resources=folder).execute()
    except Exception as error:
        stopped = f"The notebook stopped: {type(error).__name__}."
    tests, lines = [], ["| exercise | points | public checks |", "|---|---|---|"]
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not settings.get("grade") or settings.get("solution"):
            continue
        name, points, message = settings["grade_id"].removeprefix("test_"), settings["points"], outcome(cell)
        test = {"name": name, "status": "fail" if message else "pass", "score": 0 if message else points}
        tests.append({**test, "message": message, "test_code": cell.source, "filename": path, "line_no": 0})
        lines.append(f"| {name} | {points:g} | {'✗ ' + message.splitlines()[0] if message else '✓'} |")
        print(f"{'✗' if message else '✓'} {name}: {message or 'passes'}")
    lines.append("\nThe marks come from hidden tests, which run elsewhere.")
    total = sum(cell.metadata.nbgrader.points for cell in notebook.cells if _graded(cell))
    failed = stopped or any(test["status"] == "fail" for test in tests)
    result = {"version": 1, "status": "fail" if failed else "pass", "max_score": total, "tests": tests}
    _append("GITHUB_STEP_SUMMARY", "\n".join([*lines, stopped]))
    _append("GITHUB_OUTPUT", "result=" + base64.b64encode(json.dumps(result).encode()).decode())
    sys.exit(1 if failed else 0)


def _graded(cell: nbformat.NotebookNode) -> bool:
    settings = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and settings.get("grade") and not settings.get("solution"))


def _append(variable: str, text: str) -> None:
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as file:
            file.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
