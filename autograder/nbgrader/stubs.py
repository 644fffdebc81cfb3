"""How an answer becomes a stub: nbgrader's ClearSolutions, with stubs that name the exercise."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any, TypeGuard

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

REGION = re.compile(
    r"^(?P<indent>[ \t]*)#+[ \t]*BEGIN SOLUTION[^\n]*\n(?P<answer>.*?)^[ \t]*#+[ \t]*END SOLUTION[^\n]*$",
    re.DOTALL | re.MULTILINE,
)


class ClearNamedSolutions(ClearSolutions):
    """Replaces answers: `name = ...` where values are asked for, `raise NotImplementedError("name")` inside functions.

    Raises ValueError for a code answer without BEGIN SOLUTION and END SOLUTION, which would lose the signature.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        settings = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and settings.get("solution"):
            source = stub(cell.source, settings["grade_id"])
            if source == cell.source:
                raise ValueError(f"{settings['grade_id']}: put BEGIN SOLUTION and END SOLUTION around the answer")
            cell.source = source
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)


def stub(source: str, name: str) -> str:
    """The released form of a solution cell's source."""

    def replace(region: re.Match[str]) -> str:
        indent = region["indent"]
        if indent:
            return f'{indent}# YOUR CODE HERE\n{indent}raise NotImplementedError("{name}")'
        names = assigned(region["answer"])
        if not names:
            raise ValueError(f"{name}: an answer outside a function has to assign something, and this one does not")
        return "\n".join(f"{target} = ...  # YOUR CODE HERE" for target in names)

    return REGION.sub(replace, source)


def assigned(answer: str) -> list[str]:
    """Names that an answer assigns at its top level, in order."""
    names: list[str] = []
    for statement in ast.parse(textwrap.dedent(answer)).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.append(statement.name)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        for target in targets:
            names += [node.id for node in ast.walk(target) if _is_target(node)]
    return list(dict.fromkeys(names))


def _is_target(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def without_markers(source: str) -> str:
    """A solution cell as a student would have written it: the answer without its BEGIN and END lines."""
    return "\n".join(line for line in source.splitlines() if not re.match(r"\s*#+ (BEGIN|END) SOLUTION", line))
