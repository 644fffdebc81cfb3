"""Names that two assignments share."""

import pytest

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
