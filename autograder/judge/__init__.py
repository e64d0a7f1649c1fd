"""Runs one notebook: student cells behind the wall, graded cells on this side."""
