"""`python -m autograder`."""

from .commands.cli import app

app()
