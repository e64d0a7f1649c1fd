"""Grades the course's notebooks: a judge that student code cannot reach. `python -m autograder --help`."""

import sys

# Where jsonschema, which nbformat imports, finds this optional package, it imports it, and that compiles a grammar of
# internet addresses for almost two seconds in every process that reads a notebook. No notebook's schema asks for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
