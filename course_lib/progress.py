"""Progress of a long loop: loss and time left, as a bar in notebooks and terminals, as lines in log files."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


def progress(iterable: Iterable[Item], *, description: str, total: int | None = None) -> Progress[Item]:
    """Iterate with a progress bar: `for batch in (bar := progress(batches, description="training")): …`.

    description: what goes on. total: number of items, len(iterable) by default where it has one.
    In the loop, `bar.report(loss=…)` shows numbers beside the time left. Where output is neither a notebook
    nor a terminal, a line is written at each tenth of the way, and none when the total is unknown.
    """
    return Progress(iterable, description, total)


class Progress(Generic[Item]):
    """An iterable that shows how far its loop has come. Made by `progress`."""

    def __init__(self, iterable: Iterable[Item], description: str, total: int | None) -> None:
        self.iterable = iterable
        self.description = description
        self.total = len(iterable) if total is None and isinstance(iterable, Sized) else total
        self.reported = ""
        self._bar: Any = None

    def report(self, **numbers: float) -> None:
        """Show these numbers from now on, e.g. `report(loss=2.49)`. A tensor of one element is a number."""
        self.reported = ", ".join(f"{name} {float(number):.4g}" for name, number in numbers.items())
        if self._bar is not None:
            self._bar.set_postfix_str(self.reported, refresh=False)  # drawn with the next step

    def __iter__(self) -> Iterator[Item]:
        from tqdm.auto import tqdm
        from tqdm.notebook import tqdm as notebook_bar

        # tqdm.auto's class is the notebook's bar exactly when there is a notebook that can show one
        if not issubclass(tqdm, notebook_bar) and not sys.stderr.isatty():
            yield from self._with_lines()
            return
        with tqdm(self.iterable, desc=self.description, total=self.total) as self._bar:
            try:
                yield from self._bar
            finally:
                self._bar = None

    def _with_lines(self) -> Iterator[Item]:
        started, tenths = time.monotonic(), 0
        for done, item in enumerate(self.iterable, start=1):
            yield item
            if self.total and done * 10 // self.total > tenths:
                tenths = done * 10 // self.total
                passed = time.monotonic() - started
                left = _clock(passed * (self.total - done) / done)
                numbers = f", {self.reported}" if self.reported else ""
                line = f"{self.description}: {done}/{self.total}{numbers}, {left} left"
                print(line, file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    """Minutes and seconds, as tqdm writes them: 02:05."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes:02d}:{rest:02d}"
