"""From text to notebooks: stubs, what a stub needs, and whether something generated is stale."""

from __future__ import annotations

import ast
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import authoring, given, paths, release, skeleton
from autograder.nbgrader.stubs import ClearNamedSolutions, assigned, stub, without_markers
from autograder.tests.conftest import A1

FUNCTION = '''def double(x):
    """Doubles x, shape (T,)."""
    ### BEGIN SOLUTION
    y = 2 * x

    return y
    ### END SOLUTION
'''
VALUE = """### BEGIN SOLUTION
W_q, W_k = np.array([[1, 1]]), np.array([[0, 5]])
W_v = 3
### END SOLUTION
W_consonant = W_q, W_k
"""
METHODS = """class Head(nn.Module):
    def __init__(self, n):
        ### BEGIN SOLUTION
        super().__init__()
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return x
        ### END SOLUTION
"""


class TestStubs:
    def test_a_function(self):
        left = stub(FUNCTION, "double")
        assert left.startswith('def double(x):\n    """Doubles x, shape (T,)."""\n')
        assert left.count('raise NotImplementedError("double")') == 1
        assert "2 * x" not in left and "SOLUTION" not in left
        with pytest.raises(NotImplementedError, match="double"):
            run(left)["double"](1)

    def test_a_value(self):
        left = stub(VALUE, "W_consonant")
        names = run(left)
        assert names["W_q"] is names["W_k"] is names["W_v"] is ... and names["W_consonant"] == (..., ...)
        assert "[[0, 5]]" not in left

    def test_methods(self):
        left = stub(METHODS, "Head")
        assert left.count('raise NotImplementedError("Head")') == 2 and "super" not in left
        ast.parse(left)

    @pytest.mark.parametrize(
        "answer, names",
        [
            ("x = 1", ["x"]),
            ("x = y = 1", ["x", "y"]),
            ("(a, [b, *c]) = z", ["a", "b", "c"]),
            ("x = 1\nx = 2\ny = x", ["x", "y"]),
            ("x: int = 1", ["x"]),
            ("table = {}\ntable['a'] = 1", ["table"]),
            ("print(1)", []),
        ],
    )
    def test_names_that_an_answer_assigns(self, answer, names):
        assert assigned(answer) == names

    def test_a_region_that_assigns_nothing_is_an_error(self):
        """An empty line where an answer was asked for helps nobody."""
        with pytest.raises(ValueError, match="f"):
            stub("### BEGIN SOLUTION\nprint(1)\n### END SOLUTION\n", "f")

    def test_a_region_that_never_ends_is_an_error(self):
        with pytest.raises(ValueError, match="f"):
            clear("def f():\n    ### BEGIN SOLUTION\n    return 1\n")

    def test_an_answer_without_a_region_is_an_error(self):
        with pytest.raises(ValueError, match="BEGIN SOLUTION"):
            clear("def f():\n    return 1")

    def test_written_answers_are_replaced_whole(self):
        cell = new_markdown_cell("The model answer.\n**Marking scheme** 2", metadata=settings("f"))
        ClearNamedSolutions().preprocess_cell(cell, {"language": "python"}, 0)
        assert "model" not in cell.source and "YOUR ANSWER HERE" in cell.source

    def test_without_markers(self):
        assert "SOLUTION" not in without_markers(FUNCTION) and run(without_markers(FUNCTION))["double"](2) == 4

    @pytest.mark.parametrize("assignment", release.released())
    def test_every_released_stub_is_python_and_ends_in_its_own_name(self, assignment):
        outline = skeleton.load(assignment)
        for exercise in outline.exercises:
            source = outline.stub(exercise.name)
            ast.parse(source)
            assert f'NotImplementedError("{exercise.name}")' in source or "= ..." in source


def settings(name):
    return {
        "nbgrader": {
            "grade": False,
            "grade_id": name,
            "locked": False,
            "schema_version": 3,
            "solution": True,
            "task": False,
        }
    }


def clear(source):
    cell = new_code_cell(source, metadata=settings("f"))
    ClearNamedSolutions().preprocess_cell(cell, {}, 0)
    return cell.source


def run(source):
    names = {"np": __import__("numpy")}
    exec(source, names)
    return names


TEXT = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A small notebook

# %% tags=["given"]
import math

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader=GRADED
assert double(2) == 4
""".replace(
    "GRADED",
    '{"grade": true, "grade_id": "test_double", "locked": true, "points": 4, '
    '"schema_version": 3, "solution": false, "task": false}',
)
GIVEN = TEXT.replace("import math", "import math\nfrom given import double").replace('double"', 'square"')


class TestStale:
    """In a course of its own, so that nothing of this one is touched."""

    NAME = "a1_small"

    @pytest.fixture(scope="class")
    @classmethod
    def built(cls, tmp_path_factory):
        """A course of one small assignment, generated by the real commands."""
        root = tmp_path_factory.mktemp("course")
        with pytest.MonkeyPatch.context() as patch:
            shutil.copy(paths.ROOT / "nbgrader_config.py", root)
            cls.move(patch, root)
            (root / "solutions" / cls.NAME).mkdir(parents=True)
            (root / "solutions" / cls.NAME / "small.py").write_text(TEXT)
            authoring.build([cls.NAME])
            assert authoring.stale([cls.NAME]) == []
        return root

    @staticmethod
    def move(patch, root):
        patch.setenv("PYTHONPATH", str(paths.ROOT))
        patch.setenv("GRADING", str(root / "grading"))
        patch.setattr(paths, "ROOT", root)
        patch.setattr(paths, "SOLUTIONS", root / "solutions")
        patch.setattr(paths, "ASSIGNMENTS", root / "assignments")

    @pytest.fixture
    def root(self, built, tmp_path, monkeypatch):
        root = shutil.copytree(built, tmp_path / "course")
        self.move(monkeypatch, root)
        return root

    def stale(self):
        return " ".join(authoring.stale([self.NAME]))

    def test_what_was_built(self, root):
        released = nbformat.read(root / "assignments" / self.NAME / "small.ipynb", as_version=4)
        assert 'raise NotImplementedError("double")' in released.cells[2].source
        assert [path.name for path in (root / "assignments" / self.NAME).iterdir()] == ["small.ipynb"]

    def test_an_edited_text(self, root):
        text = root / "solutions" / self.NAME / "small.py"
        text.write_text(TEXT.replace("# A small notebook", "# Another title"))
        assert "is older than small.py" in self.stale()

    def test_an_edited_solution_notebook(self, root):
        file = root / "solutions" / self.NAME / "small.ipynb"
        notebook = nbformat.read(file, as_version=4)
        notebook.cells[1].source += "\nx = 1"
        nbformat.write(notebook, file)
        assert "was edited by hand" in self.stale()

    def test_an_edited_assignment(self, root):
        file = root / "assignments" / self.NAME / "small.ipynb"
        file.write_text(file.read_text().replace("A small notebook", "Mine"))
        assert f"assignments/{self.NAME}/small.ipynb is out of date" in self.stale()

    def test_missing_and_extra_files(self, root):
        (root / "assignments" / self.NAME / "small.ipynb").rename(root / "assignments" / self.NAME / "other.ipynb")
        found = self.stale()
        assert "other.ipynb should not be there" in found and "small.ipynb is missing" in found

    def test_a_missing_solution_notebook(self, root):
        (root / "solutions" / self.NAME / "small.ipynb").unlink()
        assert "small.ipynb is missing" in self.stale()

    def test_a_given_file_that_nobody_wants(self, root):
        (root / "solutions" / self.NAME / "given.py").write_text("x = 1\n")
        assert "given.py is out of date" in self.stale()


class TestText:
    def test_cell_ids_stay_the_same(self):
        first, second = (authoring.notebook_of(authoring.text_of(A1)) for _ in range(2))
        assert [cell.id for cell in first.cells] == [cell.id for cell in second.cells]
        assert len({cell.id for cell in first.cells}) == len(first.cells)
        nbformat.validate(first)

    def test_one_text_is_expected(self, tmp_path, monkeypatch):
        monkeypatch.setattr(paths, "SOLUTIONS", tmp_path)
        (tmp_path / A1).mkdir()
        with pytest.raises(FileNotFoundError, match=r"0 \.py files"):
            authoring.text_of(A1)

    def test_given_is_made_of_earlier_answers(self, tmp_path, monkeypatch):
        monkeypatch.setattr(paths, "SOLUTIONS", tmp_path)
        for name, text in (("a1_one", TEXT), ("a2_two", GIVEN), ("a3_three", TEXT)):
            (tmp_path / name).mkdir()
            (tmp_path / name / f"{name[3:]}.py").write_text(text)
        assert given.wanted("a2_two") and not given.wanted("a1_one")
        names = run(given.source("a2_two"))
        assert names["double"](4) == 8 and names["__all__"] == ["double"] and "square" not in names
        assert given.write("a2_two").read_text() == given.source("a2_two")
        assert given.write("a1_one") is None
