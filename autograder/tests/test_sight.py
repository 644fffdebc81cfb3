"""What student code is shown: pieces, at places of their own; nothing of the course, nothing that says where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import libraries, paths, warm
from autograder.tests.conftest import LIMITS
from autograder.warm import WarmWorker
from autograder.worker import sight
from autograder.worker.sight import IsolationMissing, Sight


@pytest.fixture(scope="module")
def seen() -> Sight:
    return sight.with_course(sight.python(libraries.COUNT), paths.COURSE_LIB, paths.WORKER)


class TestPieces:
    def test_no_system_tree(self, seen):
        whole = {"/", "/usr", "/usr/lib", "/usr/local", "/usr/share", "/lib", "/lib64", "/etc", "/home", "/root"}
        whole |= {sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))}
        assert not whole & set(seen.pieces.values())
        for outside in seen.pieces.values():
            assert not os.path.isdir(outside) or not outside.startswith("/usr/") or "/python3" in outside

    def test_places_inside_say_nothing_of_places_outside(self, seen):
        own = [place for place in seen.pieces if not place.startswith(("/python/", "/libraries/", "/course/"))]
        assert len(own) == 1 and "ld-" in own[0]  # the loader, where programs expect it

    def test_what_is_installed_of_the_course_itself_is_not_shown(self, seen):
        names = [os.path.basename(place) for place in seen.pieces]
        assert not [name for name in names if name == "RECORD" or name.endswith((".pth", ".json"))]
        assert not [place for place in seen.pieces if "editable" in place or "letters" in place.lower()]

    def test_only_the_listed_libraries_and_what_they_need(self, seen):
        assert {f"/libraries/{name}" for name in ("torch", "numpy", "tqdm", "einops")} <= set(seen.pieces)
        assert not {f"/libraries/{name}" for name in ("pytest", "nbgrader", "nbformat", "pip")} & set(seen.pieces)

    def test_a_library_with_extras_and_markers(self, monkeypatch):
        needs = {
            "top": ["one>=1.0", "two[more]; python_version > '3'", "three; extra == 'test'"],
            "one": ["top"],
            "two": None,
        }

        class Fake:
            def __init__(self, name):
                if name not in needs:
                    raise sight.metadata.PackageNotFoundError(name)
                self.requires = needs[name]

        monkeypatch.setattr(sight.metadata, "distribution", Fake)
        assert sorted(sight.packages(["Top", "absent"])) == ["one", "top", "two"]

    def test_a_program_that_is_none(self, tmp_path):
        for content in (b"", b"#!/bin/sh\n", b"\x7fELF\x02\x01", b"\x7fELF\x02\x01" + b"\xff" * 300):
            (tmp_path / "file").write_bytes(content)
            assert sight.Elf.read(str(tmp_path / "file")) is None

    def test_elf_agrees_with_the_loader(self):
        read = sight.Elf.read(os.path.realpath(sys.executable))
        assert read is not None and os.path.exists(read.loader)
        said = subprocess.run(["ldd", os.path.realpath(sys.executable)], capture_output=True, text=True).stdout
        assert all(name in said for name in read.needed) and "libc.so.6" in read.needed


class TestRefusal:
    """A sentence with the path, before anything is graded."""

    def test_whatever_is_secret_inside_a_piece(self, tmp_path):
        (tmp_path / "lib" / "deep").mkdir(parents=True)
        (tmp_path / "lib" / "cover").mkdir()
        shown = Sight({"/python/lib": str(tmp_path / "lib")}, ("/python/lib/cover",))
        for secret in (tmp_path / "lib", tmp_path / "lib" / "deep", tmp_path / "lib" / "not-yet-there"):
            with pytest.raises(IsolationMissing, match=str(secret)):
                sight.refuse(shown, [secret])
        sight.refuse(shown, [tmp_path, tmp_path / "library", tmp_path / "lib" / "cover" / "x"])

    def test_links_are_followed(self, tmp_path):
        (tmp_path / "lib").mkdir()
        (tmp_path / "course").symlink_to(tmp_path / "lib")
        with pytest.raises(IsolationMissing, match="course"):
            sight.refuse(Sight({"/python/lib": str(tmp_path / "lib")}, ()), [tmp_path / "course"])

    def test_a_mount_inside_a_piece(self, monkeypatch):
        monkeypatch.setattr(sight, "_mounts", lambda: ["/lib/python/course"])
        with pytest.raises(IsolationMissing, match="mounted"):
            sight.refuse(Sight({"/python/lib": "/lib/python"}, ()), [])
        sight.refuse(Sight({"/python/lib": "/lib/python"}, ("/python/lib/course",)), [])

    @pytest.mark.parametrize("variable", ["GRADING", "GRADEBOOK"])
    def test_a_workspace_inside_course_lib(self, variable, monkeypatch, tmp_path):
        course_lib = tmp_path / "course_lib"
        course_lib.mkdir()
        monkeypatch.setattr(paths, "COURSE_LIB", course_lib)
        place = course_lib / "grading"
        monkeypatch.setenv(variable, f"sqlite:///{place}" if variable == "GRADEBOOK" else str(place))
        with pytest.raises(IsolationMissing, match=f"could read {place}"):
            WarmWorker().spawn()

    def test_a_submission_among_the_libraries(self):
        with pytest.raises(IsolationMissing, match="numpy"):
            warm.hidden_from_students([Path(sys.modules["numpy"].__file__).parent / "s01.ipynb"])

    def test_grading_here_is_not_refused(self):
        warm.hidden_from_students()


LOOK = """
import os, sys, sysconfig, torch, numpy, course_lib
WORDS = [word.encode() for word in {words}]
def named(text):
    return any(word in text for word in WORDS)
found = [repr(part) for part in (sys.path, sys.prefix, sys.base_prefix, sys.executable, sys.orig_argv, sys.argv,
         dict(os.environ), torch.__file__, numpy.__file__, course_lib.__file__, os.getcwd(),
         sysconfig.get_paths(), [getattr(module, "__file__", "") for module in sys.modules.values()])]
found = [part for part in found if named(part.encode())]
for top in {tops}:
    for folder, folders, files in os.walk(top):
        for name in [*folders, *files]:
            if named(name.encode()):
                found.append(os.path.join(folder, name))
        for name in files:
            if folder.count("/") < 4 and "/dev" not in folder and not name.endswith({skipped}):
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        if named(file.read()):
                            found.append(os.path.join(folder, name))
                except OSError:
                    pass
"""


class TestFromInside:
    def test_nothing_names_the_course(self, inside):
        """Neither variables nor files. Compiled modules are left out; see the threat model in `isolation`."""
        words = [str(paths.ROOT), sys.prefix, os.path.realpath(sys.prefix), *{str(Path(sys.prefix).parent)} - {"/"}]
        skipped = (".pyc", ".so", ".a", ".h", ".ttf", ".js")
        source = LOOK.format(words=words, tops=["/course", "/libraries", "/dev"], skipped=skipped)
        assert inside(source, replace(LIMITS, question=60.0)) == []

    def test_the_folders_of_the_system_are_not_there(self, inside):
        loader = Path(sight.Elf.read(os.path.realpath(sys.executable)).loader)
        names = {"course", "dev", "libraries", "proc", "python", "tmp", loader.parts[1]}
        assert set(inside("import os\nfound = os.listdir('/')")) == names

    def test_versions_are_known(self, inside):
        source = "from importlib import metadata\nfound = [metadata.version(name) for name in ('torch', 'numpy')]"
        from importlib import metadata

        assert inside(source) == [metadata.version("torch"), metadata.version("numpy")]


class TestBelowUsr:
    """A course in a folder of the system, as in a container whose work folder is /usr/src/course."""

    @pytest.fixture
    def course(self):
        if os.getuid() != 0:
            pytest.skip("to put a course below /usr needs root")
        root = Path("/usr/local/share") / f"course-of-test-{os.getpid()}"
        try:
            for name in ("autograder", "course_lib", "assignments"):
                shutil.copytree(paths.ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
            (root / "solutions").mkdir()
            yield root
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def test_it_cannot_be_read(self, course):
        source = f"""
import os
found = []
for name in ({str(course)!r}, "/usr", {str(course / "autograder/suites")!r}):
    try:
        found += os.listdir(name)
    except OSError:
        pass
"""
        script = f"""
from autograder.warm import WarmWorker
from autograder.worker.wire import Reference
worker = WarmWorker()
process = worker.spawn()
process.ask(ask="cell", name="c", source={source!r})
print(process.ask(ask="value", target=Reference(name="found")))
worker.close()
"""
        environment = {**os.environ, "PYTHONPATH": str(course), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=course, env=environment, capture_output=True, text=True
        )
        assert done.stdout.strip() == "[]", done.stderr[-2000:]
