"""Plots of texture: how features differ between regions, and which say the same."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.reporting.svg import color_of, svg_of

SHOWN: Final = (
    "stat_mean", "stat_var", "stat_skew", "cm_contrast", "cm_corr", "cm_joint_entr", "rlm_lre",
    "szm_z_perc", "ngl_hde", "ngt_coarseness", "lbp_9", "wavelet_hh_stat_var",
)  # fmt: skip
"""One or two of each family, that one page can hold."""

FILMS_MIN: Final = 5  # fewer films have no correlation worth a picture


def regions_svg(
    values: Mapping[str, Mapping[str, Sequence[float]]], titles: Mapping[str, str]
) -> str:
    """Draw how a dozen features are distributed in each region.

    Parameters
    ----------
    values
        By feature, then by region: a number for each film, NaN where unknown.
    titles
        Of features.

    Returns
    -------
    str
        SVG; single films are points, several are boxes with medians and quartiles.
    """
    shown = [name for name in SHOWN if name in values]
    columns = 3
    rows = -(-len(shown) // columns)

    def draw(axes: Any) -> None:
        panels = axes.figure.subplots(rows, columns, squeeze=False)
        axes.remove()
        for panel, name in zip(panels.flat, shown, strict=False):
            _boxes(panel, values[name])
            panel.set_title(titles.get(name, name), fontsize=9)
        for panel in list(panels.flat)[len(shown) :]:
            panel.remove()

    return svg_of(draw, width_in=3.6 * columns, height_in=2.6 * rows)


def correlation_svg(table: DoubleArray, names: Sequence[str]) -> str:
    """Draw the rank correlation of every two features over films.

    Parameters
    ----------
    table : (films, features) float64
        At least `FILMS_MIN` films without unknown values.
    names
        Of the features, by family.

    Returns
    -------
    str
        SVG.
    """
    ranks = table.argsort(axis=0).argsort(axis=0).astype(np.float64)
    ranks -= ranks.mean(axis=0)
    spread = np.sqrt((ranks**2).sum(axis=0))
    spread[spread == 0.0] = np.inf
    correlation = (ranks / spread).T @ (ranks / spread)

    def draw(axes: Any) -> None:
        picture = axes.imshow(correlation, cmap="RdBu_r", vmin=-1.0, vmax=1.0, aspect="equal")
        families = [name.split("_")[0] for name in names]
        starts = [0, *(i for i in range(1, len(names)) if families[i] != families[i - 1])]
        axes.set_xticks(starts, [families[one] for one in starts], rotation=90)
        axes.set_yticks(starts, [families[one] for one in starts])
        axes.figure.colorbar(picture, label="Rank correlation")

    return svg_of(draw, width_in=7.0, height_in=6.0)


def _boxes(panel: Any, by_region: Mapping[str, Sequence[float]]) -> None:
    names = list(by_region)
    for place, name in enumerate(names):
        known = [one for one in by_region[name] if not np.isnan(one)]
        if len(known) > 1:
            panel.boxplot(known, positions=[place], widths=0.6, showfliers=False)
        elif known:
            panel.plot([place], known, marker="o", color=color_of(0))
    panel.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names], fontsize=7)
    panel.set_xlim(-0.6, len(names) - 0.4)
