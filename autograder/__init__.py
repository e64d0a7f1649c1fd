"""Grades the course's notebooks: a judge that student code cannot reach. `python -m autograder --help`."""
