"""The command line: what it grades, what it writes, and one clear sentence when it cannot."""

from __future__ import annotations

import json
import shutil
import zipfile

import nbformat
import pytest
from click.testing import CliRunner

from autograder import cli, paths, skeleton
from autograder import verify as bank_check
from autograder.nbgrader import grade
from autograder.tests.conftest import A1, no_links_out
from autograder.worker.isolation import Limits


@pytest.fixture
def run():
    def invoke(*arguments):
        done = CliRunner().invoke(cli.main, list(map(str, arguments)))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return done

    return invoke


@pytest.fixture(scope="module")
def notebook(a1_answers):
    """The first assignment with every answer right but one, as a file's text."""
    released = nbformat.read(skeleton.path(A1), as_version=4)
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and name in a1_answers:
            cell.source = a1_answers[name]
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "score_needed":
            cell.source = "def score_needed(n_vowels, share):\n    return 0.0"
    return nbformat.writes(released)


@pytest.fixture(scope="module")
def graded(notebook, tmp_path_factory):
    """One run over a notebook, a folder in nbgrader's layout and a zip; two of them have the same name."""
    root = tmp_path_factory.mktemp("cli")
    (root / "mine.ipynb").write_text(notebook)
    folder = root / "submitted" / "class" / A1
    folder.mkdir(parents=True)
    (folder / "attention_by_hand.ipynb").write_text(notebook)
    with zipfile.ZipFile(root / "lms.zip", "w") as archive:
        archive.writestr("mine.ipynb", notebook)
        archive.writestr("essay.ipynb", "%PDF-1.7")
    places = [root / "mine.ipynb", root / "submitted", root / "lms.zip"]
    options = ["--json", root / "json", "--html", root / "deep" / "html", "--seed", "5", "--workers", "2"]
    done = CliRunner().invoke(cli.main, list(map(str, ["grade", "a1", *places, *options])))
    return root, done


class TestGrade:
    def test_every_submission_is_graded(self, graded):
        root, done = graded
        assert done.exit_code == 0, done.output
        assert "Traceback" not in done.output
        assert done.output.splitlines()[-1] == "4 people: 3 graded, 1 nothing gradable (essay)"
        assert {file.name for file in (root / "json").iterdir()} == {
            "mine.json",
            "mine+.json",
            "class+.json",
            "essay.json",
        }

    def test_the_documents(self, graded):
        root, _ = graded
        documents = {file.stem: json.loads(file.read_text()) for file in (root / "json").iterdir()}
        mine = documents["mine"]
        assert mine["extra_data"]["seed"] == 5 and mine["extra_data"]["isolation"] == "isolated"
        assert 0 < mine["score"] < sum(test["max_score"] for test in mine["tests"])
        wrong = {exercise["name"] for exercise in mine["extra_data"]["exercises"] if exercise["status"] != "right"}
        assert wrong == {"score_needed"}
        assert (
            mine["tests"] == documents["mine+"]["tests"] == documents["class+"]["tests"]
        )  # the seed replays everything
        assert documents["essay"]["score"] == 0 and "PDF" in documents["essay"]["output"]

    def test_the_pages(self, graded):
        root, _ = graded
        pages = {file.name: file.read_text() for file in (root / "deep" / "html").iterdir()}
        assert set(pages) == {"mine.html", "mine+.html", "class+.html", "essay.html", "class.html"}
        assert "class report" in pages["class.html"] and "4 submissions" in pages["class.html"]
        assert "score_needed" in pages["mine.html"] and "Seed 5" in pages["mine.html"]
        assert all(no_links_out(page) for page in pages.values())

    def test_what_is_printed(self, graded):
        _, done = graded
        assert "essay  0 /" in done.output and "PDF" in done.output

    def test_what_it_was_read_as(self, graded):
        _, done = graded
        assert "mine.ipynb read as one file: 1 person" in done.output
        assert "submitted read as a folder in nbgrader's layout: 1 person" in done.output

    @pytest.mark.parametrize("name, data", [("s01.pdf", b"%PDF-1.7"), ("s01.txt", b"my answer")])
    def test_one_file_that_is_no_notebook(self, run, tmp_path, name, data):
        (tmp_path / name).write_bytes(data)
        done = run("grade", A1, tmp_path / name, "--html", tmp_path / "out")
        assert done.exit_code == 0 and "nothing gradable (s01)" in done.output.splitlines()[-1]
        assert "not a notebook" in done.output and "not a notebook" in (tmp_path / "out" / "s01.html").read_text()

    def test_a_class_from_an_lms(self, run, tmp_path, notebook):
        """Everybody has a report, and the last line adds up with a roster."""
        entries = [
            ("doejane_101_9001_attention_by_hand.ipynb.txt", notebook),
            ("roesam_LATE_102_9002_attention_by_hand-2.ipynb", notebook),
            ("ortizana_105_9005_attention_by_hand.pdf", "%PDF-1.7"),
        ]
        with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
            for name, data in entries:
                archive.writestr(name, data)
        (tmp_path / "r.csv").write_text("id,last_name,lms_user_id\njdoe,Doe,101\nsroe,Roe,102\nminkim,Kim,104\n")
        done = run("grade", A1, tmp_path / "canvas.zip", "--roster", tmp_path / "r.csv", "--json", tmp_path / "out")
        assert "read as a Canvas download: 3 people" in done.output
        assert done.output.splitlines()[-1] == (
            "4 people: 2 graded, 1 nothing gradable (ortizana_105), 1 missing (Kim (minkim)); "
            "not on the roster: ortizana_105"
        )
        late = json.loads((tmp_path / "out" / "roesam_102.json").read_text())
        assert late["score"] > 0 and "marks this submission as late" in late["output"]
        assert len(list((tmp_path / "out").iterdir())) == 3

    def test_unsafe_is_marked_everywhere(self, run, tmp_path, notebook):
        """Harmless code only: it runs with the rights of whoever runs this test."""
        released = nbformat.reads(notebook, as_version=4)
        for cell in released.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.metadata.get("nbgrader", {}).get("solution") and name != "score_needed":
                cell.source = skeleton.load(A1).stub(name)
        (tmp_path / "s01.ipynb").write_text(nbformat.writes(released))
        done = run(
            "grade", A1, tmp_path / "s01.ipynb", "--unsafe", "--json", tmp_path / "out", "--html", tmp_path / "out"
        )
        assert done.exit_code == 0 and "[without isolation]" in done.output
        document = json.loads((tmp_path / "out" / "s01.json").read_text())
        assert document["extra_data"]["isolation"] == "unsafe" and "without isolation" in document["output"]
        for page in ("s01.html", "class.html"):
            assert "without isolation" in (tmp_path / "out" / page).read_text()

    def test_no_isolation_no_grading(self, run, tmp_path, notebook, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        (tmp_path / "s01.ipynb").write_text(notebook)
        done = run("grade", A1, tmp_path / "s01.ipynb", "--json", tmp_path / "out")
        assert done.exit_code != 0 and "bubblewrap is not installed" in done.output and "--unsafe" in done.output
        assert list((tmp_path / "out").iterdir()) == []


class TestRefusals:
    @pytest.mark.parametrize(
        "arguments, said",
        [
            (["grade"], "Missing argument"),
            (["grade", "a1"], "Missing argument"),
            (["grade", "a99", "x"], "there is no assignment 'a99'"),
            (["grade", "a1", "missing.ipynb"], "missing.ipynb does not exist"),
            (["grade", "a1", "empty"], "holds no notebook"),
            (["grade", "a1", "no.zip"], "not a readable zip"),
            (["grade", "a1", "s01.ipynb", "--seed", "-1"], "--seed"),
            (["grade", "a1", "s01.ipynb", "--workers", "0"], "--workers"),
            (["grade", "a1", "s01.ipynb", "--json", "s01.ipynb"], "s01.ipynb"),
            (["grade", "a1", "s01.ipynb", "--html", "s01.ipynb/x"], "s01.ipynb"),
            (["grade", "a1", "s01.ipynb", "--roster", "no.zip"], "accepted are"),
            (["grade", "a1", "s01.ipynb", "--roster", "missing.csv"], "does not exist"),
            (["collect", "a99", "x"], "there is no assignment 'a99'"),
            (["collect", "a1", "missing.zip"], "missing.zip does not exist"),
            (["collect", "a1", "no.zip"], "not a readable zip"),
            (["verify", "a99"], "there is no assignment 'a99'"),
            (["verify", "a1", "--exercise", "nothing"], "there is no exercise 'nothing' in a1"),
            (["report", "a99"], "there is no assignment 'a99'"),
            (["release", "--through", "a99"], "there is no assignment 'a99'"),
            (["unknown"], "No such command"),
        ],
    )
    def test_one_sentence_and_a_status(self, run, tmp_path, monkeypatch, arguments, said):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        (tmp_path / "no.zip").write_text("x")
        (tmp_path / "s01.ipynb").write_text("{}")
        done = run(*arguments)
        assert done.exit_code != 0 and said in done.output

    def test_a_class_that_is_not_graded_yet(self, run, tmp_path, monkeypatch):
        monkeypatch.setenv("GRADING", str(tmp_path))
        done = run("report", "a1")
        assert done.exit_code != 0 and "no reports" in done.output

    def test_an_assignment_that_is_not_generated_yet(self, run, tmp_path, monkeypatch):
        monkeypatch.setattr(paths, "ASSIGNMENTS", tmp_path)
        skeleton.load.cache_clear()
        (tmp_path / "s01.ipynb").write_text("{}")
        done = run("grade", "a1", tmp_path / "s01.ipynb")
        skeleton.load.cache_clear()
        assert done.exit_code != 0 and "make notebooks" in done.output


def test_known():
    assert cli.known("a1") == cli.known(A1) == A1


def test_help_names_the_commands(run):
    done = run("--help")
    assert done.exit_code == 0
    for command in ("grade", "collect", "verify", "release", "demo"):
        assert command in done.output


@pytest.mark.skipif(not shutil.which("git"), reason="no git")
def test_the_module_runs():
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "a99", "x"], cwd=paths.ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2 and "there is no assignment" in done.stderr


class TestVerify:
    """Which answers are judged. What judging is: see test_bank and test_digests."""

    @pytest.fixture
    def verify(self, run, monkeypatch):
        """verify(arguments, changed) -> the output, and what was judged, of which one answer has a gap."""

        def invoke(arguments, changed=()):
            asked = []

            def judge(chosen, *, workers, write, repeat):
                asked.append((chosen, write))
                gaps = [("answer x is not caught",) if at == 0 else () for at, _ in enumerate(chosen)]
                rows = zip(chosen.items(), gaps, strict=True)
                return {key: bank_check.Row(key[1], len(own), 0, 0, 0, 0, 0, 0, 0, gap) for (key, own), gap in rows}

            monkeypatch.setattr(bank_check, "judge", judge)
            monkeypatch.setattr(bank_check, "changed", lambda keys: [key for key in keys if key[1] in changed])
            return run("verify", *arguments), *asked[0]

        return invoke

    def test_all_of_it(self, verify):
        done, chosen, write = verify([])
        assert chosen == bank_check.every(bank_check.exercises(paths.assignments())) and not write
        assert done.exit_code == 1 and "answer x is not caught" in done.output and "1 gaps" in done.output

    def test_what_changed_and_a_sample_of_the_rest(self, verify):
        done, chosen, write = verify(["--changed"], ["W_first"])
        assert chosen[A1, "W_first"] == bank_check.every([(A1, "W_first")])[A1, "W_first"]
        others = sum(len(own) for key, own in chosen.items() if key != (A1, "W_first"))
        assert others == bank_check.SAMPLE and not write and "a sample of the rest, drawn by commit" in done.output
        assert "false green" in done.output and "harsh" in done.output

    def test_nothing_changed(self, verify):
        done, chosen, _ = verify(["a1", "--changed"])
        assert "nothing has changed" in done.output and {key[0] for key in chosen} == {A1}

    def test_only_what_changed_is_written(self, verify):
        done, chosen, write = verify(["--changed", "--write"], ["W_first", "generate"])
        assert {key[1] for key in chosen} == {"W_first", "generate"} and write and "sample" not in done.output


class TestIsolation:
    """The second level reaches the graders only where it was asked for."""

    @pytest.mark.parametrize("words, user", [([], False), (["--isolation", "user"], True)])
    @pytest.mark.parametrize("command", ["grade", "autograde"])
    def test_commands(self, run, monkeypatch, tmp_path, notebook, command, words, user):
        opened = []

        def pool(*arguments, **settings):
            opened.append(settings)
            raise cli.IsolationMissing("that is all we wanted to know")

        monkeypatch.setattr(cli, "Pool", pool)
        monkeypatch.setattr(cli.batch, "run", lambda assignment, *, graders, **rest: graders())
        (tmp_path / "mine.ipynb").write_text(notebook)
        files = [tmp_path / "mine.ipynb"] if command == "grade" else []
        done = run(command, "a1", *files, *words)
        assert done.exit_code == 1 and opened == [{"user": user}]

    @pytest.mark.parametrize("wanted", ["namespaces", "user"])
    def test_nbgrader(self, monkeypatch, wanted):
        monkeypatch.setattr(grade, "_graders", {})
        preprocessor = grade.GradeInIsolation(isolation=wanted)
        found = grade.grader(A1, preprocessor.unsafe, preprocessor.isolation == "user", Limits())
        assert json.loads(found._settings)["user"] is (wanted == "user")
