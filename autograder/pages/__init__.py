"""What people read: feedback for a student, the report for the instructor."""
