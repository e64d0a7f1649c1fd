"""`nbgrader autograde` for several assignments in one process: python -m tests.nbgrader_autograde ASSIGNMENT...

The command takes one assignment, and each start of it six seconds: for Python, nbgrader and the warm process.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from nbgrader.apps import AutogradeApp


def main(assignments: list[str]) -> None:
    """Mark each as the command does, which ends in an error where one submission cannot be read."""
    for assignment in assignments:
        with suppress(SystemExit):
            AutogradeApp.launch_instance([assignment])
        AutogradeApp.clear_instance()


if __name__ == "__main__":
    main(sys.argv[1:])
