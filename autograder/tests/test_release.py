"""The student bundle, and a leak scan that is shown to fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from click.testing import CliRunner

from autograder import authoring, bank, cli, libraries, paths, release, skeleton
from autograder.tests.conftest import A1

NOTEBOOK = f"assignments/{A1}/attention_by_hand.ipynb"


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A bundle of the first two assignments, which carry no earlier answers with them."""
    bundle = tmp_path_factory.mktemp("release") / release.BUNDLE
    release.assemble(bundle, release.upto("a2"))
    return bundle


@pytest.fixture(scope="module")
def secrets():
    return release.secret_lines()


@pytest.fixture
def bundle(clean, tmp_path):
    """A copy to plant things in."""
    return shutil.copytree(clean, tmp_path / release.BUNDLE)


@pytest.fixture
def scan(monkeypatch, secrets, clean):
    """scan(bundle) -> findings that are not in the clean bundle; the secrets are read once for all tests."""
    monkeypatch.setattr(release, "secret_lines", lambda: dict(secrets))
    before = release.scan(clean)
    return lambda bundle: [leak for leak in release.scan(bundle) if leak not in before]


def plant_cell(bundle, source, kind="code", outputs=()):
    file = bundle / NOTEBOOK
    notebook = nbformat.read(file, as_version=4)
    new = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    if outputs:
        new.outputs = list(outputs)
    notebook.cells.insert(4, new)
    nbformat.write(notebook, file)


def solution_line(secrets, origin="the solution of masked_attention"):
    return next(line for line, source in secrets.items() if source == origin)


def whats(found, where=None):
    return " | ".join(leak.what for leak in found if where in (None, leak.where))


class TestScan:
    @pytest.mark.parametrize("through", release.released())
    def test_a_clean_bundle_passes(self, tmp_path, through):
        release.assemble(tmp_path / release.BUNDLE, release.upto(through))
        assert release.scan(tmp_path / release.BUNDLE) == []

    def test_there_are_secrets_of_every_kind(self, secrets):
        origins = set(secrets.values())
        for exercise in skeleton.load(A1).exercises:
            assert any(exercise.name in origin for origin in origins), exercise.name
        for kind in ("the solution of", "the model answer", "the right answer", release.SUITE):
            assert any(origin.startswith(kind) for origin in origins)

    def test_a_solution_line_in_a_notebook(self, bundle, scan, secrets):
        reference = bank.reference(A1)["masked_attention"].splitlines()
        line = next(line for line in reference if release._bare(line) in secrets)
        plant_cell(bundle, f"def f(x):\n        {line.strip()}  # as I did it")
        found = scan(bundle)
        assert [leak.where for leak in found] == [NOTEBOOK] and "the solution of masked_attention" in whats(found)

    def test_a_solution_line_in_the_library(self, bundle, scan, secrets):
        with (bundle / "course_lib" / "letters.py").open("a") as file:
            file.write(f"\n# {'x'}\n    {solution_line(secrets)}\n")
        assert "the solution of masked_attention" in whats(scan(bundle), "course_lib/letters.py")

    def test_a_solution_line_in_any_text_file(self, bundle, scan, secrets):
        (bundle / "data" / "notes.txt").write_text(solution_line(secrets))
        assert "the solution of" in whats(scan(bundle), "data/notes.txt")

    def test_markers_of_a_solution(self, bundle, scan):
        plant_cell(bundle, "### BEGIN SOLUTION\nx = 1\n### END SOLUTION")
        assert "marks a solution" in whats(scan(bundle))

    def test_a_model_answer(self, bundle, scan, secrets):
        origin = next(origin for origin in secrets.values() if origin.startswith("the model answer"))
        cells = authoring.notebook_of(authoring.text_of(A1)).cells
        name = origin.rpartition(" ")[2]
        answer = next(
            (cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name), None
        )
        assert answer
        plant_cell(bundle, answer, "markdown")
        assert f"the model answer {name}" in whats(scan(bundle)) or "marks a solution" in whats(scan(bundle))

    def test_a_marking_scheme(self, bundle, scan):
        plant_cell(bundle, "**Marking scheme**: 2 points for saying so", "markdown")
        assert "marks a solution" in whats(scan(bundle))

    def test_a_hidden_test_file(self, bundle, scan):
        shutil.copy(paths.SUITES / A1 / "test_masked_attention.py", bundle / "course_lib" / "attention_tests.py")
        assert release.SUITE in whats(scan(bundle), "course_lib/attention_tests.py")

    def test_a_hidden_test_in_a_cell(self, bundle, scan):
        plant_cell(bundle, (paths.SUITES / A1 / "test_masked_attention.py").read_text())
        assert release.SUITE in whats(scan(bundle), NOTEBOOK)

    @pytest.mark.parametrize(
        "where",
        [
            "course_lib/test_x.py",
            f"suites/{A1}/x.py",
            "course_lib/misconceptions/x.py",
            "autograder/x.py",
            "solutions/x.ipynb",
        ],
    )
    def test_a_file_of_the_graders_by_its_place(self, bundle, scan, where):
        file = bundle / where
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
            if where.endswith("ipynb")
            else "x = 1\n"
        )
        assert "a file of the graders" in whats(scan(bundle), where)

    def test_a_right_answer_of_the_bank(self, bundle, scan, secrets):
        answer = next(a for a in bank.load(A1, "masked_attention") if a.right)
        plant_cell(bundle, answer.code)
        assert "masked_attention" in whats(scan(bundle), NOTEBOOK)

    def test_one_line_of_a_right_answer_of_the_bank_is_nobodys_secret(self, bundle, scan, secrets):
        """The instructor's own answer counts line by line; other ways to write it share lines with half the world."""
        origins = [origin for origin in secrets.values() if origin.startswith(release.RIGHT)]
        long = next(origin for origin in origins if origins.count(origin) >= release.SUITE_LINES)
        lines = [line for line, origin in secrets.items() if origin == long]
        (bundle / "data" / "notes.txt").write_text(lines[0])
        assert scan(bundle) == []
        (bundle / "data" / "notes.txt").write_text("\n".join(lines))
        assert long in whats(scan(bundle), "data/notes.txt")

    @pytest.mark.parametrize("name", ["attention_by_hand.py", "attention_by_hand.md", "notes.txt"])
    def test_half_of_a_text_pair(self, bundle, scan, name):
        (bundle / "assignments" / A1 / name).write_text("# ---\n# jupyter:\n#   jupytext:\n# ---\n\n# %%\nx = 1\n")
        assert "text pair" in whats(scan(bundle), f"assignments/{A1}/{name}")

    def test_a_text_pair_elsewhere(self, bundle, scan):
        (bundle / "course_lib" / "pair.py").write_text("# ---\n# jupyter:\n#   jupytext:\n# ---\n\n# %%\nx = 1\n")
        assert "a text pair" in whats(scan(bundle), "course_lib/pair.py")

    def test_a_leftover_output(self, bundle, scan):
        plant_cell(bundle, "x", outputs=[nbformat.v4.new_output("stream", text="W_q = [[1, 1]]\n")])
        assert "outputs of the instructor's run" in whats(scan(bundle), NOTEBOOK)

    def test_a_leftover_output_with_a_secret(self, bundle, scan, secrets):
        text = f"first line\n{solution_line(secrets)}\n"
        plant_cell(bundle, "x", outputs=[nbformat.v4.new_output("execute_result", data={"text/plain": text})])
        assert "the solution of masked_attention" in whats(scan(bundle), NOTEBOOK)

    def test_the_whole_solution_notebook(self, bundle, scan):
        shutil.copy(authoring.text_of(A1).with_suffix(".ipynb"), bundle / NOTEBOOK)
        found = whats(scan(bundle), NOTEBOOK)
        assert "outputs of" in found and "marks a solution" in found and "the solution of" in found


class TestRelease:
    def test_a_leak_means_no_bundle(self, tmp_path, monkeypatch):
        def assemble(target, wanted):
            (target / "course_lib").mkdir(parents=True)
            (target / "course_lib" / "test_x.py").write_text("x = 1\n")

        monkeypatch.setattr(release, "assemble", assemble)
        out = tmp_path / "out"
        done = CliRunner().invoke(cli.main, ["release", "--out", str(out), "--through", "a1"])
        assert done.exit_code == 1 and "1 leaks; nothing was released" in done.output
        assert "course_lib/test_x.py" in done.output and list(out.iterdir()) == []

    def test_a_bundle_and_its_zip(self, tmp_path):
        archive = release.release(tmp_path / "out", release.released()[-1])
        again = release.release(tmp_path / "out", release.released()[-1])  # a second time takes the place of the first
        assert archive == again and archive.name == "letters-to-gpt.zip"
        with zipfile.ZipFile(archive) as packed:
            names = packed.namelist()
        for wanted in (NOTEBOOK, "course_lib/check/__init__.py", "pyproject.toml", "README.md", "LICENSE"):
            assert f"{release.BUNDLE}/{wanted}" in names
        assert not [
            name
            for name in names
            if "/tests/" in name or "autograder" in name or "__pycache__" in name or "misconc" in name
        ]

    def test_through_the_first_leaves_nothing_of_the_later_ones(self, tmp_path):
        release.release(tmp_path, "a1")
        bundle = tmp_path / release.BUNDLE
        later = [name for name in paths.assignments() if name != A1]
        assert later
        left = [str(file.relative_to(bundle)) for file in bundle.rglob("*")]
        assert not [path for path in left if any(name in path for name in later) or path.endswith("given.py")]
        assert [path.name for path in (bundle / "assignments").iterdir()] == [A1]
        project = (bundle / "pyproject.toml").read_text()
        assert not [name for name in later if name in project]

    def test_the_readme_opens_the_notebook_before_it_installs(self, clean):
        """In Colab each notebook has a machine of its own: what was installed in another one is not there."""
        steps = (clean / "README.md").read_text().partition("**In Colab**")[2]
        places = [
            steps.index(step) for step in ("Upload notebook", "upload `letters-to-gpt.zip`", "`given.py`", "%pip")
        ]
        assert places == sorted(places)

    def test_the_readme_lists_the_libraries_that_count(self, clean):
        readme = " ".join((clean / "README.md").read_text().split())
        assert ", ".join(libraries.COUNT[:-1]) + f", {libraries.COUNT[-1]}" in readme

    @pytest.mark.parametrize("name", [name for name in release.released() if name[:2] in ("a3", "a4")])
    def test_the_bundle_as_the_readme_installs_it(self, tmp_path, name):
        """course_lib from where it was installed, given.py uploaded beside the notebook: the first cell runs."""
        release.assemble(tmp_path / "bundle", release.upto(name))
        installed, content = tmp_path / "site", tmp_path / "content"
        shutil.copytree(tmp_path / "bundle" / "course_lib", installed / "course_lib")
        content.mkdir()
        shutil.copy(tmp_path / "bundle" / "assignments" / name / "given.py", content)
        notebook = nbformat.read(next((tmp_path / "bundle" / "assignments" / name).glob("*.ipynb")), as_version=4)
        first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
        program = f"import sys; sys.path.insert(0, {str(installed)!r})\n{first}"
        for present in (True, False):
            done = subprocess.run([sys.executable, "-c", program], cwd=content, capture_output=True, text=True)
            assert (done.returncode == 0) == present, done.stderr
            (content / "given.py").unlink(missing_ok=True)

    def test_through_an_unknown_one(self, tmp_path):
        with pytest.raises(ValueError, match=r"a99.*there are a1_"):
            release.release(tmp_path, "a99")
        done = CliRunner().invoke(cli.main, ["release", "--out", str(tmp_path), "--through", "a99"])
        assert done.exit_code == 1 and "Traceback" not in done.output

    def test_one_that_is_not_generated_yet(self, tmp_path, monkeypatch):
        """Someone writes the next assignment while this one is released."""
        names = paths.assignments()
        monkeypatch.setattr(paths, "assignments", lambda: [*names, "a99_next"])
        (tmp_path / "a99_next").mkdir()
        with pytest.raises(ValueError, match="a99_next has no notebook for students yet"):
            release.assemble(tmp_path / "bundle", ["a99_next"])
        assert "a99_next" not in release.released()

    def test_upto(self):
        names = paths.assignments()
        assert release.upto(None) == names and release.upto("a1") == [A1] and release.upto(names[-1]) == names

    def test_the_library_of_a_bundle_works_by_itself(self, clean):
        """Nothing in it needs what stayed behind."""
        source = (
            "import course_lib.check as c; c.masked_attention; print([m for m in sys.modules if 'autograder' in m])"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(clean)!r}); {source}"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "[]"
