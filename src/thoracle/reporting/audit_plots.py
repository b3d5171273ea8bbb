"""Plots of a manifest's audit as SVG text: counts, ages, similarity of candidate pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from thoracle.reporting.svg import COLORS, color_of, svg_of

HATCHES = ("", "///", "...", "xxx")  # go on where the palette ends
_AGE_BINS = tuple(range(0, 125, 5))  # years
_SCORE_BINS = tuple(index / 50 for index in range(51))


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
        axes.legend(loc="upper right", frameon=False, fontsize=8)

    return svg_of(draw, width_in=6.4, height_in=1.6 + 0.35 * len(sources))


def ages_svg(ages_by_source: Mapping[str, Sequence[float]]) -> str:
    """Draw how ages are spread in each source that states them, as shares of its films."""

    def draw(axes: Any) -> None:
        for index, (source, years) in enumerate(ages_by_source.items()):
            axes.hist(
                years,
                bins=_AGE_BINS,
                weights=[1 / len(years)] * len(years),
                histtype="step",
                color=color_of(index),
                label=f"{source} (n = {len(years)})",
            )
        axes.set(xlabel="Age, years", ylabel="Share of the source's films")
        if ages_by_source:
            axes.legend(loc="upper right", frameon=False, fontsize=8)

    return svg_of(draw, width_in=5.2, height_in=3.0)


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
        axes.legend(loc="upper right", frameon=False, fontsize=8)

    return svg_of(draw, width_in=5.2, height_in=3.0)


def _fill(index: int) -> dict[str, str]:
    hatch = HATCHES[index // len(COLORS) % len(HATCHES)]
    return {"color": color_of(index), "hatch": hatch, "edgecolor": "white"}
