"""Folders for Gradescope and GitHub: what is in them, that they run, and that they write what was documented."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
from click.testing import CliRunner

from autograder import cli, demo, gradescope, intake, matching, paths, platforms, reading, skeleton
from autograder.pool import Pool, failed
from autograder.report import Report
from autograder.tests.conftest import A1
from autograder.tests.test_second_level import hardened, opened

SCHEMA = json.loads((paths.ROOT / "autograder" / "schemas" / "gradescope_results.json").read_text())


def valid(document: Any) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


class TestSchema:
    def test_the_schema_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    @pytest.mark.parametrize(
        "document",
        [
            {"score": 44.0},
            {"tests": [{"score": 2.0}]},
            {"score": 1, "execution_time": 136, "output": "x", "visibility": "after_due_date", "extra_data": {}},
            {"score": 1, "leaderboard": [{"name": "Time", "value": 15.1, "order": "asc"}, {"name": "S", "value": "*"}]},
            {"tests": [{"score": 2, "max_score": 2, "name": "n", "number": "1.1", "output": "o", "tags": ["a"]}]},
        ],
    )
    def test_documented_examples(self, document: Any) -> None:
        valid(document)

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"tests": []},
            {"tests": [{"name": "without a score"}]},
            {"score": "44"},
            {"score": -1},
            {"score": 1, "visibility": "everyone"},
            {"score": 1, "tests": [{"status": "skipped"}]},
            {"score": 1, "tests": [{"output": 3}]},
            {"score": 1, "output_format": "rtf"},
            {"score": 1, "max_score": 2},
        ],
    )
    def test_what_is_not_documented(self, document: Any) -> None:
        with pytest.raises(jsonschema.ValidationError):
            valid(document)


@pytest.fixture(scope="module")
def class_results(pool: Pool) -> list[dict[str, Any]]:
    """results.json of the demo's class: one submission of each kind, without the one that takes long."""
    outline, jobs = skeleton.load(A1), []
    kinds = {sample.what.split(":")[0]: sample for sample in demo.sample_class(A1)}
    for kind, sample in kinds.items():
        if kind != "infinite loop":
            cells = _cells(sample.data)
            jobs.append((matching.match(cells, outline) if cells else intake.Intake(outline)).job(sample.student))
    return [gradescope.results(report) for report in pool.grade(jobs)]


def _cells(data: bytes) -> Any:

    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"sample-{os.getpid()}.ipynb"
    file.write_bytes(data)
    try:
        return reading.cells_of(file)
    except reading.Unreadable:
        return []
    finally:
        file.unlink()


def test_every_kind_of_report_is_valid(class_results: list[dict[str, Any]]) -> None:
    assert len(class_results) >= 9
    for results in class_results:
        valid(results)
        assert results["score"] == pytest.approx(sum(test["score"] for test in results["tests"]), abs=1e-2)
    assert {results["score"] for results in class_results} >= {0, results_of_full_marks()}


def results_of_full_marks() -> float:
    return sum(exercise.points for exercise in skeleton.load(A1).exercises)


def test_a_report_of_a_failed_grader_is_valid(outline: skeleton.Skeleton) -> None:
    from autograder import program

    report = failed(program.job(skeleton.load(A1), "s01", {}), "a traceback")
    results = gradescope.results(report)
    valid(results)
    assert "a traceback" not in json.dumps(results)


@pytest.mark.parametrize(("level", "said"), [("isolated", ""), ("user", "second level"), ("unsafe", "--unsafe")])
def test_the_isolation_is_named(level: str, said: str) -> None:
    results = gradescope.results(Report(A1, "s01", 1, (), isolation=level))
    assert said in results["output"]
    assert bool(results["output"]) == bool(said)
    assert results["extra_data"]["isolation"] == level


# ---- the folders -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gradescope's folder of the first assignment."""
    out = tmp_path_factory.mktemp("instructors")
    platforms.gradescope_folder(out, A1)
    return out


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GitHub's folder of the first assignment."""
    return platforms.github_folder(tmp_path_factory.mktemp("github"), A1)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_gradescope_zip(made: Path) -> None:
    with zipfile.ZipFile(made / f"gradescope-{A1}.zip") as archive:
        inside = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        script = archive.read("run_autograder").decode()
    assert inside["setup.sh"] & 0o111 and inside["run_autograder"] & 0o111  # at the root, and executable
    assert f"autograder/suites/{A1}/test_masked_attention.py" in inside
    assert "ASSIGNMENT" not in script and A1 in script and "--isolation user" in script
    assert not [name for name in inside if re.search("misconceptions/|/tests/|/benchmarks/|suites/a2", name)]
    solutions = [name for name in inside if "solutions/" in name and not name.endswith("/")]
    assert solutions == [f"solutions/{A1}/attention_by_hand.ipynb"]  # what stands in for wrong answers that others use


def test_what_students_get_from_github(github: Path) -> None:
    students = names(github / "students")
    assert f"assignments/{A1}/attention_by_hand.ipynb" in students
    assert {".github/workflows/classroom.yml", ".github/public_checks.py"} <= students
    assert not [name for name in students if re.search("suites|misconceptions|solutions|autograder|test_", name)]
    grader = names(github / "grader")
    assert {f"autograder/suites/{A1}/test_masked_attention.py", f"solutions/{A1}/attention_by_hand.ipynb"} <= grader
    assert ".github/workflows/grade.yml" in grader


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_scripts_parse(made: Path, script: str) -> None:
    subprocess.run(["bash", "-n", made / f"gradescope-{A1}" / script], check=True)


@pytest.mark.parametrize("file", ["students/.github/workflows/classroom.yml", "grader/.github/workflows/grade.yml"])
def test_workflows_parse(github: Path, file: str) -> None:
    import yaml

    text = (github / file).read_text()
    assert "ASSIGNMENT" not in text and "NOTEBOOK" not in text
    workflow = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    assert job["runs-on"] == "ubuntu-24.04"
    for step in job["steps"]:
        assert "uses" in step or subprocess.run(["bash", "-n", "-c", step["run"]]).returncode == 0
    if "classroom" in file:  # what the Autograding Reporter asks for
        assert workflow["name"] == "Autograding Tests" and list(workflow["jobs"]) == ["run-autograding-tests"]


def test_command_line(tmp_path: Path) -> None:
    inside = CliRunner().invoke(
        cli.main, ["release", "--out", str(tmp_path), "--instructors", str(tmp_path / "x"), "--gradescope"]
    )
    assert inside.exit_code != 0 and "outside" in inside.output
    assert not list(tmp_path.iterdir())


# ---- inside the containers -----------------------------------------------------------------------


def container(made: Path, root: Path, *submitted: Path) -> Path:
    """A folder laid out as Gradescope's /autograder; its run script starts this Python."""
    source = root / "source"
    shutil.copytree(made / f"gradescope-{A1}", source)
    (root / "submission").mkdir()
    (root / "results").mkdir()
    (root / "submission_metadata.json").write_text('{"id": 123456}')
    for file in submitted:
        shutil.copy(file, root / "submission")
    script = (source / "run_autograder").read_text().replace("/autograder/", f"{root}/")
    (source / "run_autograder").write_text(script.replace("/opt/letters-to-gpt/bin/python", sys.executable))
    return root


@pytest.mark.skipif(os.getuid() != 0, reason="Gradescope's containers run as root")
def test_a_submission_in_gradescope(made: Path, tmp_path: Path) -> None:
    """From the zip's folder to results.json, where namespaces are refused."""
    sample = next(one for one in demo.sample_class(A1) if one.what.startswith("one mistake: attention_steps"))
    notebook = tmp_path / "attention_by_hand.ipynb"
    notebook.write_bytes(sample.data)
    other = tmp_path / "other.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), other)
    root = container(made, tmp_path / "autograder", notebook, other)
    line = opened(tmp_path, "bash", root / "source" / "run_autograder")
    done = subprocess.run(line, cwd=root, env=hardened(tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    results = json.loads((root / "results" / "results.json").read_text())
    valid(results)
    assert 0 < results["score"] < results_of_full_marks()
    assert results["extra_data"]["isolation"] == "user"
    assert results["extra_data"]["submission"] == "123456"
    assert "second level of isolation" in results["output"]
    assert "attention_by_hand.ipynb was graded" in results["output"]
    assert "head_output: Graded once more with a right `attention_steps`" in results["output"]
    assert "Looks like: " in "".join(test["output"] for test in results["tests"])


def test_nobody_gets_a_zero_for_a_grader_that_cannot_isolate(made: Path, tmp_path: Path) -> None:
    root = container(made, tmp_path / "autograder")
    line = [sys.executable, "-m", "autograder.platforms", A1, root / "submission", root / "results" / "results.json"]
    (root / "submission" / "a.ipynb").write_bytes(demo.sample_class(A1)[0].data)
    done = subprocess.run(
        line, cwd=root / "source", env=hardened(tmp_path), capture_output=True, text=True, timeout=300
    )
    assert done.returncode != 0
    assert "nothing was graded" in done.stderr
    assert not (root / "results" / "results.json").exists()


@pytest.mark.parametrize("handed_in", [{}, {"notes.txt": b"hello"}], ids=["nothing", "no notebook"])
def test_what_is_no_notebook_still_gets_a_report(tmp_path: Path, handed_in: dict[str, bytes]) -> None:
    (tmp_path / "submission").mkdir()
    for name, data in handed_in.items():
        (tmp_path / "submission" / name).write_bytes(data)
    platforms.grade_one(A1, tmp_path / "submission", tmp_path / "results.json", user=False)
    results = json.loads((tmp_path / "results.json").read_text())
    valid(results)
    assert results["score"] == 0
    assert ("Nothing was handed in" if not handed_in else "not a notebook") in results["output"]


def test_a_class_from_github(tmp_path: Path) -> None:
    for sample in demo.sample_class(A1)[:2]:
        file = tmp_path / "submitted" / sample.student / A1 / "attention_by_hand.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(sample.data)
    platforms.grade_class(A1, tmp_path / "submitted", tmp_path / "results", user=False)
    assert names(tmp_path / "results") == {"s01.json", "s01.html", "s02.json", "s02.html", "class.html"}
    page = (tmp_path / "results" / "class.html").read_text()
    assert "the same to the letter" in page


def test_public_checks(tmp_path: Path) -> None:
    """The students' workflow: a right answer, a wrong one, a check that never ran."""
    source = platforms.TEMPLATES / "public_checks.py"

    def cell(name: str, code: str) -> Any:
        settings = {"grade": True, "solution": False, "grade_id": f"test_{name}", "points": 2, "locked": True}
        return nbformat.v4.new_code_cell(code, metadata={"nbgrader": {**settings, "schema_version": 3, "task": False}})

    notebook = nbformat.v4.new_notebook(
        cells=[cell("good", "1"), cell("bad", "raise ValueError('off by one')"), cell("late", "2")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "n.ipynb")
    environment = {**os.environ, "GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "sum")}
    done = subprocess.run(
        [sys.executable, source, tmp_path / "n.ipynb"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    result = json.loads(base64.b64decode((tmp_path / "out").read_text().removeprefix("result=")))
    assert result["status"] == "fail" and result["max_score"] == 6
    assert [test["score"] for test in result["tests"]] == [2, 0, 2]
    assert "| bad | 2 | ✗ off by one |" in (tmp_path / "sum").read_text()
