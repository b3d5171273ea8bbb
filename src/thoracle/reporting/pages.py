"""What every page is made with: the templates' environment, and pictures inside the page."""

import base64
from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def environment(*packages: str) -> Environment:
    """Return a new environment: text is escaped, and a name that is not there is an error.

    Parameters
    ----------
    packages
        Packages whose `templates` folders are searched first; those of reporting come last.

    Returns
    -------
    jinja2.Environment
        With the filters `png_uri` and `svg_uri`.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(one) for one in (*packages, "thoracle.reporting")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["png_uri"] = png_uri
    made.filters["svg_uri"] = svg_uri
    return made


@lru_cache(maxsize=1)
def report_environment() -> Environment:
    """Return the one environment of reports."""
    return environment()


def png_uri(png: bytes) -> str:
    """Return a PNG as an address that holds the picture itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def svg_uri(svg: str) -> str:
    """Return an SVG as an address that holds the drawing itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
