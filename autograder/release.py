"""The student bundle, and the scan that proves nothing leaks with it.

The bundle holds assignments, course_lib, data and what is needed to install them. It is scanned for lines of solutions,
lines of hidden suites, and text pairs; one finding and there is no bundle.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import authoring, bank, paths, skeleton
from autograder.nbgrader.stubs import REGION

MIN_LINE = 24  # characters without spaces; shorter lines are nobody's secret
SUITE = "the hidden suite"
RIGHT = "the right answer"
SUITE_LINES = (
    3  # a public check may ask a line or two of what a suite asks; more of one suite, or a test's head, is a leak
)
BUNDLE = "letters-to-gpt"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "tests", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Leak:
    """One finding. where: file inside the bundle. what: a sentence."""

    where: str
    what: str


class Leaked(RuntimeError):
    """The bundle holds something that students must not get. Its text lists the findings."""

    def __init__(self, leaks: list[Leak]) -> None:
        self.leaks = leaks
        shown = "\n".join(f"  {leak.where}: {leak.what}" for leak in leaks[:40])
        super().__init__(f"{len(leaks)} leaks; nothing was released:\n{shown}")


def release(out: Path, through: str | None = None) -> Path:
    """Make the bundle in `out`/letters-to-gpt and its zip beside it. Returns the zip.

    through: the last assignment that students get now (a prefix such as a1 is enough). Raises Leaked, ValueError.
    """
    wanted = upto(through)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        bundle = Path(scratch) / BUNDLE
        assemble(bundle, wanted)
        if leaks := scan(bundle):
            raise Leaked(leaks)
        final = out / BUNDLE
        shutil.rmtree(final, ignore_errors=True)
        shutil.move(bundle, final)
    archive = shutil.make_archive(str(out / BUNDLE), "zip", root_dir=out, base_dir=BUNDLE)
    return Path(archive)


def upto(through: str | None) -> list[str]:
    """The assignments up to and including `through`, in teaching order. Raises ValueError that names them all."""
    known = paths.assignments()
    if through is None:
        return known
    matching = [name for name in known if name == through or name.split("_")[0] == through]
    if not matching:
        raise ValueError(f"there is no assignment '{through}'; there are {', '.join(known)}")
    return known[: known.index(matching[0]) + 1]


def released() -> list[str]:
    """Assignments whose notebook for students has been generated."""
    return [name for name in paths.assignments() if any((paths.ASSIGNMENTS / name).glob("*.ipynb"))]


def assemble(bundle: Path, wanted: list[str]) -> None:
    """Copy what students get, and nothing of later assignments. Raises ValueError for one that is not generated."""
    if missing := [name for name in wanted if name not in released()]:
        raise ValueError(f"{', '.join(missing)} has no notebook for students yet; run `make notebooks`")
    later = [name for name in paths.assignments() if name not in wanted]
    for name in wanted:
        shutil.copytree(paths.ASSIGNMENTS / name, bundle / "assignments" / name, ignore=LEFT_OUT)
    shutil.copytree(paths.COURSE_LIB, bundle / "course_lib", ignore=LEFT_OUT)
    for name in later:
        for folder in ("check", "fingerprints"):
            shutil.rmtree(bundle / "course_lib" / folder / name, ignore_errors=True)
    shutil.copytree(paths.ROOT / "data", bundle / "data", ignore=LEFT_OUT)
    for name in ("environment.yml", "LICENSE"):
        shutil.copy(paths.ROOT / name, bundle / name)
    (bundle / "pyproject.toml").write_text(student_project((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    shutil.copy(Path(__file__).parent / "templates" / "student_readme.md", bundle / "README.md")


def student_project(text: str) -> str:
    """The project file that installs course_lib alone: our own without extras and tools."""
    kept = []
    for part in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        head = part.split("\n", 1)[0]
        if head in ("[build-system]", "[project]", "[tool.setuptools.packages.find]", "[tool.setuptools.package-data]"):
            kept.append(part)
    return "".join(kept)


# ---- the scan ----------------------------------------------------------------------------------


def scan(bundle: Path) -> list[Leak]:
    """Everything in a bundle that should not be there."""
    secrets = secret_lines()
    for given in bundle.glob("assignments/*/given.py"):  # earlier answers that this bundle hands out on purpose
        for line in given.read_text(encoding="utf-8").splitlines():
            secrets.pop(_bare(line), None)
    leaks = []
    for file in sorted(path for path in bundle.rglob("*") if path.is_file()):
        where = str(file.relative_to(bundle))
        leaks += [Leak(where, what) for what in _file(file, where, secrets)]
    return leaks


def _file(file: Path, where: str, secrets: dict[str, str]) -> list[str]:
    found = []
    if where.startswith("assignments") and file.suffix != ".ipynb" and file.name != "given.py":
        found.append("only notebooks belong in assignments; is it half of a text pair?")
    if re.search(r"(^|/)(suites|misconceptions|solutions|autograder)(/|$)", where) or re.match(
        r"test_.*\.py$", file.name
    ):
        found.append("a file of the graders")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return found
    lines = text.splitlines()
    if file.suffix == ".ipynb":
        notebook = nbformat.reads(text, as_version=4)
        if ran := [number for number, cell in enumerate(notebook.cells, 1) if cell.get("outputs")]:
            found.append(f"outputs of the instructor's run below cells {', '.join(map(str, ran[:10]))}")
        lines = [line for cell in notebook.cells for line in cell.source.splitlines()]
        lines += [
            line
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            for line in json.dumps(output).split("\\n")
        ]
    elif file.suffix == ".py" and "# %%" in text and "jupytext" in text:
        found.append("a text pair of a notebook")
    suites: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        if "BEGIN SOLUTION" in line or "BEGIN HIDDEN" in line or "Marking scheme" in line:
            found.append(f"line {number} marks a solution: {line.strip()[:60]}")
        elif source := secrets.get(_bare(line)):
            if source.startswith((SUITE, RIGHT)) and not _bare(line).startswith("deftest_"):
                suites.setdefault(source, []).append(number)
            else:
                found.append(f"line {number} stands in {source}: {line.strip()[:60]}")
    for source, numbers in suites.items():
        if len(numbers) >= min(SUITE_LINES, list(secrets.values()).count(source)):
            found.append(f"lines {', '.join(map(str, numbers[:10]))} stand in {source}")
    return found


def secret_lines() -> dict[str, str]:
    """Lines that must not be released -> where they come from: answers, model answers, other right answers, suites.

    A line that a released cell shows to everyone (a signature, a set-up line) is no secret.
    """
    secrets: dict[str, str] = {}
    public: set[str] = set()
    for assignment in paths.assignments():
        for cell in authoring.notebook_of(authoring.text_of(assignment)).cells:
            settings = cell.metadata.get("nbgrader", {})
            if not settings.get("solution"):
                public |= {_bare(line) for line in cell.source.splitlines()}
            elif cell.cell_type == "markdown":
                _add(secrets, cell.source, f"the model answer {settings['grade_id']}")
            else:
                for region in REGION.finditer(cell.source):
                    _add(secrets, region["answer"], f"the solution of {settings['grade_id']}")
        if assignment in released():
            for node in skeleton.load(assignment).nodes():
                public |= {_bare(line) for line in node.source.splitlines()}
        for exercise in bank.exercises(assignment):
            for answer in bank.load(assignment, exercise):
                if answer.right:
                    _add(secrets, _without_imports(answer.code), f"{RIGHT} {exercise}/{answer.name}")
        for suite in sorted((paths.SUITES / assignment).glob("*.py")):
            _add(secrets, _without_imports(suite.read_text(encoding="utf-8")), f"{SUITE} {suite.name}")
    return {line: source for line, source in secrets.items() if line not in public}


def _without_imports(source: str) -> str:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(lines)


def _add(secrets: dict[str, str], text: str, source: str) -> None:
    for line in text.splitlines():
        bare = _bare(line)
        if len(bare) >= MIN_LINE and not bare.startswith(('"""', "#")):
            secrets.setdefault(bare, source)


def _bare(line: str) -> str:
    """A line without spaces and trailing comment, so that reindenting does not hide it."""
    return re.sub(r"\s+", "", re.sub(r"\s#\s.*$", "", line))
