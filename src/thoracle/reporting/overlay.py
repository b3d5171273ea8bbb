"""Maps laid over the film: small PNGs with an honest scale, made in milliseconds."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray, IntArray
from thoracle.core.errors import SettingError
from thoracle.core.results import FilmMap
from thoracle.imaging.encode import png_bytes
from thoracle.reporting.colormaps import DEFAULT_COLORMAP, color_steps, colormap_table

LONGEST_SIDE_PX: Final = 1024  # fills a laptop's screen; a film's own pixels stay in the store
DEFAULT_OPACITY: Final = 0.55  # ribs stay visible through the brightest color
FADE_SHARE: Final = 0.5
"""Of the scale: up to there the opacity of a color rises with the value; a weak map is faint."""

_OUTLINE_RGB: Final = (120, 220, 255)  # in none of the color maps
_BAR_WIDTH_PX: Final = 96
_BAR_MARGIN_PX: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """A film made ready for several overlays.

    `grey` is (rows, columns) uint8, at most `LONGEST_SIDE_PX` on the long side;
    `film_rows` and `film_columns` are the film's own size, on which map boxes are given; `rim` is
    where the lungs' outline runs, counted through all pixels.
    """

    grey: ByteArray = field(repr=False)
    film_rows: int
    film_columns: int
    rim: IntArray | None = field(default=None, repr=False)


def backdrop(pixels: FloatArray, lung_mask: BoolArray | None = None) -> Backdrop:
    """Shrink a film for display, once for all of its overlays.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 black to 1 white.
    lung_mask : (rows, columns) bool
        Lungs on the film's grid, drawn as an outline on every overlay; None draws none.

    Returns
    -------
    Backdrop
        8-bit grey, never larger than the film.
    """
    rows, columns = pixels.shape
    grey = np.round(np.clip(pixels, 0.0, 1.0) * np.float32(255.0)).astype(np.uint8)
    longest = max(rows, columns)
    if longest > LONGEST_SIDE_PX:
        size = (_scaled(columns, longest), _scaled(rows, longest))
        shrunk = Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR)
        grey = np.asarray(shrunk)
    rim = None if lung_mask is None else _rim(lung_mask, rows=grey.shape[0], columns=grey.shape[1])
    return Backdrop(grey=grey, film_rows=rows, film_columns=columns, rim=rim)


def film_png(pixels: FloatArray | Backdrop) -> bytes:
    """Encode the film alone, on the same pixel grid as its overlays.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1; or the `Backdrop` made from it.

    Returns
    -------
    bytes
        An 8-bit grey PNG, at most `LONGEST_SIDE_PX` on the long side.
    """
    film = pixels if isinstance(pixels, Backdrop) else backdrop(pixels)
    return png_bytes(film.grey, fast=True)


def overlay_png(
    pixels: FloatArray | Backdrop,
    film_map: FilmMap,
    *,
    colormap: str = DEFAULT_COLORMAP,
    opacity: float = DEFAULT_OPACITY,
    color_bar: bool = False,
) -> bytes:
    """Lay one contribution map over its film and encode the picture.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1; or the `Backdrop` made from it.
    film_map
        Its small grid covers `box` of the film; outside the box nothing is colored, and
        values are divided by its `scale_max`, so that noise stays pale.
    colormap
        One of `thoracle.reporting.colormaps.COLORMAPS`.
    opacity
        0 shows the film alone, 1 hides it where the map is strong.
    color_bar
        Whether to print the scale with its numbers at the right of the film.

    Returns
    -------
    bytes
        An RGB PNG; the film takes at most `LONGEST_SIDE_PX` of its long side.
    """
    film = pixels if isinstance(pixels, Backdrop) else backdrop(pixels)
    painted = paint(film, film_map, colormap=colormap, opacity=opacity)
    if film.rim is not None:
        painted.reshape(-1, 3)[film.rim] = _OUTLINE_RGB
    if color_bar:
        painted = _with_color_bar(painted, colormap, film_map.scale_max)
    return png_bytes(painted, fast=True)


def paint(film: Backdrop, film_map: FilmMap, *, colormap: str, opacity: float) -> ByteArray:
    """Blend one contribution map into its film.

    Parameters
    ----------
    film
        From `backdrop`.
    film_map
        Values, scale and the box of the film that they cover.
    colormap
        One of `thoracle.reporting.colormaps.COLORMAPS`.
    opacity
        0 to 1.

    Returns
    -------
    (rows, columns, 3) uint8
        A new array on the backdrop's grid.

    Raises
    ------
    SettingError
        The opacity is outside 0 to 1.
    """
    if not 0.0 <= opacity <= 1.0:
        raise SettingError(
            f"found an overlay opacity of {opacity} – expected 0 to 1. Choose a share, such as "
            f"{DEFAULT_OPACITY}.",
            code="overlay-opacity",
        )
    painted = np.repeat(film.grey[:, :, np.newaxis], 3, axis=2)
    placed = _place(film, film_map)
    if placed is not None:
        where, values = placed
        steps = color_steps(values, scale_max=film_map.scale_max).astype(np.uint16)
        index = (steps << np.uint16(8)) | film.grey[where]
        painted[where] = np.take(_blend_table(colormap, opacity), index, axis=0)
    return painted


def color_bar_png(colormap: str = DEFAULT_COLORMAP) -> bytes:
    """Encode a color map as a bar of 256 by 1 pixels, zero at the left."""
    return png_bytes(colormap_table(colormap)[np.newaxis, :, :], fast=True)


def _scaled(side_px: int, longest_px: int) -> int:
    return max(1, round(side_px * LONGEST_SIDE_PX / longest_px))


@lru_cache(maxsize=8)
def _blend_table(colormap: str, opacity: float) -> ByteArray:
    """Return the blended color of every (map step, grey) pair: (65536, 3) uint8."""
    steps = np.arange(256, dtype=np.float32)
    weight = (opacity * np.minimum(1.0, steps / (FADE_SHARE * 255)))[:, np.newaxis, np.newaxis]
    color = colormap_table(colormap).astype(np.float32)[:, np.newaxis, :]
    grey = steps[np.newaxis, :, np.newaxis]
    blended = np.round(grey * (1.0 - weight) + color * weight)
    table: ByteArray = blended.astype(np.uint8).reshape(-1, 3)
    table.flags.writeable = False
    return table


def _place(film: Backdrop, film_map: FilmMap) -> tuple[tuple[slice, slice], FloatArray] | None:
    """Resize the map to its box on the backdrop; the box may reach past the film."""
    rows, columns = film.grey.shape
    top, left, bottom, right = film_map.box
    row_scale, column_scale = rows / film.film_rows, columns / film.film_columns
    top_px, bottom_px = round(top * row_scale), round(bottom * row_scale)
    left_px, right_px = round(left * column_scale), round(right * column_scale)
    inside = (
        slice(max(top_px, 0), min(bottom_px, rows)),
        slice(max(left_px, 0), min(right_px, columns)),
    )
    if inside[0].stop <= inside[0].start or inside[1].stop <= inside[1].start:
        return None
    small = Image.fromarray(np.ascontiguousarray(film_map.values, dtype=np.float32))
    size = (right_px - left_px, bottom_px - top_px)
    large = np.asarray(small.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
    values = large[
        inside[0].start - top_px : inside[0].stop - top_px,
        inside[1].start - left_px : inside[1].stop - left_px,
    ]
    return inside, values


def _rim(lung_mask: BoolArray, *, rows: int, columns: int) -> IntArray:
    """Return the inner rim of a mask, one pixel wide, on another grid."""
    picture = Image.fromarray(lung_mask.astype(np.uint8) * np.uint8(255))
    mask = np.asarray(picture.resize((columns, rows), Image.Resampling.NEAREST)) > 127
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.flatnonzero(mask & ~inner)


def _with_color_bar(painted: ByteArray, colormap: str, scale_max: float) -> ByteArray:
    bar = _color_bar(painted.shape[0], colormap, scale_max)
    return np.concatenate((painted, bar), axis=1)


@lru_cache(maxsize=16)
def _color_bar(rows: int, colormap: str, scale_max: float) -> ByteArray:
    """Return the scale with its numbers: (rows, `_BAR_WIDTH_PX`, 3) uint8."""
    canvas = np.zeros((rows, _BAR_WIDTH_PX, 3), np.uint8)
    top, bottom = _BAR_MARGIN_PX, max(_BAR_MARGIN_PX + 1, rows - _BAR_MARGIN_PX)
    left = _BAR_MARGIN_PX
    steps = np.linspace(255, 0, bottom - top).round().astype(np.uint8)
    bar = colormap_table(colormap)[steps]
    height = max(0, min(bottom, rows) - top)
    canvas[top : top + height, left : left + 16] = bar[:height, np.newaxis, :]
    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=13)
    for share, sign in ((0.0, ""), (0.5, ""), (1.0, "> ")):
        height_px = bottom - share * (bottom - top)
        text = f"{sign}{share * scale_max:.3g}"
        draw.text((left + 22, height_px), text, fill="white", font=font, anchor="lm")
    return np.asarray(picture)
