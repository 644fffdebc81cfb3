"""Whatever arrives: files that are no notebook, notebooks that are broken, and notebooks that lost something."""

from __future__ import annotations

import copy
import io
import json
import os
import random
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from autograder import demo, reading, sanitise, skeleton
from autograder.handed_in import read
from autograder.matching import match
from autograder.pool import GraderProcess
from autograder.reading import Cell, Unreadable
from autograder.tests.conftest import A1, RIGHT, added_cell, filled, stub, written_cell

ANSWERED = {**RIGHT, "why": "Because it is so."}


@pytest.fixture
def take(outline, tmp_path):
    """take(bytes, text or notebook) -> Intake; whatever comes out is a valid notebook for nbgrader."""

    def run(content):
        file = tmp_path / "arrived.ipynb"
        if not isinstance(content, bytes | str):
            content = json.dumps(content)
        file.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        taken = read(file, outline)
        check(taken)
        return taken

    return run


def check(taken):
    """What holds for every intake."""
    nbformat.validate(taken.notebook())
    job = taken.job("s01")
    assert {name for name, _ in job.cells} >= {"set-up"}
    json.loads(job.to_json())
    for note in taken.notes:
        assert note.endswith((".", "?")) and "Traceback" not in note and len(note) < 500
    nbformat.writes(taken.notebook()).encode("utf-8")
    shown = [cell.source for cell in taken.notebook().cells]
    for cell in taken.cells:  # nothing is lost on the way to whoever grades it
        source = cell.source if cell.kind != "markdown" else sanitise.quiet(cell.source, cell.attachments)
        assert any(source.strip() in text or cell.source.strip() in text for text in shown), source
    labels = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in taken.notebook().cells]
    own = [json.loads(cell)["metadata"].get("nbgrader", {}).get("grade_id") for cell in taken.skeleton.cells]
    assert sorted(filter(None, labels)) == sorted(filter(None, own))


def answers(taken):
    return {name: source for name, source in taken.answers.items() if name in ANSWERED}


def changed(notebook=None):
    """A filled notebook as plain data, to be bent."""
    return json.loads(json.dumps(notebook or filled(**ANSWERED)))


class TestNoNotebook:
    @pytest.mark.parametrize(
        "content, said",
        [
            (b"", "empty"),
            (b"\x00" * 100, "not a notebook"),
            (b"%PDF-1.7\n%stuff", "PDF"),
            (b"PK\x03\x04zip", "zip"),
            (b"<!doctype html><html>", "web page"),
            (b"\n\n  <html>", "web page"),
            (b"import numpy as np\n", "not a notebook"),
            (b"{", "damaged or cut off"),
            (b'{"cells": [', "damaged or cut off"),
            (b'{"cells": [<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "merge-conflict"),
            (b"[]", "JSON but not a notebook"),
            (b"null", "JSON but not a notebook"),
            (b"3", "JSON but not a notebook"),
            (b'"text"', "JSON but not a notebook"),
            (b"{}", "no cells"),
            (b'{"cells": null}', "no cells"),
            (b'{"cells": {}}', "no cells"),
            (b'{"cells": "x"}', "no cells"),
            (b'{"worksheets": 3}', "no cells"),
            (b'{"cells": []}', "right notebook"),
            (b'{"worksheets": []}', "right notebook"),
            (b'{"worksheets": [{"cells": null}, {"cells": 3}, null, {}]}', "right notebook"),
            (b"[" * 100_000, "not a notebook"),
            (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "damaged or cut off"),
            (b"\xff\xfe\xff\xfe\xff", "not a notebook"),
            (b'{"cells": [' + b"1" * 5000 + b"]}", "damaged or cut off"),
        ],
    )
    def test_a_sentence_says_what_it_is(self, take, content, said):
        taken = take(content)
        assert taken.answers == {} and len(taken.notes) >= 1
        assert said in " ".join(taken.notes)
        assert taken.job("s01").blank == ("double", "square", "W")

    def test_no_file_at_all(self, tmp_path, outline):
        for place in (tmp_path / "missing.ipynb", tmp_path):
            taken = read(place, outline)
            check(taken)
            assert "could not be opened" in taken.notes[0]

    def test_too_large(self, tmp_path, outline, monkeypatch):
        file = tmp_path / "sparse.ipynb"
        with file.open("wb") as out:
            out.truncate(reading.MAX_BYTES + 1)  # sparse: takes no room
        taken = read(file, outline)
        assert "MB" in taken.notes[0] and "Clear its outputs" in taken.notes[0]

    def test_too_many_cells(self, take):
        notebook = changed()
        notebook["cells"] *= 300
        assert "at most 2000" in take(notebook).notes[0]

    def test_too_much_text(self, take):
        notebook = changed()
        notebook["cells"] += [{"cell_type": "code", "source": "x = 1\n" * 30_000, "metadata": {}}] * 60
        assert "million characters" in take(notebook).notes[0]


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_any_unicode(self, take, encoding):
        notebook = changed(filled(**{**ANSWERED, "why": "naïve 中 🎲"}))
        taken = take(json.dumps(notebook, ensure_ascii=False).encode(encoding))
        assert answers(taken)["why"] == "naïve 中 🎲" and taken.notes == []

    def test_nul_bytes_and_lone_surrogates(self, take):
        source = "def double(x):\n    '''\x00 \ud800'''\n    return 2 * x"
        taken = take(changed(filled(**{**ANSWERED, "double": source})))
        assert taken.answers["double"] == "def double(x):\n    ''' ?'''\n    return 2 * x"

    def test_windows_and_old_mac_line_ends(self, take):
        taken = take(changed(filled(**{**ANSWERED, "double": RIGHT["double"].replace("\n", "\r\n")})))
        assert taken.answers["double"] == RIGHT["double"]

    def test_not_a_number_in_outputs(self, take):
        notebook = changed()
        notebook["cells"][1]["outputs"] = [{"data": {"x": float("nan")}}]
        assert answers(take(json.dumps(notebook))) == ANSWERED


class TestSources:
    @pytest.mark.parametrize(
        "source, read_as",
        [
            (["def double(x):\n", "    return 2 * x"], "def double(x):\n    return 2 * x"),
            (["def double(x):\n", 3, None, "    return 2 * x"], "def double(x):\n    return 2 * x"),
            ([], ""),
            ("", ""),
        ],
    )
    def test_lists(self, take, source, read_as):
        notebook = changed()
        notebook["cells"][2]["source"] = source
        assert take(notebook).answers["double"] == read_as

    @pytest.mark.parametrize("source", [3, None, True, {"a": 1}, 1.5])
    def test_other_types(self, take, source):
        notebook = changed()
        notebook["cells"][2]["source"] = source
        taken = take(notebook)
        assert "double" not in taken.answers and "No answer cell was found for: double." in taken.notes
        assert taken.answers["square"] == RIGHT["square"]

    def test_a_source_that_is_too_long_is_cut_and_said(self, take):
        taken = take(changed(filled(**{**ANSWERED, "double": "# " + "x" * reading.MAX_SOURCE})))
        assert len(taken.answers["double"]) == reading.MAX_SOURCE and any("was cut" in note for note in taken.notes)

    @pytest.mark.parametrize("key", ["metadata", "cell_type", "id", "outputs", "execution_count"])
    @pytest.mark.parametrize(
        "value", [3, None, "x", [], {}, True, [[]], {"nbgrader": 3}, {"nbgrader": {"grade_id": 3}}]
    )
    def test_wrong_types_in_every_field(self, take, key, value):
        notebook = changed()
        for cell in notebook["cells"]:
            cell[key] = value
        taken = take(notebook)
        if key != "cell_type":
            assert taken.answers["double"] == RIGHT["double"]

    @pytest.mark.parametrize("cell", [3, None, "x", [], {}, True, {"source": "x = 1"}, {"cell_type": "code"}])
    def test_cells_that_are_none(self, take, cell):
        notebook = changed()
        notebook["cells"] = [part for kept in notebook["cells"] for part in (cell, kept)]
        assert answers(take(notebook)) == ANSWERED


class TestFormats:
    @pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
    def test_before_cell_ids(self, take, minor):
        notebook = changed()
        notebook["nbformat_minor"] = minor
        for cell in notebook["cells"]:
            del cell["id"]
        taken = take(notebook)
        assert answers(taken) == ANSWERED and taken.notes == []

    def test_version_3(self, take):
        notebook = changed()
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["input"] = cell.pop("source")
        old = {
            "nbformat": 3,
            "metadata": {},
            "worksheets": [{"cells": notebook["cells"][:4]}, {"cells": notebook["cells"][4:]}],
        }
        assert answers(take(old)) == ANSWERED

    def test_colab(self, take):
        """Colab drops tags, keeps nbgrader's labels, adds ids of its own to the metadata and saves minor version 0."""
        notebook = changed()
        notebook["metadata"] = {
            "colab": {"provenance": []},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
        }
        notebook["nbformat_minor"] = 0
        for number, cell in enumerate(notebook["cells"]):
            cell.pop("id")
            cell["metadata"] = {"id": f"aB{number}", **{k: v for k, v in cell["metadata"].items() if k == "nbgrader"}}
        taken = take(notebook)
        assert answers(taken) == ANSWERED and taken.notes == []


class TestLosses:
    def test_untouched(self, take):
        taken = take(changed())
        assert answers(taken) == ANSWERED and taken.notes == []

    def test_blank(self, take):
        taken = take(changed(filled()))
        assert taken.job("s01").blank == ("double", "square", "W") and taken.notes == []

    def test_all_labels_lost(self, take):
        notebook = changed()
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            cell.pop("id")
        taken = take(notebook)
        assert answers(taken) == ANSWERED
        assert any("recognised by what they define: double, square, W" in note for note in taken.notes)
        assert any("recognised by their place: why" in note for note in taken.notes)

    def test_all_labels_lost_and_nothing_done(self, take):
        notebook = changed(filled())
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            cell.pop("id")
        taken = take(notebook)
        assert taken.job("s01").blank == ("double", "square", "W")

    def test_only_the_labels_lost(self, take):
        notebook = changed()
        for cell in notebook["cells"]:
            cell["metadata"] = {}
        taken = take(notebook)
        assert answers(taken) == ANSWERED

    def test_ids_of_its_own(self, take):
        notebook = changed()
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = f"new-{number}"
        assert answers(take(notebook)) == ANSWERED

    def test_two_written_answers_without_labels_keep_their_places(self, tmp_path):
        """Stubs of written answers all read alike: a blank one does not take the place of an answered one."""
        notebook = filled(**ANSWERED)
        notebook.cells[5:5] = [written_cell("first"), nbformat.v4.new_markdown_cell("And why else?", id="cell-x")]
        outline = skeleton.from_notebook(notebook, "a0_small", "small")
        handed_in = changed(notebook)
        handed_in["cells"][5]["source"] = "My first answer."
        handed_in["cells"][7]["source"] = "YOUR ANSWER HERE"
        for cell in handed_in["cells"]:
            cell["metadata"] = {}
            cell.pop("id")
        file = tmp_path / "n.ipynb"
        file.write_text(json.dumps(handed_in))
        taken = read(file, outline)
        assert taken.answers["first"] == "My first answer." and taken.answers["why"] == "YOUR ANSWER HERE"

    def test_reordered(self, take):
        notebook = changed()
        random.Random(1).shuffle(notebook["cells"])
        taken = take(notebook)
        assert answers(taken) == ANSWERED
        assert sorted(name for name, _ in taken.job("s01").cells) == ["W", "double", "set-up", "square"]

    def test_cells_missing(self, take):
        notebook = changed()
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ("double", "test_square", "why")]
        taken = take(notebook)
        assert answers(taken) == {"square": RIGHT["square"], "W": RIGHT["W"]}
        assert "No answer cell was found for: double, why." in taken.notes
        assert "Locked cells were missing and were put back: test_square." in taken.notes
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in taken.notebook().cells]
        assert "test_square" in names and "double" in names

    def test_another_notebook(self, take):
        taken = take(nbformat.v4.new_notebook(cells=[added_cell("x = 1"), added_cell("y = 2")]))
        assert any("right notebook" in note for note in taken.notes)

    def test_locked_cells_edited(self, take):
        notebook = changed()
        notebook["cells"][3]["source"] = "assert True"
        taken = take(notebook)
        assert "Locked cells had been edited; the originals were used: test_double." in taken.notes
        restored = [cell for cell in taken.notebook().cells if cell.id == "test_double"]
        assert restored[0].source == "check.double(double)"

    def test_points_edited(self, take):
        notebook = changed()
        notebook["cells"][3]["metadata"]["nbgrader"]["points"] = 1000
        restored = [cell for cell in take(notebook).notebook().cells if cell.id == "test_double"]
        assert restored[0].metadata.nbgrader.points == 4


class TestDoubles:
    def test_a_doubled_cell(self, take):
        notebook = changed()
        notebook["cells"].insert(3, copy.deepcopy(notebook["cells"][2]))
        taken = take(notebook)
        assert answers(taken) == ANSWERED
        assert any("double was there 2 times" in note for note in taken.notes)

    def test_the_last_with_an_answer_counts(self, take):
        notebook = changed()
        first, stubbed = copy.deepcopy(notebook["cells"][2]), copy.deepcopy(notebook["cells"][2])
        first["source"], stubbed["source"] = "def double(x):\n    return 0", stub("double")
        notebook["cells"][2:3] = [first, notebook["cells"][2], stubbed]
        assert take(notebook).answers["double"] == RIGHT["double"]

    def test_all_cells_doubled(self, take):
        notebook = changed()
        notebook["cells"] += copy.deepcopy(notebook["cells"])
        assert answers(take(notebook)) == ANSWERED

    @pytest.mark.parametrize(
        "name, at, parts",
        [
            ("double", 2, ["def double(x):\n    y = SCALE * x", "    return y"]),
            ("double", 2, ["HALF = SCALE / 2", "def double(x):\n    return 2 * HALF * x"]),
            ("W", 8, ["row = [1, 2]", "W = [row]"]),
            ("W", 8, ["row = [1, 2]\n", "", "W = [row]"]),
        ],
    )
    def test_a_split_cell_is_joined(self, take, name, at, parts):
        """JupyterLab gives both halves of a split cell the same label."""
        notebook = changed()
        halves = []
        for number, part in enumerate(parts):
            halves.append({**copy.deepcopy(notebook["cells"][at]), "source": part, "id": f"half-{number}"})
        notebook["cells"][at : at + 1] = halves
        taken = take(notebook)
        assert taken.answers[name] == "\n".join(part for part in parts if part.strip())
        assert any("its parts were joined" in note for note in taken.notes)

    def test_a_split_cell_whose_half_has_no_label(self, take):
        notebook = changed()
        notebook["cells"][8]["source"] = "row = [1, 2]"
        notebook["cells"].insert(9, json.loads(json.dumps(added_cell("W = [row]"))))
        sources = [source for _, source in take(notebook).job("s01").cells]
        assert sources.index("row = [1, 2]") < sources.index("W = [row]")

    def test_a_split_written_answer(self, take):
        notebook = changed()
        half = copy.deepcopy(notebook["cells"][5])
        half["source"], half["id"] = "And for another reason.", "half"
        notebook["cells"].insert(6, half)
        assert take(notebook).answers["why"] == "Because it is so.\n\nAnd for another reason."

    def test_a_retyped_cell_beside_its_stub(self, take):
        notebook = changed(filled(**{**ANSWERED, "double": stub("double")}))
        notebook["cells"].insert(3, json.loads(json.dumps(added_cell(RIGHT["double"]))))
        taken = take(notebook)
        assert taken.answers["double"] == RIGHT["double"]

    def test_a_retyped_cell_that_does_not_parse_is_still_found(self, take):
        notebook = changed()
        notebook["cells"][2] = json.loads(json.dumps(added_cell("def double(x)\n    return 2 * x")))
        assert take(notebook).answers["double"].startswith("def double(x)")

    def test_using_a_name_is_not_defining_it(self, take):
        notebook = changed(filled(**{**ANSWERED, "W": "W = ...  # YOUR CODE HERE"}))
        notebook["cells"].append(json.loads(json.dumps(added_cell("W[0] = 3\nprint(W)"))))
        assert take(notebook).job("s01").blank == ("W",)

    def test_cells_of_the_students_keep_their_place(self, take):
        notebook = changed()
        notebook["cells"].insert(2, json.loads(json.dumps(added_cell("import math"))))
        notebook["cells"].insert(8, json.loads(json.dumps(added_cell("def helper():\n    return 1"))))
        ids = [cell.id for cell in take(notebook).notebook().cells]
        assert ids[2] == "added-3" and ids[8] == "added-9"

    def test_everything_under_one_label(self, take):
        notebook = changed()
        for cell in notebook["cells"]:
            cell["metadata"] = {"nbgrader": {"grade_id": "double"}}
        take(notebook)

    def test_everything_under_one_id(self, take):
        notebook = changed()
        for cell in notebook["cells"]:
            cell["id"], cell["metadata"] = "double", {}
        take(notebook)


def big(tmp_path, notebook, size=40 << 20, prefix=b"", encoding="utf-8", tail="x"):
    """A notebook file whose outputs fill it up."""
    notebook = changed(notebook)
    notebook["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["line of output\n"] * 10_000},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": "A" * size, "x": tail, "cells": [{"source": "no"}]},
        },
    ]
    file = tmp_path / "big.ipynb"
    file.write_bytes(prefix + json.dumps(notebook).encode(encoding))
    return file


class TestWrittenAnswers:
    """They are shown in the instructor's browser, by formgrader and in feedback pages, as the HTML that they become."""

    class Tags(HTMLParser):
        def __init__(self, html):
            super().__init__()
            self.found = []
            self.feed(html)

        def handle_starttag(self, tag, attrs):
            self.found += [tag, *(value for _, value in attrs if _ in ("href", "src", "style") or _.startswith("on"))]

        def handle_comment(self, data):
            self.found.append("comment")

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            "`x` <IMG src=x onerror=alert(1)> <svg/onload=alert(1)>",
            "```\n<b>\n```\n<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<!-- --><style>*{}</style><?php ?>",
            "[x](javascript:alert(1)) [x]( <JavaScript:alert(1)>) [x](&#106;avascript:alert(1)) [x](data:text/html,x)",
            "[x][y] [y]\n\n[y]: javascript:alert(1)\n  [z]:\n   data:text/html,x",
            "<javascript:alert(1)> ![x](javascript:alert(1))",
            "$<script>alert(1)</script>$ $$<img src=x>$$",
            "<<script>script>alert(1)<</script>/script>",
            "<\x00script>alert(1)</script>",
        ],
    )
    def test_nothing_in_them_runs(self, take, text):
        taken = take(changed(filled(**{**RIGHT, "why": text})))
        settings = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in taken.notebook().cells]
        (shown,) = [source for found, source in settings if found.get("grade_id") == "why"]
        assert set(self.Tags(markdown2html(shown)).found) <= {"p", "code", "pre", "em", "div", "span"}

    @pytest.mark.parametrize(
        "text",
        [
            "a < b, x<1 and `i<j`",
            "a<b",
            "<b>bold</b><br> x<sub>i</sub>",
            "$a_i<b$ here",
            "[here](https://example.org/a) and [there](#part)",
            "**bold** $a_i < b$ [1] (2)",
        ],
    )
    def test_what_they_say_stays(self, text):
        assert sanitise.quiet(text) == text

    @pytest.mark.parametrize(
        "text, shown",
        [
            ("<b>yes</b> and <img src=x>", "<b>yes</b> and < img src=x>"),
            ("![x](http://127.0.0.1:8888/api)", "! [x](http://127.0.0.1:8888/api)"),
            ("[x](javascript:alert(1))", "[x] (javascript:alert(1))"),
            ("$\\style{x}{y}$", "$\\ style{x}{y}$"),
            ("![x](attachment:gone.png)", "! [x] (attachment:gone.png)"),
            ("`if i<n and n>i`", "`if i< n and n>i`"),
        ],
    )
    def test_what_is_changed_is_a_space_and_is_said(self, take, text, shown):
        assert sanitise.quiet(text) == sanitise.quiet(shown) == shown
        taken = take(changed(filled(**{**RIGHT, "why": text})))
        (note,) = [note for note in taken.notes if "made plain text" in note]
        assert f" cell {[cell.source for cell in taken.cells].index(text) + 1} " in note
        assert taken.answers["why"] == text, "what was written is kept as it is"

    def test_pictures_that_are_in_the_file_stay(self, take):
        pasted = "see ![a](attachment:a%20b.png) and ![b](data:image/png;base64,iVBORw0KGgo=)"
        notebook = changed(filled(**{**RIGHT, "why": pasted}))
        for cell in notebook["cells"]:
            if cell["source"] == pasted:
                cell["attachments"] = {"a b.png": {"image/png": "iVBORw0KGgo="}}
        notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": pasted + " again"})
        notebook["cells"][-1]["attachments"] = {"a b.png": {"image/png": "iVBORw0KGgo="}}
        taken = take(notebook)
        found = [cell for cell in taken.notebook().cells if cell.source.startswith("see ")]
        assert [cell.source for cell in found] == [pasted, pasted + " again"]
        assert all(cell.attachments["a b.png"]["image/png"] == "iVBORw0KGgo=" for cell in found)
        assert not any("made plain text" in note for note in taken.notes)


class TestLargeFiles:
    def test_outputs_of_40_mb(self, tmp_path, outline):
        taken = read(big(tmp_path, None), outline)
        assert answers(taken) == ANSWERED and taken.notes == []

    def test_a_picture_of_200_mb_is_read_in_few_pieces(self, tmp_path, outline, monkeypatch):
        """The parser starts a value anew with each piece of it: in small pieces this file took minutes."""
        file, pieces = big(tmp_path, None, 200 << 20), []

        class Counted(io.FileIO):
            def read(self, size=-1):
                pieces.append(size)
                return super().read(size)

        monkeypatch.setattr(type(file), "open", lambda self, mode: Counted(self, mode))
        assert answers(read(file, outline)) == ANSWERED and 12 < len(pieces) < 60

    def test_the_same_cells_as_from_a_small_file(self, tmp_path, outline, monkeypatch):
        notebook = filled(**ANSWERED)
        notebook.cells[2]["source"] = RIGHT["double"].splitlines(keepends=True)
        notebook.cells += [
            {"cell_type": "markdown", "source": None},
            {"source": ["a", 3, "b"]},
            {"cell_type": "code", "input": "v3"},
        ]
        file = big(tmp_path, notebook, size=100)
        small = reading.cells_of(file)
        monkeypatch.setattr(reading, "STREAM_BYTES", 10)
        streamed = reading.cells_of(file)
        assert [cell for cell in streamed if cell.source] == [cell for cell in small if cell.source]

    @pytest.mark.parametrize(
        "prefix, encoding, tail", [(b"\xef\xbb\xbf", "utf-8", "x"), (b"", "utf-16", "x"), (b"", "utf-8", float("nan"))]
    )
    def test_what_the_strict_reader_refuses(self, tmp_path, outline, prefix, encoding, tail):
        """NaN in a plot's data is common; encodings other than UTF-8 are rare."""
        taken = read(
            big(tmp_path, None, 9 << 20 if encoding == "utf-16" else 17 << 20, prefix, encoding, tail), outline
        )
        assert answers(taken) == ANSWERED and taken.notes == []

    def test_worksheets(self, tmp_path, outline):
        notebook = changed()
        notebook["cells"][1]["outputs"] = ["A" * (17 << 20)]
        file = tmp_path / "big.ipynb"
        file.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": notebook["cells"]}]}))
        assert answers(read(file, outline)) == ANSWERED

    @pytest.mark.parametrize(
        "content",
        [
            b"[" * (17 << 20),
            b'{"cells": [' + b'{"a":' * (3 << 20),
            b"x" * (17 << 20),
            b'{"cells": ["' + b"A" * (17 << 20),
        ],
        ids=["deep", "deep maps", "no JSON", "cut off"],
    )
    def test_large_nonsense(self, tmp_path, outline, content):
        file = tmp_path / "big.ipynb"
        file.write_bytes(content)
        taken = read(file, outline)
        check(taken)
        assert taken.answers == {} and len(taken.notes) == 1

    def test_merge_conflict_in_a_large_file(self, tmp_path, outline):
        file = tmp_path / "big.ipynb"
        file.write_bytes(b'{"cells": [\n<<<<<<< HEAD\n1,\n=======\n2,\n>>>>>>> theirs\n"' + b"A" * (17 << 20) + b'"]}')
        assert "merge-conflict" in read(file, outline).notes[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, way=()):
    """Every way into a JSON value."""
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*way, key))


def bend(data, notebook):
    """Change one to six places of a notebook at random, in place."""
    for _ in range(data.draw(st.integers(1, 6))):
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        how = data.draw(st.sampled_from(["replace", "delete", "double", "swap", "move"]))
        if how in ("double", "swap", "move") and isinstance(cells, list) and cells:
            one, other = (data.draw(st.integers(0, len(cells) - 1)) for _ in range(2))
            if how == "double":
                cells.insert(other, copy.deepcopy(cells[one]))
            elif how == "swap":
                cells[one], cells[other] = cells[other], cells[one]
            else:
                cells.insert(other, cells.pop(one))
            continue
        way = data.draw(st.sampled_from(list(places(notebook))))
        if not way:
            continue
        inside = notebook
        for key in way[:-1]:
            inside = inside[key]
        if how == "delete":
            del inside[way[-1]]
        else:
            inside[way[-1]] = data.draw(JSON)


FUZZ = int(os.environ.get("FUZZ", "100"))  # notebooks


@pytest.fixture(scope="module")
def answered():
    return next(sample.data for sample in demo.sample_class(A1) if sample.what.startswith("all right"))


@pytest.fixture(scope="module")
def grader():
    process = GraderProcess([A1])
    yield process
    process.close()


class TestFuzz:
    @given(data=st.data())
    @settings(max_examples=FUZZ, deadline=None)
    def test_a_real_notebook_bent_at_random(self, data, tmp_path_factory):
        """Never an exception, always answers and notes, always a valid notebook for nbgrader."""
        notebook = json.loads(skeleton.path(A1).read_text(encoding="utf-8"))
        bend(data, notebook)
        self.survives(json.dumps(notebook).encode(), skeleton.load(A1), tmp_path_factory)

    @given(data=st.data())
    @settings(max_examples=FUZZ // 4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_an_answered_notebook_bent_at_random_gets_its_report(self, grader, answered, data, tmp_path_factory):
        outline, notebook = skeleton.load(A1), json.loads(answered)
        bend(data, notebook)
        file = tmp_path_factory.getbasetemp() / "bent.ipynb"
        file.write_text(json.dumps(notebook))
        report = grader.grade(read(file, outline).job("bent"))
        assert [one.name for one in report.exercises] == [one.name for one in outline.exercises]
        assert not report.detail and all(0 <= one.score <= one.max_score for one in report.exercises)

    @given(data=st.data())
    @settings(max_examples=FUZZ // 2, deadline=None)
    def test_bytes_bent_at_random(self, data, tmp_path_factory):
        outline = skeleton.load(A1)
        content = bytearray(skeleton.path(A1).read_bytes())
        for _ in range(data.draw(st.integers(1, 5))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at : at + data.draw(st.integers(0, 50))] = data.draw(st.binary(max_size=50))
        self.survives(bytes(content), outline, tmp_path_factory)

    @staticmethod
    def survives(content, outline, tmp_path_factory):
        file = tmp_path_factory.getbasetemp() / "fuzz.ipynb"
        file.write_bytes(content)
        taken = read(file, outline)
        check(taken)
        assert taken.notes or set(taken.answers) == set(outline.answers)


def test_hostile_sources_do_not_hold_the_reader(outline):
    """Sources are parsed in the grader's own process: whatever Python's parser thinks of them, it comes back."""
    sources = [
        "-" * 100_000 + "1",
        "(" * 100_000,
        "x = " + "[" * 90 + "]" * 90,
        "a" + ".b" * 50_000,
        "1" * 10_000,
        "\\" * 1000,
    ]
    sources += [
        "lambda: " * 20_000 + "1",
        "if 1:\n" + " if 1:\n" * 200,
        "f'" + "{" * 1000,
        "x = (" + "1," * 50_000 + ")",
        "\f\v\x1a",
    ]
    for source in sources:
        taken = match([Cell("code", source[: reading.MAX_SOURCE])], outline)
        check(taken)
        match([Cell("code", source[: reading.MAX_SOURCE], grade_id="double")] * 2, outline)


def test_unreadable_is_a_value_error():
    assert issubclass(Unreadable, ValueError)
