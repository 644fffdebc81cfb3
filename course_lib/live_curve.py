"""The curve of a training, drawn anew at each evaluation where there is a notebook to draw it in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.training import Result

PAUSE = 2.0  # seconds between two pictures: a curve that nobody could follow costs time


def watcher() -> Callable[[Result], None] | None:
    """A function that shows each state of a result in one picture, or None outside notebooks."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import display
    except ImportError:
        return None
    shell: Any = get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    shown: Any = None
    last = 0.0

    def show(result: Result) -> None:
        nonlocal shown, last
        if not result.finished and time.monotonic() - last < PAUSE:
            return
        figure = picture(result)
        if shown is None:
            shown = display(figure, display_id=True)
        else:
            shown.update(figure)
        last = time.monotonic()

    return show


def picture(result: Result) -> Any:
    """The training and validation losses so far, with the floors of the corpus: a figure that pyplot has forgotten."""
    import matplotlib.pyplot as plt

    from course_lib import plot

    step, _, val = result.curve[-1]
    floors = dict(result.split.floors)
    title = f"validation loss {val:.3f} at step {step:,}"
    if "true entropy" in floors:
        title += f", {val - floors['true entropy']:.3f} above the true entropy"
    curves = {
        "training": [(at, train) for at, train, _ in result.curve],
        "validation": [(at, loss) for at, _, loss in result.curve],
    }
    plot.loss_curves(curves, floors=floors, title=title, ylabel=f"loss (nats per {result.split.unit})")
    figure = plt.gcf()
    plt.close(figure)
    return figure
