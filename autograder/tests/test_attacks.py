"""Hostile submissions: each works against a grader without isolation, none against this one. See `attacks`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from autograder.tests import attacks
from autograder.tests.attacks.contest import LIMITS, SHORT, Contest, assignment_of, unprotected

CORPUS = attacks.load()
FAMILIES = ("reading", "patching", "escaping", "exhausting", "breaking")


def named(attack: attacks.Attack) -> str:
    return attack.id


@pytest.fixture(scope="class")
def contest() -> Iterator[Callable[[attacks.Attack], Contest]]:
    """The grader that an attack is put to: one for each assignment, and one with short limits for what never ends."""
    opened: dict[tuple[str, bool], Contest] = {}

    def of(attack: attacks.Attack) -> Contest:
        key = (assignment_of(attack), attack.effect == "stall")
        if key not in opened:
            opened[key] = Contest(key[0], SHORT if key[1] else LIMITS)
        return opened[key]

    yield of
    for one in opened.values():
        one.close()


class TestCorpus:
    def test_every_family_is_there(self):
        assert {attack.family for attack in CORPUS} == set(FAMILIES)
        assert len(CORPUS) >= 60

    def test_every_family_has_attacks_that_work_elsewhere(self):
        assert {attack.family for attack in CORPUS if attack.effect != "-"} == set(FAMILIES)

    @pytest.mark.parametrize(
        "text",
        [
            "# %% attack one\n# Tries: x\n# Exercise: encode\n# Effect: points\n",
            "# %% attack one\n# Tries: x\n# Exercise: encode\n# Effect: magic\n# Must: y\n",
            "# %% attack one\n# Tries: x\n# Exercise: encode\n# Effect: -\n# Must: y\n" * 2,
        ],
    )
    def test_an_incomplete_entry_is_refused(self, text):
        with pytest.raises(ValueError):
            attacks.parse(text, "family")


class TestStopped:
    """No point gained, nothing hidden in any output, nothing touched outside, the next submission graded in full."""

    @pytest.mark.parametrize("attack", CORPUS, ids=named)
    def test_attack(self, attack, contest):
        _, wrong = contest(attack).fight(attack)
        assert not wrong, f"{attack.tries}: {'; '.join(wrong)}"

    def test_memory_of_all_processes_ends_a_submission(self, contest):
        for name in ("memory_in_children", "memory_in_programs"):
            (attack,) = (attack for attack in CORPUS if attack.name == name)
            report, _ = contest(attack).fight(attack)
            assert "memory" in report.stopped

    def test_sleeping_just_below_the_limit_ends_with_the_submission(self, contest):
        (attack,) = (attack for attack in CORPUS if attack.name == "just_below_the_limit")
        report, _ = contest(attack).fight(attack)
        assert "time" in report.stopped
        assert any("altogether" in test.message for test in report.exercises[0].tests)

    def test_an_answer_without_the_questions_mark_is_noticed(self, contest):
        for name in ("reply_early", "reply_twice"):
            (attack,) = (attack for attack in CORPUS if attack.name == name)
            report, _ = contest(attack).fight(attack)
            assert set(report.stopped) == {"wire"}

    def test_a_forged_reply_earns_no_more_than_a_returned_one(self, contest):
        """The same wrong answer, returned and written on the wire by hand with the right mark."""
        (forged,) = (attack for attack in CORPUS if attack.name == "forged_by_hand")
        returned = replace(forged, code="def masked_attention(Q, K, V):\n    return V\n")
        scores = [contest(attack).fight(attack)[0].score for attack in (forged, returned)]
        assert scores[0] <= scores[1]


class TestWithoutIsolation:
    """The same code, run beside the hidden tests in one process, does what it tries: the corpus is not malformed."""

    @pytest.mark.parametrize("attack", [attack for attack in CORPUS if attack.effect != "-"], ids=named)
    def test_attack_works(self, attack):
        assert attack.effect in unprotected(attack), attack.tries
