"""Whether two copies of the course mark the same class alike: `python -m benchmarks.same_marks BEFORE AFTER`.

For a change that should change no mark. Mark the sample class in both copies first, with the same grading/secret. Says
which points differ, which words differ (each pair once), who is in one copy only, and how many points were lost in
answers whose fault lies in another one. Exit code 1 if a point differs.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

Where = tuple[str, str, str]
Said = tuple[tuple[str, float, str, str, str], ...]


def verdicts(course: Path) -> dict[Where, Said]:
    """What each student was told about each cell: grade_id, points, kind, message, section."""
    found = {}
    for path in sorted((course / "grading" / "results").glob("*/*/*.json")):
        record: dict[str, Any] = json.loads(path.read_text())
        said = tuple((v["grade_id"], v["points"], v["kind"], v["message"], v["section"]) for v in record["verdicts"])
        found[record["assignment"], record["notebook"], record["student"]] = said
    return found


def lost_by_consequence(course: Path) -> float:
    """The points lost in answers that are blamed on another answer which they call."""
    records = (json.loads(path.read_text()) for path in (course / "grading" / "results").glob("*/*/*.json"))
    verdicts = (verdict for record in records for verdict in record["verdicts"])
    return sum(verdict["max_points"] - verdict["points"] for verdict in verdicts if verdict["blames"])


def main(before: Path, after: Path) -> int:
    """Compare, and print what differs."""
    old, new = verdicts(before), verdicts(after)
    points = 0
    words: Counter[tuple[str, str]] = Counter()
    for where in sorted(old.keys() & new.keys()):
        for was, now in zip(old[where], new[where], strict=True):
            if was[1] != now[1]:
                points += 1
                print(f"{'/'.join(where)} {was[0]}: {was[1]:g} points, now {now[1]:g} ({was[2]} -> {now[2]}: {now[3]})")
            if was[2:] != now[2:]:
                words[" | ".join(was[2:]), " | ".join(now[2:])] += 1
    for (was_said, now_said), count in words.most_common():
        print(f"{count} x\n  - {was_said}\n  + {now_said}")
    gone, come = ([w for w in sorted(one) if w not in other] for one, other in ((old, new), (new, old)))
    # A renamed misconception renames its student. Who was told the same is the same.
    left = Counter((w[:2], new[w]) for w in come)
    left.subtract(Counter((w[:2], old[w]) for w in gone))
    both, others, told = len(old.keys() & new.keys()), sum(words.values()), sum(n > 0 for n in left.values())
    print(f"{both} notebooks in both: {points} cells with other points, {others} in other words")
    print(f"{len(gone)} only before, {len(come)} only after; of these {told} were told something new")
    print(f"points lost by consequence: {lost_by_consequence(before):g} before, {lost_by_consequence(after):g} after")
    return 1 if points else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
