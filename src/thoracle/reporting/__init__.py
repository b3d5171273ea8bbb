"""From analyses and figures to HTML, JSON and pictures."""
