"""`collect`: from a platform's download to grading/submitted.

What only it needs is imported where it is used: every command starts with this module, and `grade` in a hurry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ..course.folder import Busy, Course
from .asked import CourseOption, Quiet, err, open_course, open_keys, out, stop

if TYPE_CHECKING:
    from ..handed_in.collecting import Collected

NOT_ALL = 3
"""Exit code where something needs a look."""


def collect(
    downloads: Annotated[list[Path], typer.Argument(help="Zips or folders, as downloaded.", metavar="DOWNLOAD...")],
    course: CourseOption = Path(),
    students: Annotated[
        list[Path] | None,
        typer.Option(
            help="Who is who: Moodle's grading worksheet or grade export, Canvas's gradebook export, or a table with "
            "id, name, moodle_id, canvas_id. May be repeated."
        ),
    ] = None,
    time_zone: Annotated[
        str, typer.Option(help="Where the platform's clock goes, such as Europe/Vienna.", show_default="this machine's")
    ] = "",
    quiet: Quiet = False,
) -> None:
    """Take in what students handed in through Moodle, Canvas or a folder, for `grade`.

    A DOWNLOAD is the zip that Moodle ("Download all submissions") or Canvas ("Download Submissions") gives, such a zip
    unpacked, a folder with several of them, or any folder or zip with STUDENT/FILE. Each notebook is recognised by
    what is in it, not by its name; the latest attempt goes to grading/submitted/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb.
    Everything that came is kept in grading/collected, what became of each file is in grading/collected.csv, who is
    who in grading/platform.csv. Running it again changes nothing; with a newer download it adds what is new.

    What came through JupyterHub's exchange is collected by nbgrader's own `nbgrader collect`, into the same place.

    Exit code 0: everything was recognised. 3: something needs a look (it is listed).
    """
    from ..handed_in.collecting import AnotherId
    from ..handed_in.collecting import collect as take_in
    from ..handed_in.students import NotAList, StudentList
    from ..handed_in.unpacking import Refused

    here = open_course(course)
    keys = open_keys(here, None)
    try:
        zone = ZoneInfo(time_zone) if time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        raise stop(f"There is no time zone {time_zone}. Europe/Vienna is one.") from None
    try:
        listed = StudentList.read(students or (), zone)
        with (
            here.alone(),
            Progress(
                TextColumn("Collecting {task.fields[name]}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=err,
                transient=True,
                disable=quiet,
            ) as progress,
        ):
            task = progress.add_task("", name="", total=None)
            collected = take_in(
                here, keys, downloads, listed, zone, lambda done, of: progress.update(task, completed=done, total=of)
            )
    except (NotAList, AnotherId, Refused) as error:
        raise stop(str(error)) from None
    except Busy as error:
        raise stop(f"Nothing was collected: {error}", 1) from None
    except OSError as error:
        raise stop(f"Collecting had to stop: {error.strerror}: {error.filename}. Run it again.", 1) from None
    if not quiet:
        conclude(here, collected)
    complain(collected)
    if collected.without or any(one.needs_a_look for one in collected.now):
        raise typer.Exit(NOT_ALL)


def conclude(course: Course, collected: Collected) -> None:
    """Say what was taken."""
    from ..handed_in.collecting import AGAIN, ASIDE, EARLIER, TAKEN

    now = collected.now
    table = Table(title="Collected", title_justify="left")
    for heading in ("Notebook", "Students", "Earlier attempts", "Late (Canvas)", "No time known"):
        table.add_column(heading, justify="left" if heading == "Notebook" else "right")
    for where in sorted({one.where for one in now if one.where}):
        mine = [one for one in now if one.where == where]
        taken = [one for one in mine if one.what == TAKEN]
        counts = (
            len({one.record.student for one in taken}),
            sum(one.what in (EARLIER, AGAIN) for one in mine),
            sum(one.record.late for one in taken),
            sum(not one.record.handed_in for one in taken),
        )
        table.add_row("/".join(where), *(str(count or "-") for count in counts))
    out.print(table)
    aside = sum(one.what == ASIDE for one in now)
    alike = sorted({one.record.student for one in now if one.note.startswith("The same") or " The same " in one.note})
    if any(one.what == TAKEN and not one.record.handed_in for one in now):
        out.print(
            "Where no time is known, the download has only the moment at which it was made. Moodle's grading "
            "worksheet knows: --students WORKSHEET.csv",
            soft_wrap=True,
        )
    if alike:
        names = escape(", ".join(alike[:10])) + (f" and {len(alike) - 10} more" if len(alike) > 10 else "")
        out.print(f"The same answers came from several students, which is no proof: {names}", soft_wrap=True)
    if aside:
        out.print(f"{aside} files beside the notebooks were left aside.")
    new = f"{len(collected.changed)} notebooks put in place" if collected.changed else "Nothing new"
    out.print(f"{new}. What became of each file: {course.grading / 'collected.csv'}", soft_wrap=True)


def complain(collected: Collected) -> None:
    """List what needs a look."""
    odd = [one for one in collected.now if one.needs_a_look]
    if odd:
        err.print("[bold]Needs a look:[/]")
        for one in odd:
            err.print(f"  {escape(one.record.path)}: {escape(one.note)}", soft_wrap=True)
    if collected.without:
        err.print(f"[bold]Something came, but no notebook:[/] {escape(', '.join(collected.without))}", soft_wrap=True)
