"""`python -m autograder`."""

import gc
import os
import sys
from importlib.util import find_spec, module_from_spec

# The judge's arrays are small. Threads for large ones would spin until the first of them, and outlive no fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# nbgrader's package itself is server extensions, which import half of Jupyter: for its modules it need not be run.
if "nbgrader" not in sys.modules and (nbgrader := find_spec("nbgrader")) is not None:
    sys.modules["nbgrader"] = module_from_spec(nbgrader)
gc.disable()  # what is imported stays: nothing of it is garbage, however often it is looked through

from .commands.cli import app  # noqa: E402

gc.freeze()
gc.enable()
app()
