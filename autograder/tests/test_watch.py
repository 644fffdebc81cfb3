"""The loop of whoever writes an exercise."""

from __future__ import annotations

import threading

import pytest

from autograder import bank, paths, watch
from autograder.bank import Answer

A1, NAME = "a1_attention_by_hand", "score_needed"


def answers(*names, code="x = 1"):
    return [Answer("e", name, False, code) for name in names]


def test_the_instructors_answer_and_what_changed_come_first():
    before = answers("solution", *"abcdefgh")
    now = [*before[:3], Answer("e", "c", False, "x = 2"), *before[4:], Answer("e", "new", False, "x = 3")]
    for _ in range(20):
        found = watch.chosen(before, now, count=5)
        assert found[:3] == ["solution", "c", "new"] and len(set(found)) == 5


def test_the_others_are_drawn_afresh():
    many = answers("solution", *(f"n{number}" for number in range(40)))
    assert len({tuple(watch.chosen([], many)) for _ in range(20)}) > 15


def test_few_answers_are_all_judged():
    assert sorted(watch.chosen([], answers("solution", "a"))) == ["a", "solution"]


@pytest.fixture
def a_bank(tmp_path, monkeypatch):
    """The banks in a folder where they can be edited."""
    folder = tmp_path / "banks"
    (folder / A1).mkdir(parents=True)
    text = bank.file_of(A1, NAME).read_text(encoding="utf-8")
    monkeypatch.setattr(paths, "BANKS", folder)
    file = bank.file_of(A1, NAME)
    file.write_text(text, encoding="utf-8")
    return file


def test_each_saving_is_judged(a_bank, monkeypatch):
    """Once at the start, then for each edit; a bank that cannot be read is said and the loop goes on."""
    said, judged = [], []
    monkeypatch.setattr(watch, "_judge", lambda assignment, exercise, names, say: judged.append(names))
    saved = threading.Semaphore(0)

    def say(line):
        said.append(line)
        saved.release()

    loop = threading.Thread(target=watch.watch, args=(A1, NAME, say, 3), daemon=True)
    loop.start()
    assert saved.acquire(timeout=60)
    text = a_bank.read_text(encoding="utf-8")
    a_bank.write_text(text + "\n# %% wrong untitled\nscore_needed = 1\n", encoding="utf-8")
    assert saved.acquire(timeout=60)
    a_bank.write_text(text + "\n# %% wrong one_more\n# Title: t\n# Hint: h\nscore_needed = 1\n", encoding="utf-8")
    loop.join(timeout=60)
    assert not loop.is_alive()
    assert "untitled" in said[1] and "Title" in said[1]
    assert len(judged) == 2 and judged[1][:2] == ["solution", "one_more"]


def test_a_judgement_says_what_it_found(capfd):
    said = []
    watch._judge(A1, NAME, ["solution"], said.append)
    assert NAME in said[0] and "all as it should be" in said[1]
