"""From one submission to its marks, and from a class to the gradebook."""
