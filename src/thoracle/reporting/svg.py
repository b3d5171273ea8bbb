"""How every plot of a report is drawn: palette, style, and matplotlib to SVG text.

matplotlib belongs to the extra "research" and is imported when a plot is drawn.
"""

import io
from collections.abc import Callable
from typing import Any

from thoracle.core.extras import require_research

# Okabe and Ito's palette, told apart with any color vision.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLE = {
    "svg.fonttype": "none",  # letters stay letters: small, searchable, read aloud
    "svg.hashsalt": "thoracle",  # the same figures give the same bytes
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def require_plots() -> None:
    """Stop early where plots cannot be drawn; that is a MissingExtraError."""
    require_research("matplotlib", package="matplotlib", need="plots need")


def color_of(index: int) -> str:
    """Return the palette's color for the index-th thing of a plot."""
    return COLORS[index % len(COLORS)]


def svg_of(draw: Callable[[Any], None], *, width_in: float, height_in: float) -> str:
    """Draw on a fresh figure without touching matplotlib's global state.

    Parameters
    ----------
    draw
        Gets the figure's axes.
    width_in, height_in
        Size in inches.

    Returns
    -------
    str
        The picture as SVG; the same drawing gives the same text.
    """
    return picture_of(draw, form="svg", width_in=width_in, height_in=height_in).decode("utf-8")


def picture_of(
    draw: Callable[[Any], None], *, form: str, width_in: float, height_in: float
) -> bytes:
    """Draw on a fresh figure, as a file of a format that matplotlib writes: svg, png, pdf.

    Parameters
    ----------
    draw, width_in, height_in
        As for `svg_of`.
    form
        The format's ending.
    """
    require_plots()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    undated = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure.add_subplot())
        content = io.BytesIO()
        figure.savefig(content, format=form, metadata=undated.get(form))
    return content.getvalue()
