"""The attention explorer: letters in, three small matrices to edit, and everything attention makes of them.

In the room: `trace` and `smallest_break`, plain functions that need no notebook, and the widget around them.
The widget draws with HTML tables, which follow the typing without delay and which a screen reader can read.

Two problems. 1: has a consonant occurred up to and including this letter? Yes is [0, 1], no is [1, 0].
2: is the first letter a consonant? Yes is [1, 0], no is [0, 0].
Rows are tokens. Columns of X: vowel, consonant, and in problem 2 "is position 1".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course_lib import letters, patterns

if TYPE_CHECKING:
    import ipywidgets

LONGEST_STRING = 24  # letters that the picture has room for
MOST_ROWS = 4  # of W_q and W_k that a widget shows
COLUMNS = {1: ("vowel", "consonant"), 2: ("vowel", "consonant", "position 1")}
QUESTIONS = {
    1: "Has a consonant occurred up to and including this letter?",
    2: "Is the first letter a consonant?",
}
LARGEST = 1e6  # of a matrix's numbers: scores stay far from overflow
UNDECIDED = 1e-9  # an output this near to the border between yes and no says neither


@dataclass(frozen=True)
class Trace:
    """Every step of one head on one string.

    string: T letters. Q, K: (T, n_q). scores, masked, weights: (T, T). output: (T, 2).
    said, wanted: "yes", "no" or (said only) "unclear", for each letter.
    """

    string: str
    Q: np.ndarray
    K: np.ndarray
    scores: np.ndarray
    masked: np.ndarray
    weights: np.ndarray
    output: np.ndarray
    said: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """A string at whose last letter the head's answer is wrong.

    string: vowels as "a", consonants as "b". output: the two numbers at the last letter. said, wanted: as in
    `Trace`.
    """

    string: str
    output: tuple[float, float]
    said: str
    wanted: str

    def __str__(self) -> str:
        came = f"[{_number(self.output[0])}, {_number(self.output[1])}]"
        length = len(self.string)
        letter = "its only letter" if length == 1 else f"its last letter (number {length})"
        said = "neither yes nor no" if self.said == "unclear" else self.said
        says = f"the output is {came}, which says {said}, but {self.wanted} is wanted."
        return f"“{self.string}”: at {letter} {says}"


def trace(string: str, W_q: Any, W_k: Any, W_v: Any, problem: int = 1) -> Trace:
    """What one causal head does with a string, step by step.

    string: 1 to 24 letters a–z. W_q, W_k: (n_q, d), W_v: (2, d), with d = 2 in problem 1 and 3 in problem 2.
    Raises ValueError with a sentence for the student when the string or a matrix does not fit.
    """
    if not string:
        raise ValueError("Type at least one letter.")
    if len(string) > LONGEST_STRING:
        raise ValueError(f"There is room for {LONGEST_STRING} letters; yours are {len(string)}.")
    queries, keys, values = _matrices(W_q, W_k, W_v, problem)
    embedded = letters.embed(string) if problem == 1 else letters.embed_with_position(string)
    X = torch.from_numpy(embedded)  # (T, d)
    Q, K, V = (torch.nn.functional.linear(X, weight) for weight in (queries, keys, values))
    scores = torch.einsum("qi,ki->qk", Q, K)  # (T, T)
    future = torch.ones_like(scores, dtype=torch.bool).triu(1)
    masked = scores.masked_fill(future, -torch.inf)
    weights = masked.softmax(1)
    output = torch.einsum("qk,kv->qv", weights, V)  # (T, 2)
    consonant = X[:, 1].int()
    wanted = consonant.cummax(0).values if problem == 1 else consonant[:1].expand(len(string))
    said = tuple(_READING[code] for code in _said(output, problem).tolist())
    return Trace(
        string,
        Q=Q.numpy(),
        K=K.numpy(),
        scores=scores.numpy(),
        masked=masked.numpy(),
        weights=weights.numpy(),
        output=output.numpy(),
        said=said,
        wanted=tuple(_READING[code] for code in wanted.tolist()),
    )


def smallest_break(W_q: Any, W_k: Any, W_v: Any, problem: int = 1, longest: int = patterns.LONGEST) -> Break | None:
    """The shortest string (then the first in the alphabet) at which the head is wrong; None if there is none.

    W_q, W_k, W_v: as in `trace`. longest: strings of up to this many letters are searched, as `patterns` says.
    Raises ValueError as `trace` does.
    """
    queries, keys, values = _matrices(W_q, W_k, W_v, problem)
    handed_over = patterns.embeddings(len(COLUMNS[problem])) @ values.numpy().T  # (kinds, 2): each kind's value

    def outputs(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:  # (N, T), (N, T) -> (N, 2) at the last letter
        return np.einsum("nt,ntv->nv", weights, handed_over[patterns.kinds(rows, len(handed_over))])

    def wanted(rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows.any(axis=1) if problem == 1 else rows[:, 0] == 1)

    def rule(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        said = _said(torch.from_numpy(outputs(rows, weights)), problem).numpy()
        return np.asarray(said == wanted(rows))

    found = patterns.smallest_break(queries.numpy(), keys.numpy(), rule, longest)
    if found is None:
        return None
    output = outputs(found.pattern[None], found.weights[None])
    said = int(_said(torch.from_numpy(output), problem)[0])
    a, b = output[0].tolist()
    return Break(found.string, (a, b), _READING[said], _READING[int(wanted(found.pattern[None])[0])])


_READING = {1: "yes", 0: "no", -1: "unclear"}


def _said(output: torch.Tensor, problem: int) -> torch.Tensor:
    """What outputs (…, 2) say: 1 yes, 0 no, -1 unclear.

    Problem 1: whichever number is larger. Problem 2: the target that both numbers round to.
    """
    if problem == 1:
        towards_yes = output[..., 1] - output[..., 0]
        unclear = towards_yes.abs() <= UNDECIDED
    else:
        towards_yes = output[..., 0] - 0.5
        unclear = (towards_yes.abs() <= UNDECIDED) | (towards_yes.abs() >= 1) | (output[..., 1].abs() >= 0.5)
    unclear = unclear | ~output.isfinite().all(-1)
    return torch.where(unclear, -1, (towards_yes > 0).int())


def _matrices(W_q: Any, W_k: Any, W_v: Any, problem: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    if problem not in COLUMNS:
        raise ValueError(f"The problem is 1 or 2, not {problem!r}.")
    d = len(COLUMNS[problem])
    queries, keys, values = (_matrix(name, W, d) for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v)))
    if queries.shape != keys.shape:
        raise ValueError(f"W_q {tuple(queries.shape)} and W_k {tuple(keys.shape)} need the same number of rows, n_q.")
    if values.shape[0] != 2:
        raise ValueError(f"W_v needs 2 rows, one for each number of the output; yours has {values.shape[0]}.")
    return queries, keys, values


def _matrix(name: str, value: Any, d: int) -> torch.Tensor:
    """A matrix as (rows, d) float64; a flat list of d numbers counts as one row."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.atleast_2d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a table of numbers.") from None
    if array.ndim != 2 or array.shape[1] != d:
        raise ValueError(f"{name} needs {d} columns, one for each column of X; its shape is {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a number that is not finite.")
    if (np.abs(array) > LARGEST).any():
        raise ValueError(f"{name} holds a number beyond ±{LARGEST:.0e}; smaller ones do the same work.")
    return torch.from_numpy(array.copy())


def attention_explorer(
    string: str = "aeri", W_q: Any = None, W_k: Any = None, W_v: Any = None, problem: int = 1
) -> ipywidgets.VBox:
    """A widget in which letters and matrices can be changed, and every step of attention is redrawn.

    string: 1 to 24 letters a–z. W_q, W_k: (n_q, d) with n_q up to 4, W_v: (2, d); matrices that are left out,
    or are still `...`, start as a head that looks at vowels and copies what it sees. problem: 1 or 2.
    Raises ValueError with a sentence for the student when something does not fit.
    """
    return _Explorer(string, W_q, W_k, W_v, problem).widget


def _start(problem: int) -> dict[str, np.ndarray]:
    d = len(COLUMNS[problem])
    return {"W_q": np.eye(1, d), "W_k": np.eye(1, d), "W_v": np.eye(2, d)}


class _Explorer:
    """The controls, the last picture that could be drawn, and what to do when a control changes."""

    def __init__(self, string: str, W_q: Any, W_k: Any, W_v: Any, problem: int) -> None:
        import ipywidgets

        self.kit = ipywidgets
        start = _start(problem) if problem in COLUMNS else {}
        given = {"W_q": W_q, "W_k": W_k, "W_v": W_v}
        missing = {name for name, matrix in given.items() if matrix is None or matrix is Ellipsis}
        if missing & {"W_q", "W_k"}:
            missing |= {"W_q", "W_k"}  # one of them without the other might not fit
        matrices = {name: start.get(name) if name in missing else matrix for name, matrix in given.items()}
        # whatever does not fit is said here, before anything is drawn
        trace(string, matrices["W_q"], matrices["W_k"], matrices["W_v"], problem)
        self.matrices = {name: _matrix(name, W, len(COLUMNS[problem])).numpy() for name, W in matrices.items()}
        n_q = len(self.matrices["W_q"])
        if n_q > MOST_ROWS:
            raise ValueError(f"There is room for n_q up to {MOST_ROWS} rows; W_q has {n_q}.")
        wide = {"description_width": "8em"}
        self.letters = ipywidgets.Text(
            value=string,
            description="Letters",
            placeholder="1 to 24 letters from a to z",
            style=wide,
            layout={"width": "32em"},
        )
        # number fields, not menus: JupyterLab takes the arrow keys of a menu for its own
        self.problem = ipywidgets.BoundedIntText(
            value=problem,
            min=1,
            max=2,
            description="Problem, 1 or 2",
            continuous_update=True,
            style=wide,
            layout={"width": "13em"},
        )
        self.question = ipywidgets.HTML()
        self.n_q = ipywidgets.BoundedIntText(
            value=n_q,
            min=1,
            max=max(2, n_q),
            description=f"n_q, 1 to {max(2, n_q)}",
            continuous_update=True,
            style=wide,
            layout={"width": "13em"},
        )
        rows = ipywidgets.HTML(f'<span style="{_TEXT}">rows of W_q and W_k: numbers in a query or a key</span>')
        self.grids = ipywidgets.HBox(
            layout={"flex_flow": "row wrap", "grid_gap": "0.4em 1.5em", "margin": "0.6em 0 0 0"}
        )
        self.message = ipywidgets.HTML()
        self.picture = ipywidgets.HTML(layout={"overflow": "auto"})
        self.verdict = ipywidgets.HTML()
        self.fields: dict[str, list[list[Any]]] = {}
        self._build_grids()
        self.letters.observe(self._redraw, "value")
        self.problem.observe(self._reshape, "value")
        self.n_q.observe(self._reshape, "value")
        controls = [
            self.letters,
            ipywidgets.HBox([self.problem, self.question]),
            ipywidgets.HBox([self.n_q, rows]),
            self.grids,
        ]
        self.widget = ipywidgets.VBox([*controls, self.message, self.picture, self.verdict])
        self._redraw()

    def _build_grids(self) -> None:
        """A field for every number, each with a name of its own; Tab walks through them row by row."""
        columns = COLUMNS[self.problem.value]
        self.question.value = f'<span style="{_TEXT}">{QUESTIONS[self.problem.value]}</span>'
        boxes = []
        self.fields = {}
        for name, matrix in self.matrices.items():
            rows = [
                [
                    self._field(name, f"row {row + 1} {column}" if len(matrix) > 1 else column, value)
                    for column, value in zip(columns, numbers, strict=True)
                ]
                for row, numbers in enumerate(matrix)
            ]
            self.fields[name] = rows
            boxes.append(self.kit.VBox([self.kit.HBox(row) for row in rows]))
        self.grids.children = boxes

    def _field(self, name: str, label: str, value: float) -> Any:
        label = f"{name} {label}"
        label_width = 0.6 * len(label)  # em; a letter of the label is narrower than that
        field = self.kit.FloatText(
            value=float(value),
            description=label,
            step=1,
            continuous_update=True,
            style={"description_width": f"{label_width:.1f}em"},
            layout={"width": f"{label_width + 5:.1f}em"},
        )
        field.observe(self._redraw, "value")
        return field

    def _reshape(self, _change: Any) -> None:
        """Another problem or n_q: what fits of the numbers stays, new ones start at 0."""
        rows, columns = {"W_q": self.n_q.value, "W_k": self.n_q.value, "W_v": 2}, COLUMNS[self.problem.value]
        for name, old in self.matrices.items():
            new = np.zeros((rows[name], len(columns)))
            height, width = min(len(old), len(new)), min(old.shape[1], new.shape[1])
            new[:height, :width] = old[:height, :width]
            self.matrices[name] = new
        self._build_grids()
        self._redraw()

    def _redraw(self, _change: Any = None) -> None:
        self.matrices = {
            name: np.array([[field.value for field in row] for row in rows]) for name, rows in self.fields.items()
        }
        problem = self.problem.value
        try:
            W_q, W_k, W_v = (self.matrices[name] for name in ("W_q", "W_k", "W_v"))
            steps = trace(self.letters.value.strip(), W_q, W_k, W_v, problem)
            broken = smallest_break(W_q, W_k, W_v, problem)
        except ValueError as error:
            kept = " The picture below is still the last one that could be drawn." if self.picture.value else ""
            self.message.value = (
                f'<p role="status" style="{_NOTE} #D55E00;background:#fff4ec">{escape(str(error))}{kept}</p>'
            )
            return
        self.message.value = ""
        self.picture.value = _picture(steps, problem)
        self.verdict.value = _verdict(broken)


_TEXT = "color:#222;line-height:1.4;overflow-wrap:anywhere;max-width:62em"
_NOTE = f"{_TEXT};padding:4px 10px;margin:4px 0;border-left:4px solid"
_HATCH = "background:repeating-linear-gradient(135deg,#eee 0 4px,#c4c4c4 4px 5px);color:#444"
_TABLE = "border-collapse:collapse;font-size:12px;margin:0;background:#fff;color:#222"
_CAPTION = "caption-side:top;text-align:left;font-weight:bold;padding:0 0 4px 0;color:#222;white-space:nowrap"
_HEAD = "font-weight:normal;text-align:center;padding:0 4px;background:#fff;color:#222"
_LINKED = "display:flex;gap:12px;align-items:center"  # a table and the arrow that leads to it stay together
_CELL = "border:1px solid #ccc;text-align:center;padding:0 1px"
_READING_RULE = {
    1: "The answer is yes where the second number of the output is larger than the first.",
    2: "The answer is yes where the output rounds to [1, 0], no where it rounds to [0, 0].",
}


def _picture(steps: Trace, problem: int) -> str:
    T = len(steps.string)
    limits = (float(min(0, steps.scores.min())), float(max(0, steps.scores.max())))
    everything = np.zeros((T, T), dtype=bool)
    future = np.triu(~everything, 1)
    tables = [
        _heatmap("scores = QKᵀ", steps.string, steps.scores, everything, limits, _number),
        _heatmap("masked", steps.string, steps.masked, future, limits, _number),
        _heatmap("weights = softmax of each row", steps.string, steps.weights, future, (0, 1), _share),
        _outputs(steps),
    ]
    arrow = '<span aria-hidden="true" style="font-size:20px">→</span>'
    linked = [f'<div style="{_LINKED}">{arrow if place else ""}{table}</div>' for place, table in enumerate(tables)]
    legend = f"Rows are queries, columns are keys; hatched cells are masked. {_READING_RULE[problem]}"
    return (
        '<div style="background:#fff;padding:8px"><div style="display:flex;flex-wrap:wrap;gap:12px;'
        f'align-items:flex-start;line-height:1.2">{"".join(linked)}</div>'
        f'<p style="{_TEXT};font-size:12px;margin:8px 0 0 0">{legend}</p></div>'
    )


def _heatmap(
    caption: str,
    string: str,
    array: np.ndarray,
    hidden: np.ndarray,
    limits: tuple[float, float],
    text: Callable[[float], str],
) -> str:
    """A (T, T) array as an HTML table, shaded between the limits; above 12 letters without numbers."""
    wide = len(string) <= 12
    size = "min-width:32px;height:20px" if wide else "min-width:15px;height:15px"
    rows = []
    for letter, values, masked in zip(string, array, hidden, strict=True):
        row = f'<th scope="row" style="{_HEAD}">{letter}</th>'
        for value, is_masked in zip(values.tolist(), masked, strict=True):
            number = text(value)
            style = _HATCH if is_masked else _shade(value, limits)
            shown = number if wide and not (is_masked and value == 0) else ""
            title = "masked" if is_masked else number
            row += f'<td title="{title}" style="{_CELL};{size};{style}">{shown}</td>'
        rows.append(row)
    return _table(caption, ["", *string], rows)


def _outputs(steps: Trace) -> str:
    """The (T, 2) output, and beside it what it says, with what was wanted where that differs."""
    rows = []
    for letter, numbers, said, wanted in zip(
        steps.string, steps.output.tolist(), steps.said, steps.wanted, strict=True
    ):
        cells = "".join(f'<td style="{_CELL};min-width:44px;height:20px">{_number(n)}</td>' for n in numbers)
        answer = said if said == wanted else f"<b>{said} ✗</b> (wanted: {wanted})"
        rows.append(
            f'<th scope="row" style="{_HEAD}">{letter}</th>{cells}'
            f'<td style="text-align:left;padding:0 8px;white-space:nowrap">{answer}</td>'
        )
    return _table("output", ["", "1st", "2nd", "answer"], rows)


def _table(caption: str, columns: list[str], rows: list[str]) -> str:
    heads = [f'<th scope="col" style="{_HEAD}">{name}</th>' if name else "<td></td>" for name in columns]
    body = "".join(f"<tr>{row}</tr>" for row in ["".join(heads), *rows])
    return f'<table style="{_TABLE}"><caption style="{_CAPTION}">{caption}</caption>{body}</table>'


def _verdict(broken: Break | None) -> str:
    if broken is None:
        text, mark, colour = (
            f"No string of up to {patterns.LONGEST} letters breaks the answer.",
            "✓",
            "#004D80",
        )
    else:
        text, mark, colour = f"Smallest string that breaks the answer: {broken}", "✗", "#D55E00"
    return f'<p role="status" style="{_NOTE} {colour};background:#f6f6f6">{mark} {escape(text)}</p>'


def _shade(value: float, limits: tuple[float, float]) -> str:
    """Background and text colour: white for the least, dark blue for the most, readable text on both."""
    share = (value - limits[0]) / ((limits[1] - limits[0]) or 1)
    red, green, blue = (round(255 + (end - 255) * share) for end in (8, 48, 107))
    return f"background:rgb({red},{green},{blue});color:{'#fff' if share > 0.6 else '#222'}"


def _share(value: float) -> str:
    return f"{value:.0f}" if value in (0, 1) else f"{value:.3f}".removeprefix("0")


def _number(value: float) -> str:
    return "−∞" if np.isneginf(value) else f"{value:.3g}".replace("-", "−")
