"""What the course library holds for its own checks is nobody's answer, and points come in quarters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from autograder import program, skeleton, store
from autograder.grader import _shares
from autograder.pool import Pool
from autograder.tests.conftest import LIMITS
from autograder.worker.wire import Reference

A4 = "a4_gpt"
OFFERED = {
    "imported under the exercise's name": "from course_lib.probes import Layer as Block",
    "bound": "from course_lib import probes\nBlock = probes.Layer",
    "a subclass": "from course_lib.probes import Layer\nclass Block(Layer):\n    pass",
    "renamed": "from course_lib.probes import Layer\nLayer.__module__ = '__main__'\nBlock = Layer",
    "kept by a cache": "import functools\nfrom course_lib.probes import Layer\nBlock = functools.cache(Layer)",
    "partial": "import functools\nfrom course_lib.probes import Layer\nBlock = functools.partial(Layer, dropout=0.0)",
}


@pytest.fixture(scope="module")
def graders():
    with Pool([A4]) as pool:
        yield pool


@pytest.mark.parametrize("kind", OFFERED)
def test_a_gift_counts_as_not_attempted(graders, kind):
    job = program.job(skeleton.load(A4), "s01", {"Block": OFFERED[kind]}, seed=1, only=("Block",))
    (report,) = graders.grade([job])
    result = report.exercise("Block")
    assert result.score == 0 and result.status == "blank" and "Layer" in result.message
    assert "course library" in result.message


EVERY = """
import course_lib, importlib, pkgutil
names, found = [], []
for info in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
    if ".tests" not in info.name and not info.name.endswith("__main__"):
        module = importlib.import_module(info.name)
        found += [one for one in vars(module).values() if callable(one) and one.__module__ == module.__name__]
for number, one in enumerate(found):
    globals()[f"offered_{number}"] = one
    if isinstance(one, type) and one.__flags__ & 1 << 10:
        globals()[f"offered_{number}_below"] = type("Mine", (one,), {})
names = [name for name in list(globals()) if name.startswith("offered_")]
"""


def test_no_callable_of_the_bundle_is_an_answer(worker):
    """Each function and class of course_lib, and a subclass of each class: to every exercise it is no answer."""
    process = worker.spawn(replace(LIMITS, question=60.0, memory=1 << 30))
    try:
        process.ask(ask="cell", name="c", source=EVERY)
        names = process.ask(ask="value", target=Reference(name="names"))
        own = {name for name in names if not process.ask(ask="gift", name=name)}
    finally:
        process.close()
    assert len(names) > 300 and own == set()


@pytest.mark.parametrize(
    "points, weights",
    [(10, [1] * 7), (3, [1] * 7), (9, [2, 1, 1, 3]), (1, [1, 1]), (0.5, [1, 1]), (4, [5, 1, 1]), (10, [100, 1, 1])],
)
def test_points_are_quarters_that_add_up(points, weights):
    shares = _shares(points, weights)
    assert sum(map(Fraction, shares)) == Fraction(points)
    assert all(share > 0 and 4 * share == int(4 * share) for share in shares)
    exact = [points * weight / sum(weights) for weight in weights]
    assert all(share == 0.25 or abs(share - one) < 0.51 for share, one in zip(shares, exact, strict=True))
    for (a, x), (b, y) in zip(
        zip(weights, shares, strict=True), list(zip(weights, shares, strict=True))[1:], strict=False
    ):
        assert a < b or x >= y or abs(x - y) <= 0.25


def test_what_no_quarter_divides_is_divided_exactly():
    assert _shares(1, [1] * 5) == [0.2] * 5 and sum(_shares(0.1, [1, 3])) == pytest.approx(0.1)


class TestClassSeed:
    @pytest.fixture(autouse=True)
    def workspace(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GRADING", str(tmp_path))
        self.root = tmp_path

    def test_it_is_drawn_once_for_each_assignment_and_kept_private(self):
        first = store.class_seed("a1")
        assert store.class_seed("a1") == first != store.class_seed("a2")
        assert (self.root / "seeds" / "a1").stat().st_mode & 0o077 == 0
        assert sorted(file.name for file in (self.root / "seeds").iterdir()) == ["a1", "a2"]

    def test_a_file_with_something_else_is_named(self):
        (self.root / "seeds").mkdir()
        (self.root / "seeds" / "a1").write_text("soon")
        with pytest.raises(ValueError, match="delete it"):
            store.class_seed("a1")
