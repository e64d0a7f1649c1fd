"""Everything that runs on the student's side of the wall. Nothing here may import from the rest of autograder."""
