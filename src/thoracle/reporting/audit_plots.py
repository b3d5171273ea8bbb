"""Plots of a manifest's audit as SVG text: counts, ages, similarity of candidate pairs.

matplotlib belongs to the extra "research" and is imported when a plot is drawn.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from thoracle.core.errors import MissingExtraError

# Okabe and Ito's palette, told apart with any color vision; hatches go on where it ends.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
HATCHES = ("", "///", "...", "xxx")
_STYLE = {
    "svg.fonttype": "none",  # letters stay letters: small, searchable, read aloud
    "svg.hashsalt": "thoracle",  # the same figures give the same bytes
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_AGE_BINS = tuple(range(0, 125, 5))  # years
_SCORE_BINS = tuple(index / 50 for index in range(51))


def require_plots() -> None:
    """Stop early where plots cannot be drawn.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtraError(
            "matplotlib is not installed, but plots need it (extra 'research'). "
            "Run: pip install 'thoracle[research]'"
        ) from error
    del mpl


def counts_svg(sources: Sequence[str | int], rows: Sequence[Sequence[str | int]]) -> str:
    """Draw stacked bars: one per source, one part per label.

    Parameters
    ----------
    sources
        Names of the bars.
    rows
        Per label: its name, a count per source, and the sum of them.
    """

    def draw(axes: Any) -> None:
        left = [0] * len(sources)
        names = [str(source) for source in sources]
        for index, (label, *counts) in enumerate(rows):
            values = [int(count) for count in counts[: len(sources)]]
            axes.barh(names, values, left=left, label=str(label), **_fill(index))
            left = [start + value for start, value in zip(left, values, strict=True)]
        axes.invert_yaxis()
        axes.set_xlabel("Films")
        axes.legend(frameon=False, fontsize=8)

    return _svg(draw, width_in=6.4, height_in=1.6 + 0.35 * len(sources))


def ages_svg(ages_by_source: Mapping[str, Sequence[float]]) -> str:
    """Draw how ages are spread in each source that states them, as shares of its films."""

    def draw(axes: Any) -> None:
        for index, (source, years) in enumerate(ages_by_source.items()):
            axes.hist(
                years,
                bins=_AGE_BINS,
                weights=[1 / len(years)] * len(years),
                histtype="step",
                color=COLORS[index % len(COLORS)],
                label=f"{source} (n = {len(years)})",
            )
        axes.set(xlabel="Age, years", ylabel="Share of the source's films")
        if ages_by_source:
            axes.legend(frameon=False, fontsize=8)

    return _svg(draw, width_in=5.2, height_in=3.0)


def scores_svg(
    found: Sequence[float], refused: Sequence[float], thresholds: Sequence[float]
) -> str:
    """Draw the correlations of candidate pairs on a logarithmic count axis, and the thresholds."""

    def draw(axes: Any) -> None:
        axes.hist(refused, bins=_SCORE_BINS, color="#999999", label="refused candidates")
        axes.hist(found, bins=_SCORE_BINS, color=COLORS[1], label="near-duplicates")
        for threshold in thresholds:
            axes.axvline(threshold, color="#000000", linewidth=0.8, linestyle="--")
        axes.set_yscale("symlog", linthresh=1)
        axes.set(xlabel="Correlation of aligned detail", ylabel="Pairs")
        axes.legend(frameon=False, fontsize=8)

    return _svg(draw, width_in=5.2, height_in=3.0)


def _fill(index: int) -> dict[str, str]:
    hatch = HATCHES[index // len(COLORS) % len(HATCHES)]
    return {"color": COLORS[index % len(COLORS)], "hatch": hatch, "edgecolor": "white"}


def _svg(draw: Callable[[Any], None], *, width_in: float, height_in: float) -> str:
    """Draw on a fresh figure without touching matplotlib's global state."""
    require_plots()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure.add_subplot())
        content = io.StringIO()
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
