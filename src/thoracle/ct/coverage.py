"""Where lungs are cut off by the end of what was scanned, so that volumes are lower bounds."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray
from thoracle.ct.measures import Cut
from thoracle.ct.sides import LEFT, RIGHT, Sides
from thoracle.ct.types import BACKGROUND
from thoracle.imaging.scan import CtScan

# Below air (−1000 HU) with any noise: written by scanners outside of their round field of view,
# where nothing was measured. Padding of −1024 looks like air and cannot be told.
PADDING_MAX_HU: Final = -1500
_PLANES: Final = {  # edge: axis, and which end of it
    "feet": (0, 0),
    "head": (0, -1),
    "front": (1, 0),
    "back": (1, -1),
    "right": (2, 0),
    "left": (2, -1),
}


def find_cuts(label_map: ByteArray, scan: CtScan, sides: Sides | None) -> tuple[Cut, ...]:
    """Find where the lungs reach the end of the scan.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    scan
        Of the same grid; its padding is seen where it holds HU.
    sides
        From `find_sides`; None counts a cut for "both" alone.

    Returns
    -------
    tuple of Cut
        One for each edge at which there is any lung; its area is that of the voxels' faces there.
    """
    return tuple(_cuts(label_map, scan, sides))


def _cuts(label_map: ByteArray, scan: CtScan, sides: Sides | None) -> Iterator[Cut]:
    mm = scan.spacing_mm
    for edge, (axis, end) in _PLANES.items():
        lung = np.take(label_map, end, axis) != BACKGROUND
        if lung.any():
            face_cm2 = float(np.prod(mm)) / mm[axis] / 100.0
            area = float(np.count_nonzero(lung) * face_cm2)
            held = () if sides is None else _held(np.take(sides.side_map, end, axis)[lung])
            yield Cut(edge=edge, area_cm2=area, sides=held)
    if scan.has_hu:
        yield from _padding(label_map, scan, sides)


def _padding(label_map: ByteArray, scan: CtScan, sides: Sides | None) -> Iterator[Cut]:
    _, row_mm, column_mm = scan.spacing_mm
    face_cm2 = scan.spacing_mm[0] * (row_mm * column_mm) ** 0.5 / 100.0
    faces, held = 0, set[str]()
    for index, hu in enumerate(scan.hu):
        beside = _beside_padding(hu <= PADDING_MAX_HU, label_map[index] != BACKGROUND)
        if beside is not None:
            faces += int(np.count_nonzero(beside))
            held.update(() if sides is None else _held(sides.side_map[index][beside]))
    if faces:
        ordered = tuple(one for one in ("right", "left") if one in held)
        yield Cut(edge="field", area_cm2=faces * face_cm2, sides=ordered)


def _beside_padding(padding: BoolArray, lung: BoolArray) -> BoolArray | None:
    if not padding.any() or not lung.any():
        return None
    beside: BoolArray = ndimage.binary_dilation(padding) & lung
    return beside if beside.any() else None


def _held(sides: ByteArray) -> tuple[str, ...]:
    names = {RIGHT: "right", LEFT: "left"}
    return tuple(name for side, name in names.items() if np.any(sides == side))
