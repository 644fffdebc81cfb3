"""What a fingerprint was made from: each thing that decides an outcome counts, and nothing else does."""

import shutil

import pytest

from autograder import bank, digests, hunks, paths, skeleton, verify
from autograder.tests.conftest import A1

EXERCISE = "W_first"
KEY = (A1, EXERCISE)
FILES = {
    "bank": f"autograder/misconceptions/{A1}/{EXERCISE}.txt",
    "check": f"course_lib/check/{A1}/{EXERCISE}.py",
    "its helper": f"course_lib/check/{A1}/_heads.py",
    "what that imports": "course_lib/patterns.py",
    "the machinery": "course_lib/check/diagnosis.py",
    "suite": f"autograder/suites/{A1}/test_{EXERCISE}.py",
    "notebook": f"solutions/{A1}/attention_by_hand.py",
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of all that a digest looks at."""
    root = tmp_path_factory.mktemp("course")
    left_out = shutil.ignore_patterns("__pycache__", "*.ipynb", "tests")
    for folder in ("course_lib", "solutions", "autograder/suites", "autograder/misconceptions"):
        shutil.copytree(paths.ROOT / folder, root / folder, ignore=left_out)
    return root


@pytest.fixture
def root(copied, monkeypatch):
    """The copy in the place of the course; what a test edits there is put back."""
    for name in ("SOLUTIONS", "COURSE_LIB", "SUITES", "BANKS", "FINGERPRINTS"):
        monkeypatch.setattr(paths, name, copied / getattr(paths, name).relative_to(paths.ROOT))
    monkeypatch.setattr(paths, "ROOT", copied)
    before = {file: (copied / file).read_bytes() for file in FILES.values()}
    yield copied
    for file, content in before.items():
        (copied / file).write_bytes(content)


def edit(root, which, old, new):
    file = root / FILES[which]
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def stale():
    return [sentence for sentence in verify.stale([A1]) if f"/{EXERCISE}.json" in sentence]


def test_nothing_is_stale_that_nobody_touched(root):
    assert verify.stale(paths.assignments()) == []


@pytest.mark.parametrize(
    ("which", "old", "new", "says"),
    [
        ("bank", "# Title: W_q and W_k exchanged", "# Title: W_q and W_k swapped", "the bank changed"),
        ("bank", "W_q = np.eye(3)", "W_q = 2 * np.eye(3)", "the bank changed"),
        ("check", "def _fails(", "PRECISION = 1\n\n\ndef _fails(", "the check or what it imports changed"),
        ("its helper", "def shapes(", "PRECISION = 1\n\n\ndef shapes(", "the check or what it imports changed"),
        ("what that imports", "EXHAUSTIVE = ", "EXHAUSTIVE = 0 * ", "the check or what it imports changed"),
        ("the machinery", "rtol=1e-3", "rtol=1e-2", "the check or what it imports changed"),
        ("notebook", "W_first = W_q, W_k", "W_first = W_q * 1, W_k", "the notebook's code changed"),
    ],
)
def test_whatever_decides_an_outcome_makes_its_fingerprint_stale(root, which, old, new, says):
    edit(root, which, old, new)
    (sentence,) = stale()
    assert f"fingerprints/{A1}/{EXERCISE}.json is out of date" in sentence and says in sentence
    assert f"verify a1 --exercise {EXERCISE} --write" in sentence
    assert KEY in verify.changed([KEY])


@pytest.mark.parametrize(
    ("which", "old", "new"),
    [
        ("check", "def _fails(", "# why it is so\n\n\ndef _fails("),
        ("its helper", "def shapes(", "# why it is so\ndef shapes("),
        ("notebook", "# Attention by hand", "# Attention, by hand"),
        ("notebook", "W_first = W_q, W_k", "W_first = W_q, W_k  # a pair"),
    ],
)
def test_comments_and_prose_decide_nothing(root, which, old, new):
    edit(root, which, old, new)
    assert verify.stale([A1]) == [] and verify.changed([KEY]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("W_q = np.eye(3)", "# each asks for its own kind\n\nW_q = np.eye(3)  # three rows"),
        ("W_q = np.eye(3)", "W_q = (\n    np.eye(3)\n)"),
        ("# %% wrong consonants_again", "# Notes on these answers.\n\n# %% wrong consonants_again"),
    ],
    ids=["comments", "layout", "a remark before the entries"],
)
def test_how_a_bank_is_laid_out_decides_nothing(root, old, new):
    edit(root, "bank", old, new)
    assert verify.stale([A1]) == [] and verify.changed([KEY]) == []


def test_whether_an_answer_is_written_as_an_edit_decides_nothing(root):
    code = {answer.name: answer.code for answer in bank.load(*KEY)}
    edit(root, "bank", "# %% wrong swapped", "# %% wrong swapped of own_kind")
    edit(root, "bank", code["swapped"], hunks.between(code["own_kind"], code["swapped"]) + "\n")
    assert verify.stale([A1]) == [] and verify.changed([KEY]) == []
    edit(root, "bank", "+W_q = np.array([[0.0, 0.0, 5.0]])", "+W_q = np.array([[0.0, 0.0, 6.0]])")
    assert "the bank changed" in stale()[0]


def test_an_edit_concerns_those_who_use_it(root):
    edit(root, "bank", "W_q = np.eye(3)", "W_q = 2 * np.eye(3)")
    assert len(verify.stale([A1])) == 1
    edit(root, "its helper", "def shapes(", "PRECISION = 1\n\n\ndef shapes(")
    told = " ".join(verify.stale([A1]))
    assert "W_proportion" in told and "masked_attention" not in told


def test_a_changed_suite_is_to_be_proven_and_nothing_is_stale(root):
    edit(root, "suite", "points=2", "points=3")
    assert verify.stale([A1]) == [] and verify.changed(verify.exercises([A1])) == [KEY]


def test_a_suite_that_looks_at_another_answer_is_proven_with_it(root):
    """The trace of the first problem is asked of the student's own matrices."""
    before = digests.suite(A1, "trace_first")
    edit(root, "notebook", "W_first = W_q, W_k", "W_first = W_q * 1, W_k")
    assert digests.suite(A1, "trace_first") != before


def test_files_that_are_missing_or_nobodys(root):
    folder = root / "course_lib" / "fingerprints" / A1
    (folder / f"{EXERCISE}.json").rename(folder / "nobodys.json")
    told = verify.stale([A1])
    (folder / "nobodys.json").rename(folder / f"{EXERCISE}.json")
    assert any(f"{EXERCISE}.json is out of date: it is missing" in one for one in told)
    assert any("nobodys.json belongs to no exercise" in one for one in told)


def test_a_check_in_the_middle_of_being_written(root):
    edit(root, "check", "def _fails(", "def _fails((")
    assert len(stale()) == 1


class TestWriting:
    def test_outcomes_that_are_the_same_stay_as_they_were_written(self, root):
        key = (A1, "masked_attention")
        kept = verify.read(*key)
        edit(root, "the machinery", "rtol=1e-3", "rtol=0.001")
        nearly = [{**one, "signature": _nudged(one["signature"])} for one in kept.mistakes]
        assert nearly != kept.mistakes
        verify._write(key, nearly, proven=True)
        now, file = verify.read(*key), verify.fingerprint_file(*key)
        assert now.mistakes == kept.mistakes and now.made_from != kept.made_from
        assert verify.changed([key]) == []
        before = file.stat().st_mtime_ns
        verify._write(key, nearly, proven=True)
        assert file.stat().st_mtime_ns == before  # nothing to write
        file.write_text(kept.text())

    def test_what_has_gaps_is_not_proven(self, root):
        kept = verify.read(*KEY)
        verify._write(KEY, kept.mistakes, proven=False)
        assert verify.stale([A1]) == [] and verify.changed([KEY]) == [KEY]
        verify.fingerprint_file(*KEY).write_text(kept.text())

    def test_the_real_bank_gives_the_fingerprints_that_are_there(self, monkeypatch, tmp_path):
        """Grading and asking in one go, by the real grader."""
        key = (A1, "score_needed")
        wanted = verify.read(*key)
        monkeypatch.setattr(paths, "FINGERPRINTS", tmp_path)
        rows = verify.judge(verify.every([key]), write=True)
        assert verify.read(*key).mistakes == wanted.mistakes
        assert rows[key].gaps == () and rows[key].named == rows[key].wrong == len(wanted.mistakes)


def _nudged(value):
    """The same outcomes but for rounding."""
    if isinstance(value, dict):
        return {key: _nudged(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_nudged(part) for part in value]
    return value + 1e-9 if isinstance(value, float | int) and not isinstance(value, bool) else value


class TestSample:
    def chosen(self):
        return verify.every(verify.exercises(paths.assignments()[:2]))

    def test_a_commit_draws_the_same_and_another_one_others(self):
        one, again, other = (verify.sample(self.chosen(), commit, 40) for commit in ("1f", "1f", "2e"))
        assert one == again != other and sum(map(len, one.values())) == sum(map(len, other.values())) == 40

    def test_it_does_not_grow_with_the_course(self):
        every = verify.every(verify.exercises(paths.assignments()))
        assert sum(map(len, verify.sample(every, "1f").values())) == verify.SAMPLE < sum(map(len, every.values()))

    def test_few_answers_are_all_taken(self):
        every = verify.every(verify.exercises([A1], EXERCISE))
        assert verify.sample(every, "1f", 10_000) == every

    def test_all_of_them_come_up(self):
        """In a hundred commits a tenth of the answers is drawn so often that none is left out."""
        chosen = verify.every(verify.exercises([A1], EXERCISE))
        drawn = {answer for n in range(100) for own in verify.sample(chosen, str(n), 3).values() for answer in own}
        assert drawn == {answer for own in chosen.values() for answer in own}


@pytest.mark.parametrize("assignment", paths.assignments())
def test_every_exercise_has_a_digest_of_its_own(assignment):
    names = [exercise.name for exercise in skeleton.load(assignment).exercises]
    assert len({tuple(digests.made_from(assignment, name).values()) for name in names}) == len(names)
