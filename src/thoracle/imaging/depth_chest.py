"""Where a depth video shows a chest, and how far it is in each frame.

Breathing moves the chest by millimeters at 0.05 to 1 Hz; a camera's noise is spread over all
frequencies, and what does not breathe has nothing more in that band than above it.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.imaging.depth import DepthFrames

BAND_HZ: Final = (0.05, 1.0)
"""Of breathing: 3 to 60 per minute."""
RATE_MIN_HZ: Final = 4.0
"""Below it there is too little above the band to compare with."""
DURATION_MIN_S: Final = 20.0
"""One period of the lowest frequency."""
_CONTRAST_MIN: Final = 6.0
"""How many times more power, for each hertz, a breathing pixel has in the band than above it."""
_SEEN_MIN: Final = 0.8  # of the frames
_JUMP_MM: Final = 80.0  # from its middle: a pixel of an outline, now of the body, now of the wall
_CHEST_DEEP_MM: Final = 250.0  # a chest is about as deep
_MOVED_SHARE: Final = 0.5  # of the motion of the most moved
_AREA_MIN: Final = 6  # cells in one piece
_CELL: Final = 4  # values a side, averaged before motion is looked for
_CELLS_ACROSS: Final = 20  # at least, so that a chest is several cells
_TINY: Final = 1e-12
_UNIT_MIN_MM: Final = 50.0  # no camera is nearer; in meters no room is so large


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A region given by hand, in the camera's pixels: from `top` to below `bottom`, and so on."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chest:
    """The chest in a video.

    Attributes
    ----------
    depth_mm : (frames,) float64
        Mean distance of the region; NaN where the camera saw less than half of it.
    region : (rows, columns) bool
        On the frames as they are kept.
    box
        Around the region, in the camera's pixels.
    """

    depth_mm: DoubleArray = field(repr=False)
    region: BoolArray = field(repr=False)
    box: Box


def measure_chest(frames: DepthFrames, *, rate_hz: float, box: Box | None = None) -> Chest:
    """Find the chest and measure its distance in each frame.

    Parameters
    ----------
    frames
        From `DecoderPool.decode_depth`.
    rate_hz
        Frames per second.
    box
        The region, where it is given by hand; None finds it.

    Returns
    -------
    Chest
        Each pixel counts by how far it is from its own middle, so that pixels that come and go do
        not move the mean.
    """
    depth_mm = frames.depth_mm
    _need_millimeters(depth_mm)
    region = (
        find_chest(depth_mm, rate_hz=rate_hz)
        if box is None
        else _region_of(box, depth_mm.shape[1:], frames.step)
    )
    return Chest(
        depth_mm=mean_depth(depth_mm, region), region=region, box=_box_of(region, frames.step)
    )


def find_chest(depth_mm: FloatArray, *, rate_hz: float) -> BoolArray:
    """Return the largest piece that breathes, near the depth of what breathes most.

    Parameters
    ----------
    depth_mm : (frames, rows, columns) float32
        NaN where the camera saw nothing.
    rate_hz
        Frames per second, at least `RATE_MIN_HZ`.

    Returns
    -------
    (rows, columns) bool
        The region.

    Raises
    ------
    ImageError
        depth-short: too few frames, or too few per second. depth-no-chest: nothing breathes.
    """
    duration_s = depth_mm.shape[0] / rate_hz
    if rate_hz < RATE_MIN_HZ or duration_s < DURATION_MIN_S:
        raise ImageError(
            f"The depth video has {duration_s:.1f} s at {rate_hz:g} frames per second – expected "
            f"{DURATION_MIN_S:g} s and {RATE_MIN_HZ:g} per second to find the chest in it. Give "
            "the region with --box, or a longer video.",
            code="depth-short",
        )
    side = max(1, min(_CELL, min(depth_mm.shape[1:]) // _CELLS_ACROSS))
    middle_mm, moved_mm, contrast = _motion(depth_mm, rate_hz, side)
    breathes = contrast >= _CONTRAST_MIN
    if breathes.any():
        strong = breathes & (moved_mm >= np.quantile(moved_mm[breathes], 0.75))
        body_mm = float(np.median(middle_mm[strong]))
        breathes &= np.abs(middle_mm - body_mm) <= _CHEST_DEEP_MM
        breathes &= moved_mm >= _MOVED_SHARE * float(np.median(moved_mm[strong]))
    region = _unfolded(_largest_piece(breathes), side, depth_mm.shape[1:])
    if region.sum() < _AREA_MIN * side**2:
        raise ImageError(
            "found no breathing chest in the depth video – expected a region that moves at "
            f"{BAND_HZ[0]:g} to {BAND_HZ[1]:g} Hz, more than it does above. Give the region with "
            "--box, or check that the chest is in view.",
            code="depth-no-chest",
        )
    return region


def mean_depth(depth_mm: FloatArray, region: BoolArray) -> DoubleArray:
    """Return the mean distance of a region in each frame.

    Parameters
    ----------
    depth_mm : (frames, rows, columns) float32
        NaN where the camera saw nothing.
    region : (rows, columns) bool
        At least one value.

    Returns
    -------
    (frames,) float64
        NaN where less than half of the region was seen.
    """
    inside = depth_mm[:, region].astype(np.float64)
    is_known = ~np.isnan(inside).all(axis=0)
    inside = inside[:, is_known]
    if inside.size == 0:
        return np.full(depth_mm.shape[0], np.nan)
    middle = np.nanmedian(inside, axis=0)
    off = inside - middle
    seen = ~np.isnan(off)
    count = seen.sum(axis=1)
    total = np.where(seen, off, 0.0).sum(axis=1)
    mean = np.full(depth_mm.shape[0], np.nan)
    np.divide(total, count, out=mean, where=count >= 0.5 * region.sum())
    return np.asarray(mean + middle.mean(), np.float64)


def _motion(depth_mm: FloatArray, rate_hz: float, side: int) -> NDArray[np.float64]:
    """Return each cell's middle depth, motion in the band (mm), and its power against the rest.

    Cells of several values are less noisy than one. Each value counts by how far it is from its own
    middle, so that those that come and go do not move the cell.
    """
    frames = depth_mm.shape[0]
    rows, columns = (length // side for length in depth_mm.shape[1:])
    found = np.zeros((3, rows, columns))
    for row in range(rows):
        band = depth_mm[:, row * side : (row + 1) * side, : columns * side].astype(np.float64)
        cells = band.reshape(frames, side, columns, side).transpose(0, 2, 1, 3)
        found[:, row] = _motion_of(cells.reshape(frames, columns, side * side), rate_hz)
    return found


def _motion_of(cells: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Measure (frames, cells, values): (3, cells), 0 where the camera saw too little."""
    often = (~np.isnan(cells)).mean(axis=0) >= _SEEN_MIN
    middle = np.zeros(often.shape)
    middle[often] = np.nanmedian(cells[:, often], axis=0)
    off = np.where(often, cells - middle, np.nan)
    off[np.abs(off) > _JUMP_MM] = np.nan
    seen = ~np.isnan(off)
    count = seen.sum(axis=2)
    still = np.where(seen, off, 0.0).sum(axis=2) / np.maximum(count, 1)
    power, frequency_hz = _spectrum(still, rate_hz)
    in_band = (frequency_hz >= BAND_HZ[0]) & (frequency_hz <= BAND_HZ[1])
    above = power[frequency_hz > BAND_HZ[1]].mean(axis=0)
    is_kept = (count > 0).mean(axis=0) >= _SEEN_MIN
    depth = middle.sum(axis=1) / np.maximum(often.sum(axis=1), 1)
    moved = np.sqrt(2.0 * power[in_band].sum(axis=0))
    contrast = power[in_band].mean(axis=0) / np.maximum(above, _TINY)
    return np.where(is_kept, [depth, moved, contrast], 0.0)


def _spectrum(
    series: NDArray[np.float64], rate_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the power of (frames, cells) at each frequency, and these; slow sway is taken out.

    Sway is what cosines of up to the band's lowest frequency describe: left in, it would leak into
    the band, which in a short video is few frequencies away.
    """
    frames = len(series)
    slow = np.arange(1 + int(2.0 * BAND_HZ[0] * frames / rate_hz))
    cosines = np.cos(np.pi * slow * (np.arange(frames)[:, None] + 0.5) / frames)
    cosines /= np.sqrt((cosines**2).sum(axis=0))
    flat = series - cosines @ (cosines.T @ series)
    # Hanning's mean square is 3/8.
    whole = np.abs(np.fft.rfft(flat * np.hanning(frames)[:, None], axis=0)) / frames
    frequency_hz = np.asarray(np.fft.rfftfreq(frames, 1.0 / rate_hz), np.float64)
    return whole**2 / 0.375, frequency_hz


def _unfolded(cells: BoolArray, side: int, shape: tuple[int, ...]) -> BoolArray:
    """Return a region of cells as one of values."""
    region = np.zeros(shape, bool)
    wide = np.repeat(np.repeat(cells, side, 0), side, 1)
    region[: wide.shape[0], : wide.shape[1]] = wide
    return region


def _largest_piece(mask: BoolArray) -> BoolArray:
    opened = ndimage.binary_opening(mask, np.ones((2, 2), bool))
    labels, count = ndimage.label(opened)
    if count == 0:
        return np.zeros_like(mask)
    sizes = np.bincount(labels.ravel())[1:]
    piece: BoolArray = labels == 1 + int(np.argmax(sizes))
    return piece


def _region_of(box: Box, shape: tuple[int, ...], step: int) -> BoolArray:
    """Turn a box in the camera's pixels into a region on the kept frames.

    Raises
    ------
    ImageError
        depth-box: it holds nothing of the frames.
    """
    rows, columns = shape
    region = np.zeros((rows, columns), bool)
    down = slice(max(box.top, 0) // step, max(-(-box.bottom // step), 0))
    across = slice(max(box.left, 0) // step, max(-(-box.right // step), 0))
    region[down, across] = True
    if not region.any() or box.bottom > rows * step + step or box.right > columns * step + step:
        raise ImageError(
            f"found a box of rows {box.top} to {box.bottom}, columns {box.left} to {box.right} – "
            f"expected one within {rows * step} × {columns * step} pixels: TOP LEFT BOTTOM RIGHT. "
            "Correct the box.",
            code="depth-box",
        )
    return region


def _box_of(region: BoolArray, step: int) -> Box:
    down, across = (np.flatnonzero(region.any(axis=axis)) for axis in (1, 0))
    return Box(
        top=int(down[0]) * step,
        left=int(across[0]) * step,
        bottom=int(down[-1] + 1) * step,
        right=int(across[-1] + 1) * step,
    )


def _need_millimeters(depth_mm: FloatArray) -> None:
    """Refuse depths that cannot be millimeters.

    Raises
    ------
    ImageError
        depth-unit.
    """
    seen = depth_mm[~np.isnan(depth_mm)]
    middle = float(np.median(seen)) if seen.size else 0.0
    if middle < _UNIT_MIN_MM:
        raise ImageError(
            f"found depths around {middle:.3g} – expected millimeters, {_UNIT_MIN_MM:g} and more. "
            "Multiply meters by 1000, and export again.",
            code="depth-unit",
        )
