"""`report`: writes the report on the class anew from what is on record, and looks for answers that are alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from ..pages.report import Pair, similar, write_reports
from ..results.records import all_results
from .asked import CourseOption, Quiet, err, open_course, open_keys, out, stop, warn_of_damage
from .prepared import refusals_in_words


def report(
    course: CourseOption = Path(),
    look_for_similar: Annotated[
        bool, typer.Option("--similar", help="Compare what was handed in, and show answers that are alike.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write the report on the class anew, from the marks on record. Nothing is marked.

    `grade` ends with the same report, without the comparison that --similar adds.
    Exit code 0: it is written. 2: nothing is on record yet.
    """
    here = open_course(course)
    keys = open_keys(here, None)
    with refusals_in_words(here, "The report"), here.alone():
        results = all_results(here, keys, warn_of_damage)
        if not results:
            raise stop("Nothing is on record yet: `python -m autograder grade` marks what was handed in.")
        pairs: list[Pair] | None = None
        if look_for_similar:
            found = track(
                similar(here, keys, results), "Comparing", len(keys), console=err, transient=True, disable=quiet
            )
            pairs = sorted((pair for some in found for pair in some), key=lambda pair: -pair.shared)
        paths = write_reports(here, keys, results, pairs)
    if not quiet:
        if pairs is not None:
            out.print(f"{len(pairs)} pairs of answers are alike. Similarity is not proof.")
        out.print(f"Report     {paths[0]}", soft_wrap=True)
        out.print(f"Marks      {paths[1]}", soft_wrap=True)
