"""What we lean on beyond the public interfaces of our libraries, one test each: a new version that moves it fails here.

Each failure names the module of ours that is to follow.
"""

from __future__ import annotations

import inspect
import io
from pathlib import Path

import nbgrader
import pytest


def parameters(function):
    return list(inspect.signature(function).parameters)


def test_pytest_runs_one_item_after_the_other():
    """autograder/grader.py keeps a session open and runs its items by itself."""
    from _pytest.runner import runtestprotocol

    assert parameters(runtestprotocol)[:3] == ["item", "log", "nextitem"]
    assert hasattr(pytest.Item, "_initrequest") or hasattr(pytest.Function, "_initrequest")


def test_copydetect_finds_a_file_like_itself():
    """autograder/likeness.py takes what is common out of a fingerprint, and counts its coverage anew."""
    from copydetect import CodeFingerprint, compare_files
    from copydetect.utils import get_token_coverage

    text = "\n".join(f"value_{number} = other({number}) + {number}" for number in range(40))
    one, other = (CodeFingerprint("answer.py", 10, 1, None, True, "python", io.StringIO(text)) for _ in range(2))
    assert one.hashes == other.hashes and set(one.hash_idx) == one.hashes
    assert get_token_coverage(one.hash_idx, 10, len(one.filtered_code)) == one.token_coverage > 0
    assert min(compare_files(one, other)[1]) == 1


def test_nbgraders_commands_look_for_their_converters_by_name():
    """autograder/nbgrader/converters.py puts its own in these places."""
    from nbgrader.apps import api, autogradeapp, generatefeedbackapp

    assert "Autograde(" in inspect.getsource(autogradeapp.AutogradeApp.start)
    assert "GenerateFeedback(" in inspect.getsource(generatefeedbackapp.GenerateFeedbackApp.start)
    assert "Autograde(" in inspect.getsource(api.NbGraderAPI.autograde)
    assert "GenerateFeedback(" in inspect.getsource(api.NbGraderAPI.generate_feedback)


def test_nbgraders_converters_ask_what_ours_answer():
    """autograder/nbgrader/converters.py overrides these, and reads the rest."""
    from nbgrader.converters import Autograde, BaseConverter, GenerateFeedback

    assert parameters(BaseConverter.init_notebooks) == ["self"]
    for kind in (Autograde, GenerateFeedback):
        assert parameters(kind.init_destination) == ["self", "assignment_id", "student_id"]
    assert parameters(Autograde.convert_single_notebook) == ["self", "notebook_filename"]
    assert "_sanitizing" in inspect.getsource(Autograde)
    for name in ("_format_source", "_format_dest"):
        assert parameters(getattr(BaseConverter, name))[:3] == ["self", "assignment_id", "student_id"]


def test_formgraders_templates_and_styles_are_where_they_were():
    """autograder/nbgrader/display.py builds its pages on them."""
    formgrader = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    assert (formgrader / "static" / "node_modules" / "bootstrap" / "dist" / "css" / "bootstrap.min.css").exists()
    for kind in ("feedback", "formgrade"):
        assert (formgrader / "templates" / kind / "index.html.j2").exists()


def test_nbconverts_renderer_has_the_places_that_ours_fills():
    """autograder/nbgrader/display.py draws formulas and pictures itself."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    assert {"escape", "attachments", "exclude_anchor_links"} <= set(parameters(IPythonRenderer.__init__))
    for name in ("inline_math", "block_math", "latex_environment", "block_mermaidjs", "image"):
        assert callable(getattr(IPythonRenderer, name))
    assert "task_lists" in MarkdownWithMath.DEFAULT_PLUGINS


def test_nbgrader_says_a_cells_grade_and_checksum():
    """autograder/gradebook.py reads both as nbgrader does, and gives its penalties."""
    from nbgrader import utils
    from nbgrader.preprocessors import AssignLatePenalties

    assert parameters(utils.determine_grade)[0] == parameters(utils.compute_checksum)[0] == "cell"
    assert callable(AssignLatePenalties.preprocess)
