"""Both dates of a follow-up side by side, and over each other with what changed in color."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray
from thoracle.ct.transitions import OUTSIDE, Common
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS
from thoracle.imaging.encode import png_bytes

WINDOW_HU: Final = (-1350, 150)  # the usual lung window: center −600, width 1500
SLICES: Final = 4
WIDTH_PX: Final = 340  # of one of three panels: a page's width together
GAP_PX: Final = 6
OPACITY: Final = 0.55
# Okabe and Ito's colors, told apart with any color vision, light enough for black pictures.
COLORS: Final = {
    "new": (213, 94, 0),
    "resolved": (86, 180, 233),
    "persistent": (240, 228, 66),
    "thickened": (204, 121, 167),
}
OUTLINES: Final = ((86, 180, 233), (255, 140, 40))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicePicture:
    """Three panels of one slice, as PNG; `slice_number` counts from 1 at the feet."""

    slice_number: int
    png: bytes = field(repr=False)


def slice_pictures(common: Common, *, slices: int = SLICES) -> tuple[SlicePicture, ...]:
    """Draw the slices that show most of what is ill, from the head to the feet.

    Parameters
    ----------
    common
        Both scans on one grid.
    slices
        How many at most; the lungs are parted into as many layers, and each gives one.

    Returns
    -------
    tuple of SlicePicture
        Where nothing is ill on either date, the middle of the lungs.
    """
    chosen = sorted(set(_chosen(common, slices)), reverse=True)
    return tuple(
        SlicePicture(slice_number=common.slices[at], png=_picture(common, at)) for at in chosen
    )


def _chosen(common: Common, slices: int) -> Iterator[int]:
    ill = np.zeros(len(common.earlier), np.int64)
    for one in (common.earlier, common.later):
        ill += np.isin(one, (GROUND_GLASS, CONSOLIDATION)).sum(axis=(1, 2))
    if not ill.any():
        yield len(ill) // 2
        return
    used = np.flatnonzero(ill)
    for layer in np.array_split(np.arange(used[0], used[-1] + 1), slices):
        if layer.size and ill[layer].any():
            yield int(layer[np.argmax(ill[layer])])


def _picture(common: Common, at: int) -> bytes:
    earlier, later = common.earlier[at], common.later[at]
    greys = [_grey(one[at]) for one in (common.earlier_hu, common.later_hu)]
    greys[1][later == OUTSIDE] = 0
    panels = [
        _outlined(_sized(grey, common), _sized_mask(_ill(labels), common), color)
        for grey, labels, color in zip(greys, (earlier, later), OUTLINES, strict=True)
    ]
    blend = _sized(((greys[0].astype(np.uint16) + greys[1]) // 2).astype(np.uint8), common)
    panels.append(_colored(blend, earlier, later, common))
    gap = np.full((len(blend), GAP_PX, 3), 255, np.uint8)
    return png_bytes(np.concatenate([panels[0], gap, panels[1], gap, panels[2]], axis=1))


def _colored(
    grey: ByteArray, earlier: ByteArray, later: ByteArray, common: Common
) -> NDArray[np.uint8]:
    before, after = _ill(earlier), _ill(later)
    seen = later != OUTSIDE
    masks = {
        "new": after & ~before,
        "resolved": before & ~after & seen,
        "persistent": before & after,
        "thickened": (earlier == GROUND_GLASS) & (later == CONSOLIDATION),
    }
    made = _rgb(grey).astype(np.float32)
    for name, color in COLORS.items():
        inside = _sized_mask(masks[name], common)
        made[inside] = (1 - OPACITY) * _rgb(grey)[inside] + OPACITY * np.array(color, np.float32)
    return np.rint(made).astype(np.uint8)


def _outlined(grey: ByteArray, mask: BoolArray, color: tuple[int, int, int]) -> NDArray[np.uint8]:
    made = _rgb(grey)
    made[mask & ~ndimage.binary_erosion(mask)] = color
    return made


def _ill(labels: ByteArray) -> BoolArray:
    return np.isin(labels, (GROUND_GLASS, CONSOLIDATION))


def _grey(hu: NDArray[np.int16]) -> ByteArray:
    low, high = WINDOW_HU
    share = (hu.astype(np.float32) - low) / (high - low)
    return np.rint(np.clip(share, 0.0, 1.0) * 255.0).astype(np.uint8)


def _rgb(grey: ByteArray) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _sized(grey: ByteArray, common: Common) -> ByteArray:
    return np.asarray(Image.fromarray(grey).resize(_size(common), Image.Resampling.BILINEAR))


def _sized_mask(mask: BoolArray, common: Common) -> BoolArray:
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(picture.resize(_size(common), Image.Resampling.BILINEAR)) >= 128


def _size(common: Common) -> tuple[int, int]:
    _, rows, columns = common.earlier.shape
    _, row_mm, column_mm = common.spacing_mm
    return WIDTH_PX, max(1, round(WIDTH_PX * rows * row_mm / (columns * column_mm)))
