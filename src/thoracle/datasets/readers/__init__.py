"""One reader per collection: a folder in its original layout becomes films."""
