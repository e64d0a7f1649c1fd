"""`watch`: marks what appears in a folder, as long as it runs."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..pages.report import write_reports
from ..results.records import all_results
from ..results.result import Result
from .asked import CourseOption, Quiet, err, open_course, open_keys, out, require_linux, stop, warn_of_damage
from .prepared import ensure_released, refusals_in_words, require_wall


def watch(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where students put their files.", show_default="grading/submitted of the course"),
    ] = None,
    course: CourseOption = Path(),
    assignment: Annotated[
        list[str] | None, typer.Option(help="Only this assignment. May be repeated.", show_default="all")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that mark side by side.", min=1, show_default="one a core, and one more"),
    ] = None,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Mark even where student code can escape. See `doctor`.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Mark what students hand in within a second or two of its arrival, until Ctrl-C.

    Without FOLDER it watches grading/submitted, into which the exchange or a copy puts
    STUDENT/ASSIGNMENT/NOTEBOOK.ipynb; feedback lies in grading/feedback. With FOLDER it watches a drop: files are
    recognised by what is in them, as `collect` does, and taken to grading/submitted. Feedback for STUDENT/… is put
    into STUDENT/feedback/, for that student alone, if the drop's own permissions keep others out of STUDENT/; that
    for files that lie loose stays in grading/feedback.

    A file is marked when it is whole and still. Each student in turn: who hands in a hundred files delays nobody. What
    came while nothing watched is marked at the start. It locks the course for a batch at a
    time: `grade` can run in between, and meanwhile `watch` waits.
    """
    from ..marks.watch import Drop, Inbox, Watcher

    require_linux()
    here = open_course(course)
    keys = open_keys(here, assignment)
    if folder is not None and not folder.is_dir():
        raise stop(f"There is no folder {folder}.")
    if folder is not None and (
        folder.resolve() in (here.root, here.grading) or here.grading in folder.resolve().parents
    ):
        raise stop(
            f"{folder} belongs to the course itself. Without a FOLDER, `watch` marks what is in {here.submitted}."
        )

    def told(result: Result) -> None:
        if not (quiet or result.missing):
            what = f"{result.assignment}/{result.notebook}"
            points = escape(result.unreadable) or f"{result.points:g} of {result.max_points:g}"
            out.print(f"{time.strftime('%H:%M:%S')}  {escape(result.student)}  {what}  {points}", soft_wrap=True)

    def said(text: str) -> None:
        err.print(f"[bold]watch:[/] {escape(text)}", soft_wrap=True)

    with refusals_in_words(here):
        if not unprotected:
            require_wall(here, quiet)
        with here.alone():
            ensure_released(here, keys)
        known = open_keys(here, None)
        place = Inbox(here, keys) if folder is None else Drop(here, known, folder.resolve(), said)
        if not quiet:
            out.print(f"Watching {place.folder}. Ctrl-C stops it.", soft_wrap=True)
        Watcher(here, keys, place, workers or 0, told, said).run()
        with contextlib.suppress(KeyboardInterrupt), here.alone():
            reports = write_reports(here, known, all_results(here, known, warn_of_damage))
            if not quiet:
                out.print(f"Stopped. Report {reports[0]}", soft_wrap=True)
