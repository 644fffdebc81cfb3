"""Properties of answers, each written once: how it is measured, and how the measurement is judged.

The public check measures and judges what the notebook may show; the same measurements are the questions by which a
known mistake is recognised; the hidden suite draws other inputs and judges them by the same words.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from types import ModuleType
from typing import Any

from course_lib.check.expect import Wrong, revealing

Library = Callable[[str], Any]  # name of a module -> the module, where the answer is


@dataclass(frozen=True)
class Property:
    """What a right answer does.

    title: its line in a report. measure: (answer, given, library) -> plain data; the answer may live in another
    process, and `library` then gives modules of that process. judge: (data, given) raises `Wrong`. public: what the
    notebook may show, one `given` for each question. name: of its question. outcome: what of the data tells mistakes
    apart, where not all of it does. in_turn: asked only where every such property before it is judged right, so that a
    slip there is recognised even when another comes on top. slip: what it shows where it does not hold and says
    nothing more special, see `Wrong`. needs: what must hold first, of the same `given`; for what an answer of no use
    does too, such as leaving its inputs as they are.
    """

    title: str
    measure: Callable[[Any, Any, Library], Any]
    judge: Callable[[Any, Any], None]
    public: Sequence[Any]
    name: str
    outcome: Callable[[Any], Any] | None = None
    in_turn: bool = False
    slip: str = ""
    needs: Property | None = None

    def at(self, title: str, public: Sequence[Any], name: str = "", **other: Any) -> Property:
        """The same elsewhere: with other inputs, and perhaps more that is other."""
        return replace(self, title=title, public=public, name=name, **other)


def judged(
    title: str, measure: Callable[[Any, Any, Library], Any], public: Sequence[Any] = (), name: str = "", **other: Any
) -> Callable[[Callable[[Any, Any], None]], Property]:
    """Makes a property of the function below, which judges: (data, given), raises `Wrong`. See `Property`."""
    return lambda judge: Property(title, measure, judge, public, name or judge.__name__, **other)


def of(module: ModuleType) -> list[Property]:
    """The properties that the module of an exercise holds, in order; one without a name has that of its variable.

    Those whose variable begins with _ are only needed by others.
    """
    named = ((name, one) for name, one in vars(module).items() if not name.startswith("_"))
    found = ((name, one) for name, one in named if type(one).__name__ == Property.__name__)  # any copy's
    return [one if one.name else replace(one, name=name) for name, one in found]


def holds(one: Property, answer: Any, given: Any, library: Library = importlib.import_module) -> None:
    """Measure and judge. Raises what the answer raises, and `Wrong`."""
    if one.needs is not None:
        holds(one.needs, answer, given, library)
    data = one.measure(answer, given, library)
    try:
        one.judge(data, given)
    except Wrong as error:
        error.slip = one.slip if error.slip is None else error.slip
        raise


def ask(module: ModuleType, answer: Any) -> None:
    """The check of an exercise's module, whichever form it has. Raises `Wrong`, and whatever the answer raises."""
    if hasattr(module, "check"):
        module.check(answer)
    else:
        check(module, answer)


def check(module: ModuleType, answer: Any) -> None:
    """The public check: every property at everything public, numbers shown. Raises what `holds` raises."""
    with revealing():
        for one in of(module):
            for given in one.public:
                holds(one, answer, given)


def questions(module: ModuleType, answer: Any) -> dict[str, Callable[[], Any]]:
    """name -> what asks it, for `diagnosis`; a second public `given` has the name with a 2, and so on."""
    found: dict[str, Callable[[], Any]] = {}
    before: list[Callable[[], bool]] = []
    for one in of(module):
        for number, given in enumerate(one.public, start=1):
            name = one.name if number == 1 else f"{one.name} {number}"
            found[name] = partial(_ask, one, answer, given, tuple(before) if one.in_turn else ())
        if one.in_turn:
            before.append(cache(partial(_all_hold, one, answer)))  # judged once, however many questions wait for it
    return found


def _all_hold(one: Property, answer: Any) -> bool:
    try:
        for given in one.public:
            holds(one, answer, given)
    except Exception:
        return False
    return True


def _ask(one: Property, answer: Any, given: Any, before: tuple[Callable[[], bool], ...]) -> Any:
    if not all(earlier() for earlier in before):
        return "not asked"
    data = one.measure(answer, given, importlib.import_module)
    return one.outcome(data) if one.outcome else data
