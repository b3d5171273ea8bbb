"""Where a score comes from: contribution maps on the film, and their share inside the lungs."""

from collections.abc import Iterable

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import ContributionMap, Reason
from thoracle.imaging.resample import Box, crop, resize
from thoracle.inference.bundle import Bundle
from thoracle.radiograph.preprocess import lung_box
from thoracle.radiograph.types import Lungs, Scores

MOSTLY = 0.5  # "most of it": less than half of the map inside the lungs is worth a warning.
EMPTY_SHARE = 0.02  # of the color bar's top; a map below it everywhere says nothing.
FINENESS = 8  # grid points per map cell: a cell of 7 is a seventh of the box, lungs are finer.


def contribution_maps(scores: Scores, bundle: Bundle, lungs: Lungs) -> tuple[ContributionMap, ...]:
    """Return one map per finding, layer and method, with the bundle's common scale.

    Parameters
    ----------
    scores
        From the classifier, with maps.
    bundle
        Its labels and the fixed top of each color bar.
    lungs
        Where the lungs are, for each map's share inside them.

    Returns
    -------
    tuple of ContributionMap
        Empty when the scores have no maps.
    """
    made = []
    for name, values in scores.maps.items():
        layer, method = name.rsplit("/", 1)
        inside = fine_mask(lungs, values.shape[1:])
        for label, one in zip(bundle.labels, values, strict=True):
            made.append(
                ContributionMap(
                    label=label.name,
                    layer=layer,
                    method=method,
                    values=one,
                    scale_max=bundle.map_scale[name],
                    box=lungs.box,
                    lung_share=lung_share(one, inside, scale_max=bundle.map_scale[name]),
                )
            )
    return tuple(made)


def fine_mask(lungs: Lungs, shape: tuple[int, ...]) -> BoolArray | None:
    """Return the lungs on a grid finer than that of maps of a shape; None where there are none."""
    if not lungs.found:
        return None
    return mask_in_box(lungs, rows=shape[0] * FINENESS, columns=shape[1] * FINENESS)


def lung_share(values: FloatArray, inside: BoolArray | None, *, scale_max: float) -> float | None:
    """Return how much of a map's positive sum lies inside the lungs.

    Parameters
    ----------
    values : (h, w) float32
        A map over the lungs' box.
    inside : (rows, columns) bool
        From `fine_mask`.
    scale_max
        Top of the color bar.

    Returns
    -------
    float or None
        0 to 1; None when no lungs were found or the map is empty.
    """
    if inside is None or float(values.max()) <= EMPTY_SHARE * scale_max:
        return None
    fine = np.maximum(resize(values, rows=inside.shape[0], columns=inside.shape[1]), 0.0)
    return float(fine[inside].sum() / fine.sum())


def mask_in_box(lungs: Lungs, *, rows: int, columns: int) -> BoolArray:
    """Return the lung mask cut to the lungs' box, on a grid of its own.

    Parameters
    ----------
    lungs
        Mask over the whole film; `box` in pixels of the film.
    rows, columns
        Size of the grid.

    Returns
    -------
    (rows, columns) bool
        Lungs True.
    """
    scaled = _box_on_mask(lungs)
    cut = crop(lungs.mask.astype(np.float32), scaled)
    return np.asarray(resize(cut, rows=rows, columns=columns) > 0.5)


def _box_on_mask(lungs: Lungs) -> Box:
    """Return the lungs' own box on the mask's grid, grown as the film's box was."""
    rows, columns = lungs.mask.shape
    return lung_box(lungs.mask, rows=rows, columns=columns) or (0, 0, rows, columns)


def map_warnings(maps: tuple[ContributionMap, ...], labels: Iterable[str]) -> tuple[Reason, ...]:
    """Warn of findings some of whose maps lie mostly outside the lungs.

    Parameters
    ----------
    maps
        All maps of a film.
    labels
        The findings that matter: those above their thresholds, and the likeliest.

    Returns
    -------
    tuple of Reason
        One per finding concerned, in the order of the maps; it quotes the mean of its maps, the
        empty ones left out.
    """
    wanted, found = set(labels), []
    for label in dict.fromkeys(one.label for one in maps if one.label in wanted):
        own = [one for one in maps if one.label == label]
        outside = [one for one in own if one.lung_share is not None and one.lung_share < MOSTLY]
        share = mean_share(own)
        if not outside or share is None:
            continue
        text = (
            f"{len(outside)} of {len(own)} maps for {label} lie mostly outside the lungs "
            f"({share * 100:.0f} % inside on average): the score may come from something else."
        )
        found.append(Reason(code="map-outside-lungs", text=text))
    return tuple(found)


def mean_share(maps: Iterable[ContributionMap]) -> float | None:
    """Return how much of maps lies inside the lungs on average, 0 to 1; None if all are empty."""
    shares = [one.lung_share for one in maps if one.lung_share is not None]
    return sum(shares) / len(shares) if shares else None
