"""What leaves the course: marks in the form that Moodle and Canvas take in, and feedback as one zip."""
