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
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course_lib import letters

if TYPE_CHECKING:
    import ipywidgets

LONGEST_STRING = 24  # letters that the picture has room for
LONGEST_SEARCHED = 64  # letters of the strings that `smallest_break` tries
COLUMNS = {1: ("vowel", "consonant"), 2: ("vowel", "consonant", "is first")}
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


def smallest_break(
    W_q: Any, W_k: Any, W_v: Any, problem: int = 1, longest: int = LONGEST_SEARCHED
) -> Break | None:
    """The shortest string (then the first in the alphabet) at which the head is wrong; None if there is none.

    W_q, W_k, W_v: as in `trace`. longest: all strings of up to this many letters are searched. What a head
    says at a letter depends only on how many vowels and consonants came before, so one string stands for many.
    Raises ValueError as `trace` does.
    """
    queries, keys, values = _matrices(W_q, W_k, W_v, problem)
    d = len(COLUMNS[problem])
    # the four kinds of token: first vowel, first consonant, later vowel, later consonant
    kinds = torch.tensor([[1.0, 0, 1], [0, 1, 1], [1, 0, 0], [0, 1, 0]], dtype=torch.float64)[:, :d]  # (4, d)
    score = torch.einsum("qd,id,ie,ke->qk", kinds, queries, keys, kinds)  # (4, 4)
    first, between, last, length = _families(longest)
    counts = torch.nn.functional.one_hot(
        first, 4
    ) + torch.stack(  # (F, 4): tokens of each kind, the last one included
        [torch.zeros_like(first), torch.zeros_like(first), length - 2 - between, between], dim=1
    ).clamp(min=0)
    counts = counts + torch.nn.functional.one_hot(last, 4) * (length > 1).int()[:, None]
    # n tokens with the same score s weigh as much as one with s + ln n; none at all as −∞
    weights = (score[last] + counts.log()).softmax(1)
    output = weights @ torch.nn.functional.linear(kinds, values)  # (F, 4) @ (4, 2) -> (F, 2)
    said = _said(output, problem)
    wanted = (counts[:, 1] + (counts[:, 3] if problem == 1 else 0) > 0).int()
    wrong = (said != wanted).nonzero()[:, 0].tolist()
    if not wrong:
        return None
    shortest = int(length[wrong[0]])  # families come by length
    candidates = {
        _string(int(first[row]), int(between[row]), int(last[row]), shortest): row
        for row in wrong
        if int(length[row]) == shortest
    }
    string = min(candidates)
    row = candidates[string]
    a, b = output[row].tolist()
    return Break(string, (a, b), _READING[int(said[row])], _READING[int(wanted[row])])


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


@cache
def _families(longest: int) -> tuple[torch.Tensor, ...]:
    """Every (kind of first letter, consonants between, kind of last letter, length), by length; (F,) each."""
    rows = [(first, 0, first, 1) for first in (0, 1)]
    rows += [
        (first, between, last, length)
        for length in range(2, longest + 1)
        for first in (0, 1)
        for between in range(length - 1)
        for last in (2, 3)
    ]
    return torch.tensor(rows).unbind(1)


def _string(first: int, between: int, last: int, length: int) -> str:
    """The member of a family that comes first in the alphabet: vowels before consonants."""
    if length == 1:
        return "ab"[first]
    return "ab"[first] + "a" * (length - 2 - between) + "b" * between + "ab"[last - 2]


def _matrices(W_q: Any, W_k: Any, W_v: Any, problem: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    if problem not in COLUMNS:
        raise ValueError(f"The problem is 1 or 2, not {problem!r}.")
    d = len(COLUMNS[problem])
    queries, keys, values = (_matrix(name, W, d) for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v)))
    if queries.shape != keys.shape:
        raise ValueError(
            f"W_q {tuple(queries.shape)} and W_k {tuple(keys.shape)} need the same number of rows, n_q."
        )
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

    string: 1 to 24 letters a–z. W_q, W_k: (n_q, d) with n_q 1 or 2, W_v: (2, d); matrices that are left out,
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
        given = {"W_q": W_q, "W_k": W_k, "W_v": W_v}
        start = _start(problem) if problem in COLUMNS else {}
        if W_q is None or W_q is Ellipsis or W_k is None or W_k is Ellipsis:
            given |= {"W_q": None, "W_k": None}  # one without the other would not fit together
        matrices = {name: start.get(name) if W is None or W is Ellipsis else W for name, W in given.items()}
        trace(
            string, **matrices, problem=problem
        )  # whatever does not fit is said here, before anything is drawn
        self.matrices = {
            name: _matrix(name, W, len(COLUMNS[problem])).numpy() for name, W in matrices.items()
        }
        if len(self.matrices["W_q"]) > 2:
            raise ValueError(
                f"The explorer has room for n_q = 1 or 2 rows; W_q has {len(self.matrices['W_q'])}."
            )
        wide = {"description_width": "8em"}
        self.letters = ipywidgets.Text(
            value=string,
            description="Letters",
            tooltip="1 to 24 letters from a to z",
            style=wide,
            layout={"width": "24em"},
        )
        self.problem = ipywidgets.Dropdown(
            options=[(f"{number} · {question}", number) for number, question in QUESTIONS.items()],
            value=problem,
            description="Problem",
            tooltip="The question that the head answers at every letter",
            style=wide,
            layout={"width": "36em"},
        )
        self.n_q = ipywidgets.Dropdown(
            options=[1, 2],
            value=len(self.matrices["W_q"]),
            description="Rows of W_q, W_k",
            tooltip="n_q, the size of queries and keys",
            style=wide,
            layout={"width": "14em"},
        )
        self.grids = ipywidgets.HBox(layout={"flex_flow": "row wrap", "grid_gap": "0 2em"})
        self.message = ipywidgets.HTML()
        self.picture = ipywidgets.HTML(layout={"overflow": "auto"})
        self.verdict = ipywidgets.HTML()
        self.fields: dict[str, list[list[Any]]] = {}
        self._build_grids()
        self.letters.observe(self._redraw, "value")
        self.problem.observe(self._reshape, "value")
        self.n_q.observe(self._reshape, "value")
        controls = [self.letters, self.problem, self.n_q, self.grids]
        self.widget = ipywidgets.VBox([*controls, self.message, self.picture, self.verdict])
        self._redraw()

    def _build_grids(self) -> None:
        """A field for every number, each with a name of its own; Tab walks through them row by row."""
        columns = COLUMNS[self.problem.value]
        boxes = []
        self.fields = {}
        for name, matrix in self.matrices.items():
            rows = [
                [self._field(name, row, columns[column], value) for column, value in enumerate(numbers)]
                for row, numbers in enumerate(matrix)
            ]
            self.fields[name] = rows
            heading = self.kit.HTML(f"<b>{name[0]}<sub>{name[2]}</sub></b> ({len(rows)}×{len(columns)})")
            boxes.append(self.kit.VBox([heading, *(self.kit.HBox(row) for row in rows)]))
        self.grids.children = boxes

    def _field(self, name: str, row: int, column: str, value: float) -> Any:
        field = self.kit.FloatText(
            value=float(value),
            description=f"{column} {row + 1}",
            tooltip=f"{name}, row {row + 1}, column {column}",
            step=1,
            continuous_update=True,
            style={"description_width": "5.6em"},
            layout={"width": "10em"},
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
            name: np.array([[field.value for field in row] for row in rows])
            for name, rows in self.fields.items()
        }
        problem = self.problem.value
        try:
            W_q, W_k, W_v = (self.matrices[name] for name in ("W_q", "W_k", "W_v"))
            steps = trace(self.letters.value.strip(), W_q, W_k, W_v, problem)
            broken = smallest_break(W_q, W_k, W_v, problem)
        except ValueError as error:
            kept = (
                " The picture below is still the last one that could be drawn." if self.picture.value else ""
            )
            self.message.value = (
                f'<p role="status" style="{_NOTE} #D55E00;background:#fff4ec">{escape(str(error))}{kept}</p>'
            )
            return
        self.message.value = ""
        self.picture.value = _picture(steps)
        self.verdict.value = _verdict(broken, problem)


_NOTE = (
    "padding:4px 10px;margin:4px 0;color:#222;line-height:1.4;overflow-wrap:anywhere;border-left:4px solid"
)
_HATCH = "background:repeating-linear-gradient(135deg,#eee 0 4px,#c4c4c4 4px 5px);color:#444"


def _picture(steps: Trace) -> str:
    T = len(steps.string)
    limits = (float(min(0, steps.scores.min())), float(max(0, steps.scores.max())))
    names = list(steps.string)
    tables = [
        _table("scores = QKᵀ", steps.scores, names, names, limits, _number),
        _table("masked", steps.masked, names, names, limits, _number),
        _table("weights = softmax of each row", steps.weights, names, names, (0, 1), _share),
        _table("output", steps.output, names, ["1", "2"], None, lambda value: _number(value, 2)),
    ]
    arrow = '<div aria-hidden="true" style="align-self:center;font-size:20px">→</div>'
    row = arrow.join([*tables, _answers(steps)]) if T <= 8 else "".join([*tables, _answers(steps)])
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start;background:#fff;color:#222;'
        f'padding:8px;line-height:1.2">{row}</div>'
    )


def _table(
    caption: str,
    array: np.ndarray,
    rows: list[str],
    columns: list[str],
    limits: tuple[float, float] | None,
    text: Callable[[float], str],
) -> str:
    """A heat map as an HTML table: rows are queries, columns keys; hatched cells are masked."""
    numbers = len(rows) <= 12 or limits is None
    size = "min-width:36px;height:20px" if numbers else "min-width:15px;height:15px"
    head = "".join(f'<th scope="col" style="{_HEAD}">{escape(name)}</th>' for name in columns)
    body = []
    for query, values in enumerate(array):
        cells = []
        for key, value in enumerate(values):
            hidden = limits is not None and key > query and (np.isneginf(value) or limits == (0, 1))
            content = ("−∞" if np.isneginf(value) else "") if hidden else text(float(value))
            style = _HATCH if hidden else _shade(float(value), limits)
            title = "masked" if hidden else text(float(value))
            shown = content if numbers else ""
            cells.append(f'<td title="{title}" style="{_CELL};{size};{style}">{shown}</td>')
        body.append(f'<tr><th scope="row" style="{_HEAD}">{escape(rows[query])}</th>{"".join(cells)}</tr>')
    return (
        f'<table style="{_TABLE}"><caption style="{_CAPTION}">{escape(caption)}</caption>'
        f"<tr><td></td>{head}</tr>{''.join(body)}</table>"
    )


def _answers(steps: Trace) -> str:
    rows = []
    for letter, said, wanted in zip(steps.string, steps.said, steps.wanted, strict=True):
        right = said == wanted
        mark = "" if right else f" ✗ (wanted: {wanted})"
        weight = "normal" if right else "bold"
        rows.append(
            f'<tr><th scope="row" style="{_HEAD}">{letter}</th>'
            f'<td style="padding:0 6px;height:20px;text-align:left;white-space:nowrap;font-weight:{weight}">'
            f"{said}{mark}</td></tr>"
        )
    return (
        f'<table style="{_TABLE}"><caption style="{_CAPTION}">answer</caption>'
        f'<tr><td></td><th scope="col" style="{_HEAD};text-align:left">read from the output</th></tr>'
        f"{''.join(rows)}</table>"
    )


def _verdict(broken: Break | None, problem: int) -> str:
    if broken is None:
        text = f"No string of up to {LONGEST_SEARCHED} letters breaks these matrices."
        mark, colour = "✓", "#004D80"
    else:
        text, mark, colour = f"Smallest string that breaks the answer: {broken}", "✗", "#D55E00"
    return f'<p role="status" style="{_NOTE} {colour};background:#f6f6f6">{mark} {escape(text)}</p>'


_TABLE = "border-collapse:collapse;font-size:12px;margin:0;background:#fff;color:#222"
_CAPTION = "caption-side:top;text-align:left;font-weight:bold;padding:0 0 4px 0;color:#222;white-space:nowrap"
_HEAD = "font-weight:normal;font-family:monospace;text-align:center;padding:0 3px;background:#fff;color:#222"
_CELL = "border:1px solid #ccc;text-align:center;padding:0 1px"


def _shade(value: float, limits: tuple[float, float] | None) -> str:
    """Background and text colour: white for the least, dark blue for the most, readable text on both."""
    if limits is None or limits[0] == limits[1]:
        return "background:#fff;color:#222"
    share = (value - limits[0]) / (limits[1] - limits[0])
    red, green, blue = (round(255 + (end - 255) * share) for end in (8, 48, 107))
    return f"background:rgb({red},{green},{blue});color:{'#fff' if share > 0.5 else '#222'}"


def _share(value: float) -> str:
    if value in (0, 1):
        return f"{value:.0f}"
    return f"{value:.3f}".removeprefix("0")


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}g}".replace("-", "−")
