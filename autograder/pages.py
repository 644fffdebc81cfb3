"""Reports as HTML: below a grade cell, one page per submission, one page per class. Each page is one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from autograder import sanitise, skeleton, words
from autograder.likeness import Sources
from autograder.report import ExerciseResult, Report
from autograder.summary import LEAST, Summary, summarise

COLOURS = {"right": "#0b6e4f", "partly": "#c77700", "wrong": "#b3261e", "broken": "#b3261e", "blank": "#999"}
LABEL = 'text-anchor="middle" font-size="16"'
TEMPLATES = Path(__file__).parent / "templates"


def points(value: float) -> str:
    """Points as people write them: 4, 2.5, 3.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def follow_through(result: ExerciseResult) -> str:
    """What came of grading an answer once more, in a sentence; empty if that was not done."""
    again = result.follow_through
    if again is None:
        return ""
    names = " and ".join(f"`{name}`" for name in again.instead)
    text = (
        f"Graded once more with {'a ' * (len(again.instead) == 1)}right {names} in the place of yours, which it uses: "
    )
    if again.counts:
        return f"{text}{points(again.after)} of {points(result.max_score)} points instead of {points(again.before)}."
    if again.alone:
        return f"{text}that earns no more than {names} alone would, so it does not count."
    return f"{text}no more points than with yours."


def _visible(value: Any) -> Any:
    """Whatever a template writes: text from outside cannot hide anything, our own HTML stays as it is."""
    return words.shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_jinja = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
    finalize=_visible,
)
_jinja.filters.update(points=points, parts=words.parts, follow_through=follow_through)
_jinja.globals["policy"] = Markup(sanitise.META)


def _render(template: str, **values: Any) -> str:
    return _jinja.get_template(template).render(**values)


def _css() -> Markup:
    return Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))


def exercise(result: ExerciseResult, report: Report, alone: bool = True) -> str:
    """One exercise as an HTML fragment. What a student's code said is escaped and stands in a box of its own.

    alone: it has to name the seed.
    """
    return _render("exercise.html", result=result, colour=COLOURS[result.status], report=report, alone=alone)


def text(result: ExerciseResult) -> str:
    """One exercise as plain text. What a student's code said has a mark before each line."""
    lines = [f"{result.name}: {points(result.score)} of {points(result.max_score)} points"]
    if result.mistake:
        lines += [f"Looks like: {result.mistake.title}.", *filter(None, [result.mistake.hint])]
    if result.message:
        lines.append(words.plain(result.message))
    if result.follow_through:
        lines.append(follow_through(result))
    if result.status not in ("blank", "broken"):
        for test in result.tests:
            lines.append(f"[{test.status}] {test.title} ({points(test.score)} / {points(test.max_score)})")
            if test.status != "passed" and test.message:
                lines += [f"    {line}" for line in words.plain(test.message).split("\n")]
    return "\n".join(lines)


def submission(report: Report) -> str:
    """A whole submission as a page for the student."""
    blocks = [Markup(exercise(result, report, alone=False)) for result in report.exercises]
    written = skeleton.load(report.assignment).written
    return _render("submission.html", report=report, blocks=blocks, written=written, css=_css())


def class_report(reports: list[Report], sources: Sources | None = None) -> str:
    """A class as a page for the instructor. sources: the answers, to find near-identical code."""
    summary = summarise(reports, sources)
    return _render("class.html", summary=summary, least=LEAST, histogram=Markup(histogram(summary)), css=_css())


def histogram(summary: Summary) -> str:
    """The score distribution as inline SVG: ten bars, numbers on top, readable in greyscale and on a phone."""
    bars = summary.distribution
    tallest = max([*bars, 1])
    width, height, left, bottom = 640, 240, 20, 36
    step = (width - 2 * left) / len(bars)
    parts = [
        f'<svg role="img" aria-label="score distribution" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
    ]
    for index, count in enumerate(bars):
        tall = (height - bottom - 26) * count / tallest
        x, y = left + index * step, height - bottom - tall
        parts.append(f'<rect x="{x + 3:.1f}" y="{y:.1f}" width="{step - 6:.1f}" height="{tall:.1f}" fill="#35618e"/>')
        if count:
            parts.append(f'<text x="{x + step / 2:.1f}" y="{y - 6:.1f}" {LABEL}>{count}</text>')
    for edge in range(len(bars) + 1):
        parts.append(f'<text x="{left + edge * step:.1f}" y="{height - 12}" {LABEL}>{100 * edge // len(bars)}</text>')
    parts.append(
        f'<line x1="{left}" x2="{width - left}" y1="{height - bottom}" y2="{height - bottom}" stroke="#1c1b1f"/></svg>'
    )
    return "".join(parts)
