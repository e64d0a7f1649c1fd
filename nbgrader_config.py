"""nbgrader, as this course uses it. `nbgrader` commands run from this folder read it."""

from pathlib import Path

from autograder.pages.formgrader import configure

Path("grading").mkdir(exist_ok=True)  # SQLite makes its file, not its folder.

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.db_url = "sqlite:///grading/gradebook.db"
c.CourseDirectory.course_id = "recurrent"

# nbgrader's own steps of a release, and one before them: a known mistake opens its hint in the student's notebook.
c.GenerateAssignment.preprocessors = [
    "autograder.hints.nbgrader_plugin.SealHints",
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What hints tell, by assignment: "off", "mistakes" (the usual), or "right" (also that an answer is right on the
# practice inputs). After a change: `make release`.
c.SealHints.tells = {}

# The judge takes the place of the kernel: student code never runs beside the tests. `Repair` first brings every
# submission back to the exercise's shape, so that one odd cell does not end the run.
c.Autograde.sanitize_preprocessors = [
    "autograder.marks.nbgrader_plugin.Repair",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.marks.nbgrader_plugin.JudgeCells",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What handing in late costs stands in late.toml (autograder/course/late.py shows one). Without that file: nothing.
c.AssignLatePenalties.plugin_class = "autograder.marks.late_plugin.ByPolicy"

# A slip costs its own points once: what is right for the student's own wrong function that it calls keeps its points.
c.Judge.slips_cost_once = True
# No mark depends on the cells behind a notebook's last test. True runs them too: the formgrader shows their output.
c.Judge.all_cells = False

# What a student wrote is shown to the instructor as text: no script of theirs runs in the formgrader.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"markdown2html": "autograder.pages.safe_markdown.safe_markdown"}
# Beside each answer that a person marks stands the rubric; formulas come from this machine.
configure(c)
