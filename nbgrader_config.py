"""nbgrader's configuration. Run its commands from this folder; `GRADING` moves the workspace."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))
# nbgrader calls `alembic` by its bare name, and without it deletes the released notebook before it says so.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
workspace = os.environ.get("GRADING", "grading")

from autograder.nbgrader import converters  # noqa: E402

converters.install()  # nbgrader's own take a file of another name for no submission, and a new file for an old one

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "letters_to_gpt"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.submitted_directory = f"{workspace}/submitted"
c.CourseDirectory.autograded_directory = f"{workspace}/autograded"
c.CourseDirectory.feedback_directory = f"{workspace}/feedback"
c.CourseDirectory.db_url = os.environ.get("GRADEBOOK") or f"sqlite:///{ROOT / workspace / 'gradebook.db'}"
texts = [text.name for text in ROOT.glob("solutions/*/*.py") if text.name != "given.py"]  # halves of text pairs
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.md", *texts]
c.ExportApp.plugin_class = "autograder.nbgrader.export.CsvExportPlugin"  # nbgrader's own has names as cells, computed
c.CsvExportPlugin.to = f"{workspace}/gradebook.csv"
(ROOT / workspace).mkdir(parents=True, exist_ok=True)

c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "autograder.nbgrader.stubs.ClearNamedSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.Autograde.exporter_class = "autograder.nbgrader.intake.IntakeExporter"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.grade.GradeInIsolation",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

from autograder.nbgrader import display  # noqa: E402

display.configure(c)  # how feedback pages and formgrader show what students wrote
