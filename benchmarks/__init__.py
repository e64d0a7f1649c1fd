"""What is measured against stock nbgrader, side by side in one run."""
