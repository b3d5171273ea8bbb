"""From bytes to pixels with geometry, decoded in a limited child process."""
