"""The libraries that count are in the sandbox, and a failed import gets a sentence that helps."""

from __future__ import annotations

import platform
import re

import pytest

from autograder import paths
from autograder.libraries import COUNT, missing
from autograder.suite import StudentError


class TestCount:
    @pytest.mark.parametrize("library", COUNT)
    def test_it_imports_in_the_sandbox(self, inside, library):
        assert inside(f"import {library}\nfound = {library}.__name__") == library

    def test_the_newer_two_work_there(self, inside):
        source = """
import torch
from einops import rearrange
from einops.layers.torch import Rearrange
from jaxtyping import Float

def heads(x: Float[torch.Tensor, "B T C"], n: int) -> Float[torch.Tensor, "B n T c"]:
    return rearrange(x, "B T (n c) -> B n T c", n=n)

found = list(heads(torch.zeros(2, 3, 8), 4).shape) + list(Rearrange("a b -> b a")(torch.zeros(5, 6)).shape)
"""
        assert inside(source) == [2, 4, 3, 2, 6, 5]

    def test_they_are_installed_with_the_grader_in_exact_versions(self):
        """What is not a dependency of the course itself is one of grading; pip is told the version of each."""
        project = (paths.ROOT / "pyproject.toml").read_text()
        wanted = project.split("dependencies = [")[1].split("]")[0] + project.split("grading = [")[1].split("]")[0]
        pins = (paths.ROOT / "constraints.txt").read_text()
        for library in COUNT:
            assert f'"{library}>=' in wanted, library
            assert re.search(rf"^{library}==\d", pins, re.MULTILINE), library


class TestMissing:
    def test_a_library(self, inside):
        with pytest.raises(StudentError, match="No module named 'xformers'"):
            inside("import xformers")
        said = missing("xformers")
        assert said.startswith("The grader has no library `xformers`. It has numpy, torch, ")
        assert all(library in said for library in COUNT) and "own" not in said

    def test_a_module_of_a_library_that_is_there(self):
        import torch

        said = missing("torch.nn.attention.rotary")
        assert "torch has no module `torch.nn.attention.rotary`" in said and torch.__version__.split("+")[0] in said

    @pytest.mark.parametrize("module", ["google", "google.colab", "google.colab.drive"])
    def test_colab(self, module):
        assert f"`{module}` exists in Colab only" in missing(module)

    def test_google_is_more_than_colab(self):
        assert "no library `google.colaboratory`" in missing("google.colaboratory")

    @pytest.mark.parametrize("module", ["helpers", "helpers.plots"])
    @pytest.mark.parametrize("file", ["helpers.py", "s01/a1/helpers.py"])
    def test_a_file_that_came_with_the_notebook(self, module, file):
        said = missing(module, ["notebook.ipynb", file])
        assert "`helpers.py` is a file of your own" in said and "send it as part of the notebook" in said

    def test_a_name_that_may_be_a_file_of_ones_own(self):
        said = missing("helpers", ["other.py"])
        assert "no library `helpers`" in said and "If helpers.py is a file of your own, send it as part of" in said

    @pytest.mark.parametrize("module", ["string.templatelib", "annotationlib", "os.nothing"])
    def test_another_python(self, module):
        said = missing(module)
        assert f"`{module}` belongs to another version of Python" in said and platform.python_version() in said

    def test_one_that_counts_and_is_not_there(self):
        assert "should have `einops`" in missing("einops") and "not yours" in missing("einops")

    def test_the_courses_library(self):
        assert "no module `course_lib.extras`" in missing("course_lib.extras")

    @pytest.mark.parametrize("module", ["", ".", "x\ny", "<script>", "a" * 81, "`x`", "x\u202ey"])
    def test_what_is_no_name_is_not_repeated(self, module):
        said = missing(module)
        assert "of that name" in said and (not module.strip(".") or module not in said)
