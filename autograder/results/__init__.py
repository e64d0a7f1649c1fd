"""What came out of marking: verdicts and results as plain data, and where they are kept."""
