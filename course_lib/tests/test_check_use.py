"""What all public checks do: names that two assignments share, random states, the lines of a crash."""

import linecache
import random

import numpy as np
import pytest
import torch

from course_lib import check


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(check, "_assignment", None)


def test_a_shared_name_belongs_to_the_assignment_in_use():
    assert check.modules()["generate"].split(".")[-2] == "a2_text_to_bigram"
    check.use("a4_gpt")
    assert check.modules()["generate"].split(".")[-2] == "a4_gpt"
    assert check.modules("a2_text_to_bigram")["generate"].split(".")[-2] == "a2_text_to_bigram"


def test_names_of_other_assignments_stay_within_reach():
    check.use("a4_gpt")
    assert "masked_attention" in check.modules()


def test_an_unknown_assignment_is_refused_by_name():
    with pytest.raises(KeyError, match="a9"):
        check.use("a9")


def test_green_in_one_assignment_says_nothing_about_another(monkeypatch, capsys):
    monkeypatch.setattr(check, "_passed", {check.modules("a2_text_to_bigram")["generate"]})
    assert check.passed("generate")
    check.use("a4_gpt")
    assert not check.passed("generate") and "once generate passes" in capsys.readouterr().out


class TestRandomStates:
    @staticmethod
    def drawn():
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    @pytest.mark.parametrize("answer", [lambda x: torch.rand(3), lambda x: torch.manual_seed(7) and np.random.seed(1)])
    def test_a_check_leaves_them_as_they_were(self, answer):
        def seeded():
            random.seed(3), np.random.seed(3), torch.manual_seed(3)

        seeded()
        wanted = self.drawn()
        seeded()
        with pytest.raises(check.CheckFailed):
            check.gelu_tanh(answer)
        assert self.drawn() == wanted

    def test_a_green_one_too(self):
        state = torch.get_rng_state()
        check.gelu_tanh(lambda x: 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3))))
        assert torch.equal(torch.get_rng_state(), state)


class TestCrash:
    CELL = "def helper(x):\n    return x @ None\n\ndef gelu_tanh(x):\n    return helper(x)\n"

    def test_it_shows_the_lines_of_the_students_cell(self):
        linecache.cache["<cell 7>"] = (len(self.CELL), None, self.CELL.splitlines(True), "<cell 7>")
        namespace = {"__name__": "__main__"}
        exec(compile(self.CELL, "<cell 7>", "exec"), namespace)
        with pytest.raises(check.CheckFailed) as failed:
            check.gelu_tanh(namespace["gelu_tanh"])
        said = str(failed.value)
        assert "your code raised TypeError" in said
        assert "in gelu_tanh, line 5 of its cell: return helper(x)" in said
        assert "in helper, line 2 of its cell: return x @ None" in said and "course_lib" not in said

    def test_the_librarys_own_lines_are_not_shown(self):
        with pytest.raises(check.CheckFailed) as failed:
            check.gelu_tanh(torch.nn.functional.conv1d)
        assert "of its cell" not in str(failed.value)
