"""Reading the bank, and the table that proves the suites against it."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder import authoring, bank, cli, demo, paths, program, public, skeleton, verify
from autograder.report import ExerciseResult, Named, Report, TestResult
from autograder.tests.conftest import A1
from course_lib.check import diagnosis

TEXT = """# %% wrong no_scale
# Title: no scale
# Hint: Divide by the square root.
def f(x):
    return x

# %% right plain
def f(x):
    return x / 2
"""


def test_an_entry_is_its_kind_name_title_hint_and_code():
    wrong, right = bank.parse(TEXT, "f")
    assert (wrong.name, wrong.right, wrong.title, wrong.hint) == (
        "no_scale",
        False,
        "no scale",
        "Divide by the square root.",
    )
    assert wrong.code == "def f(x):\n    return x\n"
    assert (right.name, right.right, right.title) == ("plain", True, "")


def test_a_wrong_answer_without_a_hint_is_refused_by_name():
    with pytest.raises(ValueError, match="f/no_scale"):
        bank.parse(TEXT.replace("# Hint", "# Note"), "f")


def test_doubled_names_are_refused():
    with pytest.raises(ValueError, match="no_scale"):
        bank.parse(TEXT + TEXT, "f")


EDITS = (
    TEXT
    + """
# %% wrong doubled of plain
# Title: multiplied
# Hint: Divide.
-    return x / 2
+    return x * 2

# %% right renamed of solution
-def f(x):
-    return x >> 1
+def f(y):
+    return y >> 1
"""
)


def solution():
    return "def f(x):\n    return x >> 1"


def edited(old, new):
    """EDITS with a piece of it exchanged."""
    assert EDITS.count(old) == 1
    return EDITS.replace(old, new)


class TestEdits:
    def test_of_an_entry_and_of_the_solution(self):
        *_, doubled, renamed = bank.parse(EDITS, "f", solution)
        assert (doubled.name, doubled.right, doubled.title, doubled.hint) == ("doubled", False, "multiplied", "Divide.")
        assert doubled.code == "def f(x):\n    return x * 2\n"
        assert (renamed.right, renamed.code) == (True, "def f(y):\n    return y >> 1\n")

    def test_a_base_may_come_later(self):
        pieces = EDITS.split("# %% ")[1:]
        moved = bank.parse("".join(f"# %% {piece}\n" for piece in reversed(pieces)), "f", solution)
        assert moved == bank.parse(EDITS, "f", solution)[::-1]

    def test_what_stays_may_stand_in_the_first_line(self):
        (*_, last) = bank.parse(f"{TEXT}\n# %% right noted of plain\n def f(x):\n+    # half\n", "f")
        assert last.code == "def f(x):\n    # half\n    return x / 2\n"

    def test_the_solution_is_not_read_without_need(self):
        def fail():
            raise AssertionError

        assert len(bank.parse(TEXT, "f", fail)) == 2

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (edited("doubled of plain", "doubled of plane"), "f/doubled, an edit of plane: there is no entry plane"),
            (edited("of solution", "of doubled"), "f/renamed, an edit of doubled: doubled is itself an edit, of plain"),
            (edited("-    return x / 2", "-    return x"), "f/doubled, an edit of plain: hunk 1 fits nowhere"),
            (
                edited("-def f(x):\n-    return x >> 1\n+def f(y):\n+", "+"),
                "f/renamed, an edit of solution: hunk 1 does",
            ),
            (edited("+    return x * 2", "+    return x / 2"), "f/doubled, an edit of plain: its hunks change nothing"),
            (edited("-    return x / 2\n+    return x * 2\n", ""), "f/doubled, an edit of plain: its hunks change"),
            (edited("right plain", "right solution"), "f/solution: this name is taken"),
            (edited("right renamed of", "right renamed from"), "`# %% right renamed from solution`, is no head"),
            (edited("wrong doubled", "worng doubled"), "f: line 11, `# %% worng doubled of plain`, is no head"),
            (edited("# Title: multiplied\n", ""), "f/doubled: a wrong answer needs a `# Title:`"),
        ],
    )
    def test_what_cannot_be_read_is_told_by_entry(self, text, says):
        with pytest.raises(ValueError) as told:
            bank.parse(text, "f", solution)
        assert str(told.value).startswith("f") and says in str(told.value)

    def test_a_line_that_fits_twice(self):
        text = f"{TEXT}\n# %% right twice\nx = 1\nx = 1\n\n# %% right once of twice\n-x = 1\n"
        with pytest.raises(ValueError, match="f/once, an edit of twice: hunk 1 fits 2 times, from lines 1, 2"):
            bank.parse(text, "f")


class TestFiles:
    """A bank of the first assignment, in a folder of its own."""

    @pytest.fixture
    def write(self, monkeypatch, tmp_path):
        def write(text):
            monkeypatch.setattr(paths, "BANKS", tmp_path)
            (tmp_path / A1).mkdir(exist_ok=True)
            bank.file_of(A1, "masked_attention").write_text(text, encoding="utf-8")

        return write

    def test_the_solution_is_the_instructors_answer_as_a_student_would_write_it(self, write, a1_answers):
        write("# %% right noted of solution\n+# mine\n def masked_attention(Q, K, V):\n")
        (answer,) = bank.load(A1, "masked_attention")
        lines = [line for line in a1_answers["masked_attention"].splitlines() if "SOLUTION" not in line]
        assert answer.code.splitlines() == ["# mine", *lines] and len(lines) > 3

    def test_a_file_that_cannot_be_read_is_named_with_the_entry(self, write):
        write("# %% wrong no_scale\ndef f(x): …\n")
        with pytest.raises(bank.Unreadable) as told:
            bank.load(A1, "masked_attention")
        where = f"{A1}/masked_attention.txt: masked_attention/no_scale: "
        assert str(told.value).endswith(f"{where}a wrong answer needs a `# Title:` and a `# Hint:` line")

    @pytest.mark.parametrize("command", ["verify a1 --exercise masked_attention", "stale", "demo a1"])
    def test_commands_say_it_in_a_sentence(self, write, monkeypatch, command):
        write("# %% wrong no_scale of solution\n# Title: t\n# Hint: h\n-    no such line\n")
        monkeypatch.setattr(authoring, "stale", lambda assignments: [])
        monkeypatch.setattr(demo, "run", lambda *_: demo.sample_class(A1))
        done = CliRunner().invoke(cli.main, command.split())
        assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
        said = " ".join(done.output.split())  # long lines are wrapped
        assert "masked_attention/no_scale, an edit of solution: hunk 1 fits nowhere" in said

    def test_a_changed_notebook_is_read_again(self, monkeypatch, tmp_path):
        text = tmp_path / A1 / "attention.py"
        text.parent.mkdir()
        monkeypatch.setattr(paths, "SOLUTIONS", tmp_path)
        for value in ("1", "2"):
            text.write_text(f'# %% nbgrader={{"grade_id": "f", "solution": true}}\nf = {value}\n')
            assert bank.reference(A1) == {"f": f"f = {value}"}


@pytest.mark.parametrize("assignment", paths.assignments())
def test_every_exercise_has_its_four_files_and_a_bank_of_some_size(assignment):
    for exercise in skeleton.load(assignment).exercises:
        answers = bank.load(assignment, exercise.name)
        assert sum(not answer.right for answer in answers) >= 5, exercise.name
        assert sum(answer.right for answer in answers) >= 3, exercise.name
        for file in (
            paths.COURSE_LIB / "check" / assignment / f"{exercise.name}.py",
            paths.SUITES / assignment / f"test_{exercise.name}.py",
            verify.fingerprint_file(assignment, exercise.name),
        ):
            assert file.exists(), file


@pytest.mark.parametrize("kind", ["check", "suites", "misconceptions", "fingerprints"])
@pytest.mark.parametrize("assignment", paths.assignments())
def test_no_file_belongs_to_no_exercise(assignment, kind):
    folder = {
        "check": paths.COURSE_LIB / "check",
        "suites": paths.SUITES,
        "misconceptions": paths.BANKS,
        "fingerprints": paths.FINGERPRINTS,
    }[kind] / assignment
    names = {exercise.name for exercise in skeleton.load(assignment).exercises}
    files = [file.stem for file in folder.iterdir() if file.is_file() and not file.stem.startswith("_")]
    assert {stem.removeprefix("test_") for stem in files} == names


def graded(score, mistake=None):
    tests = (TestResult("test_a", "A", score, 4.0, "passed" if score == 4 else "failed", "", ""),)
    named = Named(mistake, "title", "hint") if mistake else None
    exercise = ExerciseResult("f", score, 4.0, "right" if score == 4 else "wrong", tests, named)
    return Report("a", "f/x", 1, (exercise,))


GREEN, RED = public.Said("", ""), public.Said("the shape is off.", "bounded")


@pytest.mark.parametrize(
    ("right", "report", "said", "gap"),
    [
        (False, graded(4.0), GREEN, "wrong answer x is not caught"),
        (False, graded(0.0), RED, "wrong answer x is not recognised"),
        (False, graded(0.0, "y"), RED, "wrong answer x is called y"),
        (False, graded(2.0, "x"), GREEN, "wrong answer x has 2 of 4 points, but its public check is green"),
        (True, graded(0.0), RED, "right answer x loses points"),
        (True, graded(4.0), RED, "answer x keeps full points, but its public check refuses it: the shape is off."),
        (False, graded(0.0, "x"), RED, None),
        (False, graded(3.0, "x"), GREEN, None),
        (True, graded(4.0), GREEN, None),
    ],
)
def test_each_kind_of_gap_is_told(right, report, said, gap):
    answer = bank.Answer("f", "x", right, "code", "t", "h")
    row = verify._row("f", {answer: report}, {answer: said}, ())
    assert len(row.gaps) == (gap is not None)
    assert gap is None or row.gaps[0].startswith(gap)
    assert row.by_kind == (said is RED and not right)
    assert (row.false_green, row.harsh) == (bool(gap) and "green" in gap, bool(gap) and "refuses" in gap)


def test_a_fingerprint_makes_no_check_red_for_its_own_answer():
    answer = bank.Answer("f", "x", False, "code", "t", "h")
    report = replace(graded(0.0, "x"), outcomes={"a": 1.0})
    x, y = (diagnosis.Mistake(name, "t", "h", {"a": 1.0}) for name in "xy")
    assert verify._row("f", {answer: report}, {answer: GREEN}, (x,)).false_green == 1
    assert verify._row("f", {answer: report}, {answer: GREEN}, (x, y)).false_green == 0


@pytest.fixture(scope="module")
def said():
    outline = skeleton.load("a4_gpt")
    answers = {
        "right": bank.reference("a4_gpt")["gelu_tanh"],
        "in place": "def gelu_tanh(x):\n    x *= 0\n    return x",
        "nothing": "gelu = 1",
        "ends": "import os\ndef gelu_tanh(x):\n    os._exit(0)",
    }
    jobs = [program.job(outline, name, {"gelu_tanh": one}, only=("gelu_tanh",)) for name, one in answers.items()]
    return dict(public.ask(jobs, workers=2))


class TestPublic:
    """What a student would have seen, asked in the isolation."""

    def test_a_right_answer_is_green_and_shows_no_kind(self, said):
        assert said["right"] == GREEN

    def test_a_wrong_one_is_refused_in_words_and_shows_its_kind(self, said):
        assert said["in place"].refused and said["in place"].kind == "changes_input"

    def test_what_cannot_be_asked_is_refused(self, said):
        assert "defines nothing" in said["nothing"].refused and said["ends"].refused
        assert said["nothing"].kind == said["ends"].kind == ""


WRONG, OTHER, RIGHT = (bank.Answer("f", name, name == "c", "code", "t", "h") for name in "abc")


def answered(**outcomes):
    return {one: replace(graded(0.0), outcomes=outcomes[one.name]) for one in (WRONG, OTHER, RIGHT)}


def test_answers_that_no_outcome_tells_apart_are_named():
    assert verify._clashes("f", answered(a={"x": 1.0}, b={"x": 2.0}, c={"x": 3.0})) == []
    assert verify._clashes("f", answered(a={"x": 1.0}, b={"x": 1.0}, c={"x": 3.0})) == [
        "f: b and a have the same outcomes"
    ]
    assert verify._clashes("f", answered(a={"x": 1.0}, b={"x": 2.0}, c={"x": 2.0})) == [
        "f: b and the right answer c have the same outcomes"
    ]


def test_an_answer_without_outcomes_is_an_error_that_names_it():
    with pytest.raises(ValueError, match="f/b has no outcomes"):
        verify._mistakes("f", answered(a={"x": 1.0}, b=None, c={"x": 3.0}))


def test_new_fingerprints_name_the_answers_that_they_were_made_of():
    reports = answered(a={"x": 1.0}, b={"x": 2.0}, c={"x": 3.0})
    mistakes = verify._mistakes("f", reports)
    assert [one["name"] for one in mistakes] == ["a", "b"]
    assert verify._named(reports[OTHER], "f", mistakes).exercise("f").mistake == Named("b", "t", "h")
    assert verify._named(reports[RIGHT], "f", mistakes).exercise("f").mistake is None
