"""Where submissions are: one file, nbgrader's folders, plain files and folders, zips. Everybody appears."""

from __future__ import annotations

import os

import pytest

from autograder import handed_in, skeleton, store, submissions
from autograder.tests import downloads
from autograder.tests.conftest import A1

RELEASED = "attention_by_hand.ipynb"


@pytest.fixture
def read(tmp_path):
    def run(path):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return submissions.read(path, A1, scratch)

    return run


@pytest.fixture
def find(read):
    """find(path) -> {name: [contents]}."""

    def run(path):
        return {found.name: [file.read_bytes().decode() for file in found.files] for found in read(path).people}

    return run


def put(root, *names):
    return downloads.lay_out(root, [(name, name.encode()) for name in names])


def pack(file, *names):
    return downloads.pack(file, [(name, name.encode()) for name in names])


@pytest.mark.parametrize("name", ["s01.ipynb", "s01.pdf", "s01.ipynb.txt", "s01.IPYNB", "s01.json", "s01", "s01.html"])
def test_one_file(tmp_path, read, name):
    found = read(put(tmp_path, name) / name)
    assert [one.name for one in found.people] == ["s01"] and found.people[0].files == (tmp_path / name,)
    assert found.sentence == "read as one file: 1 person"


class TestNbgradersLayout:
    def test_whatever_the_files_are_called(self, tmp_path, find):
        files = [f"s01/{A1}/{RELEASED}", f"s02/{A1}/attention (1).ipynb", f"s03/{A1}/a.pdf", f"s04/{A1}/x.ipynb.txt"]
        files += [f"s05/{A1}/deep/{RELEASED}", f"s06/{A1}/{RELEASED}", f"s06/{A1}/b.ipynb", f"s07/another/{RELEASED}"]
        files += [f"group [1]/{A1}/x.ipynb", f"s01/{A1}/.ipynb_checkpoints/{RELEASED}", f"s01/{A1}/timestamp.txt"]
        root = put(tmp_path / "submitted", *files)
        (root / "s08" / A1).mkdir(parents=True)
        found = find(root)
        assert set(found) == {"s01", "s02", "s03", "s04", "s05", "s06", "s08", store.file_name("group [1]")}
        assert found["s01"] == [f"s01/{A1}/{RELEASED}"] and len(found["s06"]) == 2 and found["s08"] == []

    def test_names_and_times(self, tmp_path, read):
        root = put(tmp_path / "submitted", f"Jörg M/{A1}/x.ipynb")
        (root / "Jörg M" / A1 / "timestamp.txt").write_text("2026-11-20 10:11:12 UTC")
        found = read(root)
        (one,) = found.people
        assert (one.name, one.id, one.system) == ("Jörg M", "Jörg M", "nbgrader's layout")
        assert one.time.startswith("2026-11-2") and found.sentence == "read as a folder in nbgrader's layout: 1 person"

    def test_in_a_zip(self, tmp_path, find):
        for number, start in enumerate(["", "submitted/", "submitted\\"]):
            names = [(start + f"{who}/{A1}/x.pdf").replace("/", start[-1:] or "/") for who in ("s01", "s02")]
            assert set(find(pack(tmp_path / f"{number}.zip", *names))) == {"s01", "s02"}

    def test_files_named_as_canvas_names_them(self, tmp_path, find):
        """The folders say who it is."""
        root = put(tmp_path / "s", *(f"s{n}/{A1}/doejane_{n}1_{n}9001_x.ipynb" for n in (1, 2, 3)))
        assert set(find(root)) == {"s1", "s2", "s3"}

    def test_a_download_in_a_folder_of_the_assignments_name(self, tmp_path, find):
        root = put(tmp_path / "s", *(f"downloads/{A1}/doejane{n}_{n}1_{n}9001_x.ipynb" for n in (1, 2, 3)))
        assert len(find(root)) == 3

    def test_links_are_not_followed_and_nobody_vanishes(self, tmp_path, read):
        secret = put(tmp_path / "else", "secret.ipynb") / "secret.ipynb"
        root = put(tmp_path / "submitted", f"s01/{A1}/x.ipynb")
        (root / "s02" / A1).mkdir(parents=True)
        os.symlink(secret, root / "s02" / A1 / "x.ipynb")
        found = {one.name: one for one in read(root).people}
        assert found["s02"].files == () and "is a link" in found["s02"].notes[0]


class TestPlainFolders:
    def test_a_file_or_a_folder_is_a_person(self, tmp_path, find):
        names = ["s01.ipynb", "s02.pdf", "s03/nb.ipynb", "s03/data/x.csv", "s04/nb.ipynb", "._s01.ipynb"]
        names += [".ipynb_checkpoints/s01-checkpoint.ipynb", "__MACOSX/s01.ipynb", "s04/.ipynb_checkpoints/x.ipynb"]
        for root in (put(tmp_path / "loose", *names), pack(tmp_path / "c.zip", *names)):
            assert set(find(root)) == {"s01", "s02", "s03", "s04"}
            assert len(find(root)["s03"]) == 2 and len(find(root)["s04"]) == 1

    def test_the_same_name_twice(self, tmp_path, find):
        assert set(find(put(tmp_path / "loose", "s01.ipynb", "s01.pdf"))) == {"s01", "s01+"}

    def test_folders_around_and_inside(self, tmp_path, find):
        assert set(find(pack(tmp_path / "a.zip", "class\\doe\\a1\\x.ipynb", "class\\roe\\a1\\x.pdf"))) == {"doe", "roe"}
        assert set(
            find(pack(tmp_path / "b.zip", "top/one/doe/x.ipynb", "top/two/roe/x.ipynb", "top/two/poe/x.pdf"))
        ) == {
            "one",
            "two-roe",
            "two-poe",
        }

    def test_folders_of_files_whose_names_look_like_a_systems(self, tmp_path, find):
        """A course's own name for its file reads as one Canvas user; the folders are the people."""
        assert set(find(put(tmp_path / "g", *(f"s{n}/hw_2026_11_a1.ipynb" for n in (1, 2, 3))))) == {"s1", "s2", "s3"}

    def test_sections_are_no_people(self, tmp_path, find):
        """A folder of differently named notebooks is a class; one with copies of the released name is a person."""
        root = put(
            tmp_path / "loose", "red/s01.ipynb", "red/s02.ipynb", "red/s03.pdf", "blue/s04.ipynb", "blue/s05.ipynb"
        )
        assert len(find(root)) == 5
        root = put(tmp_path / "two", f"s01/{RELEASED}", "s01/scratch.ipynb", "s02/hw.ipynb", "s02/hw (1).ipynb")
        assert set(find(root)) == {"s01", "s02"}

    def test_a_download_among_plain_files_is_pointed_out(self, tmp_path, read):
        """Its thirty people would otherwise be one, with one of their notebooks."""
        (tmp_path / "all").mkdir()
        downloads.pack(tmp_path / "all" / "monday.zip", downloads.canvas(downloads.people()))
        downloads.pack(tmp_path / "all" / "doe.zip", [("a.ipynb", b"{}")])
        found = {one.name: one for one in read(tmp_path / "all").people}
        assert "monday.zip looks like a Canvas download of 30 people" in found["monday"].notes[0]
        assert "looks like" not in found["doe"].notes[0]

    def test_empty_folders_in_a_zip(self, tmp_path, find):
        assert set(find(pack(tmp_path / "c.zip", "class/", "class/doe/", "class/doe/x.ipynb", "class/roe/"))) == {
            "doe",
            "roe",
        }


@pytest.mark.parametrize("name", ["missing", "missing.ipynb", "missing.zip"])
def test_nothing_there(tmp_path, find, name):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        find(tmp_path / name)


def test_nothing_in_it(tmp_path, find):
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", pack(tmp_path / "a.zip"), pack(tmp_path / "b.zip", "__MACOSX/._x", ".DS_Store")):
        with pytest.raises(ValueError, match="holds no notebook and nothing else"):
            find(place)


class TestNamesInZips:
    @pytest.mark.parametrize(
        "name",
        ["../../evil.ipynb", "/etc/evil.ipynb", "..\\..\\evil.ipynb", "a/../../evil.ipynb", "~/evil.ipynb", "C:\\e"],
    )
    def test_names_are_never_paths(self, tmp_path, find, name):
        before = set(tmp_path.rglob("*"))
        found = find(pack(tmp_path / "c.zip", name))
        new = {file for file in tmp_path.rglob("*") if file.is_file()} - before - {tmp_path / "c.zip"}
        assert all(file.parent.parent == tmp_path / "scratch" for file in new) and len(new) == 1
        assert len(found) == 1 and all(store.file_name(key) == key and "/" not in key for key in found)

    def test_strange_names(self, tmp_path, find):
        names = [".ipynb", "\x01.ipynb", "n" * 300 + ".ipynb", "<script>.ipynb", "中.ipynb", "a b.ipynb", "\u202ecod.x"]
        found = find(pack(tmp_path / "c.zip", *names))
        assert len(found) == len(names)
        for name in found:
            store.write(tmp_path / "out" / f"{name}.html", "x")

    def test_names_that_are_utf_8_and_do_not_say_so(self, tmp_path, find):
        """As several systems and the archiver of macOS write them."""
        file = pack(tmp_path / "c.zip", "XXrg Muller_1_assignsubmission_file_/hw.ipynb")
        file.write_bytes(file.read_bytes().replace(b"XXrg", "ör".encode() + b"rg"[1:]))
        assert list(find(file)) == ["örg Muller_1"]

    def test_a_link_in_a_zip_is_a_file_with_text(self, tmp_path, read):
        import zipfile

        info = zipfile.ZipInfo("s01.ipynb")
        info.external_attr = 0o120777 << 16
        with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        (file,) = read(tmp_path / "c.zip").people[0].files
        assert file.read_text() == "/etc/passwd" and not file.is_symlink()
        assert handed_in.read(file, skeleton.load(A1)).notes
