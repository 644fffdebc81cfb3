"""Plots of the course: attention heat maps, loss curves with their floors, tables of probabilities.

Everything reads in greyscale: one colour scale from light to dark, hatching for masked cells, line styles and
labels at the line's end instead of a legend of colours. matplotlib is imported by the first plot, not before:
code that only imports this module stays quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = "Blues"  # lightness falls steadily: it survives greyscale and every kind of colour blindness
INK = "#222222"
MASKED_FACE, MASKED_HATCH = "#eeeeee", "////"
NUMBERS_UP_TO = 12  # tokens; above it the numbers would be too small to read
FAINTEST = 0.03  # the smallest weight that gets an arrow

# After Okabe and Ito's palette, darker or left out where it is too pale for text; the line styles differ too.
LINES = [
    ("#004D80", "-"),
    ("#D55E00", (0, (6, 2))),
    ("#009E73", (0, (4, 1.5, 1, 1.5))),
    ("#222222", (0, (1, 1.2))),
    ("#CC79A7", (0, (8, 1.5, 1, 1.5, 1, 1.5))),
    ("#7A5C00", (0, (3, 3))),
]
Number = Callable[[float], str]
VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥"}


def attention_heatmap(
    weights: Any, string_or_labels: str | Sequence[str], *, title: str, ax: Axes | None = None
) -> Axes:
    """Draw attention weights, queries down and keys across.

    weights: (T_q, T_k), array or tensor. string_or_labels: one label for each key (and for each query, when
    there are as many). title: the finding, in words. ax: where to draw, a new figure by default.
    Masked cells are hatched: those that hold −∞ or NaN, and the upper triangle when all of it is exactly 0.
    A cell with weight 0 that is not masked is nearly white. Numbers stand in the cells up to 12 tokens.
    Raises ValueError when weights and labels do not fit.
    """
    import matplotlib.pyplot as plt

    array = _matrix(weights, "weights")
    labels = [VISIBLE.get(label, label) for label in string_or_labels]
    if array.shape[1] != len(labels):
        raise ValueError(f"weights of shape {array.shape} need {array.shape[1]} labels, not {len(labels)}")
    if ax is None:
        side = min(8.5, max(3.2, 1.6 + 0.42 * len(labels)))
        _, ax = plt.subplots(figsize=(side * 1.15, side), layout="constrained")
    _cells(ax, array, _hidden(array, zeros_too=True), limits=(0, 1), number=_weight_text)
    _letters(ax, array, labels)
    _colour_bar(ax, "attention weight")
    ax.set_title(title)
    return ax


def attention_graph(weights: Any, labels: Any, *, title: str, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """Draw attention weights twice, side by side: as a matrix, and as a directed graph.

    weights: (T_q, T_k), array or tensor. labels: one label for each token (a string or a list of strings); where
    queries and keys are different texts (cross-attention), a pair (query labels, key labels).
    title: the finding, in words. axes: two Axes to draw on (then the title is the caller's), a new figure by default.
    An arrow runs from the token that is attended to towards the token that attends, the way information flows; the
    larger the weight, the thicker and darker. Weights below 0.03 get no arrow. Returns the two Axes.
    Raises ValueError when weights and labels do not fit.
    """
    import matplotlib.pyplot as plt

    array = _matrix(weights, "weights")
    crossed = (
        isinstance(labels, tuple)
        and len(labels) == 2
        and not all(isinstance(part, str) and len(part) == 1 for part in labels)
    )
    queries, keys = (
        [VISIBLE.get(label, label) for label in part] for part in (labels if crossed else (labels, labels))
    )
    if array.shape != (len(queries), len(keys)):
        raise ValueError(f"weights of shape {array.shape} do not fit {len(queries)} queries and {len(keys)} keys")
    if axes is None:
        back = bool((np.nan_to_num(np.triu(array, 1)) >= FAINTEST).any())
        height = 3.9 if crossed or back else 3.3
        figure, drawn = plt.subplots(
            1, 2, figsize=(10.5, height), layout="constrained", gridspec_kw={"width_ratios": [1, 1.3]}
        )
        figure.suptitle(title)
    else:
        drawn = np.asarray(axes)
    matrix, graph = drawn
    attention_heatmap(array, keys, title="as a matrix", ax=matrix)
    matrix.set_yticks(range(len(queries)), queries)
    if crossed:
        _two_rows(graph, array, queries, keys)
    else:
        _one_row(graph, array, keys)
    graph.set_title("as a graph")
    graph.set_aspect("equal")
    graph.axis("off")
    return np.asarray(drawn)


def _one_row(ax: Axes, array: np.ndarray, labels: Sequence[str]) -> None:
    """Tokens on a line: arcs above it lead forward in the text, arcs below it back, rings are what a token keeps."""
    from matplotlib.patches import Circle

    for (listener, speaker), weight in np.ndenumerate(array):
        if not weight >= FAINTEST:
            continue
        if listener == speaker:
            ring = Circle((listener, 0), 0.2, fill=False, linewidth=_thickness(weight), edgecolor=_shade(weight))
            ax.add_patch(ring)
        else:
            bend = -0.62
            _arrow(ax, (speaker, 0), (listener, 0), weight, bend)
    for position, label in enumerate(labels):
        _node(ax, (position, 0), label)
    reach = 0.32 * (len(labels) - 1)
    back = bool((np.nan_to_num(np.triu(array, 1)) >= FAINTEST).any())
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.set_ylim(-reach - 0.25 if back else -0.4, reach + 0.25)
    ax.text(-0.5, reach + 0.15, "→ forward in the text", fontsize=8, color="#555555", va="top")
    if back:
        ax.text(-0.5, -reach - 0.15, "← back in the text", fontsize=8, color="#555555", va="bottom")


def _two_rows(ax: Axes, array: np.ndarray, queries: Sequence[str], keys: Sequence[str]) -> None:
    """Two texts above each other: the one that is attended to above, the one that attends below."""
    width = max(len(queries), len(keys))
    places = [np.arange(len(labels)) + (width - len(labels)) / 2 for labels in (queries, keys)]
    for (listener, speaker), weight in np.ndenumerate(array):
        if weight >= FAINTEST:
            _arrow(ax, (float(places[1][speaker]), 2.6), (float(places[0][listener]), 0), weight, 0.0)
    for labels, xs, y, name in zip((queries, keys), places, (0.0, 2.6), ("queries", "keys, values"), strict=True):
        for x, label in zip(xs, labels, strict=True):
            _node(ax, (float(x), y), label)
        ax.text(width - 0.3, y, name, fontsize=8, color="#555555", va="center")
    ax.set_xlim(-0.5, width + 1.1)
    ax.set_ylim(-0.5, 3.1)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], weight: float, bend: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    arrow = FancyArrowPatch(
        start,
        end,
        connectionstyle=f"arc3,rad={bend}",
        arrowstyle="-|>",
        mutation_scale=9 + 6 * weight,
        shrinkA=15,
        shrinkB=15,
    )
    arrow.set(linewidth=_thickness(weight), color=_shade(weight), zorder=1 + weight)
    ax.add_patch(arrow)


def _node(ax: Axes, place: tuple[float, float], label: str) -> None:
    style = {"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": INK, "linewidth": 1.0}
    ax.text(*place, label, ha="center", va="center", fontsize=11, color=INK, bbox=style, zorder=3)


def _thickness(weight: float) -> float:
    return 0.6 + 4.4 * float(weight)


def _shade(weight: float) -> Any:
    import matplotlib.pyplot as plt

    return plt.get_cmap(COLOURS)(0.35 + 0.65 * float(weight))


def attention_steps(steps: Mapping[str, Any], string: str | Sequence[str], *, title: str) -> np.ndarray:
    """Draw what attention computes, step after step, as a row of heat maps.

    steps: name -> (T, T) array, in order, e.g. {"scores": …, "masked": …, "weights": …}. Cells with −∞ are
    hatched and say so; in a step whose rows sum to 1 the hatched cells are those that the mask has emptied.
    string: T labels. title: the finding, in words. Returns the array of Axes, one for each step.
    Raises ValueError when a step's shape does not fit the labels.
    """
    import matplotlib.pyplot as plt

    arrays = {name: _matrix(step, name) for name, step in steps.items()}
    labels = [VISIBLE.get(label, label) for label in string]
    for name, array in arrays.items():
        if array.shape != (len(labels), len(labels)):
            raise ValueError(f"{name} has shape {array.shape}; {len(labels)} letters need {(len(labels),) * 2}")
    square = min(4.2, max(1.9, 0.42 * len(labels)))  # inches; the rest of a panel is its labels and colour bar
    size = ((square + 1.35) * len(arrays), square + 1.6)
    figure, grid = plt.subplots(1, len(arrays), figsize=size, layout="constrained", squeeze=False)
    # −∞ has no place on a scale: the steps before the softmax share the scale of their finite numbers
    finite = [array[np.isfinite(array)] for array in arrays.values() if not _are_weights(array)]
    scores = np.concatenate(finite) if finite else np.zeros(1)
    for position, (axis, (name, array)) in enumerate(zip(grid[0], arrays.items(), strict=True)):
        weights = _are_weights(array)
        limits = (0.0, 1.0) if weights else (float(scores.min(initial=0)), float(scores.max(initial=0)))
        hidden = _hidden(array, zeros_too=weights)
        _cells(axis, array, hidden, limits=limits, number=_weight_text if weights else _score_text)
        _letters(axis, array, labels)
        if position:
            axis.set_ylabel("")
        _colour_bar(axis, "weight" if weights else "score")
        axis.set_title(f"{position + 1}  {name}", fontsize="medium", loc="left")
    figure.suptitle(title)
    return grid[0]


def loss_curves(
    curves: Mapping[str, Iterable[Any]],
    *,
    floors: Mapping[str, float] | None = None,
    title: str,
    ylabel: str = "loss (nats per character)",
) -> Axes:
    """Draw losses over training steps, with the losses of simple predictors as labelled floors.

    curves: label -> losses, or (step, loss) pairs; a plain list starts at step 0. floors: label -> loss, in
    the unit of `ylabel`. title: the finding, in words. Each line is named at its right end.
    Raises ValueError for a curve without points.
    """
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
    ends = []
    for (label, points), (colour, style) in zip(curves.items(), _cycle(len(curves)), strict=True):
        steps, losses = _points(label, points)
        ax.plot(
            steps,
            losses,
            color=colour,
            linestyle=style,
            linewidth=1.8,
            marker="o" if len(steps) < 2 else None,
        )
        finite = np.flatnonzero(np.isfinite(losses))
        if finite.size:
            ends.append((label, float(steps[finite[-1]]), float(losses[finite[-1]]), colour, "bold"))
    ax.margins(x=0.01)
    right = ax.get_xlim()[1]
    for label, loss in (floors or {}).items():
        ax.axhline(float(loss), color="#777777", linestyle=(0, (2, 2)), linewidth=1.0, zorder=1)
        ends.append((f"{label} {float(loss):.3f}", right, float(loss), "#555555", "normal"))
    ax.set_xlabel("training step")
    ax.set_ylabel(ylabel)
    ax.set_title(title)
    ax.spines[["top", "right"]].set_visible(False)
    _label_ends(ax, ends)
    return ax


def table_heatmap(table: Any, labels: Sequence[str], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw a table of next-character probabilities: current character down, next character across.

    table: (C, C), rows sum to 1. labels: C characters; space, newline and tab are drawn as visible signs.
    title: the finding, in words. The colours follow the square root, so that small probabilities show.
    Raises ValueError when table and labels do not fit.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import PowerNorm

    array = _matrix(table, "table")
    if array.shape != (len(labels), len(labels)):
        raise ValueError(f"a table of shape {array.shape} needs {array.shape[0]} labels, not {len(labels)}")
    if ax is None:
        side = min(9.5, max(3.2, 1.6 + 0.13 * len(labels)))
        _, ax = plt.subplots(figsize=(side * 1.12, side), layout="constrained")
    highest = float(np.nanmax(array, initial=0)) or 1.0
    image = ax.imshow(array, cmap=COLOURS, norm=PowerNorm(0.5, 0, highest), interpolation="nearest")
    names = [VISIBLE.get(label, label) for label in labels]
    size = "medium" if len(names) <= 30 else 7
    ax.set_xticks(range(len(names)), names, fontsize=size, va="baseline")
    ax.set_yticks(range(len(names)), names, fontsize=size)
    ax.tick_params(length=0, pad=2)
    ax.tick_params(axis="x", pad=13 if size == "medium" else 9)
    ax.set_xlabel("next character")
    ax.set_ylabel("current character")
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="probability (square-root scale)")
    ax.set_title(title)
    return ax


def _matrix(value: Any, name: str) -> np.ndarray:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    array = np.asarray(value, dtype=float)
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; a heat map needs two dimensions")
    return array


def _are_weights(array: np.ndarray) -> bool:
    return bool((array >= 0).all() and np.allclose(array.sum(1), 1, atol=1e-4))


def _hidden(array: np.ndarray, *, zeros_too: bool) -> np.ndarray:
    """Which cells the mask covers: −∞ and NaN, and an upper triangle of nothing but zeros."""
    hidden = ~np.isfinite(array)
    future = np.triu(np.ones(array.shape, dtype=bool), 1)
    if zeros_too and array.shape[0] == array.shape[1] and (hidden | (array == 0))[future].all():
        hidden |= future
    return hidden


def _weight_text(value: float) -> str:
    if not np.isfinite(value) or value in (0, 1):
        return _score_text(value)
    return f"{value:.2f}".replace("0.", ".", 1)  # .33: narrow enough for every cell


def _score_text(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return f"{value:.3g}".replace("-", "−").replace("inf", "∞")


def _cells(ax: Axes, array: np.ndarray, hidden: np.ndarray, *, limits: tuple[float, float], number: Number) -> None:
    from matplotlib.patches import Rectangle

    low, high = limits if limits[0] < limits[1] else (limits[0], limits[0] + 1)
    shown = np.ma.masked_array(array, hidden)
    ax.imshow(shown, cmap=COLOURS, vmin=low, vmax=high, interpolation="nearest")
    rows, columns = array.shape
    for row, column in zip(*np.nonzero(hidden), strict=True):
        square = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=MASKED_FACE, hatch=MASKED_HATCH)
        square.set(edgecolor="#b0b0b0", linewidth=0)
        ax.add_patch(square)
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#cccccc", linewidth=0.6)
    ax.tick_params(which="both", length=0)
    if max(rows, columns) > NUMBERS_UP_TO:
        return
    for (row, column), value in np.ndenumerate(array):
        if hidden[row, column] and value == 0:
            continue  # the mask has emptied this cell: the hatching says it all
        dark = not hidden[row, column] and (value - low) / (high - low) > 0.55
        style = {"boxstyle": "round,pad=0.12", "facecolor": MASKED_FACE, "edgecolor": "none"}
        ax.text(
            column,
            row,
            number(value),
            ha="center",
            va="center",
            fontsize=9,
            color="white" if dark else INK,
            bbox=style if hidden[row, column] else None,
        )


def _letters(ax: Axes, array: np.ndarray, labels: Sequence[str]) -> None:
    rows = labels if len(labels) == array.shape[0] else [str(row + 1) for row in range(array.shape[0])]
    size = "medium" if len(labels) <= 32 else 6
    ax.set_xticks(range(len(labels)), labels, fontsize=size, va="baseline")
    ax.tick_params(axis="x", pad=13 if size == "medium" else 8)  # to the baseline, so that "h" and "g" line up
    ax.set_yticks(range(len(rows)), rows, fontsize=size)
    ax.set_xlabel("key (attended to)")
    ax.set_ylabel("query (attends)")


def _colour_bar(ax: Axes, label: str) -> None:
    assert ax.figure is not None
    ax.figure.colorbar(ax.images[0], ax=ax, shrink=0.75, label=label)


def _cycle(count: int) -> list[tuple[str, Any]]:
    return [LINES[index % len(LINES)] for index in range(count)]


def _points(label: str, points: Iterable[Any]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [
        (point[0], point[1]) if isinstance(point, tuple | list) else (step, point) for step, point in enumerate(points)
    ]
    if not pairs:
        raise ValueError(f"the curve {label!r} has no points")
    array = np.array([[float(step), float(loss)] for step, loss in pairs])
    return array[:, 0], array[:, 1]


def _label_ends(ax: Axes, ends: list[tuple[str, float, float, str, str]]) -> None:
    """Write each label to the right of its line's end; labels that would overlap are moved apart."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()  # the height of the axes in points is known only after a layout
    low, high = ax.get_ylim()
    height = ax.get_window_extent().height * 72 / figure.dpi
    gap = 12.5 / height  # one line of 9-point text, as a share of the axes
    order = sorted(range(len(ends)), key=lambda index: ends[index][2])
    places = _spread([(ends[index][2] - low) / (high - low) for index in order], gap)
    for index, place in zip(order, places, strict=True):
        label, step, loss, colour, weight = ends[index]
        ax.annotate(
            label,
            xy=(step, loss),
            xycoords="data",
            xytext=(1.03, place),
            textcoords="axes fraction",
            va="center",
            fontsize=9,
            color=colour,
            fontweight=weight,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 1},
        )


def _spread(places: list[float], gap: float) -> list[float]:
    """Sorted places moved apart to at least `gap`, each cluster centred on where its members wanted to be."""
    clusters: list[list[float]] = []  # each: wanted places of its members
    for place in places:
        clusters.append([place])
        while len(clusters) > 1 and _top(clusters[-2], gap) + gap > _bottom(clusters[-1], gap):
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    return [_bottom(cluster, gap) + gap * index for cluster in clusters for index in range(len(cluster))]


def _bottom(cluster: list[float], gap: float) -> float:
    return float(np.mean(cluster)) - gap * (len(cluster) - 1) / 2


def _top(cluster: list[float], gap: float) -> float:
    return _bottom(cluster, gap) + gap * (len(cluster) - 1)
