"""What `make demo` shows: which assignments, by which command, and how far it is. The commands are tested elsewhere."""

import threading
from concurrent.futures import Future

import pytest

from autograder import authoring, bank, demo, paths, skeleton

COMMANDS = {"nbgrader": "nbgrader autograde", "autograder": "python -m autograder autograde"}


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """shown(…) -> what `run` says, and the commands it ran, without running them."""

    def run(*arguments):
        ran, said = [], []
        monkeypatch.setattr(demo, "WORKSPACE", str(tmp_path / "demo"))
        monkeypatch.setenv("GRADING", "")
        monkeypatch.setattr(authoring, "run", lambda line: ran.append(line[2:]) or "")
        monkeypatch.setattr(demo, "class_page", lambda assignment: None)
        monkeypatch.setattr(demo, "_tell", lambda *_: None)
        demo.run(said.append, *arguments)
        return said, ran

    return run


def graded(ran):
    return {line[2]: line[0] for line in ran if line[1] == "autograde"}


def test_one_assignment_by_each_command_and_the_others_are_named(shown):
    said, ran = shown()
    first, second, *others = paths.assignments()
    assert graded(ran) == {first: "nbgrader", second: "autograder"}
    assert any(line.startswith("not shown") and all(name in line for name in others) for line in said)
    for command in COMMANDS.values():
        assert any(f"grading with {command} …" in line for line in said)


def test_all_of_them(shown):
    said, ran = shown([], True)
    assert list(graded(ran)) == paths.assignments() and "autograder" in graded(ran).values()
    assert not any(line.startswith("not shown") for line in said)


def test_those_that_are_named(shown):
    said, ran = shown(paths.assignments()[1:2])
    assert graded(ran) == {paths.assignments()[1]: "nbgrader"}
    assert not any(line.startswith("not shown") for line in said)


def test_every_student_has_handed_in(shown, tmp_path):
    shown(paths.assignments()[:1])
    name = skeleton.path(paths.assignments()[0]).name
    files = list((tmp_path / "demo" / "submitted").glob(f"*/{paths.assignments()[0]}/{name}"))
    assert len(files) == demo.STUDENTS and all(file.stat().st_size for file in files)


def test_progress_follows_what_is_written():
    running, written, looked = Future(), [], threading.Event()

    def count():
        looked.set()
        return len(written)

    def work():
        for number in range(3):
            looked.clear()
            written.append(number)
            looked.wait()
        running.set_result("")

    worker = threading.Thread(target=work)
    arrivals = demo._arrivals([running], count)
    worker.start()
    assert len(list(arrivals)) == 3
    worker.join()


def test_what_a_failing_command_said_is_told(monkeypatch, tmp_path):
    def fail(line):
        raise RuntimeError("its own words")

    monkeypatch.setattr(authoring, "run", fail)
    with pytest.raises(RuntimeError, match="its own words"):
        demo._watched([["nbgrader", "autograde", "a"]], "grading", tmp_path, "*.json", 1)


@pytest.mark.parametrize("assignment", paths.assignments())
def test_answers_that_go_together_are_exercises_of_the_assignment(assignment):
    """A name that is misspelt in a bank's `# Together:` line would go unnoticed: the answer would only be wrong."""
    names = {exercise.name for exercise in skeleton.load(assignment).exercises}
    assert bank.together(assignment) <= names
    files = [bank.file_of(assignment, exercise) for exercise in bank.exercises(assignment)]
    lines = [text for file in files for text in file.read_text(encoding="utf-8").splitlines()]
    assert sum(line.startswith("# Together") for line in lines) == sum(
        bool(bank.uses(assignment, name)) for name in names
    )
