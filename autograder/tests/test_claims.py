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
from course_lib import corpus

MEASURED = json.loads(claims.FILE.read_text(encoding="utf-8"))
A1, A2, A3, A4 = "a1_attention_by_hand", "a2_text_to_bigram", "a3_self_attention", "a4_gpt"

LADDER = "python -m course_lib.ladder --seeds 3, on tinyshakespeare or tinyplays"
LECTURE = "published: A. Karpathy, Let's build GPT"
# Numbers that no cell prints and `benchmarks.claims` does not measure, and where they are from.
ELSEWHERE: dict[str, dict[str, str]] = {
    A1: {".6667": "2 of 3", ".25": "1 of 4", ".75": "3 of 4"},
    A2: {"1.65": "exp(1/2)", "0.01": "a tolerance", "4.87": LECTURE, "4.879": "the last cell, where the file is"},
    A3: {"0.03": "the threshold of plot.attention_graph", "2.40": LECTURE, "2.50": LECTURE},
    A4: {
        **dict.fromkeys(("2.24", "2.06", "1.48", "2.08", "2.28", "2.40", "2.50", "2.49"), LECTURE),
        **dict.fromkeys(("2.490", "2.398", "2.275", "2.206", "2.082", "2.075", "2.252"), LADDER),
        **dict.fromkeys(("0.002", "0.003", "0.017", "0.004", "0.010", "0.03"), LADDER),
        **dict.fromkeys(("2.43", "2.32", "2.16", "2.05", "1.75", "1.72"), LADDER),
        "0.044715": "the formula",
    },
}


@dataclass(frozen=True)
class Printed:
    """A sentence whose numbers (the groups of `prose`) are those (the groups of `output`) that a cell prints."""

    assignment: str
    prose: str
    output: str


@dataclass(frozen=True)
class OverSeeds:
    """A sentence that quotes runs of `benchmarks.claims`.

    figures: for each group of `prose` the name of a figure, whose mean is quoted, or "± name" for its standard
    deviation. band: the figure all of whose runs lie between the two groups.
    """

    assignment: str
    prose: str
    measurement: str
    figures: tuple[str, ...] = ()
    band: str = ""


def row(measurement: str, title: str, *figures: str) -> OverSeeds:
    """A row of a table in a4: means with their standard deviations."""
    numbers = r" \| ".join([r"(\d\.\d+) ± (\d\.\d+)"] * len(figures))
    pairs = (name for figure in figures for name in (figure, f"± {figure}"))
    return OverSeeds(A4, rf"\| {re.escape(title)} \| {numbers} \|", measurement, tuple(pairs))


def stack(kind: str, sentence: str) -> Printed:
    """A sentence about 24 layers of a kind, the last of the losses in its line."""
    return Printed(A4, sentence, rf"(?m)^{kind} {{2,}}.* (\d\.\d+) ±\S+ *$")


CLAIMS: list[Printed | OverSeeds] = [
    OverSeeds(A2, r"validation loss between (\S+) and (\S+) after", "training", band="bigram"),
    OverSeeds(A3, r"and end between (\S+) and (\S+?),", "training", band="one head"),
    OverSeeds(
        A3,
        r"gave (\d\.\d+) of its attention to itself and (\d\.\d+) to the one before",
        "training",
        ("one head, weight 0 back", "one head, weight 1 back"),
    ),
    stack("plain", r"at the unigram floor, (\d\.\d+):"),
    stack("plain, He", r"with its faultless gradients, comes to (\d\.\d+),"),
    stack("residual", r"With residuals, 24 layers end at (\d\.\d+),"),
    stack("residual and norm", r"with norms at (\d\.\d+);"),
    OverSeeds(
        A4,
        r"at 0\.001 it is the norm that helps, (\d\.\d+) against (\d\.\d+)\.",
        "stacks",
        ("residual and norm, 24 layers, lr 0.001", "residual, 24 layers, lr 0.001"),
    ),
    OverSeeds(A4, r"You should see a loss between (\S+) and (\S+?),", "untrained", band="right"),
    row("positions", "none", "none, 1 to 32", "none, 33 to 64"),
    row("positions", "learned, from N(0, 1)", "learned, 1 to 32", "learned, 33 to 64"),
    row("positions", "learned, from N(0, 0.02)", "learned, small, 1 to 32", "learned, small, 33 to 64"),
    row("positions", "sinusoidal", "sinusoidal, 1 to 32", "sinusoidal, 33 to 64"),
    OverSeeds(
        A4,
        r"sinusoids are ahead, (\S+) against (\S+);.* N\(0, 0\.02\) it is (\S+) ± (\d\.\d+)\)",
        "positions",
        ("sinusoidal, 1 to 32", "learned, 1 to 32", "learned, small, 1 to 32", "± learned, small, 1 to 32"),
    ),
    OverSeeds(
        A4,
        r"its loss jumps \((\S+), from a small start (\S+)\).* beyond 32 as well \((\S+)\).* best there \((\S+)\)",
        "positions",
        ("learned, 33 to 64", "learned, small, 33 to 64", "sinusoidal, 33 to 64", "none, 33 to 64"),
    ),
    row("blocks", "one block, residuals", "1 × residuals"),
    row("blocks", "three blocks, no residuals", "3 × plain"),
    row("blocks", "three blocks, norms and no residuals", "3 × norms"),
    row("blocks", 'three blocks, residuals: "+ residual"', "3 × residuals"),
    row("blocks", 'three blocks, residuals and norms: "+ layer norm"', "3 × residuals and norms"),
]


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


def without_claims(assignment: str) -> str:
    """The prose, but for the numbers that `CLAIMS` look after."""
    text = prose(assignment)
    for claim in CLAIMS:
        if claim.assignment == assignment and (said := re.search(claim.prose, text)):
            for start, end in map(said.span, range(1, len(said.groups()) + 1)):
                text = text[:start] + "#" * (end - start) + text[end:]
    return text


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
    assert strays(without_claims(assignment), printed(assignment), ELSEWHERE[assignment]) == []


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
        quoted = [float(figure) for figure in seen.groups()]
    elif claim.band:
        low, high = map(float, said.groups())
        runs = MEASURED[claim.measurement][claim.band]
        assert len(runs) >= 5
        assert low <= min(runs) and max(runs) <= high
        return
    else:
        quoted = [figure_of(MEASURED[claim.measurement], name) for name in claim.figures]
    for number, figure in zip(said.groups(), quoted, strict=True):
        assert abs(float(number) - figure) <= 0.5001 * 10 ** -decimals(number), (number, figure)


def figure_of(runs: dict[str, list[float]], name: str) -> float:
    """The mean of a figure over its runs, or for "± name" their standard deviation."""
    kind = statistics.stdev if name.startswith("± ") else statistics.mean
    found = runs[name.removeprefix("± ")]
    assert len(found) >= 5, name
    return kind(found)


@pytest.mark.skipif(not corpus.available("tinyshakespeare"), reason="Tiny Shakespeare is not on this machine")
def test_speakers_are_headings():
    text = corpus.load("tinyshakespeare").text
    cut = len(text) - round(0.1 * len(text))
    before, last = (set(re.findall(r"(?:\A|\n\n)([^\n]+):\n", part)) for part in (text[:cut], text[cut:]))
    said = re.search(r"of the (\d+) speakers in the last tenth of Tiny Shakespeare, (\d+) speak nowhere", prose(A2))
    assert said and list(map(int, said.groups())) == [len(last), len(last - before)]
