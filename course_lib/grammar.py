"""Choice programs: texts whose exact probability is known, character by character.

A program is a generator function. It yields choices and is sent the chosen string back; its text is the
concatenation of what was chosen. A choice is a list of options (string, weight), or one fixed string. No option may
begin another (they are prefix-free), so a text determines every choice that made it, and its probability with it.

    def coin_song():
        first = yield [("la ", 2), ("lo ", 1)]
        yield first                                  # a fixed string: the same word again
        yield "\\n"

Three drivers run the same program: `draws` and `sample` write a text, `score` reads one, `enumerate_texts` lists all.
Not in the room: words and sentences (`phrases`, `tinyplays`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np

Options = Sequence[tuple[str, float]]


class Choice:
    """Prefix-free options with their probabilities, worked out once.

    strings: the options. probabilities: one for each, summing to 1. `character_log_probs(i)` splits the
    log-probability of option i among its characters.
    Raises ValueError when there is no option, a weight is not positive, or one option begins another.
    """

    def __init__(self, options: Options) -> None:
        if not options:
            raise ValueError("a choice needs at least one option")
        for string, weight in options:
            if not (weight > 0 and math.isfinite(weight)):
                raise ValueError(f"the weight of {string!r} is {weight}, it must be positive and finite")
        ordered = sorted(string for string, _ in options)
        for shorter, longer in pairwise(ordered):
            # In sorted order a prefix stands directly before some string that it begins.
            if longer.startswith(shorter):
                raise ValueError(f"options must be prefix-free, but {shorter!r} begins {longer!r}")
        self.strings = [string for string, _ in options]
        self._index = {string: i for i, string in enumerate(self.strings)}
        self._lengths = sorted({len(string) for string in self.strings})
        self._cumulative = list(accumulate(float(weight) for _, weight in options))
        total = self._cumulative[-1]
        self.probabilities = [weight / total for _, weight in options]
        self.log_probs = [math.log(p) for p in self.probabilities]
        self._weights = [float(weight) for _, weight in options]
        self._mass: dict[str, float] | None = None
        self._character_log_probs: dict[int, list[float]] = {}

    def draw(self, u: float) -> int:
        """The option at u in [0, 1), by inverting the cumulative weights."""
        return min(bisect_right(self._cumulative, u * self._cumulative[-1]), len(self.strings) - 1)

    def find(self, text: str, position: int) -> int | None:
        """The option that stands in the text at a position; None if there is none.

        At the end of the text an option may be cut off: any option that begins with the rest will do,
        since all of them give the rest's characters the same probabilities.
        """
        for length in self._lengths:
            index = self._index.get(text[position : position + length])
            if index is not None:
                return index
        rest = text[position : position + self._lengths[-1]]
        if position + len(rest) == len(text):
            return next((i for i, string in enumerate(self.strings) if string.startswith(rest)), None)
        return None

    def character_log_probs(self, index: int) -> list[float]:
        """log P(character | characters before it, within this choice), for each character of one option.

        P is the weight of all options that begin with the longer prefix over that of the shorter: a walk
        through the options' trie. The sum over the characters is the option's log-probability.
        """
        known = self._character_log_probs.get(index)
        if known is None:
            if self._mass is None:
                self._mass = {}
                for string, weight in zip(self.strings, self._weights, strict=True):
                    for end in range(len(string) + 1):
                        self._mass[string[:end]] = self._mass.get(string[:end], 0.0) + weight
            string, mass = self.strings[index], self._mass
            known = [math.log(mass[string[: i + 1]] / mass[string[:i]]) for i in range(len(string))]
            self._character_log_probs[index] = known
        return known


Yielded = str | Choice | Options
Program = Callable[[], Generator[Yielded, str, object]]


class UniformSource(Protocol):
    """Anything with `random()`, a float in [0, 1): `random.Random` or a numpy Generator."""

    def random(self) -> float: ...


class NotInGrammar(ValueError):
    """A text that the program cannot produce. `position` is the index of the first character of the failed choice."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


@lru_cache(maxsize=1 << 14)
def _choice(options: tuple[tuple[str, float], ...]) -> Choice:
    return Choice(options)


def _as_choice(yielded: Yielded) -> Choice:
    if isinstance(yielded, Choice):
        return yielded
    if isinstance(yielded, str):
        return _choice(((yielded, 1.0),))
    return _choice(tuple((string, weight) for string, weight in yielded))


def draws(program: Program, rng: UniformSource) -> Iterator[tuple[str, float]]:
    """Run a program with random choices: (string, natural log of its probability), one pair for each choice.

    One `rng.random()` is used for each choice of two or more options, so a text depends on nothing but the seed.
    """
    running = program()
    try:
        yielded = next(running)
        while True:
            if isinstance(yielded, str):
                chosen, log_prob = yielded, 0.0
            else:
                choice = _as_choice(yielded)
                index = choice.draw(rng.random()) if len(choice.strings) > 1 else 0
                chosen, log_prob = choice.strings[index], choice.log_probs[index]
            yield chosen, log_prob
            yielded = running.send(chosen)
    except StopIteration:
        return
    finally:
        running.close()


def sample(program: Program, rng: UniformSource) -> str:
    """One text of a program that ends. For endless ones take what you need from `draws`."""
    return "".join(string for string, _ in draws(program, rng))


def score(program: Program, text: str) -> np.ndarray:
    """Natural log of P(text[i] | text[:i]) for every i, exactly: shape (len(text),), float64.

    A text may stop anywhere in the middle of the program, even within an option.
    Raises NotInGrammar, with the position and what was expected there, for a text the program cannot produce.
    """
    log_probs: list[float] = []
    position, end = 0, len(text)
    running = program()
    try:
        yielded = next(running)
        while position < end:
            if isinstance(yielded, str) and text.startswith(yielded, position):
                log_probs.extend([0.0] * len(yielded))
                chosen = yielded
            else:
                choice = _as_choice(yielded)
                index = choice.find(text, position)
                if index is None:
                    raise _unexpected(text, position, choice)
                chosen = choice.strings[index]
                log_probs.extend(choice.character_log_probs(index))
            position += len(chosen)
            yielded = running.send(chosen)
    except StopIteration:
        if position < end:
            raise NotInGrammar(
                position,
                f"{_where(text, position)}: expected the end of the text, found {_excerpt(text, position)}",
            ) from None
    finally:
        running.close()
    return np.array(log_probs[:end], dtype=np.float64)  # an option cut off by the end of the text loses its tail


def enumerate_texts(program: Program, limit: int = 10_000) -> list[tuple[str, float]]:
    """All texts of a small program, with their probabilities. Raises ValueError when there are more than `limit`."""
    texts: list[tuple[str, float]] = []
    pending: list[tuple[str, ...]] = [()]
    while pending:
        prefix = pending.pop()
        running = program()  # a generator cannot be copied, so every branch replays its own choices
        probability = 1.0
        try:
            choice = _as_choice(next(running))
            for chosen in prefix:
                probability *= choice.probabilities[choice.strings.index(chosen)]
                choice = _as_choice(running.send(chosen))
        except StopIteration:
            texts.append(("".join(prefix), probability))
        else:
            pending.extend((*prefix, string) for string in reversed(choice.strings))
        finally:
            running.close()
        if len(texts) + len(pending) > limit:
            raise ValueError(f"the program has more than {limit} texts")
    return texts


def _unexpected(text: str, position: int, choice: Choice) -> NotInGrammar:
    shown = ", ".join(repr(string) for string in choice.strings[:6])
    more = f" and {len(choice.strings) - 6} more" if len(choice.strings) > 6 else ""
    return NotInGrammar(position, f"{_where(text, position)}: expected {shown}{more}, found {_excerpt(text, position)}")


def _where(text: str, position: int) -> str:
    line, before = text.count("\n", 0, position) + 1, text[max(0, position - 20) : position]
    return f"position {position} (line {line}), after {before!r}"


def _excerpt(text: str, position: int) -> str:
    return repr(text[position : position + 30])
