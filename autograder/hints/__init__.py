"""Hints that a mistake opens in the student's own notebook: sealed with what that mistake gives on practice inputs."""
