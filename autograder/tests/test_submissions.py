"""Where submissions are: one file, nbgrader's folders, loose files, zips of every kind."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from autograder import intake, skeleton, store, submissions
from autograder.tests.conftest import A1

RELEASED = "attention_by_hand.ipynb"


@pytest.fixture
def find(tmp_path):
    """find(path) -> {name: content}."""

    def run(path):
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return {found.name: found.file.read_bytes() for found in submissions.find(path, A1, scratch)}

    return run


def put(root: Path, *names: str) -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return root


def pack(file: Path, *names: str) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return file


class TestFolders:
    def test_one_file(self, tmp_path, find):
        put(tmp_path, "s01.ipynb", "essay.pdf")
        assert find(tmp_path / "s01.ipynb") == {"s01": b"s01.ipynb"}
        assert list(find(tmp_path / "essay.pdf")) == ["essay"]  # gets a report that says what it is

    def test_nbgraders_layout(self, tmp_path, find):
        root = put(tmp_path / "submitted", f"s01/{A1}/{RELEASED}", f"s02/{A1}/{RELEASED}", f"s02/another/{RELEASED}")
        put(root, f"s02/{A1}/timestamp.txt", f"s02/{A1}/.ipynb_checkpoints/{RELEASED}")
        assert list(find(root)) == ["s01", "s02"]

    def test_other_notebooks_beside_the_released_one(self, tmp_path, find):
        root = put(tmp_path / "submitted", f"s01/{A1}/{RELEASED}", f"s01/{A1}/scratch.ipynb", f"s02/{A1}/mine.ipynb")
        assert find(root) == {"s01": f"s01/{A1}/{RELEASED}".encode(), "s02": f"s02/{A1}/mine.ipynb".encode()}

    def test_loose_files(self, tmp_path, find):
        root = put(tmp_path / "loose", "s01.ipynb", "deep/er/s02.ipynb", "deep/notes.txt", "._s01.ipynb")
        put(root, ".ipynb_checkpoints/s01-checkpoint.ipynb", "__MACOSX/s01.ipynb", "deep/.ipynb_checkpoints/x.ipynb")
        assert list(find(root)) == ["s02", "s01"]

    def test_the_same_stem_twice(self, tmp_path, find):
        root = put(tmp_path / "loose", "s01/nb.ipynb", "s02/nb.ipynb", "s03.ipynb")
        assert set(find(root)) == {"s01-nb", "s02-nb", "s03"}

    @pytest.mark.parametrize("name", ["missing", "missing.ipynb", "missing.zip"])
    def test_nothing_there(self, tmp_path, find, name):
        with pytest.raises(FileNotFoundError, match="does not exist"):
            find(tmp_path / name)

    def test_no_notebooks(self, tmp_path, find):
        for place in (put(tmp_path / "empty", "notes.txt"), pack(tmp_path / "empty.zip", "notes.txt")):
            with pytest.raises(ValueError, match="holds no notebook"):
                find(place)


class TestZips:
    def test_notebooks(self, tmp_path, find):
        found = find(pack(tmp_path / "c.zip", "s01.ipynb", "folder/s02.IPYNB", "notes.txt", "folder/"))
        assert found == {"s01": b"s01.ipynb", "s02": b"folder/s02.IPYNB"}

    def test_what_systems_add(self, tmp_path, find):
        names = ["s01.ipynb", "__MACOSX/s01.ipynb", "class/__MACOSX/._s01.ipynb", "._s01.ipynb"]
        assert list(find(pack(tmp_path / "c.zip", *names, ".ipynb_checkpoints/s01-checkpoint.ipynb"))) == ["s01"]

    def test_the_same_stem_twice(self, tmp_path, find):
        assert set(find(pack(tmp_path / "c.zip", "s01/nb.ipynb", "s02/nb.ipynb"))) == {"s01-nb", "s02-nb"}

    @pytest.mark.parametrize(
        "name", ["../../evil.ipynb", "/etc/evil.ipynb", "..\\..\\evil.ipynb", "a/../../evil.ipynb", "~/evil.ipynb"]
    )
    def test_names_are_never_paths(self, tmp_path, find, name):
        before = set(tmp_path.rglob("*"))
        found = find(pack(tmp_path / "c.zip", name))
        new = {file for file in tmp_path.rglob("*") if file.is_file()} - before - {tmp_path / "c.zip"}
        assert all(file.parent == tmp_path / "scratch" for file in new) and len(new) == 1
        assert len(found) == 1 and all(store.file_name(key) == key and "/" not in key for key in found)

    def test_strange_names(self, tmp_path, find):
        names = [".ipynb", "\x01.ipynb", "n" * 300 + ".ipynb", "<script>.ipynb", "中.ipynb", "a b.ipynb"]
        found = find(pack(tmp_path / "c.zip", *names))
        assert len(found) == len(names)
        for name in found:
            store.write(tmp_path / "out" / f"{name}.html", "x")

    def test_a_bomb_is_cut(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(submissions, "MAX_ENTRY", 1 << 20)
        with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.ipynb", b"0" * (8 << 20))
        assert len(find(tmp_path / "bomb.zip")["bomb"]) == 1 << 20

    def test_a_bomb_of_many(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(submissions, "MAX_TOTAL", 1 << 20)
        with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.ipynb", b"0" * (1 << 18))
        with pytest.raises(ValueError, match="unpack it by hand"):
            find(tmp_path / "bomb.zip")
        monkeypatch.setattr(submissions, "MAX_COUNT", 3)
        with pytest.raises(ValueError, match="3 notebooks"):
            find(pack(tmp_path / "many.zip", *(f"{number}.ipynb" for number in range(4))))

    def test_a_bomb_that_lies_about_its_size(self, tmp_path, monkeypatch, find):
        monkeypatch.setattr(submissions, "MAX_ENTRY", 1 << 20)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.ipynb", b"0" * (8 << 20))
        lying = packed.getvalue().replace(struct.pack("<I", 8 << 20), struct.pack("<I", 100))
        (tmp_path / "bomb.zip").write_bytes(lying)
        assert all(len(content) <= 1 << 20 for content in find(tmp_path / "bomb.zip").values())

    def test_damaged_entries_do_not_cost_the_others(self, tmp_path, find):
        with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
            archive.writestr("s01.ipynb", b"sound")
            archive.writestr("s02.ipynb", b"to be damaged")
        content = (tmp_path / "c.zip").read_bytes().replace(b"to be damaged", b"to be DAMAGED")
        (tmp_path / "c.zip").write_bytes(content)
        found = find(tmp_path / "c.zip")
        assert found["s01"] == b"sound" and "s02" in found

    def test_a_password(self, tmp_path, find):
        file = pack(tmp_path / "c.zip", "s01.ipynb")
        content = bytearray(file.read_bytes())
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + at] |= 1
        file.write_bytes(content)
        with pytest.raises(ValueError, match="password"):
            find(file)

    @pytest.mark.parametrize(
        "content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\xff" * 18, b"PK\x03\x04" + bytes(100)]
    )
    def test_no_zip(self, tmp_path, find, content):
        (tmp_path / "c.zip").write_bytes(content)
        with pytest.raises(ValueError):
            find(tmp_path / "c.zip")

    def test_a_cut_off_zip(self, tmp_path, find):
        whole = pack(tmp_path / "c.zip", "s01.ipynb", "s02.ipynb").read_bytes()
        for length in range(0, len(whole), 7):
            (tmp_path / "c.zip").write_bytes(whole[:length])
            with pytest.raises(ValueError):
                find(tmp_path / "c.zip")


def test_a_zip_that_holds_a_link_is_a_file_with_text(tmp_path, find):
    """A symbolic link in an archive is unpacked as its target's name, and so is no notebook."""
    info = zipfile.ZipInfo("s01.ipynb")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert find(tmp_path / "c.zip") == {"s01": b"/etc/passwd"}
    file = tmp_path / "scratch" / "00000.ipynb"
    assert intake.read(file, skeleton.load(A1)).notes and not file.is_symlink()
