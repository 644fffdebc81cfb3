"""From an LMS's download to the gradebook and back: who is in it, what is kept, and the ids that the LMS knows."""

from __future__ import annotations

import csv
import logging
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import cli, gradebook, paths
from autograder.nbgrader.export import CanvasExportPlugin, MoodleExportPlugin
from autograder.tests import downloads
from autograder.tests.conftest import A1

CLASS = downloads.people()


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADING", str(tmp_path / "grading"))
    monkeypatch.delenv("GRADEBOOK", raising=False)
    return tmp_path / "grading"


@pytest.fixture
def collect(tmp_path):
    def run(path, roster=None):
        words = ["collect", "a1", str(path)]
        if roster:
            (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
            words += ["--roster", str(tmp_path / "roster.csv")]
        done = CliRunner().invoke(cli.main, words)
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    return run


def canvas_roster(people):
    lines = ["Student,ID,SIS User ID,SIS Login ID,Section", "    Points Possible,,,,"]
    for one in people:
        name = f"{one.last}, {one.first}".replace('"', '""')
        lines.append(f'"{name}",{one.number},,{one.login},1')
    return "\n".join(lines)


def moodle_roster(people):
    lines = ["First name,Last name,Username,Email address"]
    for one in people:
        first, last = (part.replace('"', '""') for part in (one.first, one.last))
        lines.append(f'"{first}","{last}",{one.login},{one.login}@example.org')
    return "\n".join(lines)


def submitted(workspace):
    """student -> {file: content}."""
    found = {}
    for place in (workspace / "submitted").glob(f"*/{A1}"):
        found[place.parent.name] = {file.name: file.read_bytes() for file in place.iterdir()}
    return found


def rows(workspace):
    with Gradebook(gradebook.url(), gradebook.COURSE) as book:
        return {one.id: (one.first_name, one.last_name, one.email, one.lms_user_id) for one in book.students}


class TestCanvas:
    def test_thirty_people_by_their_logins(self, tmp_path, workspace, collect):
        said = collect(downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS)), canvas_roster(CLASS))
        found = submitted(workspace)
        assert set(found) == {one.login for one in CLASS}
        assert (
            said[-2].endswith("read as a Canvas download: 30 people") and said[-1] == "30 people: 30 collected (30 new)"
        )
        for person in CLASS:
            expected = dict(downloads.KINDS[person.kind](downloads.notebook(person, downloads.attempts(person))))
            if person.kind != "typed":
                assert sorted(found[person.login].values()) == sorted(expected.values()), person
        assert found["u_007"].keys() == {"work.zip"}  # closed, as it was handed in
        assert rows(workspace)["u_003"] == ("Jörg", "Müller", None, str(CLASS[3].number))

    def test_and_back(self, tmp_path, workspace, collect):
        """The rows that Canvas reads again carry its ids."""
        collect(downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:3])), canvas_roster(CLASS[:3]))
        _, _, *lines = exported(CanvasExportPlugin, tmp_path / "out.csv", {"u_000": 3.0, "u_001": 0.0})
        assert [(line[1], line[2], line[4]) for line in lines] == [
            ("10001", "u_000", "3.00"),
            ("10008", "u_001", "0.00"),
            ("10015", "u_002", ""),
        ]
        assert lines[0][0] == "Lovelace, Ada"

    def test_without_a_roster_canvas_ids_are_known(self, tmp_path, workspace, collect):
        collect(downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:2])))
        assert set(submitted(workspace)) == {"lovelaceada_10001", "smithjohn_10008"}
        _, _, *lines = exported(CanvasExportPlugin, tmp_path / "out.csv", {"lovelaceada_10001": 3.0})
        assert lines[0][1] == "10001"

    def test_who_is_missing_and_who_is_unknown(self, tmp_path, collect):
        said = collect(downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:3])), canvas_roster(CLASS[1:5]))
        assert said[-1] == (
            "5 people: 3 collected (3 new), 2 missing (Jörg Müller (u_003), Miles O'Brien (u_004)), "
            "not on the roster: lovelaceada_10001"
        )

    def test_a_roster_that_comes_later(self, tmp_path, workspace, collect):
        file = downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:2]))
        collect(file)
        said = collect(file, canvas_roster(CLASS[:2]))
        assert set(submitted(workspace)) == {"u_000", "u_001"}
        assert "Was collected as lovelaceada_10001 before" in " ".join(said)


class TestMoodle:
    def test_there_and_back(self, tmp_path, workspace, collect):
        people = [one for one in CLASS if one.name != "John Smith"]  # there are two
        said = collect(downloads.pack(tmp_path / "c.zip", downloads.moodle(people)), moodle_roster(people))
        assert said[-1] == "28 people: 28 collected (28 new)"
        assert set(submitted(workspace)) == {one.login for one in people}
        assert rows(workspace)["u_003"][2] == "u_003@example.org"
        _, *lines = exported(MoodleExportPlugin, tmp_path / "out.csv", {"u_003": 3.0})
        assert ["Jörg", "Müller", "u_003", "u_003@example.org", "3.00"] in lines

    def test_two_of_one_name_are_not_taken_for_each_other(self, tmp_path, workspace, collect):
        said = collect(downloads.pack(tmp_path / "c.zip", downloads.moodle(CLASS[:3])), moodle_roster(CLASS[:3]))
        assert set(submitted(workspace)) == {"u_000", "John Smith_10008", "John Smith_10015"}
        assert "2 missing (John Smith (u_001), John Smith (u_002))" in said[-1]
        assert "2 students have this name" in " ".join(said)
        worksheet = "Identifier,Full name,Email address\n" + "\n".join(
            f"Participant {one.number},{one.name},{one.login}" for one in CLASS[:3]
        )
        collect(tmp_path / "c.zip", worksheet)
        assert set(submitted(workspace)) == {"u_000", "u_001", "u_002"}


class TestAgain:
    def test_nothing_changes_the_second_time(self, tmp_path, workspace, collect):
        for number, entries in enumerate((downloads.blackboard(CLASS), downloads.brightspace(CLASS))):
            file = downloads.pack(tmp_path / f"{number}.zip", entries)
            collect(file)
            before = {str(one): one.stat().st_mtime_ns for one in workspace.rglob("*") if one.is_file()}
            assert collect(file)[-1].startswith("30 people: 30 collected (30 unchanged)")
            after = {str(one): one.stat().st_mtime_ns for one in workspace.rglob("*") if one.is_file()}
            assert after == before

    def test_only_what_changed_is_replaced_and_the_former_is_kept(self, tmp_path, workspace, collect):
        first = downloads.canvas(CLASS[:3])
        collect(downloads.pack(tmp_path / "1.zip", first))
        (name, data), *others = first
        said = collect(downloads.pack(tmp_path / "2.zip", [(name.replace(".ipynb", "-1.ipynb"), b"better"), *others]))
        assert said[-1] == "3 people: 3 collected (1 replaced, 2 unchanged)"
        assert submitted(workspace)["lovelaceada_10001"] == {"attention_by_hand-1.ipynb": b"better"}
        (kept,) = (workspace / "earlier" / "lovelaceada_10001" / A1).rglob("*.ipynb")
        assert kept.read_bytes() == data

    def test_going_back_and_forth_keeps_each_once(self, tmp_path, workspace, collect):
        for content in (b"1", b"2", b"1", b"2", b"1"):
            collect(downloads.pack(tmp_path / "c.zip", [("doejane_10001_678901_x.ipynb", content)]))
        kept = [file.read_bytes() for file in (workspace / "earlier").rglob("*.ipynb")]
        assert sorted(kept) == [b"1", b"2"] and submitted(workspace)["doejane_10001"] == {"x.ipynb": b"1"}

    def test_an_older_download_replaces_nothing(self, tmp_path, workspace, collect):
        def blackboard(day, content):
            return downloads.pack(
                tmp_path / f"{day}.zip", [(f"a1_ada_attempt_2026-11-{day}-10-11-12_x.ipynb", content)]
            )

        collect(blackboard(12, b"new"))
        said = collect(blackboard(11, b"old"))
        assert said[-1] == "1 person: 1 collected (1 older than what is there)"
        assert submitted(workspace)["ada"]["x.ipynb"] == b"new"
        (kept,) = (workspace / "earlier" / "ada" / A1).rglob("*.ipynb")
        assert kept.read_bytes() == b"old"

    def test_nothing_does_not_replace_something(self, tmp_path, workspace, collect):
        collect(downloads.pack(tmp_path / "1.zip", [("Ada L_1_assignsubmission_file_/x.ipynb", b"1")]))
        said = collect(downloads.pack(tmp_path / "2.zip", [("Ada L_1_assignsubmission_file_/", b"")]))
        assert submitted(workspace)["Ada L_1"] == {"x.ipynb": b"1"} and "stays" in " ".join(said)

    def test_earlier_attempts_of_one_download(self, tmp_path, workspace, collect):
        collect(downloads.pack(tmp_path / "c.zip", downloads.blackboard(CLASS)))
        for person in CLASS:
            folder = workspace / "earlier" / person.login / A1
            assert len(list(folder.glob("*"))) == downloads.attempts(person) - 1


class TestFiles:
    def test_times(self, tmp_path, workspace, collect):
        from nbgrader.utils import parse_utc

        collect(downloads.pack(tmp_path / "c.zip", downloads.brightspace(CLASS[:1])))
        stamp = submitted(workspace)["Ada Lovelace_10001"]["timestamp.txt"].decode()
        assert stamp.endswith(" UTC") and parse_utc(stamp).minute == 11

    def test_names_are_kept_and_safe(self, tmp_path, workspace, collect):
        start = "Ada L_1_assignsubmission_file_/"
        names = ["timestamp.txt", "a/x.ipynb", "b/x.ipynb", "Übung (1).ipynb", "../../../evil", "\u202egnp.ipynb"]
        collect(downloads.pack(tmp_path / "c.zip", [(start + name, name.encode()) for name in names]))
        assert set(submitted(workspace)["Ada L_1"]) == {
            "timestamp (2).txt",
            "x.ipynb",
            "x (2).ipynb",
            "Übung (1).ipynb",
            "evil",
            "_gnp.ipynb",
        }

    def test_nobody_is_left_out_for_having_no_file(self, tmp_path, workspace, collect):
        said = collect(downloads.pack(tmp_path / "c.zip", downloads.blackboard(CLASS)))
        typed = [one.login for one in CLASS if one.kind == "typed"]
        assert typed and all(submitted(workspace)[login].keys() <= {"timestamp.txt"} for login in typed)
        assert f"{len(typed)} of them without a file" in said[-1]

    def test_a_login_that_is_no_folder(self, tmp_path, collect):
        file = downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:1]))
        (tmp_path / "r.csv").write_text("id,first_name\n../x,Ada\n")
        done = CliRunner().invoke(cli.main, ["collect", "a1", str(file), "--roster", str(tmp_path / "r.csv")])
        assert done.exit_code == 1 and "cannot be the name of a folder" in done.output


def exported(plugin, file, scores):
    """The export's lines, after these scores were written into the gradebook."""
    with Gradebook(gradebook.url(), gradebook.COURSE) as book:
        book.add_assignment(A1)
        book.add_notebook("n", A1)
        book.add_grade_cell("test_x", "n", A1, max_score=4, cell_type="code")
        for student, score in scores.items():
            book.add_submission(A1, student)
            grade = book.find_grade("test_x", "n", A1, student)
            grade.auto_score, grade.needs_manual_grade = score, False
        book.db.commit()
        plugin(to=str(file), log=logging.getLogger("export")).export(book)
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.reader(text))


def test_through_nbgraders_own_commands(tmp_path, workspace, collect):
    """Four commands: collect, autograde, generate_feedback, export; here the first and the last, as they are typed."""
    collect(downloads.pack(tmp_path / "c.zip", downloads.canvas(CLASS[:2])), canvas_roster(CLASS[:2]))
    line = [sys.executable, "-m", "nbgrader", "export", "--to", str(tmp_path / "canvas.csv")]
    line += ["--exporter=autograder.nbgrader.export.CanvasExportPlugin"]
    environment = {**os.environ, "GRADING": str(workspace)}
    subprocess.run(line, cwd=paths.ROOT, env=environment, check=True, capture_output=True)
    lines = list(csv.reader((tmp_path / "canvas.csv").open(newline="", encoding="utf-8")))
    assert [line[1:3] for line in lines[2:]] == [["10001", "u_000"], ["10008", "u_001"]]
