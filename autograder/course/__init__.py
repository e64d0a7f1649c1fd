"""The course's folder and what the instructor wrote in it: the keys, the release, the book's sections."""
