import itertools

import ipywidgets
import numpy as np
import pytest

from course_lib import explorer
from course_lib.explorer import attention_explorer, smallest_break, trace

IDENTITY = [[1, 0], [0, 1]]
FIRST = {"W_q": [[1, 1, 0]], "W_v": [[0, 1, 0], [0, 0, 0]], "problem": 2}


def test_trace_agrees_with_numbers_worked_out_by_hand():
    # a consonant scores 5 and a vowel 0: in "abcce" the last row is 1 : e⁵ : e⁵ : e⁵ : 1
    steps = trace("abcce", [1, 1], [0, 5], IDENTITY)
    share = np.exp(5) / (2 + 3 * np.exp(5))
    np.testing.assert_allclose(steps.weights[4], [share / np.exp(5), share, share, share, share / np.exp(5)])
    np.testing.assert_allclose(steps.output[1], [1 / (1 + np.exp(5)), np.exp(5) / (1 + np.exp(5))])
    assert (steps.scores == [[0, 5, 5, 5, 0]] * 5).all()
    assert (np.isneginf(steps.masked) == (np.tri(5) == 0)).all()
    assert steps.Q.shape == steps.K.shape == (5, 1)
    assert steps.said == steps.wanted == ("no", "yes", "yes", "yes", "yes")


def test_trace_reads_problem_2_from_the_nearer_target():
    steps = trace("bae", W_k=[0, 0, 5], **FIRST)
    assert steps.said == steps.wanted == ("yes",) * 3
    assert trace("abb", W_k=[0, 0, 5], **FIRST).wanted == ("no",) * 3
    # [0, 1] is neither of the two targets
    assert trace("ab", [1, 1, 0], [0, 0, 5], [[0, 1, 0], [1, 0, 0]], 2).said == ("unclear",) * 2


def by_brute_force(W_q, W_k, W_v, problem, longest):
    for length in range(1, longest + 1):
        for string in map("".join, itertools.product("ab", repeat=length)):
            steps = trace(string, W_q, W_k, W_v, problem)
            if steps.said != steps.wanted:
                return string, steps
    return None, None


@pytest.mark.parametrize("problem", [1, 2])
def test_smallest_break_agrees_with_trying_every_string(problem):
    rng = np.random.default_rng(26)
    d, found = 1 + problem, []
    for _ in range(60):
        W_q, W_k = rng.normal(size=(2, rng.integers(1, 3), d)) * 2
        # near the targets, so that not everything breaks at once
        W_v = np.eye(2) if problem == 1 else np.array([[0, 1, 0], [0, 0, 0]])
        W_v = W_v + rng.normal(size=(2, d)) / 10
        string, steps = by_brute_force(W_q, W_k, W_v, problem, 6)
        broken = smallest_break(W_q, W_k, W_v, problem, longest=6)
        assert (broken and broken.string) == string
        if broken:
            np.testing.assert_allclose(broken.output, steps.output[-1])
            assert (broken.said, broken.wanted) == (steps.said[-1], steps.wanted[-1])
        found.append(string and len(string))
    assert None in found and len(set(found)) >= 3  # the matrices were varied enough to tell


def test_smallest_break_finds_the_margin():
    # e⁴ = 54.6: against 55 vowels one consonant scoring 4 loses
    broken = smallest_break([1, 1], [0, 4], IDENTITY)
    assert broken is not None and broken.string == "a" * 55 + "b"
    assert smallest_break([1, 1], [0, 4], IDENTITY, longest=55) is None
    assert smallest_break([1, 1], [0, 5], IDENTITY) is None
    # e³ = 20.1: after a vowel, 21 consonants outweigh the first letter
    broken = smallest_break(W_k=[0, 0, 3], **FIRST)
    assert broken is not None and broken.string == "a" + "b" * 21
    assert smallest_break(W_k=[0, 0, 5], **FIRST) is None


def test_a_tie_is_not_an_answer():
    broken = smallest_break([0, 0], [0, 0], IDENTITY)
    assert broken is not None
    assert (broken.string, broken.said, broken.wanted) == ("ab", "unclear", "yes")
    assert str(broken) == (
        "“ab”: at its last letter (number 2) the output is [0.5, 0.5], "
        "which says neither yes nor no, but yes is wanted."
    )


@pytest.mark.parametrize(
    "string, W_q, W_k, W_v, problem, message",
    [
        ("", [1, 1], [0, 5], IDENTITY, 1, "at least one letter"),
        ("a1", [1, 1], [0, 5], IDENTITY, 1, "'1' is not a letter"),
        ("a" * 25, [1, 1], [0, 5], IDENTITY, 1, "24 letters; yours are 25"),
        ("ab", [1, 1, 1], [0, 5], IDENTITY, 1, "W_q needs 2 columns"),
        ("ab", [1, 1], [0, 5], IDENTITY, 2, "W_q needs 3 columns"),
        ("ab", [[1, 1]], [[0, 5], [1, 1]], IDENTITY, 1, "same number of rows"),
        ("ab", [1, 1], [0, 5], [1, 0], 1, "W_v needs 2 rows"),
        ("ab", [1, float("nan")], [0, 5], IDENTITY, 1, "W_q holds a number that is not finite"),
        ("ab", [1, 1], [0, 1e300], IDENTITY, 1, "W_k holds a number beyond"),
        ("ab", ..., [0, 5], IDENTITY, 1, "W_q must be a table of numbers"),
        ("ab", [1, 1], [0, 5], IDENTITY, 3, "problem is 1 or 2"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(string, W_q, W_k, W_v, problem, message):
    with pytest.raises(ValueError, match=message):
        trace(string, W_q, W_k, W_v, problem)


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def control(widget, name):
    return next(part for part in parts(widget) if getattr(part, "description", "") == name)


def text(widget):
    return "\n".join(part.value for part in parts(widget) if isinstance(part, ipywidgets.HTML))


def fields(widget):
    return {part.description: part.value for part in parts(widget) if isinstance(part, ipywidgets.FloatText)}


def test_the_widget_follows_letters_and_matrices():
    widget = attention_explorer("aeri", W_q=[1, 1], W_k=[0, 5], W_v=IDENTITY)
    assert "No string of up to 64 letters" in text(widget)
    assert "wanted" not in text(widget)
    control(widget, "W_k consonant").value = 4
    assert "a" * 55 + "b" in text(widget)
    control(widget, "W_k consonant").value = -1
    assert "<b>no ✗</b> (wanted: yes)" in text(widget)
    control(widget, "Letters").value = "zoo"
    assert '<th scope="row"' in text(widget) and ">z</th>" in text(widget) and ">r</th>" not in text(widget)


@pytest.mark.parametrize("string, message", [("ab7", "'7' is not"), ("", "at least"), ("a" * 25, "24 letters")])
def test_a_string_that_does_not_fit_keeps_the_last_picture(string, message):
    widget = attention_explorer("aeri")
    before = text(widget)
    control(widget, "Letters").value = string
    assert message.replace("'", "&#x27;") in text(widget)
    assert "the last one that could be drawn" in text(widget)
    assert all(line in text(widget) for line in before.splitlines())
    control(widget, "Letters").value = "aeri"
    assert text(widget) == before


def test_a_number_too_large_keeps_the_last_picture():
    widget = attention_explorer("aeri")
    control(widget, "W_q vowel").value = 1e9
    assert "W_q holds a number beyond" in text(widget)
    control(widget, "W_q vowel").value = 2
    assert "beyond" not in text(widget)


def test_another_problem_or_n_q_keeps_the_numbers_that_fit():
    widget = attention_explorer("aeri", W_q=[3, 4], W_k=[5, 6], W_v=[[1, 2], [7, 8]])
    control(widget, "Problem, 1 or 2").value = 2
    assert explorer.QUESTIONS[2] in text(widget)
    assert {name: fields(widget)[name] for name in ("W_q vowel", "W_q consonant", "W_q position 1")} == {
        "W_q vowel": 3,
        "W_q consonant": 4,
        "W_q position 1": 0,
    }
    assert fields(widget)["W_v row 2 consonant"] == 8
    control(widget, "n_q, 1 to 2").value = 2
    assert fields(widget)["W_k row 1 consonant"] == 6 and fields(widget)["W_k row 2 consonant"] == 0
    assert len(fields(widget)) == 18
    control(widget, "Problem, 1 or 2").value = 1
    assert len(fields(widget)) == 12


def test_every_control_has_a_name_of_its_own_and_takes_the_keyboard():
    widget = attention_explorer("aeri", np.ones((2, 3)), np.ones((2, 3)), problem=2)
    controls = [part for part in parts(widget) if isinstance(part, ipywidgets.DOMWidget | ipywidgets.Widget)]
    controls = [part for part in controls if hasattr(part, "value") and not isinstance(part, ipywidgets.HTML)]
    names = [part.description for part in controls]
    assert len(names) == 21 and all(names) and len(set(names)) == 21
    # text and number fields only: JupyterLab takes the arrow keys of a menu for moving between cells
    kinds = ipywidgets.Text | ipywidgets.FloatText | ipywidgets.BoundedIntText
    assert all(isinstance(part, kinds) for part in controls)


def test_answers_that_are_still_missing_start_as_a_head_that_is_wrong():
    for problem in (1, 2):
        widget = attention_explorer(W_q=..., W_k=..., W_v=..., problem=problem)
        assert "Smallest string that breaks the answer" in text(widget)
    with pytest.raises(ValueError, match="room for n_q"):
        attention_explorer("ab", np.ones((5, 2)), np.ones((5, 2)))
    with pytest.raises(ValueError, match="problem is 1 or 2"):
        attention_explorer(problem=3)


def test_masked_cells_are_marked_and_zero_weights_are_not():
    widget = attention_explorer("aab", W_q=[1, 1], W_k=[0, 1000], W_v=IDENTITY)
    assert text(widget).count('title="masked"') == 6  # 3 in the masked scores, 3 in the weights
    assert text(widget).count("−∞") == 3


def test_the_picture_loads_nothing():
    html = text(attention_explorer())
    assert not any(word in html for word in ("http", "src=", "url(", "<script"))
