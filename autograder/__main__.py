"""`python -m autograder`."""

import gc
import os

# The judge's arrays are small. Threads for large ones would spin until the first of them, and outlive no fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
gc.disable()  # what is imported stays: nothing of it is garbage, however often it is looked through

from .commands.cli import app  # noqa: E402

gc.freeze()
gc.enable()
app()
