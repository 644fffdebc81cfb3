"""Zips that are damaged, locked, or made to do harm: one person's note and never the end of the class."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from autograder import archive, reader, submissions
from autograder.tests import downloads
from autograder.tests.conftest import A1
from autograder.tests.downloads import zipped

EVE = "eve_11111_678901_"
ADA = "ada_22222_678902_hw.ipynb"


@pytest.fixture
def find(tmp_path):
    def run(path):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return {found.name: found for found in submissions.find(path, A1, scratch)}

    return run


def held(found):
    return [file.read_bytes() for file in found.files]


def locked(data: bytes, which: int = 0) -> bytes:
    """An archive with the entry marked as encrypted."""
    content = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        for _ in range(which + 1):
            place = content.index(mark, place + 1)
        content[place + at] |= 1
    return bytes(content)


def bomb(levels: int, size: int = 8 << 20) -> bytes:
    data = zipped(("x.ipynb", b"0" * size))
    for level in range(levels):
        data = zipped(*((f"{level}-{number}.zip", data) for number in range(4)))
    return data


class TestOnePersonsTrouble:
    def test_a_bomb_is_cut(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(archive, "MAX_FILE", 1 << 20)
        found = find(downloads.pack(tmp_path / "c.zip", [(EVE + "x.ipynb", b"0" * (8 << 20)), (ADA, b"sound")]))
        assert len(held(found["eve_11111"])[0]) == 1 << 20 and "was cut there" in found["eve_11111"].notes[0]
        assert held(found["ada_22222"]) == [b"sound"] and not found["ada_22222"].notes

    def test_many_bombs_of_one_person(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(archive, "MAX_PERSON", 1 << 20)
        entries = [(f"eve_11111_{678901 + n}_{n}.ipynb", b"0" * (1 << 19)) for n in range(10)]
        found = find(downloads.pack(tmp_path / "c.zip", [*entries, (ADA, b"sound")]))
        assert sum(map(len, held(found["eve_11111"]))) <= 1 << 20 and "not unpacked" in found["eve_11111"].notes[-1]
        assert held(found["ada_22222"]) == [b"sound"]

    def test_if_there_is_no_room_for_all_the_largest_are_left_out(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(archive, "MAX_TOTAL", 1 << 20)
        entries = [(f"e{n}_{11111 + n}_{678901 + n}_x.ipynb", b"0" * (1 << 19)) for n in range(10)]
        found = find(downloads.pack(tmp_path / "c.zip", [*entries, (ADA, b"sound")]))
        assert len(found) == 11 and held(found["ada_22222"]) == [b"sound"]
        assert sum(len(data) for one in found.values() for data in held(one)) <= 1 << 20

    def test_a_bomb_that_lies_about_its_size(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(archive, "MAX_FILE", 1 << 20)
        data = zipped((EVE + "x.ipynb", b"0" * (8 << 20)))
        (tmp_path / "c.zip").write_bytes(data.replace(struct.pack("<I", 8 << 20), struct.pack("<I", 100)))
        assert all(len(data) <= 1 << 20 for data in held(find(tmp_path / "c.zip")["eve_11111"]))

    def test_damage(self, tmp_path, find):
        with zipfile.ZipFile(tmp_path / "c.zip", "w") as plain:
            plain.writestr(ADA, b"sound")
            plain.writestr(EVE + "x.ipynb", b"to be damaged")
        content = (tmp_path / "c.zip").read_bytes().replace(b"to be damaged", b"to be DAMAGED")
        (tmp_path / "c.zip").write_bytes(content)
        found = find(tmp_path / "c.zip")
        assert held(found["ada_22222"]) == [b"sound"] and "is damaged" in found["eve_11111"].notes[0]

    def test_a_password(self, tmp_path, find):
        file = downloads.pack(tmp_path / "c.zip", [(EVE + "x.ipynb", b"secret"), (ADA, b"sound")])
        file.write_bytes(locked(file.read_bytes()))
        found = find(file)
        assert held(found["ada_22222"]) == [b"sound"]
        assert found["eve_11111"].files == () and "protected by a password" in found["eve_11111"].notes[0]

    def test_twenty_thousand_files(self, tmp_path, find):
        entries = [(f"Eve_1_assignsubmission_file_/{n}.txt", b"") for n in range(20_000)]
        entries += [("Eve_1_assignsubmission_file_/hw.ipynb", b"{}"), ("Ada_2_assignsubmission_file_/hw.ipynb", b"{}")]
        found = find(downloads.pack(tmp_path / "c.zip", entries))
        assert len(found["Eve_1"].files) == archive.MAX_FILES and b"{}" in held(found["Eve_1"])
        assert "too many" in found["Eve_1"].notes[-1] and held(found["Ada_2"]) == [b"{}"]


class TestZipsInZips:
    def inside(self, tmp_path, find, data, name="work.zip"):
        found = find(downloads.pack(tmp_path / "c.zip", [(EVE + name, data), (ADA, b"sound")]))
        assert held(found["ada_22222"]) == [b"sound"]
        return found["eve_11111"]

    def test_what_was_in_it_is_said(self, tmp_path, find):
        eve = self.inside(
            tmp_path, find, zipped(("hw/a.ipynb", b"1"), ("hw/b.csv", b"2"), ("__MACOSX/._a.ipynb", b"3"))
        )
        assert (
            held(eve) == [b"1", b"2"] and eve.notes[-1] == "work.zip is a zip; it was opened and holds a.ipynb, b.csv."
        )

    @pytest.mark.parametrize("name", ["work.ipynb", "work.txt", "work"])
    def test_by_content_and_not_by_name(self, tmp_path, find, name):
        assert held(self.inside(tmp_path, find, zipped(("a.ipynb", b"1")), name)) == [b"1"]

    @pytest.mark.parametrize("entry", ["[Content_Types].xml", "mimetype"])
    def test_office_documents_stay(self, tmp_path, find, entry):
        eve = self.inside(tmp_path, find, zipped((entry, b"x"), ("a.ipynb", b"1")), "essay.docx")
        assert [file.name for file in eve.files] == ["essay.docx"] and not eve.notes

    def test_a_nested_bomb(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(reader, "expanded", archive.expanded)  # here, where the bound is another one
        monkeypatch.setattr(archive, "MAX_PERSON", 16 << 20)
        eve = self.inside(tmp_path, find, bomb(6))
        assert any("not opened" in note or "not unpacked" in note for note in eve.notes)
        size = sum(file.stat().st_size for file in (tmp_path / "scratch").rglob("*") if file.is_file())
        assert size < 40 << 20

    def test_only_so_deep(self, tmp_path, find):
        data = zipped(("x.ipynb", b"1"))
        for _ in range(archive.MAX_DEPTH - 1):
            data = zipped(("deeper.zip", data))
        assert held(self.inside(tmp_path, find, data)) == [b"1"]
        eve = self.inside(tmp_path, find, zipped(("deeper.zip", data)))
        assert [file.name for file in eve.files] == ["deeper.zip"] and "3 zips deep" in eve.notes[-1]

    def test_a_bomb_of_files(self, tmp_path, find):
        eve = self.inside(tmp_path, find, zipped(*((f"{n}.txt", b"") for n in range(5000)), ("a.ipynb", b"1")))
        assert len(eve.files) == archive.MAX_FILES and b"1" in held(eve)

    def test_a_list_too_long_to_be_read(self, tmp_path, monkeypatch, find):
        """Half a kilobyte of memory for each of millions of names, before any bound on files is looked at."""
        monkeypatch.setattr(reader, "expanded", archive.expanded)  # here, where the bound is another one
        monkeypatch.setattr(archive, "MAX_LIST", 1 << 16)
        eve = self.inside(tmp_path, find, zipped(*((f"{n}.txt", b"") for n in range(3000))))
        assert [file.name for file in eve.files] == ["work.zip"] and "lists more than" in eve.notes[-1]

    def test_a_zip_that_is_itself(self, tmp_path, find):
        """Entries that share their bytes."""
        data = bytearray(zipped(("a.zip", zipped(("b.ipynb", b"1")))))
        eve = self.inside(tmp_path, find, bytes(data + data))
        assert eve.files

    @pytest.mark.parametrize("cut", range(0, 160, 13))
    def test_cut_off(self, tmp_path, find, cut):
        data = zipped(("a.ipynb", b"1" * 100), ("b.ipynb", b"2" * 100))
        eve = self.inside(tmp_path, find, data[:cut])
        assert len(eve.files) == 1

    def test_locked_and_damaged_inside(self, tmp_path, find):
        eve = self.inside(tmp_path, find, locked(zipped(("a.ipynb", b"1"), ("b.ipynb", b"2"))))
        assert held(eve) == [b"2"] and any("protected by a password" in note for note in eve.notes)

    @pytest.mark.parametrize("head", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x1f\x8b\x08"])
    def test_other_archives_say_so(self, tmp_path, find, head):
        eve = self.inside(tmp_path, find, head + b"x" * 20, "work.rar")
        assert "a kind that is not opened" in eve.notes[-1] and len(eve.files) == 1

    def test_expanded_by_itself(self, tmp_path):
        (tmp_path / "s").mkdir()
        (tmp_path / "a.ipynb").write_bytes(b"1")
        (tmp_path / "w.zip").write_bytes(zipped(("b.ipynb", b"2")))
        files, notes = submissions.expanded([tmp_path / "a.ipynb", tmp_path / "w.zip"], tmp_path / "s")
        assert [file.read_bytes() for file in files] == [b"1", b"2"] and len(notes) == 1
        assert submissions.expanded([tmp_path / "missing"], tmp_path / "s") == ([tmp_path / "missing"], [])

    def test_the_newer_of_two_can_be_told(self, tmp_path):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for name, year in (("old.ipynb", 2020), ("new.ipynb", 2024), ("never.ipynb", 1980)):
                made.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), name)
        (tmp_path / "w.zip").write_bytes(out.getvalue())
        (tmp_path / "s").mkdir()
        files, _ = submissions.expanded([tmp_path / "w.zip"], tmp_path / "s")
        assert max(files, key=lambda file: file.stat().st_mtime).name == "new.ipynb"


class TestTheArchiveItself:
    @pytest.mark.parametrize(
        "content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\xff" * 18, b"PK\x03\x04" + bytes(100)]
    )
    def test_no_zip(self, tmp_path, find, content):
        (tmp_path / "c.zip").write_bytes(content)
        with pytest.raises(ValueError, match="not a readable zip archive; download it again"):
            find(tmp_path / "c.zip")

    def test_cut_off(self, tmp_path, find):
        whole = downloads.pack(tmp_path / "c.zip", [("s01.ipynb", b"1"), ("s02.ipynb", b"2")]).read_bytes()
        for length in range(0, len(whole), 7):
            (tmp_path / "c.zip").write_bytes(whole[:length])
            with pytest.raises(ValueError, match="download it again"):
                find(tmp_path / "c.zip")

    def test_locked_altogether(self, tmp_path, find):
        file = downloads.pack(tmp_path / "c.zip", [("s01.ipynb", b"1")])
        file.write_bytes(locked(file.read_bytes()))
        with pytest.raises(ValueError, match="protected by a password; unpack it by hand"):
            find(file)

    def test_more_than_a_class(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(archive.opened, "__defaults__", (3,))
        with pytest.raises(ValueError, match="lists more than 3 files"):
            find(downloads.pack(tmp_path / "c.zip", [(f"{n}.ipynb", b"") for n in range(4)]))

    def test_every_byte_changed_ends_in_people_or_a_sentence(self, tmp_path, find):
        data = zipped((EVE + "x.ipynb", b"1" * 50), (ADA, b"2" * 50))
        for at in range(len(data)):
            (tmp_path / "c.zip").write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
            try:
                assert find(tmp_path / "c.zip")
            except ValueError as error:
                assert "c.zip" in str(error)


class TestNames:
    @pytest.mark.parametrize("name", ["a/b", "..", "", "\u202e", "\x00", "." * 300, "é" * 200 + ".ipynb.txt", "a\nb"])
    def test_safe(self, name):
        made = archive.safe(name)
        assert made and "/" not in made and not made.startswith(".") and made.isprintable()
        assert len(made.encode()) <= 150 and archive.safe(made) == made

    def test_a_cut_name_keeps_its_endings(self):
        assert archive.safe("n" * 300 + ".ipynb.txt").endswith(".ipynb.txt")

    def test_free(self):
        assert archive.free("a.ipynb.txt", {"a.ipynb.txt", "a (2).ipynb.txt"}) == "a (3).ipynb.txt"


def test_deep_paths_are_cut():
    """Ten thousand parts in each of many names would cost their square, in memory as well."""
    found = archive.parts("a/" * 10_000 + "x.ipynb")
    assert len(found) == archive.MAX_FOLDERS and found[0] == "a" and found[-1] == "x.ipynb"
