"""Follow-through: an answer is not marked down for what it uses, and a right answer in the place of that is no gift."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import bank, follow_through, gradescope, pages, paths, program, skeleton
from autograder.pool import Pool
from autograder.report import FollowThrough, Report
from autograder.summary import summarise
from autograder.tests.conftest import CANARY, LIMITS, RIGHT, SmallCourse, stub

WRONG = "def double(x):\n    return 3 * x"
USES = "def square(x):\n    return double(x) * x / SCALE"
A3 = "a3_self_attention"


def everything(report: Report) -> str:
    """All that is kept of a report, and all that is shown."""
    shown = [pages.exercise(result, report) + pages.text(result) for result in report.exercises]
    return "\n".join([report.to_json(), str(gradescope.results(report)), *shown])


class TestPoints:
    @pytest.mark.parametrize(
        "double",
        [
            WRONG,
            "",
            stub("double") + "  # later",
            "def double(x)\n    return x",
            "raise ValueError",
            "import os\ndef double(x):\n    os._exit(0)",
            "def double(x):\n    while True:\n        pass",
            "def double(*x):\n    return 2 * x[0]\n\ndouble = None",
        ],
        ids=["wrong", "blank", "stub", "no Python", "raises", "ends", "loops", "set to nothing"],
    )
    def test_what_uses_an_answer_that_is_not_right(self, grade, double):
        report = grade(double=double, square=USES)
        square = report.exercise("square")
        assert (square.score, square.status) == (3, "right")
        assert square.follow_through.instead == ("double",) and square.follow_through.counts
        assert square.follow_through.before < 3 == square.follow_through.after
        assert [(test.status, test.score, test.message) for test in square.tests] == [("passed", 1, "")] * 3
        alone = grade(double=double).exercise("double")
        assert report.exercise("double").score == alone.score < 4
        assert report.exercise("double").follow_through is None

    def test_the_report_says_so(self, grade):
        report = grade(double=WRONG, square=USES)
        said = (
            "Graded once more with a right `double` in the place of yours, which it uses: 3 of 3 points instead of 1."
        )
        assert said in pages.text(report.exercise("square")) and said in pages.exercise(
            report.exercise("square"), report
        )
        assert f"square: {said}" in gradescope.results(report)["output"]
        assert Report.from_json(report.to_json()) == report
        assert [one.followed for one in summarise([report]).exercises] == [0, 1, 0]

    def test_right_answers_and_those_that_use_none_are_graded_once(self, grade):
        assert all(one.follow_through is None for one in grade(square=USES).exercises)
        said = 'def square(x):\n    """As double."""\n    doubled = x  # double(x)\n    return "double"'
        assert grade(double=WRONG, square=said).exercise("square").follow_through is None

    @pytest.mark.parametrize(
        "double, helper, square",
        [
            (WRONG + "\n\ntwice = double", "", "def square(x):\n    return twice(x) * x / SCALE"),
            (WRONG + "\n\nHALF = 2", "", "def square(x):\n    return double(x) * x / HALF"),
            (WRONG, "def twice(x):\n    return double(x)", "def square(x):\n    return twice(x) * x / SCALE"),
            (WRONG, "FOUR = double(2)", "def square(x):\n    return FOUR * x * x / 4"),
            (WRONG, "", "def square(x, f=double):\n    return f(x) * x / SCALE"),
            ("def double(x):\n    return x\n\ndouble.__wrapped__ = None", "", USES),
        ],
        ids=["another name", "a name beside it", "by a helper", "a value", "a default", "changed later"],
    )
    def test_however_it_is_used(self, grade, double, helper, square):
        helpers = [(5, helper)] if helper else None
        assert grade(double=double, square=square, helpers=helpers).exercise("square").score == 3

    def test_several_at_once_and_those_alone_that_are_not_right(self, grade):
        """W uses both; square is right, given a right double."""
        value = "W = [[square(1) + double(1) - SCALE, square(2) - SCALE]]"
        report = grade(double=WRONG, square=USES, W=value)
        assert report.exercise("W").follow_through.instead == ("double",) and report.exercise("W").score == 2
        report = grade(double=WRONG, square="def square(x):\n    return double(x) * x", W=value)
        assert report.exercise("W").follow_through.instead == ("double", "square")
        assert report.exercise("W").score == 2 and report.exercise("square").score < 3

    def test_the_better_result_counts(self, grade):
        """This square fits its own double alone, which has an argument more."""
        double = "def double(x, by, more):\n    return by * x"
        report = grade(double=double, square="def square(x):\n    return double(x, x, 0) if x else None")
        assert report.exercise("square").score == 3
        report = grade(double=double, square="def square(x):\n    return double(x, abs(x), 0)")
        square = report.exercise("square")
        assert square.score == 2 == square.follow_through.before and square.follow_through.after == 0
        assert "no more points than with yours" in pages.text(square)
        assert square.tests[1].message == "the square of a negative number is off."

    def test_a_mistake_of_its_own_still_costs(self, grade):
        square = grade(double=WRONG, square="def square(x):\n    return double(abs(x)) * x / SCALE").exercise("square")
        assert (square.score, square.status) == (2, "partly")
        assert [test.status for test in square.tests] == ["passed", "failed", "passed"]
        assert square.tests[1].message == "the square of a negative number is off."

    def test_what_comes_below_is_not_given(self, grade):
        report = grade(double="def double(x):\n    return 2 * square(x) / x if x is not 0 else 0", square="x = 1")
        assert report.exercise("double").follow_through is None and report.exercise("double").mistake is None

    def test_whoever_needs_no_second_process_gets_none(self, course, tmp_path):
        """Counted where processes are made: right answers, a wrong one that nothing uses, one that another uses."""
        counted = tmp_path / "counted"
        process = course.process()
        process.command[2] = (
            "from autograder.warm import WarmWorker; spawn = WarmWorker.spawn\n"
            f"def count(*args):\n    open({str(counted)!r}, 'a').write('x')\n    return spawn(*args)\n"
            f"WarmWorker.spawn = count\n{process.command[2]}"
        )
        made = []
        try:
            for answers in ({"square": USES}, {"double": WRONG}, {"double": WRONG, "square": USES}):
                before = counted.stat().st_size if counted.exists() else 0
                process.grade(course.job(**{**RIGHT, **answers}))
                made.append(counted.stat().st_size - before)
        finally:
            process.close()
        assert made == [1, 1, 3]  # the third: the submission, square once more, and double handed in for square

    def test_all_second_processes_have_the_time_of_one_submission(self, course):
        process = course.process(replace(LIMITS, question=1.0, submission=1.5))
        slow = "import time\ndef square(x):\n    time.sleep(9)\n    return double(x)"
        try:
            report = process.grade(course.job(double=WRONG, square=slow, W="W = [[double(1), 7]]"))
        finally:
            process.close()
        assert report.exercise("square").follow_through.after == 0 and report.exercise("W").follow_through is None
        said = "The time for this notebook was over before these could be graded once more"
        assert [note.endswith("W.") for note in report.notes if said in note] == [True]
        assert any(said in why for why in report.look_at)


READ = {
    "its text": "double.__doc__ or ''",
    "its code": "repr(double.__code__.co_consts)",
    "its module": "getattr(__import__('sys').modules.get('right_double'), 'double', double).__doc__ or ''",
    "every object": "str([o.__doc__ for o in __import__('gc').get_objects() if type(o).__name__ == 'function'])",
}
TELL = {
    "raises": "raise ValueError(found)",
    "returns": "return found",
    "prints": "print(found); import sys; print(found, file=sys.stderr); return 0",
    "ends": "import os; os.write(1, found.encode()); os.write(2, found.encode()); os._exit(3)",
    "as a type": "return type(found[:70], (), {})()",
    "as an array": "return np.frombuffer(found.encode(), 'uint8').astype(float)",
    "beside a number": "class Told(float): __repr__ = __str__ = lambda self: found\n        return Told(-1)",
}


class TestAttacks:
    """The notebook's own double is wrong on purpose; the second process holds a right one, and student code."""

    @pytest.mark.parametrize("read", READ)
    def test_a_right_answer_can_be_read_there(self, grade, read):
        """Else the tests below would show nothing."""
        square = f"def square(x):\n    double\n    return x * x if {CANARY!r} in {READ[read]} else 0"
        report = grade(double=WRONG, square=square)
        assert report.exercise("square").score == 3 and report.exercise("square").follow_through.counts

    @pytest.mark.parametrize("gains", [True, False])
    @pytest.mark.parametrize("tell", TELL)
    def test_no_word_of_it_gets_out(self, grade, tell, gains):
        """Told for each question, or for one alone, so that the other tests hold and the second result counts."""
        square = "def square(x):\n    found = double.__doc__ or ''\n"
        square += f"    if found and (x == -3 or not {gains}):\n        {TELL[tell]}\n    return x * x if found else 0"
        report = grade(double=WRONG, square=square)
        followed = report.exercise("square").follow_through
        assert followed.counts is gains and followed.after == 2 * gains
        assert CANARY not in everything(report) and str(list(CANARY.encode()))[1:-1] not in everything(report)

    def test_not_by_a_cell_that_runs(self, grade):
        cell = "import sys\nif double.__doc__:\n    print(double.__doc__)\n    raise ValueError(double.__doc__)"
        report = grade(double=WRONG, square=f"{USES}\n\nsquare.x = double.__doc__\n{cell}", helpers=[(5, cell)])
        assert report.exercise("square").follow_through.counts and CANARY not in everything(report)

    def test_nor_by_a_file(self, grade):
        """What the second process writes, no process finds: not this submission's next one, not the next submission."""
        each = "    for name in ('/tmp/kept', '/dev/shm/kept', 'kept'):\n        try:\n            {}\n"
        each += "        except OSError:\n            pass\n"
        write = "def square(x):\n    found = double.__doc__\n" + each.format("found and open(name, 'w').write(found)")
        read = f"def found():\n    text = ''\n{each.format('text += open(name).read()')}    return text\n\n"
        value = f"{read}W = [[square(1), 2]] if 0 else [[found(), double]]"
        first = grade(double=WRONG, square=write + "    return double(x)", W=value)
        second = grade(W=f"{read}W = [[1, 2]] if found() else [[0, 0]]")
        assert first.exercise("W").follow_through is not None and CANARY not in everything(first)
        assert second.exercise("W").score < 2

    def test_how_long_it_took_is_not_told(self, grade):
        square = "import time\ndef square(x):\n    time.sleep(1.5 if double.__doc__ else 0)\n    return double(x)"
        report = grade(double=WRONG, square=square)
        assert report.exercise("square").follow_through is not None and report.seconds < 1.5

    def test_nothing_of_its_end_is_told(self, grade):
        square = "import os\ndef square(x):\n    return double(x) if not double.__doc__ else os._exit(1)"
        report = grade(double=WRONG, square=square)
        assert report.stopped == () and "ended its own process" not in everything(report)

    def test_nothing_is_gained_where_the_right_answer_stands(self, grade):
        """A cell that puts the right double in the place of its own, once it has it."""
        steal = "import sys\nmodule = sys.modules.get('right_double')\nif module:\n    double = module.double\n"
        steal += "    sys.modules['__main__'].double = double"
        report = grade(double=f"{WRONG}\n\n{steal}", square=f"{steal}\n\n{USES}", helpers=[(0, steal), (9, steal)])
        assert report.exercise("double").score == grade(double=WRONG).exercise("double").score
        assert report.exercise("square").score == 3

    @pytest.mark.parametrize("square", ["square = double", "def square(*x):\n    return double(*x)"])
    def test_what_is_only_handed_through_earns_nothing(self, grade, square):
        """The right double passes one of square's tests; this one, none."""
        report = grade(double="def double(x):\n    return -x if x is not 0 else 1", square=square)
        square = report.exercise("square")
        assert square.score == 0 and square.follow_through.alone
        assert "so it does not count" in pages.text(square)


@pytest.fixture(scope="module")
def attended():
    """attended(Head="…") -> the report of the third assignment, all right but for these."""
    with Pool([A3]) as graders:

        def run(**answers: str) -> Report:
            job = program.job(skeleton.load(A3), "s01", {**bank.reference(A3), **answers}, seed=5)
            return next(iter(graders.grade([job])))

        yield run


class TestNames:
    """A right answer is never called by a mistake's name because of what it calls."""

    MASK = "def attention(q, k, v, mask=None):\n    scores = q @ k.mT / math.sqrt(k.shape[-1])\n"
    MASK += "    if mask is not None:\n        scores = scores.masked_fill(mask, float('-inf'))\n"
    MASK += "    weights = F.softmax(scores, dim=-1)\n    return weights @ v, weights"

    def test_the_mistake_is_the_called_ones(self, attended):
        report = attended(attention=self.MASK)
        assert report.exercise("attention").mistake is not None
        others = [one for one in report.exercises if one.name != "attention"]
        assert all(one.status == "right" and one.mistake is None for one in others)
        assert report.exercise("Head").follow_through.instead == ("attention",)

    def test_a_mistake_of_its_own_is_named_beside(self, attended):
        calling = [one for one in bank.load(A3, "CrossAttentionHead") if not one.right and "attention(" in one.code]
        assert len(calling) >= 3
        for answer in calling[:3]:
            alone = attended(CrossAttentionHead=answer.code).exercise("CrossAttentionHead")
            both = attended(CrossAttentionHead=answer.code, attention=self.MASK).exercise("CrossAttentionHead")
            assert alone.mistake is not None and alone.mistake.name == answer.name
            assert both.mistake == alone.mistake and both.score == alone.score


@pytest.mark.parametrize(
    "matrix", ["average_matrix = average_loop", "def average_matrix(x):\n    return average_loop(x)"]
)
def test_a_right_answer_that_fits_two_exercises_is_no_gift(attended, matrix):
    """All tests of average_matrix hold for the instructor's average_loop; whoever has neither gets neither."""
    result = attended(average_loop="def average_loop(x):\n    return x", average_matrix=matrix)
    result = result.exercise("average_matrix")
    assert result.follow_through.alone and result.score == result.follow_through.before < result.follow_through.after


class TestSolutions:
    @pytest.mark.parametrize("assignment", paths.assignments())
    def test_a_right_answer_is_a_module_by_itself(self, assignment, worker):
        """With what it needs and nothing else: it runs before any cell of a notebook."""
        outline = skeleton.load(assignment)
        process = worker.spawn()
        if outline.given:
            process.ask(ask="module", name="given", source=outline.given)
        for exercise in outline.exercises:
            process.ask(
                ask="module", name=f"right_{exercise.name}", source=follow_through.right(assignment, exercise.name)
            )
            process.ask(ask="cell", name="c", source=f"from right_{exercise.name} import {exercise.name}")
        process.close()

    def test_a_place_without_them_refuses(self, course, tmp_path):
        other = SmallCourse(tmp_path)
        next((tmp_path / "solutions").rglob("*.ipynb")).unlink()
        process = other.process()
        try:
            with pytest.raises(RuntimeError, match="solutions"):
                process.grade(other.job(double=WRONG, square=USES))
        finally:
            process.close()


def test_uses_is_read_from_the_program(course):
    job = course.job(double=WRONG, square=USES, W="W = [[square(1), 2]]", helpers=[(3, "double_of = 3")])
    assert follow_through.uses(job, "W", {"double", "square"}) == {"square"}
    assert follow_through.uses(job, "W", {"double"}) == {"double"}
    assert follow_through.uses(job, "double", {"square", "W"}) == set()


def test_an_older_report_is_read(grade):
    import json

    data = json.loads(grade(double=WRONG).to_json())
    for one in data["exercises"]:
        del one["follow_through"]
    assert Report.from_dict(data).exercise("double").follow_through is None
    assert FollowThrough(("double",), 1, 2, True).instead == ("double",)
