"""Films as they would be without lungs, without surroundings, with a marker, of another source.

Each change takes away, or adds, one thing that a shortcut could rest on. Pure: the film given is
not changed.
"""

import numpy as np
import scipy
from PIL import Image, ImageDraw, ImageFont

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.imaging.resample import Box, resize

QUANTILES = 65  # of a film's grey: every 1.6 %, finer than any tone curve bends.
MARKER_SHARE = 0.08  # of the box's height: a lead letter is 1 to 2 cm high on a chest of 40.
_INSET_SHARE = 0.02  # of the box's height, from its corner
_MARKER_GREY = 1.0  # lead is white on a film.
_BLUR_SHARE = 0.004  # of the longer side: 1.3 px of 320, a soft scan.
_WIDE_SHARE = 0.25  # of each side: about half of the lungs' height; a lobe has no place then.
_WIDE_PX = 128  # side of the grid that so wide a blur is made on; more pixels say nothing more.
_SHARPEN = 1.5  # unsharp mask of a sharpened copy on the web; 0.5 to 1.5 are usual.
SQUARE_PX = 224  # what most of Kermany's films were squeezed to.


def lungs_blackened(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return a film with black lungs; their outline still shows their shape.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On the film's own grid.

    Returns
    -------
    (rows, columns) float32
        0 inside the lungs.
    """
    _same_grid(pixels, lungs)
    return np.where(lungs, np.float32(0), pixels)


def border_only(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return a film with a black rectangle over the lungs, which hides their shape too.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On the film's own grid.

    Returns
    -------
    (rows, columns) float32
        0 in the smallest rectangle that holds the lungs.
    """
    _same_grid(pixels, lungs)
    out = pixels.copy()
    if lungs.any():
        down, right = np.flatnonzero(lungs.any(axis=1)), np.flatnonzero(lungs.any(axis=0))
        out[down[0] : down[-1] + 1, right[0] : right[-1] + 1] = 0
    return out


def lungs_only(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return a film that is black outside the lungs.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On the film's own grid.

    Returns
    -------
    (rows, columns) float32
        0 outside the lungs.
    """
    _same_grid(pixels, lungs)
    return np.where(lungs, pixels, np.float32(0))


def lungs_blurred(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return a film whose lungs are blurred until nothing in them has a place.

    How bright the lungs are as a whole stays, and so does their outline; only lungs are averaged,
    so that nothing beside them gets in.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On the film's own grid.

    Returns
    -------
    (rows, columns) float32
        As before outside the lungs.
    """
    _same_grid(pixels, lungs)
    rows, columns = pixels.shape
    share = lungs.astype(np.float32)
    grey, weight = (
        scipy.ndimage.gaussian_filter(
            resize(one, rows=_WIDE_PX, columns=_WIDE_PX), _WIDE_SHARE * _WIDE_PX, mode="constant"
        )
        for one in (pixels * share, share)
    )
    wide = np.asarray(grey / np.maximum(weight, np.finfo(np.float32).tiny), np.float32)
    return np.where(lungs, resize(wide, rows=rows, columns=columns), pixels)


def with_marker(pixels: FloatArray, text: str, *, box: Box) -> FloatArray:
    """Return a film with white letters in the upper left corner of a box.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    text
        "R", "L", or a line of text.
    box
        Where the classifier looks, in pixels; a marker outside it would test nothing.

    Returns
    -------
    (rows, columns) float32
        With the letters, cut off at the film's edge.
    """
    rows, columns = pixels.shape
    top, left, bottom, _ = box
    height = bottom - top
    inset = round(_INSET_SHARE * height)
    ink = Image.new("L", (columns, rows))
    ImageDraw.Draw(ink).text(
        (max(left, 0) + inset, max(top, 0) + inset),
        text,
        fill=255,
        font=ImageFont.load_default(size=max(8, round(MARKER_SHARE * height))),
    )
    share = np.asarray(ink, dtype=np.float32) / np.float32(255)
    return np.asarray(pixels * (1 - share) + np.float32(_MARKER_GREY) * share, np.float32)


def grey_quantiles(pixels: FloatArray) -> DoubleArray:
    """Return the grey at evenly spaced shares of a film's pixels, (`QUANTILES`,) float64."""
    return np.quantile(pixels, np.linspace(0, 1, QUANTILES)).astype(np.float64)


def of_tone(pixels: FloatArray, target: DoubleArray) -> FloatArray:
    """Return a film with another source's grey histogram; order among greys stays.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    target : (`QUANTILES`,) float64
        Mean of `grey_quantiles` over the other source's films.

    Returns
    -------
    (rows, columns) float32
        Grey of the target's range.
    """
    own = grey_quantiles(pixels)
    own = own + np.arange(own.size) * np.finfo(np.float32).eps  # ties in order: interp needs it
    return np.interp(pixels, own, target).astype(np.float32)


def softened(pixels: FloatArray) -> FloatArray:
    """Return a slightly blurred film, (rows, columns) float32, as of a softer scan."""
    return np.asarray(_blurred(pixels), np.float32)


def sharpened(pixels: FloatArray) -> FloatArray:
    """Return a film with an unsharp mask, (rows, columns) float32, clipped to 0…1."""
    sharp = pixels + _SHARPEN * (pixels - _blurred(pixels))
    return np.asarray(np.clip(sharp, 0, 1), np.float32)


def squeezed(pixels: FloatArray) -> FloatArray:
    """Return a film squeezed to a square of `SQUARE_PX`, its aspect lost, as most of Kermany's."""
    return resize(pixels, rows=SQUARE_PX, columns=SQUARE_PX)


def on_film_grid(mask: BoolArray, *, rows: int, columns: int) -> BoolArray:
    """Return a mask that covers the film on any grid on the film's own, (rows, columns) bool."""
    return np.asarray(resize(mask.astype(np.float32), rows=rows, columns=columns) > 0.5)


def _blurred(pixels: FloatArray) -> FloatArray:
    sigma = _BLUR_SHARE * max(pixels.shape)
    return np.asarray(scipy.ndimage.gaussian_filter(pixels, sigma, mode="nearest"), np.float32)


def _same_grid(pixels: FloatArray, lungs: BoolArray) -> None:
    """Refuse a mask of another grid.

    Raises
    ------
    ImageError
        The shapes differ.
    """
    if pixels.shape != lungs.shape:
        raise ImageError(
            f"found lungs on a grid of {lungs.shape} for a film of {pixels.shape} – expected the "
            "film's own grid. Use on_film_grid first.",
            code="mask-grid",
        )
