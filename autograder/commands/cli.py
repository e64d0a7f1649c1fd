"""The command line: release, grade, report, doctor, sample.

What needs nbgrader is imported where it is used: that takes a second, in which `grade` has its processes start.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from ..course.folder import Course
from ..course.key import Key
from ..judge import doctor as examination
from ..judge.judge import Timeouts
from ..marks.grade import Run, crew_for, look, misplaced
from ..marks.grade import grade as grade_class
from ..pages.report import attention, write_reports
from ..results.records import all_results
from ..results.result import Result
from .asked import (
    CourseOption,
    Names,
    Quiet,
    err,
    open_course,
    open_keys,
    out,
    require_linux,
    stop,
    warn,
    warn_of_damage,
)
from .collect import collect
from .explain import explain, explain_student
from .export import export
from .prepared import ensure_released, print_missing, refusals_in_words, release_one, require_wall
from .report import report
from .watch import watch

DAY = 24 * 60 * 60
SHOWN = 10
"""So many paths are listed."""

app = typer.Typer(
    help="Release exercises, mark what students hand in, and say what the class has not understood.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(collect)
app.command()(watch)
app.command()(export)
app.command()(explain)
app.command()(report)


@app.command()
def release(
    names: Names = None,
    course: CourseOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Release also what changes handed-in work.")] = False,
    quiet: Quiet = False,
) -> None:
    """Make exercises/ from solutions/, and enter points and cells in the gradebook.

    Where students have handed in an assignment already, it is first said what changes and what that means for marks and
    for work under way; then you are asked. Exit code 5: nobody could be asked, so that was not released.
    """
    here = open_course(course)
    known = here.assignments
    for name in names or known:
        if name not in known:
            raise stop(f"There is no assignment {name} in {here.solutions}: there are {', '.join(known)}.")
        with refusals_in_words(here, "Releasing"):
            release_one(here, name, yes=yes)
        if not quiet:
            made = ", ".join(path.name for path in sorted((here.exercises / name).glob("*.ipynb")))
            out.print(f"Released [bold]{name}[/]: {made}")


@app.command()
def sample(
    names: Names = None,
    course: CourseOption = Path(),
    moodle: Annotated[
        Path | None, typer.Option(help="Write a zip as Moodle gives it, for `collect`, and its worksheet beside it.")
    ] = None,
    canvas: Annotated[
        Path | None, typer.Option(help="Write a zip as Canvas gives it, for `collect`, and its gradebook beside it.")
    ] = None,
    students: Annotated[int, typer.Option(help="How many are in such a zip.", min=1, max=400)] = 40,
    naughty: Annotated[bool, typer.Option(help="With --moodle: add what goes wrong in a real class.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a synthetic class into grading/submitted: right, wrong in every known way, broken, hostile.

    With --moodle or --canvas: an ordinary class instead, as a download of that platform.
    """
    here = open_course(course)
    keys = open_keys(here, names)
    if moodle or canvas:
        from ..sample.downloads import canvas_zip, moodle_zip

        with refusals_in_words(here, "Writing the class"):
            if moodle:
                moodle_zip(here, keys, students, moodle, naughty=naughty)
            if canvas:
                canvas_zip(here, keys, students, canvas)
        if not quiet:
            for path in filter(None, (moodle, canvas)):
                out.print(f"Wrote {path} and {path.with_suffix('.csv')}", soft_wrap=True)
        return
    from ..sample.sample_class import write_class

    with refusals_in_words(here, "Writing the class"):
        ensure_released(here, keys)
        count = write_class(here, keys)
    if not quiet:
        out.print(f"Wrote a sample class of [bold]{count}[/] students into {here.submitted}")


@app.command()
def doctor(course: CourseOption = Path(), quiet: Quiet = False) -> None:
    """Try what hostile student code would try, and say what this machine prevents. Exit code 1 if anything escapes."""
    require_linux()
    settings = examination.both(open_course(course))
    here, *others = settings
    if not quiet or not here.holds:
        out.print(examination_table(settings))
        for setting in settings:
            out.print(escape(setting.says), soft_wrap=True)
        if not here.namespaces:
            out.print(f"Namespaces: {escape(str(here.layers.get('why_not')))}.", soft_wrap=True)
        print_missing(out, here)
        out.print(
            "[bold green]Student code is walled in.[/]" if here.holds else "[bold red]Student code can escape.[/]"
        )
        if here.holds and not all(other.holds for other in others):
            out.print("Without namespaces it could escape here; `grade` has them and uses them.")
    if not here.holds:
        raise typer.Exit(1)


def examination_table(settings: list[examination.Examination]) -> Table:
    """What stopped each attempt, one column for each setting."""
    table = Table(title="What a student process can do here", title_justify="left")
    table.add_column("Attempt")
    for setting in settings:
        table.add_column("With namespaces" if setting.namespaces else "Without namespaces")
    for findings in zip(*(setting.findings for setting in settings), strict=True):
        probe = findings[0].probe
        cells = [f"[{'green' if one.as_it_should else 'bold red'}]{escape(one.how)}[/]" for one in findings]
        marks = ["" if one.as_it_should else "[bold red]NO: [/]" for one in findings]
        name = f"{probe.name} (must work)" if probe.must_work else probe.name
        table.add_row(name, *(mark + cell for mark, cell in zip(marks, cells, strict=True)))
    return table


@app.command()
def grade(
    names: Names = None,
    course: CourseOption = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only this student. May be repeated.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that mark side by side.", min=1, show_default="one a core, and one more"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Mark again what has not changed.")] = False,
    timeout: Annotated[
        float | None,
        typer.Option(help="Seconds for one cell.", show_default="10, or 60 where an exercise uses TensorFlow"),
    ] = None,
    why: Annotated[
        str,
        typer.Option("--explain", metavar="STUDENT", help="Mark nothing: say why this student has each point or not."),
    ] = "",
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler to mark on.")] = "",
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Mark even where student code can escape. See `doctor`.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Mark what was handed in, write the gradebook, feedback for each student and a report on the class.

    What has not changed since it was last marked is kept. Ctrl-C stops; the next run goes on from there.
    Exit code 0: all marked. 3: some notebooks could not be marked (they are listed). 4: nothing was marked, as this
    machine cannot wall student code in. 130: stopped.
    """
    require_linux()
    here = open_course(course)
    keys = open_keys(here, names)
    if not (here.submitted.is_dir() and any(here.submitted.iterdir())):
        raise stop(f"Nothing was handed in: {here.submitted} is empty. `python -m autograder sample` writes a class.")
    if why:
        explain_student(here, keys, why, unprotected=unprotected)
        return
    if timeout is not None and not 0 < timeout <= DAY:  # by itself: Click lets "nan" pass any bounds
        raise stop(f"--timeout takes seconds for one cell, more than 0 and at most {DAY}, and not {timeout:g}.")
    if unknown := sorted(name for name in student or () if not (here.submitted / name).is_dir()):
        raise stop(f"There is no folder of {', '.join(unknown)} in {here.submitted}. Nothing was marked.")
    timeouts = Timeouts(timeout, timeout * 6) if timeout else None
    began = time.monotonic()
    with refusals_in_words(here), here.alone():
        work = look(here, keys, force=force, students=set(student) if student else None, timeouts=timeouts)
        with crew_for(work, workers or 0, dask, walled=not unprotected, say=warn) as crew:
            layers = {} if unprotected or dask else require_wall(here, quiet, meanwhile=import_gradebook)
            from ..marks.gradebook import ClassGradebook

            ensure_released(here, keys)
            with ClassGradebook(here) as gradebook, marking(len(work.todo), quiet) as advanced:
                run = grade_class(
                    here, keys, work, crew, gradebook, timeouts=timeouts, layers=layers, advanced=advanced
                )
        everything = open_keys(here, None)
        reports = write_reports(here, everything, all_results(here, everything, warn_of_damage))
    if not quiet:
        conclude(here, keys, run, reports, time.monotonic() - began)
    else:
        print_unmarked(err, run)
    for name, why in work.refused.items():
        err.print(f"[bold]Not marked:[/] the folder {escape(name)}. {why}", soft_wrap=True)
    lost = [] if student else misplaced(here)
    if lost:
        listed = ", ".join(lost[:SHOWN]) + (f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else "")
        err.print(
            f"[bold]Not marked,[/] as they do not lie at STUDENT/ASSIGNMENT/NOTEBOOK.ipynb in {here.submitted}: "
            f"{escape(listed)}. Move them there; or take them out and give their folder to `collect`.",
            soft_wrap=True,
        )
    if run.stopped:
        err.print("Stopped. What was marked is written; run the same command again to go on.")
        raise typer.Exit(130)
    if work.refused or lost or any(result.unreadable and not result.missing for result in run.results):
        raise typer.Exit(3)


def import_gradebook() -> None:
    """Import what opens the gradebook: nbgrader, SQLAlchemy, half a second. It stays, like what `__main__` imports."""
    gc.disable()
    import_module("autograder.marks.gradebook")
    gc.freeze()
    gc.enable()


@contextmanager
def marking(total: int, quiet: bool) -> Iterator[Callable[[Result], None]]:
    """Show how far marking is; what it gives is to be called with each result."""
    with Progress(
        TextColumn("Marking"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}"),
        console=err,
        transient=True,
        disable=quiet,
    ) as progress:
        task = progress.add_task("Marking", total=total, last="")
        yield lambda result: progress.update(task, advance=1, last=escape(f"{result.student} {result.notebook}"[:40]))


def print_unmarked(console: Console, run: Run) -> None:
    """List what could not be marked, and why."""
    unreadable = [(result, why) for result, why in attention(run.results) if result.unreadable]
    if unreadable:
        console.print("[bold]Not marked[/] (0 points until you decide otherwise):")
        for result, why in unreadable:
            console.print(
                f"  {escape(result.student)}, {result.assignment}/{result.notebook}: {escape(why)}", soft_wrap=True
            )


def conclude(course: Course, keys: dict[tuple[str, str], Key], run: Run, reports: list[Path], seconds: float) -> None:
    """Say at the end what happened and where to look."""
    table = Table(title="Marks", title_justify="left")
    for heading in ("Notebook", "Handed in", "Mean", "Of", "Not marked"):
        table.add_column(heading, justify="left" if heading == "Notebook" else "right")
    for where, key in keys.items():
        results = [r for r in run.results if (r.assignment, r.notebook) == where and not r.missing]
        mean = sum(result.points for result in results) / (len(results) or 1)
        failed = sum(bool(result.unreadable) for result in results)
        table.add_row("/".join(where), str(len(results)), f"{mean:.1f}", f"{key.max_points:g}", str(failed or "-"))
    out.print(table)
    print_unmarked(out, run)
    kept = f", {run.kept} kept from an earlier run" if run.kept else ""
    out.print(f"{run.marked} notebooks marked in {seconds:.1f} s{kept}.")
    if run.again:
        reasons = ", ".join(f"{why} ({count})" for why, count in run.again.most_common())
        out.print(f"{run.again.total()} marked again: {escape(reasons)}.", soft_wrap=True)
    if run.entered:
        out.print(f"{run.entered} of those kept were not in the gradebook, or otherwise: they are entered again.")
    out.print(f"Report     {reports[0]}", soft_wrap=True)
    out.print(f"Marks      {reports[1]}", soft_wrap=True)
    out.print(f"Feedback   {course.feedback}/STUDENT/ASSIGNMENT/NOTEBOOK.html", soft_wrap=True)
    out.print("Formgrader `jupyter lab`, then the menu Nbgrader, Formgrader", soft_wrap=True)
