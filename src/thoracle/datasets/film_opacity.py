"""An opacity of known place and size, put into a film to test what points at it."""

from dataclasses import dataclass

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ThoracleError

RADIUS_RANGE = (0.05, 0.12)
"""Radius that is drawn, in heights of the lungs: 13 to 32 mm in lungs 27 cm high."""
STRENGTH_RANGE = (0.45, 0.7)
_EDGE_SHARE = 0.35  # of the radius over which the border fades: consolidation has no sharp edge
_RAGGED_SHARE = 0.15  # of the radius by which the border wanders
_RAGGED_SCALE = 0.35  # of the radius: size of its bays
_GRAIN_STRENGTH = 0.18  # of the density
_GRAIN_SHARE = 0.35  # of the radius: size of the patches of more and less dense lung
_LUNG_EDGE_SHARE = 0.008  # of the film's rows: an opacity ends at the pleura, softly


class OpacityError(ThoracleError):
    """An opacity cannot be put where it was asked for."""

    code = "film-opacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opacity:
    """Where an opacity lies.

    Attributes
    ----------
    row, column
        Center, as shares of the film's rows and columns.
    radius
        In heights of the lungs.
    strength
        Share of the way from the film's own grey to white in its middle, 0 to 1.
    """

    row: float
    column: float
    radius: float
    strength: float


def draw_opacity(pixels: FloatArray, lungs: BoolArray, rng: np.random.Generator) -> Opacity:
    """Draw place, size and strength of an opacity that lies in a lung and can be seen there.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1: the center lies in the darker half of the lungs, since nobody
        would see it behind the heart.
    lungs : (rows, columns) bool
        Lung mask of the film.
    rng
        Where the numbers come from.

    Raises
    ------
    OpacityError
        The mask is empty.
    """
    if not lungs.any():
        raise OpacityError("The lung mask is empty; expected lungs. Draw another film.")
    height = _height(lungs)
    radius = rng.uniform(*RADIUS_RANGE)
    depth = scipy.ndimage.distance_transform_edt(lungs)
    calm = scipy.ndimage.uniform_filter(pixels, max(round(radius * height), 1))
    dark = lungs & (calm <= np.median(calm[lungs]))
    deep = np.argwhere(dark & (depth >= min(0.7 * radius * height, 0.9 * depth[dark].max())))
    row, column = deep[rng.integers(len(deep))]
    rows, columns = lungs.shape
    return Opacity(
        row=float(row + 0.5) / rows,
        column=float(column + 0.5) / columns,
        radius=float(radius),
        strength=float(rng.uniform(*STRENGTH_RANGE)),
    )


def insert_opacity(
    pixels: FloatArray, lungs: BoolArray, opacity: Opacity, rng: np.random.Generator
) -> tuple[FloatArray, BoolArray]:
    """Brighten a round, ragged, patchy piece of lung; ribs and vessels show through.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1. Not modified.
    lungs : (rows, columns) bool
        Nothing outside them changes, but for a soft edge.
    opacity
        Place, size and strength.
    rng
        Shapes border and grain.

    Returns
    -------
    pixels : (rows, columns) float32
        With the opacity, 0 to 1.
    mask : (rows, columns) bool
        Where it reaches at least half of its density, inside the lungs.

    Raises
    ------
    OpacityError
        Its center lies outside the lungs.
    """
    rows, columns = pixels.shape
    center = (int(opacity.row * rows), int(opacity.column * columns))
    inside = 0 <= center[0] < rows and 0 <= center[1] < columns and bool(lungs[center])
    if not inside:
        raise OpacityError(
            f"An opacity at row {opacity.row:.2f}, column {opacity.column:.2f} of the film has its "
            "center outside the lungs; expected it inside. Choose a pixel of the lung mask."
        )
    radius = opacity.radius * _height(lungs)
    ragged = _grain(rng, pixels.shape, _RAGGED_SCALE * radius)
    y, x = np.ogrid[:rows, :columns]
    away = np.hypot(y + 0.5 - opacity.row * rows, x + 0.5 - opacity.column * columns)
    beyond = away - radius * (1 + _RAGGED_SHARE * ragged)
    density = 1 / (1 + np.exp(np.clip(beyond / (_EDGE_SHARE * radius / 2), -30, 30)))
    density *= scipy.ndimage.gaussian_filter(lungs.astype(np.float32), _LUNG_EDGE_SHARE * rows)
    mask = (density >= 0.5) & lungs
    patchy = 1 + _GRAIN_STRENGTH * _grain(rng, pixels.shape, _GRAIN_SHARE * radius)
    brighter = pixels + np.clip(opacity.strength * density * patchy, 0, 1) * (0.9 - pixels)
    out = np.where(brighter > pixels, brighter, pixels)
    return np.clip(out, 0, 1).astype(np.float32), np.asarray(mask, bool)


def _grain(rng: np.random.Generator, shape: tuple[int, ...], scale_px: float) -> FloatArray:
    """Return smooth noise of unit strength, details about `scale_px` wide."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    smooth = scipy.ndimage.gaussian_filter(noise, max(scale_px, 0.7), mode="wrap")
    return np.asarray(smooth / max(float(smooth.std()), 1e-9), np.float32)


def _height(lungs: BoolArray) -> int:
    hits = np.flatnonzero(lungs.any(axis=1))
    return int(hits[-1] - hits[0] + 1)
