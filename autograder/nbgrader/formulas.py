"""Formulas in feedback pages as MathML, which browsers draw by themselves.

nbgrader's page leaves TeX to a script from a CDN: without internet a student would read raw TeX.
"""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

PIECES = re.compile(
    r"(?P<code>```.*?```|`[^`\n]*`)|\$\$(?P<display>[^$]+)\$\$|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\w)",
    re.DOTALL,
)
ACTIVE = re.compile(r"<[a-z/!?]|\\href", re.IGNORECASE)  # the converter would let it through


class Formulas(NbGraderPreprocessor):
    """Turns the TeX of text cells into MathML."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        if cell.cell_type == "markdown":
            cell.source = drawn(cell.source)
        return cell, resources


def drawn(text: str) -> str:
    """Markdown with MathML for `$…$` and `$$…$$` outside code; what cannot be converted stays as it is."""
    return PIECES.sub(_drawn, text)


def _drawn(found: re.Match[str]) -> str:
    if found["code"] or ACTIVE.search(found[0]):
        return found[0]
    display = found["display"]
    try:
        return str(convert(display or found["inline"], display="block" if display else "inline")).replace("\n", " ")
    except Exception:  # a student's formula may be anything
        return found[0]
