"""Read a chest CT scan: where the lungs are, how much of them is altered, and how it changes."""
