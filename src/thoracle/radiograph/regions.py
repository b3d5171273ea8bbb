"""Regions of a film whose texture is measured: lungs, each lung, thirds, and what is altered."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray
from thoracle.core.results import ContributionMap, Finding
from thoracle.imaging.resample import crop, resize
from thoracle.radiograph.pieces import label_pieces

LUNGS: Final = "lungs"
ALTERED: Final = "altered"
DRAWN: Final = "drawn"
SIDES: Final = ("right", "left")
ZONES: Final = ("upper", "middle", "lower")
REGIONS: Final = (
    LUNGS,
    *(f"{side}_lung" for side in SIDES),
    *(f"{side}_{zone}" for side in SIDES for zone in ZONES),
    ALTERED,
    DRAWN,
)
"""Every region's name. Right is the patient's right, which is left on a film."""

ALTERED_SHARE: Final = 0.5  # of the color bar's top: what a page paints in its upper half.
NO_FINDING: Final = "No finding"
_SMALL_PIECE: Final = 0.1  # of the mask; a second lung is larger than that.


def lung_regions(lungs: BoolArray) -> dict[str, BoolArray]:
    """Return both lungs, each lung, and the thirds of each lung's height.

    Parameters
    ----------
    lungs : (rows, columns) bool
        Of an upright film.

    Returns
    -------
    dict
        By name of `REGIONS`. Where two lungs cannot be told apart, both alone; without lungs,
        nothing.
    """
    if not lungs.any():
        return {}
    found = {LUNGS: lungs}
    for side, lung in zip(SIDES, _two_lungs(lungs), strict=False):
        found[f"{side}_lung"] = lung
        found |= {f"{side}_{zone}": third for zone, third in _thirds(lung).items()}
    return found


def altered_region(
    maps: Sequence[ContributionMap],
    findings: Sequence[Finding],
    *,
    rows: int,
    columns: int,
    share: float = ALTERED_SHARE,
) -> BoolArray | None:
    """Return where a map of the likeliest finding lies above its threshold, inside the film.

    Parameters
    ----------
    maps
        Of one film; the first of the finding's is taken.
    findings
        Of the same film.
    rows, columns
        Size of the film.
    share
        The threshold, as a share of the top of the map's color bar, which all films have in
        common.

    Returns
    -------
    (rows, columns) bool or None
        None where nothing was found, or no map was made of it.
    """
    abnormal = [one for one in findings if one.label != NO_FINDING]
    if not abnormal:
        return None
    label = max(abnormal, key=lambda one: one.probability).label
    chosen = next((one for one in maps if one.label == label), None)
    if chosen is None:
        return None
    top, left, bottom, right = chosen.box
    on_box = resize(chosen.values, rows=bottom - top, columns=right - left)
    inside = (-top, -left, rows - top, columns - left)  # the film, in pixels of the box
    return crop(on_box, inside) > share * chosen.scale_max


def with_altered(
    regions: Mapping[str, BoolArray], altered: BoolArray | None
) -> dict[str, BoolArray]:
    """Return regions with the altered one, where there is one."""
    return dict(regions) if altered is None else {**regions, ALTERED: altered}


def _two_lungs(lungs: BoolArray) -> tuple[BoolArray, ...]:
    """Return the lung that is left on the film, then the other; nothing if there are not two."""
    pieces = label_pieces(lungs)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    large = np.flatnonzero(sizes > _SMALL_PIECE * sizes.sum())
    if large.size != 2:
        return ()
    both = [pieces == number for number in large]
    return tuple(sorted(both, key=lambda one: float(np.flatnonzero(one.any(axis=0)).mean())))


def _thirds(lung: BoolArray) -> dict[str, BoolArray]:
    hits = np.flatnonzero(lung.any(axis=1))
    edges = np.linspace(hits[0], hits[-1] + 1, len(ZONES) + 1).round().astype(int)
    found = {}
    for zone, top, bottom in zip(ZONES, edges[:-1], edges[1:], strict=True):
        third = np.zeros_like(lung)
        third[top:bottom] = lung[top:bottom]
        found[zone] = third
    return found
