"""A synthetic class: right, wrong in every known way, broken, hostile."""
