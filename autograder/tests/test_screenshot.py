"""The explorer in a real JupyterLab, by keyboard alone. Needs a Chromium; skipped where there is none."""

import shutil

import nbformat
import pytest

from autograder.tools import screenshot

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(not any(map(shutil.which, screenshot.BROWSERS)), reason="no Chromium on this machine")


def test_the_explorer_works_by_keyboard_and_loads_nothing(tmp_path):
    cell = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook(
        cells=[
            cell("from course_lib import explorer\nexplorer.attention_explorer('aeri', [[1, 1]], [[0, 5]])"),
            cell("raise ValueError"),
            cell("print('reached')"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (tmp_path / "course").mkdir()
    nbformat.write(notebook, tmp_path / "course" / "small.ipynb")
    with screenshot.open_notebook(tmp_path / "course" / "small.ipynb") as (page, outside):
        assert screenshot.run_cells(page, timeout=120) == [2]
        page.get_by_text("No string of up to 64 letters").wait_for()
        page.get_by_label("Letters").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("abc7")
        page.get_by_text("is not a letter from a to z").wait_for()
        page.keyboard.press("Backspace")
        for _ in range(6):  # past problem, n_q, W_q and the first number of W_k
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")  # 5 becomes 4
        page.get_by_text("a" * 55 + "b").wait_for()
        files = screenshot.save_pages(page, tmp_path / "pages", "small")
    assert [file.name for file in files] == ["small-01.png"]
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert outside == []
