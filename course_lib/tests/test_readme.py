"""The list of modules in course_lib/README.md is complete."""

import re
from pathlib import Path

import course_lib

FOLDER = Path(course_lib.__file__).parent


def test_every_module_is_listed():
    listed = set(re.findall(r"`(\w+)/?`", (FOLDER / "README.md").read_text(encoding="utf-8")))
    modules = {file.stem for file in FOLDER.glob("*.py")} - {"__init__"}
    packages = {file.parent.name for file in FOLDER.glob("*/__init__.py")} - {"tests", "fingerprints"}
    assert modules | packages <= listed
