"""The class report: difficulty and discrimination, who needs a person's eye, near-identical answers; one file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import causes, likeness, mentions, pages, skeleton, store, summary
from autograder.report import ExerciseResult, Named, Report, TestResult
from autograder.tests.conftest import A1, no_links_out

WRONG = Named("double_it", "doubles <twice>", "Halve it.")


def report(
    name: str, *passed: bool, stopped: tuple[str, ...] = (), notes: tuple[str, ...] = (), **more: object
) -> Report:
    """A report of one exercise with one test for each flag, one point each."""
    tests = tuple(
        TestResult(f"test_{n}", f"Test {n}", float(ok), 1.0, "passed" if ok else "failed", "" if ok else "off by <3>")
        for n, ok in enumerate(passed)
    )
    status = "right" if all(passed) else "partly" if any(passed) else "wrong"
    mistake = None if all(passed) else WRONG
    exercise = ExerciseResult("masked_attention", float(sum(passed)), float(len(passed)), status, tests, mistake)
    return replace(Report(A1, name, 7, (exercise,), notes, stopped), **more)  # type: ignore[arg-type]


def blank(name: str, count: int = 3) -> Report:
    one = report(name, *([False] * count)).exercises[0]
    return Report(A1, name, 7, (replace(one, status="blank", mistake=None),))


class TestTests:
    def test_difficulty_is_the_share_of_those_who_attempted(self) -> None:
        reports = [report(f"s{n}", n < 3, True, False) for n in range(6)] + [blank("s7")]
        tests = summary.summarise(reports).tests
        assert [test.attempted for test in tests] == [6, 6, 6]
        assert [test.passed for test in tests] == [0.5, 1.0, 0.0]

    def test_discrimination_by_hand(self) -> None:
        """Test 0 goes with the rest of the points exactly, test 3 against it; the test's own point does not count."""
        strong, weak = (True, True, True, False), (False, False, False, True)
        tests = summary.summarise([report(f"s{n}", *(strong if n % 2 else weak)) for n in range(6)]).tests
        assert tests[0].discrimination == pytest.approx(1.0)
        assert tests[3].discrimination == pytest.approx(-1.0)

    def test_discrimination_needs_both_outcomes_and_enough_who_tried(self) -> None:
        few = [report("s1", True, True), report("s2", False, False), report("s3", True, False)]
        assert [test.discrimination for test in summary.summarise(few).tests] == [None, None]
        same = [report(f"s{n}", True, n % 2 == 0) for n in range(6)]
        first, second = summary.summarise(same).tests
        assert first.discrimination is None  # everybody passed
        assert second.discrimination is None  # nothing else differs


class TestAttention:
    def test_order_and_kinds(self) -> None:
        found = summary.summarise(
            [
                report("s1", True),
                report("s2", True, look_at=("Locked cells had been edited; the originals were used: x.",)),
                report("s8", False, look_at=(f"masked_attention: {causes.GREEN}",)),
                report("s9", True, notes=("Cell 3: line 2 is not Python here, so it was left out.",)),
                report("s3", False, stopped=("time", "time")),
                report("s4", False, stopped=("exit",)),
                report("s5", False, stopped=("wire", "memory")),
                report("s6", True, detail="a traceback"),
                replace(blank("s7"), look_at=("The file is a PDF, not a notebook.",), unreadable=True),
            ]
        ).attention
        assert [(one.submission, one.kinds[0]) for one in found] == [
            ("s6", summary.FAILED),
            ("s4", summary.ATTACK),
            ("s5", summary.ATTACK),
            ("s3", summary.LIMIT),
            ("s7", summary.UNREAD),
            ("s8", summary.GREEN),
            ("s2", summary.REPAIRED),
        ]
        assert found[2].kinds == (summary.ATTACK, summary.LIMIT)
        assert "a traceback" not in " ".join(one.why for one in found)

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("import subprocess", ["subprocess"]),
            ("from ctypes import CDLL", ["ctypes"]),
            ("import os\nos._exit(0)", ["os._exit"]),
            ("from os import _exit", ["_exit"]),
            ("import sys\nsys._getframe(3).f_locals", ["sys._getframe"]),
            ("open('/proc/self/maps')", ["/proc/"]),
            ("x = 'autograder/suites'", ["autograder/"]),
            (
                "import torch\nfrom torch.nn import functional as F\nx = 'signal'\ndef kill(x): return x",
                [],
            ),
            ("this is no Python (", []),
            ("\x00", []),
            ("(" * 5000, []),
        ],
    )
    def test_what_no_exercise_needs(self, source: str, said: list[str]) -> None:
        assert mentions.found_in({"masked_attention": source}) == said

    def test_sources_of_the_bank_are_above_suspicion(self) -> None:
        """Neither our own answers nor the known mistakes look like attacks."""
        from autograder import bank, paths

        for assignment in paths.assignments():
            for exercise in bank.exercises(assignment):
                for answer in bank.load(assignment, exercise):
                    assert mentions.found_in({answer.name: answer.code}) == [], f"{exercise}/{answer.name}"


LONG = """def masked_attention(Q, K, V):
    d = Q.shape[-1]
    scores = Q @ K.swapaxes(-1, -2) / np.sqrt(d)
    mask = np.tril(np.ones(scores.shape[-2:], dtype=bool))
    scores = np.where(mask, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ V
"""
OTHER = """def masked_attention(Q, K, V):
    out = []
    for t in range(len(Q)):
        row = [float(Q[t] @ K[s]) / len(K[s]) ** 0.5 for s in range(t + 1)]
        top = max(row)
        parts = [math.exp(value - top) for value in row]
        total = sum(parts)
        out.append(sum(part / total * V[s] for s, part in enumerate(parts)))
    return np.stack(out)
"""
RENAMED = re.sub(r"\bscores\b", "energy", LONG).replace("weights", "attn").replace("d = Q", "dim = Q")
RENAMED = RENAMED.replace("sqrt(d)", "sqrt(dim)").replace("    return", "    # done at last\n\n    return")


def crowd(count: int) -> dict[str, dict[str, str]]:
    """Students who all solved it differently."""
    return {
        f"x{n}": {
            "masked_attention": "def masked_attention(Q, K, V):\n"
            + "".join(
                f"    a{k} = [Q, {n * 31 + k}, K][{(n * 7 + k * 3) % 5}:{k * n}] {'+-*/%'[(n + k) % 5]} {k}\n"
                for k in range(9)
            )
        }
        for n in range(count)
    }


class TestLikeness:
    stubs = {"masked_attention": "def masked_attention(Q, K, V):\n    raise NotImplementedError('masked_attention')"}

    def find(self, sources: dict[str, dict[str, str]]) -> list[likeness.Alike]:
        return likeness.find(sources, self.stubs, ["masked_attention"])

    def test_renamed_and_commented(self) -> None:
        sources = {**crowd(8), "s1": {"masked_attention": LONG}, "s2": {"masked_attention": RENAMED}}
        (alike,) = self.find(sources)
        assert alike.submissions == ("s1", "s2") and not alike.verbatim
        assert alike.share > 0.9 and alike.where == ("masked_attention",)

    def test_the_same_to_the_letter(self) -> None:
        spaced = LONG.replace("\n", "   \n\n")
        sources = {**crowd(8), "s1": {"masked_attention": LONG}, "s2": {"masked_attention": spaced}}
        (alike,) = self.find(sources)
        assert alike.submissions == ("s1", "s2") and alike.verbatim

    def test_another_way_is_not_alike(self) -> None:
        assert self.find({**crowd(8), "s1": {"masked_attention": LONG}, "s2": {"masked_attention": OTHER}}) == []

    def test_what_the_class_wrote_is_no_evidence(self) -> None:
        names = ["scores", "energy", "logits", "s", "e", "w"]
        sources = {f"s{n}": {"masked_attention": LONG.replace("scores", name)} for n, name in enumerate(names)}
        assert self.find(sources) == []

    def test_released_code_is_no_evidence(self) -> None:
        stub = LONG.replace("return weights @ V", "raise NotImplementedError")
        sources = {**crowd(8), "s1": {"masked_attention": stub}, "s2": {"masked_attention": stub}}
        assert likeness.find(sources, {"masked_attention": stub}, ["masked_attention"]) == []
        grown = {**sources, "s1": {"masked_attention": stub + "\nx = 1"}, "s2": {"masked_attention": stub + "\ny = 1"}}
        assert likeness.find(grown, {"masked_attention": stub}, ["masked_attention"]) == []

    def test_short_answers_are_left_alone(self) -> None:
        short = {name: {"masked_attention": "def masked_attention(Q, K, V):\n    return V"} for name in ("s1", "s2")}
        assert self.find(short) == []

    def test_nothing_runs(self, tmp_path: Path) -> None:
        bomb = f"open({str(tmp_path / 'ran')!r}, 'w')\n" + LONG
        mentions.found_in({"x": bomb})
        self.find({"s1": {"masked_attention": bomb}, "s2": {"masked_attention": bomb}})
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize("text", ["", "(" * 3000, "\x00\ud83d", "'''", "%%bash\nrm -rf x"])
    def test_whatever_was_handed_in(self, text: str) -> None:
        self.find({"s1": {"masked_attention": text}, "s2": {"masked_attention": text + "x"}, "s3": {}})


def test_sources_are_stored_beside_the_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADING", str(tmp_path))
    store.save(report("s/1", True), {"masked_attention": "ä = 1"})
    store.save(report("s2", True))
    assert store.load_sources(A1) == {"s/1": {"masked_attention": "ä = 1"}}
    assert {one.submission for one in store.load_all(A1)} == {"s/1", "s2"}
    (file,) = (store.folder(A1) / "sources").iterdir()
    assert json.loads(file.read_text())["submission"] == "s/1" and not file.stat().st_mode & 0o077


class TestPage:
    def page(self) -> str:
        reports = [report(f"s{n}", n % 2 == 0, n % 3 == 0, True) for n in range(8)]
        reports.append(report("s<8>", False, False, False, stopped=("exit",), isolation="user"))
        names = {"s0": LONG, "s1": RENAMED}
        sources = {**crowd(6), **{name: {"masked_attention": text} for name, text in names.items()}}
        return pages.class_report(reports, sources)

    def test_it_stands_alone(self) -> None:
        page = self.page()
        assert no_links_out(page) and "<svg" in page and "<style>" in page

    def test_what_it_says(self) -> None:
        page = self.page()
        assert "unusual code" in page and "ended its own process" in page
        assert "<bdi>s0</bdi>, <bdi>s1</bdi>" in page and "% of uncommon code" in page and "not a verdict" in page
        assert "Discrimination is the correlation" in page
        assert re.search(r'data-label="discrimination">−?\d\.\d\d<', page)
        assert "1 submissions were graded under the second level of isolation" in page
        assert "doubles &lt;twice&gt;" in page and "s&lt;8&gt;" in page and "<8>" not in page

    def test_without_sources(self) -> None:
        page = pages.class_report([report("s1", True)])
        assert "nothing was compared" in page


def test_a_students_page_has_all_of_it() -> None:
    """What was asked, what came, how far off, the named mistake and hint, points per test, the seed."""
    page = pages.submission(report("s1", True, False))
    for said in (
        "Test 1",
        "off by &lt;3&gt;",
        "Looks like: doubles &lt;twice&gt;.",
        "Halve it.",
        "0 / 1",
        "1 / 1",
        "Seed 7",
    ):
        assert said in page, said
    assert no_links_out(page)
    alone = pages.exercise(report("s1", True, False).exercises[0], report("s1", True, False))
    assert "Seed 7" in alone
    assert skeleton.load(A1).exercises  # the page names the written answers of this assignment
