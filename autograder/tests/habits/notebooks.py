"""Habits that are done to the whole notebook, and what editors do to it."""

from __future__ import annotations

import codecs

from autograder.tests.habits import edits
from autograder.tests.habits.draft import Draft, habit


@habit(whole=True)
def crlf(draft: Draft) -> None:
    """Line endings of Windows."""
    for cell in draft.cells:
        cell.source = cell.source.replace("\n", "\r\n")


@habit(whole=True)
def byte_order_mark(draft: Draft) -> None:
    """A byte order mark, as Windows editors write it."""
    draft.first_bytes = codecs.BOM_UTF8


@habit(whole=True)
def format_without_ids(draft: Draft) -> None:
    """nbformat 4.4, which has no cell ids."""
    draft.notebook.nbformat_minor = 4
    for cell in draft.cells:
        cell.pop("id", None)


@habit(whole=True)
def new_ids(draft: Draft) -> None:
    """Cell ids made anew, as Colab does."""
    for number, cell in enumerate(draft.cells):
        cell.id = f"c{number:011x}"
        cell.metadata["id"] = cell.id


@habit(whole=True)
def colab_metadata(draft: Draft) -> None:
    """What Colab writes into a notebook's metadata and its cells'."""
    draft.notebook.metadata.update({"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"})
    for cell in draft.cells:
        cell.metadata.update({"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "1-2-3"})


@habit(whole=True)
def editor_metadata(draft: Draft) -> None:
    """What VS Code and JupyterLab write into the cells' metadata."""
    for cell in draft.cells:
        cell.metadata.update(
            {"vscode": {"languageId": "python"}, "jupyter": {"source_hidden": True}, "collapsed": True}
        )


@habit(whole=True)
def text_cells_between(draft: Draft) -> None:
    """Text cells added above each answer and below each check."""
    for exercise in draft.outline.exercises:
        for label in (exercise.name, f"test_{exercise.name}"):
            cell = draft.labelled(label)
            if cell is not None:
                draft.cells.insert(draft.place(cell), draft.text("My thoughts: `softmax` comes *after* the mask."))


@habit(whole=True)
def empty_cells_between(draft: Draft) -> None:
    """Empty code cells, and cells with a comment alone, everywhere."""
    for cell in list(draft.cells)[::3]:
        draft.below(cell, "")
        draft.below(cell, "# to do")


@habit(whole=True)
def demos_deleted(draft: Draft) -> None:
    """The demonstrations deleted."""
    for cell in draft.demos():
        if cell.source in {one.source for one in draft.outline.released}:
            draft.cells.remove(cell)


@habit(whole=True)
def texts_deleted(draft: Draft) -> None:
    """The instructor's texts deleted, and their pictures."""
    draft.notebook.cells = [c for c in draft.cells if c.cell_type != "markdown" or "nbgrader" in c.metadata]


@habit(whole=True, alone=True)
def checks_at_the_end(draft: Draft) -> None:
    """All checks moved to the end of the notebook."""
    _moved(draft, list(draft.outline.exercises))


@habit(whole=True, alone=True)
def checks_in_another_order(draft: Draft) -> None:
    """All checks at the end of the notebook, the last one first."""
    _moved(draft, list(reversed(draft.outline.exercises)))


def _moved(draft: Draft, exercises: list) -> None:
    for exercise in exercises:
        cell = draft.labelled(f"test_{exercise.name}")
        if cell is not None:
            draft.cells.remove(cell)
            draft.cells.append(cell)


@habit(whole=True)
def set_up_split(draft: Draft) -> None:
    """The set-up cell split into a cell for each statement."""
    cell = draft.set_up()
    pieces = edits.pieces(cell.source)
    for piece in reversed(pieces[1:]):
        draft.below(cell, piece)
    cell.source = pieces[0]


@habit(whole=True)
def set_up_of_ones_own(draft: Draft) -> None:
    """The set-up cell deleted, its lines in a cell of one's own."""
    cell = draft.set_up()
    draft.above(cell, f"# everything I need\n{cell.source}\nimport os, sys\nimport matplotlib.pyplot as plt")
    draft.cells.remove(cell)


@habit(whole=True)
def set_up_with_colab_lines(draft: Draft) -> None:
    """Shell lines and a try with google.colab in the set-up cell."""
    cell = draft.set_up()
    lines = (
        "!echo unzip -q letters-to-gpt.zip\n%cd .\ntry:\n    from google.colab import drive\n"
        "except ImportError:\n    drive = None"
    )
    cell.source = f"{lines}\n{cell.source}"


@habit(whole=True)
def set_up_twice(draft: Draft) -> None:
    """The set-up cell once more in the middle, as one runs it after a restart."""
    names = [exercise.name for exercise in draft.outline.exercises]
    cell = draft.labelled(names[len(names) // 2])
    if cell is not None:
        draft.above(cell, draft.set_up().source)


@habit(whole=True)
def trailing_spaces(draft: Draft) -> None:
    """Spaces at the end of lines and empty lines at the end of cells."""
    for cell in draft.cells:
        if cell.cell_type == "code" and not cell.source.startswith("%%"):
            cell.source = cell.source.replace("\n\n", "\n  \n") + "\n\n"


@habit(whole=True)
def cells_of_other_languages(draft: Draft) -> None:
    """%%bash, %%html, %%javascript and raw cells in between."""
    for source in ("%%bash\necho hello", "%%html\n<b>hello</b>", "%%javascript\nconsole.log(1)", "%%latex\n$x$"):
        draft.below(draft.set_up(), source)


@habit(whole=True)
def broken_cell_in_between(draft: Draft) -> None:
    """A cell that is no Python between others, and one that fails."""
    names = [exercise.name for exercise in draft.outline.exercises]
    cell = draft.labelled(names[1])
    if cell is not None:
        draft.above(cell, "shape of the scores: (T, T)")
        draft.above(cell, "1 / 0")


@habit(whole=True)
def notes_in_a_code_cell(draft: Draft) -> None:
    """Notes in a string, and old code in comments."""
    draft.at_top('"""\nTo do: the mask.\n\ndef masked_attention(Q, K, V): ...\n"""\n# def Head(x): return x')


@habit(whole=True)
def future_annotations(draft: Draft) -> None:
    """from __future__ import annotations in the first cell."""
    draft.set_up().source = f"from __future__ import annotations\n{draft.set_up().source}"


@habit(whole=True, alone=True)
def all_answers_in_one_cell(draft: Draft) -> bool | None:
    """All answers in the first one's cell, the others' cells empty."""
    names = [exercise.name for exercise in draft.outline.exercises]
    if not all(draft.attempted(name) for name in names):
        return False
    cells = [draft.answer(name) for name in names]
    cells[0].source = "\n\n\n".join(cell.source for cell in cells)
    for cell in cells[1:]:
        cell.source = ""
    return None
