"""Numbers in the notebooks' prose are those that a cell prints, or that `benchmarks.claims` measured over seeds.

Two nets. Every number with two decimals or more in the prose of a notebook is, rounded as it stands there, among the
numbers that its cells print, or in `ELSEWHERE` with the place that it comes from. And `CLAIMS` says for sentences that
matter which figure they quote: a number that is right by chance does not pass there.
"""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import dataclass

import nbformat
import pytest

from autograder.authoring import text_of
from autograder.benchmarks import claims

MEASURED = json.loads(claims.FILE.read_text(encoding="utf-8"))
A1, A2, A3, A4 = "a1_attention_by_hand", "a2_text_to_bigram", "a3_self_attention", "a4_gpt"

# Numbers that no cell prints, and where they are from.
ELSEWHERE: dict[str, dict[str, str]] = {
    A1: {},
    A2: {},
    A3: {},
    A4: {},
}


@dataclass(frozen=True)
class Printed:
    """A sentence whose numbers (the groups of `prose`) are those (the groups of `output`) that a cell prints."""

    assignment: str
    prose: str
    output: str


@dataclass(frozen=True)
class OverSeeds:
    """A sentence that quotes means of runs (`means`, in the order of its groups), or the band in which all lie."""

    assignment: str
    prose: str
    measurement: str
    means: tuple[str, ...] = ()
    band: str = ""


CLAIMS: list[Printed | OverSeeds] = []


def notebook(assignment: str) -> nbformat.NotebookNode:
    return nbformat.read(text_of(assignment).with_suffix(".ipynb"), as_version=4)


def prose(assignment: str) -> str:
    cells = [cell.source for cell in notebook(assignment).cells if cell.cell_type == "markdown"]
    return "\n".join(re.sub(r"\s*\n\s*", " ", cell) for cell in cells)


def printed(assignment: str) -> str:
    """What the cells of a notebook have written, pictures and errors aside."""
    outputs = [output for cell in notebook(assignment).cells for output in cell.get("outputs", [])]
    return "\n".join(output["text"] for output in outputs if output.output_type == "stream" and output.name == "stdout")


def decimals(number: str) -> int:
    return len(number.partition(".")[2])


def numbers(text: str) -> list[str]:
    """The numbers with two decimals or more in a text, as they stand there, links and formulas of code aside."""
    return re.findall(r"(?<![\w.])\d*\.\d{2,}(?![\w.]*\w)", re.sub(r"https?://\S+|<code>.*?</code>|`[^`]*`", "", text))


def strays(text: str, outputs: str, elsewhere: dict[str, str]) -> list[str]:
    """The numbers of a text that, rounded as they stand there, nothing printed and nobody listed."""
    found = [float(number) for number in re.findall(r"\d*\.?\d+(?:e-?\d+)?", outputs)]
    return [
        number
        for number in numbers(text)
        if number not in elsewhere
        and not any(abs(float(number) - other) <= 0.5001 * 10 ** -decimals(number) for other in found)
    ]


@pytest.mark.parametrize("assignment", (A1, A2, A3, A4))
def test_every_number_in_the_prose_is_printed_by_a_cell(assignment):
    assert strays(prose(assignment), printed(assignment), ELSEWHERE[assignment]) == []


@pytest.mark.parametrize("assignment", (A1, A2, A3, A4))
def test_nothing_is_listed_that_the_prose_no_longer_says(assignment):
    assert set(ELSEWHERE[assignment]) - set(numbers(prose(assignment))) == set()


def test_a_number_that_drifts_is_found():
    assert strays("It ends at 2.43, or 0.70.", "loss 2.4312 and .702", {}) == []
    assert strays("It ends at 2.43, or 0.70.", "loss 2.4412 and .702", {}) == ["2.43"]
    assert strays("It ends at 2.43.", "", {"2.43": "a paper"}) == []


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.assignment[:2]}: {claim.prose[:40]}")
def test_a_sentence_quotes_its_own_figure(claim):
    said = re.search(claim.prose, prose(claim.assignment))
    assert said, f"the prose of {claim.assignment} no longer says {claim.prose!r}"
    if isinstance(claim, Printed):
        seen = re.search(claim.output, printed(claim.assignment))
        assert seen, f"no cell prints {claim.output!r}"
        pairs = list(zip(said.groups(), map(float, seen.groups()), strict=True))
    else:
        runs = MEASURED[claim.measurement]
        if claim.band:
            low, high = map(float, said.groups())
            assert low <= min(runs[claim.band]) and max(runs[claim.band]) <= high
            return
        pairs = list(zip(said.groups(), (statistics.mean(runs[name]) for name in claim.means), strict=True))
    for number, figure in pairs:
        assert abs(float(number) - figure) <= 0.5001 * 10 ** -decimals(number), (number, figure)
