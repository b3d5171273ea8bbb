"""From four tables of a hospital to labels: MIDDLEMORE's reference standard."""
