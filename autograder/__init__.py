"""Grades the course's notebooks: a judge that student code cannot reach. `python -m autograder --help`."""

import sys

# Where jsonschema, which nbformat imports, finds these optional packages, it imports them. That compiles a grammar of
# internet addresses for almost two seconds in every process that reads a notebook. No notebook's schema asks for one.
for _name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]
