"""Who somebody is in each system's download: thirty people of every kind, whatever they call their files."""

from __future__ import annotations

import pytest

from autograder import lms, store, submissions
from autograder.tests import downloads
from autograder.tests.conftest import A1
from autograder.tests.downloads import Person

CLASS = downloads.people()
SYSTEMS = {
    "Canvas": downloads.canvas,
    "Moodle": downloads.moodle,
    "Moodle, flat": lambda people: downloads.moodle(people, flat=True),
    "Blackboard": downloads.blackboard,
    "Brightspace": downloads.brightspace,
    "Brightspace, flat": lambda people: downloads.brightspace(people, flat=True),
}


@pytest.fixture
def read(tmp_path):
    def run(path):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return submissions.read(path, A1, scratch)

    return run


def packed(system, tmp_path, how):
    entries = SYSTEMS[system](CLASS)
    if how == "a zip":
        return downloads.pack(tmp_path / "c.zip", entries + downloads.JUNK)
    if how == "a folder":
        return downloads.lay_out(tmp_path / "c", entries + downloads.JUNK)
    if how == "a folder in a folder":
        return downloads.lay_out(tmp_path / "c", [("class/" + name, data) for name, data in entries])
    windows = [("class\\" + name.replace("/", "\\"), data) for name, data in entries + downloads.JUNK]
    return downloads.pack(tmp_path / "c.zip", windows)


@pytest.mark.parametrize("how", ["a zip", "a folder", "a folder in a folder", "a zip from Windows"])
@pytest.mark.parametrize("system", SYSTEMS)
class TestThirtyPeople:
    def test_everybody_is_there_once_with_what_they_handed_in_last(self, system, how, tmp_path, read):
        found = read(packed(system, tmp_path, how))
        assert found.sentence == f"read as a {system.partition(',')[0]} download: 30 people"
        assert len({one.name for one in found.people}) == 30
        assert all(store.file_name(one.name) == one.name for one in found.people)
        by_id = {one.id: one for one in found.people}
        for person in CLASS:
            one = by_id[person.login if system == "Blackboard" else str(person.number)]
            held = [file.read_bytes() for file in one.files]
            if person.kind not in downloads.NOTHING:
                assert downloads.notebook(person, downloads.attempts(person)) in held, person
            others = [data for data in held if b'"of": "' in data and f'"{person.number} '.encode() not in data]
            assert not others, person
            for attempt in range(1, downloads.attempts(person)):
                assert downloads.notebook(person, attempt) not in held, person

    def test_persons_late_and_again(self, system, how, tmp_path, read):
        found = read(packed(system, tmp_path, how))
        by_id = {one.id: one for one in found.people}
        for person in CLASS:
            one = by_id[person.login if system == "Blackboard" else str(person.number)]
            if system == "Canvas":
                assert one.person.isalnum() or "_" in one.person
            elif system in ("Blackboard", "Brightspace"):
                assert one.person == (person.name if system == "Blackboard" else person.name.replace('"', ""))
            if system in ("Canvas", "Blackboard"):
                assert one.late == downloads.is_late(person)
                assert any("marks this submission as late" in note for note in one.notes) == one.late
            if downloads.attempts(person) > 1 and not system.startswith("Moodle"):
                assert any("Handed in" in note for note in one.notes), one.notes
            if system.startswith(("Blackboard", "Brightspace")):
                assert one.time.startswith(f"2026-11-{10 + downloads.attempts(person)}T")


def moodle_zip(tmp_path, *names):
    return downloads.pack(tmp_path / "c.zip", [(name, name.encode()) for name in names])


class TestWhoSomebodyIs:
    """The system's part of the path alone."""

    ADA = Person("Ada", "Lovelace", "ada", 12345, "plain")

    def names(self, read, tmp_path, *entries):
        return {one.name: one for one in read(moodle_zip(tmp_path, *entries)).people}

    def test_canvas_reads_from_the_left(self, tmp_path, read):
        found = self.names(
            read,
            tmp_path,
            "lovelaceada_12345_678901_smithjohn_99999_88888_hw.ipynb",
            "lovelaceada_12345_678903_222_333_hw.ipynb",
            "smithjohn_99999_678902_hw.ipynb",
            "roesam_LATE_333_678904_LATE_99999_678905_hw.ipynb",
        )
        assert set(found) == {"lovelaceada_12345", "smithjohn_99999", "roesam_333"}
        assert len(found["smithjohn_99999"].files) == 1 and found["roesam_333"].late
        assert not found["smithjohn_99999"].doubt and not found["lovelaceada_12345"].doubt

    def test_who_calls_himself_like_another_with_her_id_in_canvas(self, tmp_path, read):
        """Where people may choose the name that Canvas shows. The numbers of all files tell the readings apart."""
        entries = [f"user{number}_{5000 + number}_{678900 + number}_hw.ipynb" for number in range(10)]
        entries += ["smithjohn_99999_678920_hw.ipynb", "smithjohn_99999_12345_678930_hw.ipynb"]
        found = self.names(read, tmp_path, *entries)
        assert len(found) == 12
        assert len(found["smithjohn_99999"].files) == 1
        eve = found["smithjohn_99999_12345"]
        assert eve.id == "12345" and eve.doubt == ("99999",) and "two ways" in " ".join(eve.notes)

    def test_anonymous_in_canvas(self, tmp_path, read):
        found = self.names(read, tmp_path, "anon_Ab1x9_678901_hw.ipynb", "LATE_anon_Zz000_678902_hw.ipynb")
        assert set(found) == {"anon_Ab1x9", "anon_Zz000"} and found["anon_Zz000"].late

    def test_dates_are_no_ids(self, tmp_path, read):
        """Files that an instructor named by hand look like Canvas' and would all be one person."""
        found = self.names(read, tmp_path, *(f"a1_2026_11_{name}.ipynb" for name in ("doe", "roe", "poe", "low")))
        assert len(found) == 4

    def test_a_moodle_folder_inside_anothers(self, tmp_path, read):
        eve = "Eve Moneypenny_111_assignsubmission_file_/Ada Lovelace_222_assignsubmission_file_/hw.ipynb"
        found = self.names(read, tmp_path, eve, "Ada Lovelace_222_assignsubmission_file_/hw.ipynb")
        assert set(found) == {"Eve Moneypenny_111", "Ada Lovelace_222"}
        assert [len(one.files) for one in found.values()] == [1, 1]

    def test_moodles_newer_and_older_names_groups_and_blind_marking(self, tmp_path, read):
        found = self.names(
            read,
            tmp_path,
            "Ada Lovelace_222_assignsubmission_file/hw.ipynb",
            "Ada Lovelace_223_assignsubmission_file_/hw.ipynb",
            "Participant_77_assignsubmission_file_/hw.ipynb",
            "Default group_assignsubmission_file/hw.ipynb",
        )
        assert set(found) == {"Ada Lovelace_222", "Ada Lovelace_223", "Participant_77", "Default group"}
        assert found["Participant_77"].person == "" and found["Participant_77"].id == "77"

    def test_blackboards_text_file_counts_only_where_the_system_wrote_it(self, tmp_path, read):
        start = "a1_eve_attempt_2026-11-20-10-11-12"
        entries = [(f"{start}_hw.ipynb", b"{}"), (f"{start}.txt", b"Name: Eve M (eve)\n")]
        entries += [(f"{start}_a1_ada_attempt_2026-11-21-10-11-12.txt", b"Name: Ada Lovelace (ada)\n")]
        entries += [("a1_ada_attempt_2026-11-20-10-11-12_hw.ipynb", b"{}")]
        found = {one.name: one for one in read(downloads.pack(tmp_path / "c.zip", entries)).people}
        assert set(found) == {"eve", "ada"} and found["eve"].person == "Eve M" and found["ada"].person == ""
        assert len(found["eve"].files) == 2

    def test_a_login_in_a_text_file_that_is_not_the_paths(self, tmp_path, read):
        entries = [("a1_eve_attempt_2026-11-20-10-11-12.txt", b"Name: Ada Lovelace (ada)\n")]
        (one,) = read(downloads.pack(tmp_path / "c.zip", entries)).people
        assert one.name == "eve" and one.person == ""

    @pytest.mark.parametrize("logins", [("j_lovelace", "k_smith"), ("ada", "adam"), ("12", "13")])
    def test_blackboard_without_text_files(self, tmp_path, read, logins):
        names = [f"My_first_task_{login}_attempt_2026-11-20-10-11-12_hw.ipynb" for login in logins]
        assert set(self.names(read, tmp_path, *names)) == set(logins)

    def test_brightspaces_numbers(self, tmp_path, read):
        """The number that differs tells people apart, whichever it is."""
        date = "Nov 20, 2026 926 PM"
        first = self.names(read, tmp_path, f"1-9 - A B - {date}/x.ipynb", f"2-9 - A B - {date}/x.ipynb")
        assert set(first) == {"A B_1", "A B_2"}
        second = self.names(read, tmp_path, f"7-1 - A B - {date}/x.ipynb", f"7-2 - C D - {date}/x.ipynb")
        assert set(second) == {"A B_1", "C D_2"} and second["A B_1"].time == "2026-11-20T21:26:00"

    def test_brightspace_in_another_language(self, tmp_path, read):
        found = self.names(read, tmp_path, "1-9 - Ada L - 20 novembre 2026 21 h 26/x.ipynb")
        assert set(found) == {"Ada L_1"} and found["Ada L_1"].time == ""

    BLACKBOARD = "attempt_2026-11-20-10-11-12"
    DAY = "Nov 20, 2026 926 PM"

    @pytest.mark.parametrize(
        "eve, ada",
        [
            (f"a1_eve_{BLACKBOARD}_../a1_ada_{BLACKBOARD}_hw.ipynb", f"a1_ada_{BLACKBOARD}_hw.ipynb"),
            (f"a1_eve_{BLACKBOARD}_.txt", f"a1_ada_{BLACKBOARD}_hw.ipynb"),
            ("Eve M_1_assignsubmission_file_Ada L_2_assignsubmission_file_x", "Ada L_2_assignsubmission_file_hw.ipynb"),
            ("Eve M_1_assignsubmission_file_/../Ada L_2_assignsubmission_file_/x", "Ada L_2_assignsubmission_file_/x"),
            (
                "Eve M_1_assignsubmission_file_\\..\\Ada L_2_assignsubmission_file_\\x",
                "Ada L_2_assignsubmission_file_/x",
            ),
            ("\u0410da L_1_assignsubmission_file_/x", "Ada L_2_assignsubmission_file_/x"),  # a Cyrillic A
            ("Ada L_\uff12_assignsubmission_file_/x", "Ada L_2_assignsubmission_file_/x"),  # a full-width 2
            ("Jo\u0308rg L_1_assignsubmission_file_/x", "J\u00f6rg L_2_assignsubmission_file_/x"),
            ("Ada L_assignsubmission_file_/x", "Ada L_2_assignsubmission_file_/x"),
            (f"1-9 - Eve M - {DAY}/2-9 - Ada L - {DAY}/x", f"2-9 - Ada L - {DAY}/x"),
            (f"1-9 - Eve M - {DAY} - 2-9 - Ada L - {DAY} - x", f"2-9 - Ada L - {DAY} - x"),
            (f"1-9 - Eve - {DAY} - 2-9 - Ada L - {DAY}/x", f"2-9 - Ada L - {DAY}/x"),
            ("evem_111_5001_..\\adal_222_5002_hw.ipynb", "adal_222_5003_hw.ipynb"),
            ("evem_111_5001_\u202ebpnyi.x_2005_222_lada", "adal_222_5003_hw.ipynb"),
        ],
    )
    def test_a_name_that_eve_chose_gives_ada_nothing(self, tmp_path, read, eve, ada):
        """And takes nothing from her: whatever the names, there are two people with a file each."""
        found = read(moodle_zip(tmp_path, eve, ada)).people
        held = [[file.read_bytes() for file in one.files] for one in found]
        assert sorted(held) == sorted([[eve.encode()], [ada.encode()]])

    def test_a_zip_that_holds_names_of_classmates_is_its_owners(self, tmp_path, read):
        inner = downloads.zipped(("adal_222_5002_hw.ipynb", b"evil"), ("../adal_222_5009_hw.ipynb", b"evil"))
        entries = [("evem_111_5001_x.zip", inner), ("adal_222_5002_hw.ipynb", b"hers"), ("bobm_3_5003_x", b"his")]
        found = {one.id: one for one in read(downloads.pack(tmp_path / "c.zip", entries)).people}
        held = {name: {file.read_bytes() for file in one.files} for name, one in found.items()}
        assert held == {"111": {b"evil"}, "222": {b"hers"}, "3": {b"his"}}

    def test_what_fits_no_convention_is_a_person_too(self, tmp_path, read):
        found = self.names(
            read, tmp_path, "lovelaceada_12345_678901_hw.ipynb", "roesam_12_678902_hw.ipynb", "by mail.ipynb"
        )
        assert len(found) == 3 and "taken by itself" in found["by mail"].notes[0]

    def test_a_person_with_junk_alone_is_there(self, tmp_path, read):
        found = self.names(
            read, tmp_path, "Ada L_1_assignsubmission_file_/.DS_Store", "Bob M_2_assignsubmission_file_/hw.ipynb"
        )
        assert found["Ada L_1"].files == () and "No file was handed in." in found["Ada L_1"].notes


class TestResubmission:
    def test_canvas_numbers(self, tmp_path, read):
        names = [f"doejane_1_{6789 + n}_hw{end}" for n, end in enumerate(["-2.ipynb", ".ipynb", "-10.ipynb", "-1.csv"])]
        (one,) = read(moodle_zip(tmp_path, *names)).people
        assert {file.name for file in one.files} == {"hw-10.ipynb", "hw-1.csv"}
        assert "hw-2.ipynb" in one.notes[0] and "hw.ipynb" in one.notes[0]

    def test_the_newest_attempt_counts_even_without_a_notebook(self, tmp_path, read):
        start = "a1_ada_attempt_2026-11-2"
        names = [f"{start}0-10-11-12_hw.ipynb", f"{start}1-10-11-12_hw.pdf"]
        (one,) = read(moodle_zip(tmp_path, *names)).people
        assert [file.name for file in one.files] == ["hw.pdf"]
        assert "2026-11-20 10:11" in one.notes[0]

    def test_earlier_attempts_can_be_had(self, tmp_path):
        (tmp_path / "s").mkdir()
        path = downloads.pack(tmp_path / "c.zip", downloads.blackboard(CLASS))
        found = submissions.read(path, A1, tmp_path / "s", as_handed_in=True)
        counts = {name: len(earlier) for name, earlier in found.earlier.items() if earlier}
        assert counts == {one.login: downloads.attempts(one) - 1 for one in CLASS if downloads.attempts(one) > 1}


def test_long_and_odd_names_take_no_time():
    """Nothing here may look at a name again for each of its characters."""
    odd = ["_1" * 30000, "1-1 - " + "a - " * 20000, "a" * 60000 + "_attempt_", "-1.a" * 15000, "_assign" * 9000]
    assert lms.detect(odd, lambda name: "") is None
