"""`python -m autograder`."""

import gc

gc.disable()  # what is imported stays: nothing of it is garbage, however often it is looked through

from .commands.cli import app  # noqa: E402

gc.freeze()
gc.enable()
app()
