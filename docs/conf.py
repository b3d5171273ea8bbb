"""Sphinx configuration: MyST pages, numpydoc docstrings, furo; nothing is fetched."""

import sys
from pathlib import Path

from thoracle.core.version import version as installed_version

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Thoracle"
author = "The Thoracle authors"
project_copyright = "The Thoracle authors, Apache-2.0"
version = release = installed_version()

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "generated"]
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

smartquotes = False  # "--option" stays two hyphens

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"Thoracle {release}"
html_copy_source = False
html_show_sphinx = False
