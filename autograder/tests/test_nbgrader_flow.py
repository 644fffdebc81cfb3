"""A small class through nbgrader's own commands, in a workspace of its own.

Functions and no classes, so that one process grades the class for all of them.
"""

from __future__ import annotations

import csv
import json
import re
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder import authoring, bank, demo, paths, release, skeleton, store
from autograder.nbgrader import formulas
from autograder.nbgrader.stubs import without_markers
from autograder.tests.conftest import A1

EVERYBODY = {f"s{number:02d}" for number in (1, 2, 3, 4, 5, 6, 9, 10, 11, 12)} | {"group [1]", "Jörg Müller"}
LOOP = "def masked_attention(Q, K, V):\n    while True:\n        pass"


@pytest.fixture(scope="module")
def outline():
    return skeleton.load(A1)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, outline):
    """Six students and what they handed in, graded once."""
    workspace = tmp_path_factory.mktemp("grading")
    reference = {name: without_markers(source) for name, source in bank.reference(A1).items()}
    wrong = next(answer for answer in bank.load(A1, "masked_attention") if not answer.right)
    right = {**reference, **{name: "My answer." for name in outline.written}}
    sent = {
        "s01": handed_in(outline, right),
        "s02": handed_in(outline, {**right, "masked_attention": wrong.code, "head_output": "raise SystemExit"}),
        "s03": b"%PDF-1.7\n% printed from the browser",
        "s04": stripped(handed_in(outline, right)),
        "s05": handed_in(outline, {**right, "masked_attention": LOOP}),
        "s06": hostile(handed_in(outline, {"score_needed": reference["score_needed"]})),
    }
    elsewhere = {  # student -> {name of a file: what is in it}
        "group [1]": {"attention_by_hand (1).ipynb": handed_in(outline, right)},
        "Jörg Müller": {"a1/attention_by_hand.IPYNB": beside(handed_in(outline, reference))},
        "s09": {
            "attention_by_hand.ipynb": handed_in(outline, {}),
            "attention_by_hand-Copy1.ipynb": handed_in(outline, right),
        },
        "s10": {"attention_by_hand.ipynb.txt": handed_in(outline, right), "notes.pdf": b"%PDF-1.7"},
        "s11": {"attention_by_hand.docx": b"PK\x03\x04"},
        "s12": {},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADING", str(workspace))
        for name in ("PYTHONPATH", "COVERAGE_PROCESS_START"):
            patch.delenv(name, raising=False)
        sets = {student: {f"{outline.notebook}.ipynb": content} for student, content in sent.items()}
        for student, files in {**sets, **elsewhere}.items():
            folder = workspace / "submitted" / student / A1
            folder.mkdir(parents=True)
            for name, content in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
        authoring.generate(A1, workspace / "release", database=True)
        said = autograde()
        (workspace / "said.txt").write_text(said)
        yield workspace


def autograde(*options):
    return demo.nbgrader("autograde", A1, "--GradeInIsolation.question_seconds=2", *options)


def handed_in(outline, answers):
    nodes = outline.nodes()
    for node in nodes:
        name = node.metadata.get("nbgrader", {}).get("grade_id")
        node.source = answers.get(name, node.source)
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": outline.notebook_metadata(), "cells": nodes}
    return json.dumps(content).encode()


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def beside(content):
    """Written answers that are not where they were asked for: below the cell, in a code cell; and a pasted picture."""
    notebook = json.loads(content)
    cells = notebook["cells"]
    first, second, *_ = (i for i, cell in enumerate(cells) if cell["source"] == "YOUR ANSWER HERE")
    picture = {"sketch.png": {"image/png": PIXEL}}
    below = nbformat.v4.new_markdown_cell("Row 0 says vowel.\n\n![sketch](attachment:sketch.png)", id="below")
    cells[second] = {**cells[second], "cell_type": "code", "source": "# W_P tells where\n<b>", "outputs": []}
    cells.insert(first + 1, {**below, "attachments": picture})
    return json.dumps(notebook).encode()


def stripped(content):
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    return json.dumps(notebook).encode()


def hostile(content):
    """Locked cells edited, one cell doubled, points raised, an output that claims full marks, a script in a text."""
    notebook = json.loads(content)
    cells = notebook["cells"]
    for cell in cells:
        settings = cell["metadata"].get("nbgrader", {})
        if settings.get("grade") and not settings.get("solution"):
            cell["source"], settings["points"] = "100.0", 100
            cell["outputs"] = [nbformat.v4.new_output("execute_result", data={"text/plain": "100.0"})]
    double = next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "masked_attention")
    cells.append({**double, "id": "again"})
    cells.append(nbformat.v4.new_markdown_cell("<script>alert(1)</script>"))
    return json.dumps(notebook).encode()


def scores(workspace, outline):
    """student -> {grade cell: auto score}."""
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        found = {}
        for student in book.students:
            notebook = book.find_submission_notebook(outline.notebook, A1, student.id)
            found[student.id] = {grade.cell.name: grade.auto_score for grade in notebook.grades}
    return found


def full(outline):
    return {f"test_{exercise.name}": exercise.points for exercise in outline.exercises}


def of_tests(cells, outline):
    return {name: score for name, score in cells.items() if name in full(outline)}


# ---- the gradebook -----------------------------------------------------------------------------
def test_everyone_is_in_it(workspace, outline):
    assert set(scores(workspace, outline)) == EVERYBODY


@pytest.mark.parametrize("student", ["group [1]", "Jörg Müller", "s09", "s10"])
def test_whatever_the_file_is_called_and_wherever_it_lies(workspace, outline, student):
    assert of_tests(scores(workspace, outline)[student], outline) == full(outline)


def test_what_was_chosen_or_could_not_be_read_is_said(workspace):
    notes = {report.submission: " ".join(report.notes) for report in store.load_all(A1)}
    assert "2 notebooks were handed in; attention_by_hand-Copy1.ipynb was graded" in notes["s09"]
    assert "attention_by_hand.ipynb.txt" in notes["s10"] and "zip archive or an office document" in notes["s11"]
    assert "Nothing was handed in." in notes["s12"]


@pytest.mark.parametrize("student", ["s01", "s04"])
def test_right_answers_with_and_without_labels(workspace, outline, student):
    assert of_tests(scores(workspace, outline)[student], outline) == full(outline)


def test_partial_credit(workspace, outline):
    cells = of_tests(scores(workspace, outline)["s02"], outline)
    assert 0 < cells["test_masked_attention"] < full(outline)["test_masked_attention"]
    assert cells["test_head_output"] == 0
    rest = set(cells) - {"test_masked_attention", "test_head_output"}
    assert all(cells[name] == full(outline)[name] for name in rest)


def test_not_a_notebook(workspace, outline):
    assert set(of_tests(scores(workspace, outline)["s03"], outline).values()) == {0}


def test_an_infinite_loop_costs_its_own_points(workspace, outline):
    cells = of_tests(scores(workspace, outline)["s05"], outline)
    assert cells == {**full(outline), "test_masked_attention": 0}


def test_a_notebook_that_claims_points(workspace, outline):
    cells = of_tests(scores(workspace, outline)["s06"], outline)
    assert cells == {**dict.fromkeys(full(outline), 0), "test_score_needed": full(outline)["test_score_needed"]}


def test_written_answers_wait_for_a_person(workspace, outline):
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        for student, waits in (("s01", True), ("s04", True)):
            notebook = book.find_submission_notebook(outline.notebook, A1, student)
            assert notebook.needs_manual_grade is waits
            waiting = {grade.cell.name for grade in notebook.grades if grade.needs_manual_grade}
            assert waiting == set(outline.written)
        cells = scores(workspace, outline)["s06"]
        assert {cells[name] for name in outline.written} == {0}  # left as they were: nothing to read


def test_the_maximum_is_that_of_the_assignment(workspace, outline):
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        submission = book.find_submission(A1, "s06")
        assert submission.max_code_score == sum(full(outline).values())


# ---- the reports -------------------------------------------------------------------------------
def test_one_for_each(workspace):
    reports = {report.submission: report for report in store.load_all(A1)}
    assert set(reports) == EVERYBODY
    assert set(reports["s05"].stopped) == {"time"} and reports["s01"].isolation == "isolated"
    assert any("PDF" in note for note in reports["s03"].notes)
    notes = " ".join(reports["s06"].notes)
    assert "Locked cells had been edited" in notes and "masked_attention was there 2 times" in notes
    assert any("lost their labels" in note for note in reports["s04"].notes)
    assert reports["s02"].exercise("masked_attention").mistake is not None


def test_they_agree_with_the_gradebook(workspace, outline):
    book = scores(workspace, outline)
    for report in store.load_all(A1):
        own = {f"test_{exercise.name}": exercise.score for exercise in report.exercises}
        assert of_tests(book[report.submission], outline) == pytest.approx(own)


# ---- written answers that are not where they were asked for ----
def test_they_wait_for_a_person(workspace, outline):
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        notebook = book.find_submission_notebook(outline.notebook, A1, "Jörg Müller")
        waiting = {grade.cell.name for grade in notebook.grades if grade.needs_manual_grade}
        assert waiting == set(outline.written[:2])
        said = {comment.cell.name for comment in notebook.comments if comment.auto_comment}
        assert said == set(outline.written[2:]), "no response to the third alone"


def test_they_are_in_their_place_with_their_picture(workspace, outline, feedback):
    notebook = nbformat.read(workspace / "autograded" / "Jörg Müller" / A1 / f"{outline.notebook}.ipynb", as_version=4)
    at = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith("Row 0 says vowel."))
    assert notebook.cells[at - 1].metadata.nbgrader.grade_id == outline.written[0]
    assert (
        "cell" in notebook.cells[at - 1].source and notebook.cells[at].attachments["sketch.png"]["image/png"] == PIXEL
    )
    page = feedback["Jörg Müller"]
    assert "Row 0 says vowel." in page and PIXEL[:40] in page and "W_P tells where" in page


# ---- grading again -----------------------------------------------------------------------------
def test_grading_twice_gives_the_same_gradebook(workspace, outline):
    before, seeds = scores(workspace, outline), {report.submission: report.seed for report in store.load_all(A1)}
    autograde("--force")
    assert scores(workspace, outline) == before
    assert {report.submission: report.seed for report in store.load_all(A1)} == seeds


# ---- the feedback pages ------------------------------------------------------------------------
@pytest.fixture(scope="module")
def feedback(workspace):
    demo.nbgrader("generate_feedback", A1)
    return {file.parents[1].name: file.read_text() for file in workspace.glob(f"feedback/*/{A1}/*.html")}


def test_it_holds_the_report_of_each_test(feedback, outline):
    assert set(feedback) == EVERYBODY
    for page in feedback.values():
        for exercise in outline.exercises:
            assert re.search(rf"{exercise.name} · [\d.]+ of [\d.]+ points", page), exercise.name
    assert "Looks like:" in feedback["s02"] and "This cell did not run" in feedback["s02"]
    assert "had not answered after 2 seconds" in feedback["s05"]
    assert "PDF" in feedback["s03"]


def test_no_hidden_value_or_test_is_in_it(feedback, outline):
    secrets = {line for line, origin in release.secret_lines().items() if origin.startswith(release.SUITE)}
    for student, page in feedback.items():
        assert "Traceback (most" not in page and str(paths.SUITES) not in page
        bare = re.sub(r"<[^>]+>|\s+", "", page)
        leaked = [line for line in secrets if len(line) > 40 and line in bare]
        assert not leaked, (student, leaked[:3])


def test_formulas_need_no_script(feedback):
    assert "<math" in feedback["s01"] and not re.search(r"\\(?:sqrt|frac|in|mathrm)\b", feedback["s01"])


class TestFormulas:
    @pytest.mark.parametrize(
        "text", ["$a_1$ and\n\n$$\\sqrt{d}$$", "($x$), $y$.", "$\\frac{1}{2}$ `$HOME` $z$", "$$\nx = 1\n$$"]
    )
    def test_drawn(self, text):
        found = formulas.drawn(text)
        assert found.count("<math") == found.count("</math>") >= 1 and "$" not in found.replace("`$HOME`", "")

    @pytest.mark.parametrize(
        "text", ["$5 and $6", "`$a$`", "```\n$a$\n```", "\\$a$", "a$b$c", "$ a $", "$\\frac{$", "$$"]
    )
    def test_left_alone(self, text):
        assert formulas.drawn(text) == text

    @pytest.mark.parametrize(
        "text", ["$a<img src=x>$", "$\\text{<img src=x>}$", "$\\href{javascript:x}{y}$", "$$\\mbox{</math><!--}$$"]
    )
    def test_nothing_that_would_run_is_converted(self, text):
        assert formulas.drawn(text) == text


def test_what_a_student_wrote_is_not_run_by_the_browser(feedback):
    assert "alert(1)" in feedback["s06"] and "<script>alert(1)" not in feedback["s06"]  # it is shown, as text


# ---- handing in again ----
def test_a_replaced_file_is_graded_again_and_its_page_made_anew(workspace, outline, feedback):
    def page(student):
        (file,) = workspace.glob(f"feedback/{student}/{A1}/*.html")
        return file

    demo.nbgrader("generate_feedback", A1)
    unchanged, before = page("s01").stat().st_mtime_ns, scores(workspace, outline)
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        grade = book.find_grade(outline.written[0], outline.notebook, A1, "s02")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
        book.find_comment(outline.written[0], outline.notebook, A1, "s02").manual_comment = "Nicely put."
        book.db.commit()
    better = (workspace / "submitted" / "s01" / A1 / f"{outline.notebook}.ipynb").read_bytes()
    (workspace / "submitted" / "s02" / A1 / f"{outline.notebook}.ipynb").write_bytes(better)
    autograde()
    assert not list(workspace.glob(f"feedback/s02/{A1}/*")), "the page of the earlier attempt is gone"
    after = scores(workspace, outline)
    assert of_tests(after["s02"], outline) == full(outline)
    assert {name: one for name, one in after.items() if name != "s02"} == {
        n: o for n, o in before.items() if n != "s02"
    }
    demo.nbgrader("generate_feedback", A1)
    assert "Nicely put." in page("s02").read_text() and page("s01").stat().st_mtime_ns == unchanged
    with Gradebook(f"sqlite:///{workspace}/gradebook.db", "letters_to_gpt") as book:
        grade = book.find_grade(outline.written[0], outline.notebook, A1, "s02")
        assert (grade.manual_score, grade.extra_credit) == (1.5, 0.5)
        book.find_comment(outline.written[0], outline.notebook, A1, "s01").manual_comment = "Think of T = 1."
        book.db.commit()
    demo.nbgrader("generate_feedback", A1)
    assert "Think of T = 1." in page("s01").read_text(), "a comment alone makes a new page"


def test_the_other_command_agrees_that_all_are_graded(workspace, outline):
    before = scores(workspace, outline)
    said = authoring.run([sys.executable, "-m", "autograder", "autograde", A1])
    assert said.startswith("0 graded") and scores(workspace, outline) == before


# ---- the export --------------------------------------------------------------------------------
def test_the_csv(workspace, outline):
    demo.nbgrader("export")
    with (workspace / "gradebook.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == EVERYBODY
    best = sum(full(outline).values())
    assert float(rows["s01"]["score"]) == float(rows["s04"]["score"]) == best
    assert float(rows["s03"]["score"]) == 0
    assert float(rows["s02"]["score"]) == best + 2.0, "after the regrade above, with a person's points on top"


class TestTotalFailure:
    def test_a_grader_that_fails_leaves_a_report_and_the_students_work(self, monkeypatch, tmp_path, outline):
        """An exception here would make nbgrader delete what the student handed in."""
        from autograder.nbgrader import grade

        class Failing:
            def grade(self, job):
                raise RuntimeError("Traceback: through the suites")

        monkeypatch.setenv("GRADING", str(tmp_path))
        monkeypatch.setattr(grade, "grader", lambda *settings: Failing())
        notebook = nbformat.from_dict(json.loads(handed_in(outline, {})))
        resources = {"nbgrader": {"assignment": A1, "student": "s01"}}
        filled, _ = grade.GradeInIsolation().preprocess(notebook, resources)
        outputs = [cell.outputs for cell in filled.cells if cell.get("outputs")]
        assert len(outputs) == len(outline.exercises)
        assert {output[-1].data["text/plain"] for output in outputs} == {"0.0"}
        assert "could not be graded" in str(outputs) and "Traceback" not in str(outputs)
        assert "Traceback" in store.load_all(A1)[0].detail

    def test_the_score_is_always_a_plain_number(self, outline):
        """nbgrader takes whatever float() cannot read for full marks."""
        from autograder.nbgrader import grade
        from autograder.pool import failed

        report = failed(outline_job(outline), "")
        for strange in (-1.0, 1e9, 10 / 3, 0):
            from dataclasses import replace

            bent = replace(report, exercises=tuple(replace(e, score=strange) for e in report.exercises))
            notebook = nbformat.from_dict(json.loads(handed_in(outline, {})))
            grade.fill(notebook, bent)
            for cell in notebook.cells:
                if cell.get("outputs"):
                    text = cell.outputs[-1].data["text/plain"]
                    assert text == repr(float(text)) and 0 <= float(text) <= cell.metadata.nbgrader.points


def outline_job(outline):
    from autograder import program

    return program.job(outline, "s01", {})
