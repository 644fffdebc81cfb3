"""`given.py`: the earlier assignments' answers, for students who go on without having solved them all.

Generated from the solution cells, so that no answer is written twice. An assignment carries one if its notebook imports
from `given`; it is released with that assignment and not before.
"""

from __future__ import annotations

import ast
from pathlib import Path

from autograder import authoring, paths
from autograder.nbgrader.stubs import without_markers

NAME = "given.py"


def wanted(assignment: str) -> bool:
    """Whether this assignment's notebook imports from `given`."""
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "given"
        for cell in authoring.notebook_of(authoring.text_of(assignment)).cells
        if cell.cell_type == "code" and "given" in cell.metadata.get("tags", [])
        for node in ast.walk(ast.parse(cell.source))
    )


def source(assignment: str) -> str:
    """The text of an assignment's given.py: imports, then each earlier answer that defines a function or a class."""
    imports: dict[str, None] = {}
    parts: dict[str, str] = {}
    for earlier in paths.assignments():
        if earlier >= assignment:
            break
        for cell in authoring.notebook_of(authoring.text_of(earlier)).cells:
            if cell.cell_type != "code":
                continue
            if "given" in cell.metadata.get("tags", []):
                nodes = [n for n in ast.parse(cell.source).body if isinstance(n, ast.Import | ast.ImportFrom)]
                imports |= {
                    ast.unparse(n): None for n in nodes if getattr(n, "module", "") not in ("given", "course_lib")
                }
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("solution") and _defines(cell.source):
                parts[settings["grade_id"]] = without_markers(cell.source).strip()
    names = ", ".join(f'"{name}"' for name in parts)
    head = f'"""Answers to the assignments before {assignment}, to build on. Generated; edit the notebooks instead."""'
    return "\n".join([head, "", *imports, "", f"__all__ = [{names}]", "", "\n\n\n".join(parts.values()), ""])


def _defines(text: str) -> bool:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) for node in ast.parse(text).body)


def write(assignment: str) -> Path | None:
    """Write solutions/<assignment>/given.py if the assignment wants one. Returns the file or None."""
    file = paths.SOLUTIONS / assignment / NAME
    if not wanted(assignment):
        file.unlink(missing_ok=True)
        return None
    file.write_text(source(assignment), encoding="utf-8")
    return file
