"""Size and form of a region of a film."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray
from thoracle.imaging.texture.first_order import ratio

NAMES = (
    "area", "outline_area", "perimeter", "circularity", "major_axis", "minor_axis", "elongation",
    "diameter", "hull_share", "box_share",
)  # fmt: skip
LENGTHS = frozenset(
    f"shape_{name}"
    for name in ("area", "outline_area", "perimeter", "major_axis", "minor_axis", "diameter")
)
"""Those with a unit; the others are ratios."""


def flat_shape(mask: BoolArray, *, spacing: tuple[float, float]) -> dict[str, float]:
    """Return size and form of a region in the plane.

    The IBSI defines forms of volumes only; these follow its rules in the plane: the outline runs
    half way between pixels inside and outside, axes are those of the pixels' covariance.

    Parameters
    ----------
    mask : (rows, columns) bool
        Region True.
    spacing
        Of rows and columns, in mm, or (1, 1) for pixels.

    Returns
    -------
    dict
        By name, `shape_area` to `shape_box_share`, lengths in the unit of the spacing; NaN for an
        empty region, and for what a region of one pixel does not have.
    """
    if not mask.any():
        return {f"shape_{name}": float("nan") for name in NAMES}
    cell = spacing[0] * spacing[1]
    outline_area, perimeter, points = _outline(mask, spacing)
    found = {
        "area": float(mask.sum()) * cell,
        "outline_area": outline_area,
        "perimeter": perimeter,
        "circularity": 4.0 * np.pi * outline_area / perimeter**2,
        **_axes(np.argwhere(mask) * np.asarray(spacing)),
        **_hull(points, outline_area),
    }
    return {f"shape_{name}": found[name] for name in NAMES}


def _outline(mask: BoolArray, spacing: tuple[float, float]) -> tuple[float, float, DoubleArray]:
    """Return area, length and corners of the outline: marching squares at one half."""
    framed = np.pad(mask, 1)
    corners = (framed[:-1, :-1], framed[:-1, 1:], framed[1:, :-1], framed[1:, 1:])
    kinds = np.zeros(corners[0].shape, np.uint8)
    for bit, corner in enumerate(corners):
        kinds |= corner.astype(np.uint8) << np.uint8(bit)
    counts = np.bincount(kinds.ravel(), minlength=16)
    ones, threes = counts[[1, 2, 4, 8]].sum(), counts[[7, 11, 13, 14]].sum()
    across, down, diagonal = counts[[3, 12]].sum(), counts[[5, 10]].sum(), counts[[6, 9]].sum()
    rows, columns = spacing
    slope = float(np.hypot(rows, columns)) / 2.0
    length = slope * (ones + threes + 2 * diagonal) + columns * across + rows * down
    cells = 0.125 * ones + 0.875 * threes + 0.5 * (across + down) + 0.25 * diagonal + counts[15]
    below = np.argwhere(framed[1:] != framed[:-1]) + np.array([0.5, 0.0])
    beside = np.argwhere(framed[:, 1:] != framed[:, :-1]) + np.array([0.0, 0.5])
    points = np.concatenate([below, beside]) * np.asarray(spacing)
    return float(cells * rows * columns), float(length), points


def _axes(centers: DoubleArray) -> dict[str, float]:
    if len(centers) < 2:
        return dict.fromkeys(("major_axis", "minor_axis", "elongation"), float("nan"))
    spreads = np.maximum(np.linalg.eigvalsh(np.cov(centers, rowvar=False)), 0.0)
    minor, major = (float(one) for one in 4.0 * np.sqrt(spreads))
    return {"major_axis": major, "minor_axis": minor, "elongation": ratio(minor, major)}


def _hull(points: DoubleArray, area: float) -> dict[str, float]:
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    sides = points.max(axis=0) - points.min(axis=0)
    hull = ConvexHull(points)
    return {
        "diameter": float(pdist(points[hull.vertices]).max()),
        "hull_share": area / float(hull.volume),  # of a hull in the plane, qhull's volume is area
        "box_share": area / float(np.prod(sides)),
    }
