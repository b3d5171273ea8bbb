"""Which of the found voxels are lungs: gas in the bowel or below the table is not."""

from typing import Any, Final

import numpy as np
import scipy
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray
from thoracle.ct.types import BACKGROUND, LUNG

LUNG_SHARE_MIN: Final = 0.1
"""Of the largest part's volume: a smaller part is no lung by itself; gas below is seldom larger."""
NEAR_MM: Final = 6.0
"""A small part as near as this to a lung is an altered place at its rim that came off."""
AIR_HU: Final = -500.0  # half-way between lung and soft tissue, near −900 and 50.
BODY_MIN_ML: Final = 500.0
MARGIN_MM: Final = 30.0
"""Around the air inside the body: altered lung has none, and lies at its rim."""
AIR_MIN_ML: Final = 200.0  # less is no lung; then the whole body is searched.
AIR_PART_MIN_ML: Final = 20.0  # a smaller bubble, in the bowel or the gullet, widens no box.

Box = tuple[slice, slice, slice]
Parts = NDArray[np.signedinteger[Any]]


def keep_lungs(label_map: ByteArray, *, spacing_mm: tuple[float, float, float]) -> ByteArray:
    """Keep the parts that are lungs, and altered places that touch them.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    (slices, rows, columns) uint8
        All else is background. The largest part is a lung, or both; so is any of a tenth of its
        volume. A smaller part stays where it holds an altered place within 6 mm of a lung.
    """
    parts, count = scipy.ndimage.label(label_map != BACKGROUND, np.ones((3, 3, 3), bool))
    if count <= 1:
        return label_map.copy()
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    sizes[0] = 0
    is_lung = sizes >= LUNG_SHARE_MIN * sizes.max()
    is_lung[0] = False
    kept = is_lung.copy()
    for part in _altered_parts(label_map, parts, is_lung):
        kept[part] = _is_near(parts, part, is_lung, spacing_mm)
    return np.where(kept[parts], label_map, np.uint8(BACKGROUND))


def search_box(hu: FloatArray, *, spacing_mm: tuple[float, float, float]) -> Box:
    """Return where lungs may be: around the air inside the body, as wide on both of its sides.

    Parameters
    ----------
    hu : (slices, rows, columns) float32
        On the network's grid.
    spacing_mm
        Of slices, rows and columns.

    Returns
    -------
    three slices
        Of slices, rows and columns. A lung without any air lies in it, since it is as wide to the
        one side of the body's middle as to the other. The whole scan where no body is found.
    """
    voxel_ml = float(np.prod(spacing_mm)) / 1000.0
    body = largest_part(hu > AIR_HU)
    if body.sum() * voxel_ml < BODY_MIN_ML:
        return _whole(hu)
    inside = _inner_air(hu <= AIR_HU, voxels_min=AIR_PART_MIN_ML / voxel_ml)
    if inside.sum() * voxel_ml < AIR_MIN_ML:
        return _box(body, (0, 0, 0))
    margin = [int(np.ceil(MARGIN_MM / mm)) for mm in spacing_mm]
    slices, rows, columns = _box(inside, (margin[0], margin[1], margin[2]))
    around = _box(body, (0, 0, 0))
    middle = (around[2].start + around[2].stop) / 2
    reach = max(middle - columns.start, columns.stop - middle)
    wide = slice(max(0, int(middle - reach)), min(hu.shape[2], int(np.ceil(middle + reach))))
    return slices, rows, wide


def largest_part(mask: BoolArray) -> BoolArray:
    """Return the largest of the parts of a mask that are joined through faces.

    Parameters
    ----------
    mask : (slices, rows, columns) bool
        An empty one stays empty.

    Returns
    -------
    (slices, rows, columns) bool
        The part alone.
    """
    parts, count = scipy.ndimage.label(mask)
    if not count:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(parts == int(sizes.argmax()), np.bool_)


def _inner_air(air: BoolArray, *, voxels_min: float) -> BoolArray:
    """Return the air that does not reach the sides of the picture; small bubbles are left out."""
    parts, count = scipy.ndimage.label(air)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    kept = sizes >= voxels_min
    sides = (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1])
    kept[np.unique(np.concatenate([one.ravel() for one in sides]))] = False
    kept[0] = False
    return np.asarray(kept[parts], np.bool_)


def _altered_parts(label_map: ByteArray, parts: Parts, is_lung: BoolArray) -> list[int]:
    found = np.unique(parts[label_map > LUNG])
    return [int(one) for one in found if not is_lung[one]]


def _is_near(
    parts: Parts, part: int, is_lung: BoolArray, spacing_mm: tuple[float, float, float]
) -> bool:
    reach = [max(1, round(NEAR_MM / mm)) for mm in spacing_mm]
    window = _box(parts == part, (reach[0], reach[1], reach[2]))
    return bool(is_lung[parts[window]].any())


def _whole(values: FloatArray) -> Box:
    return slice(0, values.shape[0]), slice(0, values.shape[1]), slice(0, values.shape[2])


def _box(mask: BoolArray, margin: tuple[int, int, int]) -> Box:
    sides = []
    for axis, more in enumerate(margin):
        others = tuple(one for one in range(3) if one != axis)
        found = np.flatnonzero(mask.any(axis=others))
        sides.append(
            slice(max(0, int(found[0]) - more), min(mask.shape[axis], int(found[-1]) + 1 + more))
        )
    return sides[0], sides[1], sides[2]
