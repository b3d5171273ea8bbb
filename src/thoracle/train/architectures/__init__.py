"""The networks of the five papers, and any timm backbone, in the same three parts."""
