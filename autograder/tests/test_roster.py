"""Rosters as systems export them, and who on them handed something in."""

from __future__ import annotations

import pytest

from autograder import roster
from autograder.roster import Roster, Student
from autograder.submissions import Found

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework (12345)
,,,,,Manual Posting
    Points Possible,,,,,10.00
"Lovelace, Ada",10001,777,ada@example.org,One,5
"Müller, Jörg",10002,778,jmuller,One,
"Student, Test",10099,,0123456789abcdef0123456789abcdef01234567,One,
"""
PARTICIPANTS = (
    "First name,Last name,ID number,Email address\nAda,Lovelace,777,ada@example.org\nJörg,Müller,778,j@example.org\n"
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    "Participant 123456,Ada Lovelace,ada@example.org,Submitted for grading,,10\n"
)
NBGRADER = (
    "id,first_name,last_name,email,lms_user_id\nada,Ada,Lovelace,ada@example.org,10001\njorg,Jörg,Müller,,10002\n"
)


def made(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "roster.csv"
    file.write_bytes(text.encode(encoding))
    return roster.read(file)


class TestReading:
    def test_canvas(self, tmp_path):
        found = made(tmp_path, CANVAS)
        assert found.system == "Canvas" and found.students == (
            Student("ada@example.org", "Ada", "Lovelace", "ada@example.org", "10001"),
            Student("jmuller", "Jörg", "Müller", "", "10002"),
        )

    def test_canvas_without_logins(self, tmp_path):
        (one,) = made(tmp_path, 'Student,ID,Section\n"Lovelace, Ada",10001,One\n').students
        assert one == Student("10001", "Ada", "Lovelace", "", "10001")

    def test_moodle(self, tmp_path):
        ada, jorg = made(tmp_path, PARTICIPANTS).students
        assert ada == Student("777", "Ada", "Lovelace", "ada@example.org", "777") and jorg.id == "778"
        (one,) = made(tmp_path, "First name,Surname,Username,Email address\nAda,Lovelace,ada,a@b.org\n").students
        assert one == Student("ada", "Ada", "Lovelace", "a@b.org")
        (one,) = made(tmp_path, "First name,Last name,Email address,Groups\nAda,Lovelace,a@b.org,\n").students
        assert one.id == "a@b.org"

    def test_moodles_worksheet(self, tmp_path):
        (one,) = made(tmp_path, WORKSHEET).students
        assert one == Student("ada@example.org", "Ada", "Lovelace", "ada@example.org", "", "123456")

    def test_nbgrader(self, tmp_path):
        assert made(tmp_path, NBGRADER).students[0] == Student("ada", "Ada", "Lovelace", "ada@example.org", "10001")

    def test_brightspace_and_blackboard(self, tmp_path):
        (one,) = made(
            tmp_path, "OrgDefinedId,Username,Last Name,First Name,Email\n#777,#ada,Lovelace,Ada,a@b.org\n"
        ).students
        assert one == Student("ada", "Ada", "Lovelace", "a@b.org", "777")
        (one,) = made(
            tmp_path, '"Last Name"\t"First Name"\t"Username"\t"Student ID"\nLovelace\tAda\tada\t777\n'
        ).students
        assert one == Student("ada", "Ada", "Lovelace", "", "777")

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_as_spreadsheets_save_it(self, tmp_path, encoding):
        text = NBGRADER.replace(",", ";").replace("\n", "\r\n")
        assert made(tmp_path, text, encoding).students[1].last_name == "Müller"

    @pytest.mark.parametrize(
        "text", ["name of pupil,mark\nAda,1\n", "id\n1\n", "first_name,id number\nA,1\n", "\x00\x01"]
    )
    def test_other_headers(self, tmp_path, text):
        with pytest.raises(ValueError, match=r"SIS Login ID.*First name.*lms_user_id"):
            made(tmp_path, text)

    @pytest.mark.parametrize("text", ["", "\n\n", "id,first_name\n", "Student,ID\n,\n"])
    def test_nobody(self, tmp_path, text):
        with pytest.raises(ValueError, match=r"roster\.csv (is empty|lists no students)"):
            made(tmp_path, text)

    def test_two_students_with_one_login(self, tmp_path):
        with pytest.raises(ValueError, match="Ada stands for two students"):
            made(tmp_path, NBGRADER + "Ada,John,Smith,,3\n")

    def test_a_quote_that_spreadsheets_need(self, tmp_path):
        assert made(tmp_path, "id,first_name\n'=ada,'+A\n").students[0] == Student("=ada", "+A")


def found(name, **facts):
    return Found(name, (), **facts)


ADA, JOHN, JOHN2 = (
    Student("ada", "Ada", "Lovelace", "", "10001"),
    Student("john", "John", "Smith", "", "10002"),
    Student("john2", "John", "Smith", "", "10003"),
)
CLASS = Roster((ADA, JOHN, JOHN2), "Canvas")


class TestMatching:
    def one(self, submission, class_=CLASS):
        match = class_.match([submission])
        return match.students.get(submission.name), match

    def test_by_canvas_id(self):
        student, match = self.one(found("smithjohn_10003", person="smithjohn", id="10003", system="Canvas"))
        assert student == JOHN2 and match.missing == (ADA, JOHN) and not match.strangers

    @pytest.mark.parametrize("name", ["Ada Lovelace", "Lovelace, Ada", "lovelaceada", "ADA LOVELACE"])
    def test_by_name(self, name):
        assert self.one(found("x", person=name, id="4", system="Moodle"))[0] == ADA

    def test_a_number_that_is_of_another_kind(self):
        """Moodle numbers people anew in each assignment; that number may be somebody's id."""
        assert self.one(found("x", person="Ada Lovelace", id="10002", system="Moodle"))[0] == ADA
        moodle = Roster(CLASS.students, "Moodle")
        assert self.one(found("x", person="lovelaceada", id="10002", system="Canvas"), moodle)[0] == ADA
        assert self.one(found("x", person="Ada Lovelace", id="10002", system="Brightspace"))[0] == ADA

    def test_by_the_worksheets_number(self):
        class_ = Roster(
            (Student("a", "Ada", "Lovelace", participant="5"), Student("b", "Ada", "Lovelace", participant="6"))
        )
        assert self.one(found("x", person="Ada Lovelace", id="6", system="Moodle"), class_)[0].id == "b"

    def test_by_login(self):
        assert self.one(found("ada", id="ADA", system="Blackboard"))[0] == ADA
        assert self.one(found("ada"))[0] == ADA
        assert self.one(found("ada", id="ada", system="nbgrader's layout"))[0] == ADA
        assert self.one(found("ada"), Roster((Student("ada@example.org"),)))[0].id == "ada@example.org"

    def test_a_name_of_two_students_decides_nothing(self):
        student, match = self.one(found("x", person="John Smith", id="4", system="Moodle"))
        assert student is None and len(match.strangers) == 1 and "2 students have this name" in match.notes[0]

    @pytest.mark.parametrize("order", [("Wei Liu", "Liu Wei", "Ada Lovelace"), ("Liu Wei", "Wei Liu", "Lovelace, Ada")])
    def test_names_that_are_each_others_backwards(self, order):
        """The others in the download tell which part of a name it puts first."""
        class_ = Roster((Student("wl", "Wei", "Liu"), Student("lw", "Liu", "Wei"), ADA))
        people = [found(str(n), person=name, system="Moodle") for n, name in enumerate(order)]
        assert [class_.match(people).students[str(n)].id for n in range(3)] == ["wl", "lw", "ada"]

    def test_two_submissions_for_one_student(self):
        """The second Ada may be another person, who is not on the roster."""
        pair = [found(f"Ada Lovelace_{n}", person="Ada Lovelace", id=str(n), system="Moodle") for n in (1, 2)]
        match = CLASS.match(pair)
        assert (
            not match.students and len(match.strangers) == 2 and "could be Ada Lovelace (ada) as well" in match.notes[0]
        )

    def test_an_id_beats_a_name(self):
        match = CLASS.match([found("x", person="Ada Lovelace"), found("ada")])
        assert match.students == {"ada": ADA} and [one.name for one in match.strangers] == ["x"] and match.notes

    def test_a_path_that_could_be_two_people(self):
        one = found("smithjohn_10002", person="smithjohn", id="10002", system="Canvas", doubt=("10001",))
        assert self.one(one)[0] is None and "two people" in self.one(one)[1].notes[0]
        assert self.one(found("s", person="s", id="10002", system="Canvas", doubt=("678901",)))[0] == JOHN

    def test_nobody_knows(self):
        student, match = self.one(found("eve_4", person="eve", id="4", system="Canvas"))
        assert student is None and match.missing == CLASS.students and not match.notes
