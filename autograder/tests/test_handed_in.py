"""Of several files the notebook that counts, by one rule, and what is said of the others."""

from __future__ import annotations

import json
import os

import pytest

from autograder.handed_in import read_files
from autograder.tests.conftest import RIGHT, filled, stub, text_cell

FULL = {**RIGHT, "why": "Because it is so."}


@pytest.fixture
def put(tmp_path):
    """put(name, answers, age) -> the file, so many seconds old."""

    def write(name, content, age=0):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(filled(**content)).encode())
        os.utime(file, (1e9 - age, 1e9 - age))
        return file

    return write


def graded(taken):
    return taken.answers.get("double")


class TestWhichNotebook:
    def test_the_most_edited_answers(self, put, outline):
        files = [put("small.ipynb", {}), put("small-Copy1.ipynb", FULL, 99), put("small (2).ipynb", {"W": "W = 1"})]
        taken = read_files(files, outline)
        assert graded(taken) == RIGHT["double"]
        assert "3 notebooks were handed in; small-Copy1.ipynb was graded" in taken.notes[-1]
        assert "Not graded: small.ipynb, small (2).ipynb." in taken.notes[-1]

    def test_an_untouched_download_never_wins(self, put, outline):
        files = [put("small.ipynb", {}), put("x.ipynb", {"W": "W = [[1, 2]]"}, 999)]
        assert read_files(files, outline).answers["W"] == "W = [[1, 2]]"

    def test_of_equals_the_newest(self, put, outline):
        old, new = {**FULL, "double": "def double(x): return 'old'"}, {**FULL, "double": "def double(x): return 'new'"}
        for first, second in ((old, new), (new, old)):
            ages = (9, 0) if first is old else (0, 9)
            files = [put("small.ipynb", first, ages[0]), put("small-Copy1.ipynb", second, ages[1])]
            assert "'new'" in graded(read_files(files, outline))

    @pytest.mark.parametrize("name", ["small.ipynb.txt", "small.json", "small.IPYNB", "small", "Abgabe.doc"])
    def test_whatever_it_is_called(self, put, outline, name):
        taken = read_files([put(name, FULL)], outline)
        assert graded(taken) == RIGHT["double"] and not taken.unreadable
        assert all(not note.always for note in taken.remarks)

    def test_among_other_files(self, put, outline):
        taken = read_files([put("essay.pdf", b"%PDF-1.7"), put("data/small.ipynb", FULL)], outline)
        assert graded(taken) == RIGHT["double"]

    def test_none_at_all(self, put, outline):
        taken = read_files([put("a.pdf", b"%PDF-1.7"), put("b.docx", b"PK\x03\x04")], outline)
        assert (
            taken.unreadable and "No notebook is among the 2 files that were handed in: a.pdf, b.docx." in taken.notes
        )

    def test_one_that_is_none(self, put, outline):
        taken = read_files([put("a.pdf", b"%PDF-1.7")], outline)
        assert taken.unreadable and taken.notes[0] == "Handed in was a.pdf." and "PDF" in taken.notes[1]

    def test_nothing(self, outline):
        taken = read_files([], outline)
        assert taken.unreadable and taken.notes == ["Nothing was handed in."]


def written(taken, name="why"):
    (cell,) = [cell for cell in taken.notebook().cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]
    return cell.source


class TestWrittenAnswersElsewhere:
    """nbgrader scores a written answer's cell that is as it was released with 0 and shows it to nobody."""

    def take(self, put, outline, at, *cells, **answers):
        notebook = filled(**{**RIGHT, **answers})
        notebook.cells[at:at] = cells
        return read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)

    @pytest.mark.parametrize("at", [6, 5])
    def test_below_or_above(self, put, outline, at):
        taken = self.take(put, outline, at, text_cell("Here is why.", "x"))
        assert "Your answer stands in cell" in written(taken) and taken.elsewhere == {"why": [at]}
        assert any("holds something; a person will look" in note for note in taken.notes)
        assert "Here is why." in [cell.source for cell in taken.notebook().cells]

    def test_in_the_question_itself(self, put, outline):
        notebook = filled(**RIGHT)
        notebook.cells[4].source = "Why?\n\nBecause of this."
        taken = read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)
        assert taken.elsewhere == {"why": [4]} and "Because of this." in str(taken.notebook())

    def test_in_a_code_cell_of_the_same_label(self, put, outline):
        notebook = json.loads(json.dumps(filled(**RIGHT)))
        notebook["cells"][5] |= {"cell_type": "code", "source": "# of ``` this\nx <b>", "outputs": []}
        taken = read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)
        assert written(taken).startswith("````\n# of ``` this\nx <") and not taken.elsewhere

    def test_code_above_is_no_answer(self, put, outline):
        from autograder.tests.conftest import added_cell

        assert not self.take(put, outline, 5, added_cell("x = 1")).elsewhere

    def test_beyond_the_next_exercise_is_no_answer(self, put, outline):
        assert not self.take(put, outline, 8, text_cell("About squares.", "x")).elsewhere

    def test_an_answered_one_is_left_alone(self, put, outline):
        taken = self.take(put, outline, 6, text_cell("And more.", "x"), why="Because.")
        assert written(taken) == "Because." and not taken.elsewhere and not taken.notes

    def test_a_file_that_cannot_be_read_waits_for_a_person(self, put, outline):
        taken = read_files([put("a.pdf", b"%PDF-1.7")], outline)
        assert "please look whether this question is answered in it" in written(taken)


def test_code_in_a_text_cell_is_said_to_run_nowhere(put, outline):
    notebook = json.loads(json.dumps(filled(**FULL)))
    notebook["cells"][2]["cell_type"] = "markdown"
    taken = read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)
    assert taken.notes == ["The answer cell for double is a text cell, so nothing in it runs; a person should look."]
    assert taken.job("s01").blank == ("double",) and RIGHT["double"] in [cell.source for cell in taken.notebook().cells]


class TestPictures:
    def take(self, put, outline, attachments):
        notebook = filled(**FULL)
        notebook.cells[5]["attachments"] = attachments
        return read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)

    def test_are_kept(self, put, outline):
        taken = self.take(put, outline, {"a.png": {"image/png": "QUJD"}})
        (cell,) = [cell for cell in taken.notebook().cells if cell.get("attachments")]
        assert cell.attachments == {"a.png": {"image/png": "QUJD"}} and not taken.notes

    @pytest.mark.parametrize(
        "attachments",
        [
            {"a.svg": {"image/svg+xml": "QUJD"}},
            {"a.png": {"image/png": "A" * (9 << 20)}},
            {"a.png": {"image/png": '"><script>'}},
            {"a.png": 3},
        ],
        ids=["svg", "large", "no picture", "no form"],
    )
    def test_what_is_none_or_too_large_is_said(self, put, outline, attachments):
        taken = self.take(put, outline, attachments)
        assert "only pictures of up to 6 MB" in taken.notes[0]
        assert not any(cell.get("attachments") for cell in taken.notebook().cells)


class TestSources:
    def test_all_that_is_the_students(self, put, outline):
        from autograder.tests.conftest import added_cell

        notebook = filled(**{**FULL, "double": stub("double")})
        notebook.cells.append(added_cell("import gc"))
        notebook.cells[1].source += "\nimport math"
        taken = read_files([put("small.ipynb", json.dumps(notebook).encode())], outline)
        sources = taken.sources()
        assert sources["cell 11"] == "import gc" and "import math" in sources["cell 2"] and sources["W"] == RIGHT["W"]
        assert taken.job("s01").mentions == ("gc",)
