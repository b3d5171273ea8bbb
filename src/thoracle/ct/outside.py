"""Air outside of the body: blankets and masks make it as grey as lung, but it is none."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray
from thoracle.ct.lungs import AIR_HU, largest_part
from thoracle.ct.types import BACKGROUND

MOSTLY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SideAir:
    """Air that reaches the sides of the picture.

    Attributes
    ----------
    parts : (slices, rows, columns) int32
        Number of the joined part, from 1; 0 is all else.
    is_between : (slices, rows, columns) bool
        The body lies to both sides in the voxel's row or in its column.
    """

    parts: NDArray[np.signedinteger[Any]] = field(repr=False)
    is_between: BoolArray = field(repr=False)

    def within(self, box: tuple[slice, slice, slice]) -> "SideAir":
        """Return the same of a box of the grid."""
        return SideAir(parts=self.parts[box], is_between=self.is_between[box])


def find_side_air(hu: FloatArray) -> SideAir:
    """Find the air that reaches the sides of the picture.

    Parameters
    ----------
    hu : (slices, rows, columns) float32
        On the network's grid.

    Returns
    -------
    SideAir
        It is outside of the body, or in a lung that the picture cuts.
    """
    parts, count = scipy.ndimage.label(hu <= AIR_HU)
    sides = (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1])
    reaches = np.zeros(count + 1, bool)
    reaches[np.unique(np.concatenate([one.ravel() for one in sides]))] = True
    reaches[0] = False
    body = largest_part(hu > AIR_HU)
    is_between = _is_between(body, axis=1) | _is_between(body, axis=2)
    return SideAir(parts=np.where(reaches[parts], parts, 0), is_between=is_between)


def drop_side_air(label_map: ByteArray, air: SideAir) -> ByteArray:
    """Make background of labels that lie in air outside of the body.

    Parameters
    ----------
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    air
        Of the same grid.

    Returns
    -------
    (slices, rows, columns) uint8
        Where most labels of a part of the air lie beside the body, all of them go. Otherwise the
        part holds a lung that the picture cuts, and only those beside the body go.
    """
    labeled = label_map != BACKGROUND
    count = int(air.parts.max(initial=0)) + 1
    per_part = np.bincount(air.parts[labeled], minlength=count)
    between = np.bincount(air.parts[labeled & air.is_between], minlength=count)
    is_outside = between < MOSTLY * per_part
    is_outside[0] = False
    gone = is_outside[air.parts] | ((air.parts > 0) & ~air.is_between)
    return np.where(gone, np.uint8(BACKGROUND), label_map)


def _is_between(body: BoolArray, *, axis: int) -> BoolArray:
    before = np.logical_or.accumulate(body, axis=axis)
    after = np.flip(np.logical_or.accumulate(np.flip(body, axis), axis=axis), axis)
    return np.asarray(before & after, np.bool_)
