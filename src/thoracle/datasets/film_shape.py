"""Lung outlines as points, and the smooth warp that carries one outline onto another."""

from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray

_SIDE = 8  # points along a lung's outer border, from the apex to the costophrenic angle
_BASE = 5  # along the diaphragm, from there to the angle at the heart
_INNER = 8  # along the mediastinum, back to the apex
POINTS = 2 * (_SIDE + _BASE + _INNER)
"""Points of an outline: both lungs, each around from its apex."""

FRAME = (-0.13, -0.10, 1.2, 1.10)
"""(top, left, bottom, right) of a film in heights and breadths of the lungs' box.

The median radiograph of the collections reaches this far; the box itself is (0, 0, 1, 1).
"""
_GRID = 25  # the warp is solved on 25 × 25 points and interpolated: it is smooth by construction
_SMOOTHING = 1e-3  # of the thin plate: lets a jagged outline pass a hundredth beside a point
_RAYS = 180  # directions from a lung's center in which its border is looked for
_LUNG_SHARE_MIN = 0.25  # of the larger lung's area; a smaller second piece is no lung
_MIDDLE = (0.35, 0.65)  # share of the breadth in which two lungs that touch are parted


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The outline of both lungs of one film.

    Attributes
    ----------
    points : (points, 2) float64
        Row and column, in heights and breadths of the lungs' box.
    box
        (top, left, bottom, right) of the lungs, as shares of the film's rows and columns.
    aspect
        Height over breadth of the lungs' box, in pixels of the film.
    """

    points: DoubleArray = field(repr=False)
    box: tuple[float, float, float, float]
    aspect: float


def outline_of(mask: BoolArray, *, film_aspect: float) -> Outline | None:
    """Mark both lungs of a mask with points.

    Parameters
    ----------
    mask : (rows, columns) bool
        Lungs on any grid that covers the whole film.
    film_aspect
        Rows over columns of the film itself.

    Returns
    -------
    Outline or None
        None when the mask does not show two lungs.
    """
    lungs = _two_lungs(mask)
    if lungs is None:
        return None
    both = lungs[0] | lungs[1]
    top, bottom = _span(both.any(axis=1))
    left, right = _span(both.any(axis=0))
    pixels = np.concatenate(
        [_points_of(lung, outer=outer) for lung, outer in zip(lungs, (-1, 1), strict=True)]
    )
    extent = np.array([bottom - top, right - left], np.float64)
    rows, columns = mask.shape
    return Outline(
        points=(pixels - (top, left)) / extent,
        box=(top / rows, left / columns, bottom / rows, right / columns),
        aspect=float(extent[0] / extent[1] * film_aspect * columns / rows),
    )


def frame_grid(rows: int, columns: int) -> tuple[DoubleArray, DoubleArray]:
    """Return the box coordinates of the pixel rows and columns of a picture of the frame."""
    top, left, bottom, right = FRAME
    ys = top + (np.arange(rows) + 0.5) / rows * (bottom - top)
    xs = left + (np.arange(columns) + 0.5) / columns * (right - left)
    return ys, xs


def warp(source: DoubleArray, target: DoubleArray, *, rows: int, columns: int) -> FloatArray:
    """Return where each pixel of the frame lies after `source` is carried onto `target`.

    Parameters
    ----------
    source, target : (points, 2) float64
        Outlines in box coordinates.
    rows, columns
        Size of the picture of the frame.

    Returns
    -------
    (2, rows, columns) float32
        Row and column in box coordinates. The frame's rim stays where it is.
    """
    rim = _rim()
    plate = scipy.interpolate.RBFInterpolator(
        np.concatenate([source, rim]),
        np.concatenate([target - source, np.zeros_like(rim)]),
        kernel="thin_plate_spline",
        smoothing=_SMOOTHING,
    )
    ys, xs = (np.linspace(FRAME[k], FRAME[k + 2], _GRID) for k in (0, 1))
    nodes = np.stack(np.meshgrid(ys, xs, indexing="ij"), axis=-1)
    shift = plate(nodes.reshape(-1, 2)).reshape(_GRID, _GRID, 2).astype(np.float32)
    where_y, where_x = frame_grid(rows, columns)
    along = ((where_y - FRAME[0]) / (FRAME[2] - FRAME[0]) * (_GRID - 1)).astype(np.float32)
    across = ((where_x - FRAME[1]) / (FRAME[3] - FRAME[1]) * (_GRID - 1)).astype(np.float32)
    shift = _interpolate(_interpolate(shift, along, axis=0), across, axis=1)
    out = np.empty((2, rows, columns), np.float32)
    out[0] = shift[..., 0] + where_y[:, None].astype(np.float32)
    out[1] = shift[..., 1] + where_x[None, :].astype(np.float32)
    return out


def fill_outline(points: DoubleArray, *, rows: int, columns: int) -> BoolArray:
    """Draw an outline in the frame as a lung mask, (rows, columns) bool."""
    ys, xs = frame_grid(rows, columns)
    mask = Image.new("1", (columns, rows))
    pen = ImageDraw.Draw(mask)
    for lung in points.reshape(2, -1, 2):
        y = (lung[:, 0] - ys[0]) / (ys[1] - ys[0])
        x = (lung[:, 1] - xs[0]) / (xs[1] - xs[0])
        pen.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=1)
    return np.asarray(mask, dtype=bool)


def _interpolate(values: FloatArray, positions: FloatArray, *, axis: int) -> FloatArray:
    """Interpolate along an axis at fractional positions with Catmull-Rom's cubic."""
    base = np.clip(positions.astype(np.int64), 0, values.shape[axis] - 2)
    t = positions - base
    weights = (
        ((-t + 2) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((-3 * t + 4) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    shape = [1, 1, 1]
    shape[axis] = len(positions)
    last = values.shape[axis] - 1
    out: FloatArray = np.float32(0) * np.take(values, base, axis=axis)
    for step, weight in enumerate(weights):
        taken = np.take(values, np.clip(base + step - 1, 0, last), axis=axis)
        out += taken * weight.astype(np.float32).reshape(shape)
    return out


def _rim() -> DoubleArray:
    """Return points on the frame's edge, (16, 2); they keep shoulders and belly in place."""
    top, left, bottom, right = FRAME
    ys, xs = np.linspace(top, bottom, 5), np.linspace(left, right, 5)
    sides = [(y, x) for y in ys for x in (left, right)]
    ends = [(y, x) for x in xs[1:-1] for y in (top, bottom)]
    return np.array(sides + ends)


def _two_lungs(mask: BoolArray) -> tuple[BoolArray, BoolArray] | None:
    """Return the lungs on the picture's left and right, None when there are not two."""
    pieces, count = scipy.ndimage.label(mask)
    if count == 0:
        return None
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    order = np.argsort(sizes)[::-1]
    if count > 1 and sizes[order[1]] >= _LUNG_SHARE_MIN * sizes[order[0]]:
        first, second = pieces == order[0], pieces == order[1]
    else:
        parted = _part(pieces == order[0])
        if parted is None:
            return None
        first, second = parted
    centers = [np.mean(np.flatnonzero(lung.any(axis=0))) for lung in (first, second)]
    return (first, second) if centers[0] < centers[1] else (second, first)


def _part(lungs: BoolArray) -> tuple[BoolArray, BoolArray] | None:
    """Cut one piece at its emptiest column near the middle."""
    left, right = _span(lungs.any(axis=0))
    breadth = right - left
    begin, end = (left + round(share * breadth) for share in _MIDDLE)
    heights = lungs.sum(axis=0)
    if end - begin < 3 or heights[begin:end].min() > 0.5 * np.median(heights[left:right]):
        return None
    cut = begin + int(np.argmin(heights[begin:end]))
    columns = np.arange(lungs.shape[1])
    return lungs & (columns < cut), lungs & (columns > cut)


def _points_of(lung: BoolArray, *, outer: int) -> DoubleArray:
    """Return points around one lung in pixels, (points, 2), from its apex down the outer border.

    `outer` is -1 where the chest wall lies on the picture's left, 1 on its right.
    """
    border = _border(lung, outer=outer)
    low, high = border.min(axis=0), border.max(axis=0)
    y, x = ((border - low) / (high - low)).T
    side = (x - 0.5) * outer
    angle = int(np.argmax(y + 0.8 * side))  # 0.8: the costophrenic angle is lower than wide
    heart = angle + int(np.argmax((y - 0.8 * side)[angle:]))
    return np.concatenate(
        [
            _evenly(border[: angle + 1], _SIDE),
            _evenly(border[angle : heart + 1], _BASE),
            _evenly(np.concatenate([border[heart:], border[:1]]), _INNER),
        ]
    )


def _border(lung: BoolArray, *, outer: int) -> DoubleArray:
    """Return the farthest lung pixel in every direction from the center, apex first."""
    where = np.argwhere(lung & ~scipy.ndimage.binary_erosion(lung)).astype(np.float64) + 0.5
    low, high = where.min(axis=0), where.max(axis=0)
    center = (low + high) / 2
    away = (where - center) / (high - low)
    turn = np.arctan2(away[:, 1] * outer, -away[:, 0]) % (2 * np.pi)
    ray = (turn / (2 * np.pi) * _RAYS).astype(np.int64)
    reach = np.hypot(away[:, 0], away[:, 1])
    order = np.lexsort((-reach, ray))
    _, first = np.unique(ray[order], return_index=True)
    border = where[order][first]
    return np.roll(border, -int(np.argmin(border[:, 0])), axis=0)


def _evenly(line: DoubleArray, count: int) -> DoubleArray:
    """Return points at even distances along a line, its first but not its last."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)


def _span(hits: ArrayLike) -> tuple[int, int]:
    """Return the first and one past the last true position."""
    where = np.flatnonzero(hits)
    return int(where[0]), int(where[-1]) + 1
