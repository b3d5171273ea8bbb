"""The lungs alone, in a form in which tone, crop and size of the film no longer matter."""

import numpy as np
import scipy
from PIL import Image

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ThoracleError
from thoracle.imaging.resample import equalize

SIDE = 64
"""Rows and columns of a compared picture, in pixels."""
FORMS = ("whole", "detail")
"""What is compared: the ranked picture of the lungs' box, and what is finer than 1/16 of it."""
SAME_LUNGS_MIN = 0.90
"""Correlation of detail from which two films show one exposure: above that of any two patients."""
_MARGIN = 0.05  # of the lungs' box on each side: chest wall and diaphragm count too
_DETAIL_SHARE = 1 / 16
_BLOCK = 512  # films compared with all at once: 8,000 films take 16 MB


class NoLungsError(ThoracleError):
    """A film without lungs has no such form."""

    code = "no-lungs-to-compare"


def compare_form(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return the pictures that are compared: tone and place of the lungs no longer matter.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    lungs : (rows, columns) bool
        On any grid that covers the film.

    Returns
    -------
    (2, SIDE * SIDE) float32
        In the order of `FORMS`, each with mean 0 and length 1.

    Raises
    ------
    NoLungsError
        The mask is empty.
    """
    if not lungs.any():
        raise NoLungsError("The lung mask is empty; expected lungs. Leave the film out.")
    small = _cut_out(pixels, lungs)
    whole = equalize(small)
    detail = whole - scipy.ndimage.gaussian_filter(whole, _DETAIL_SHARE * SIDE)
    return np.stack([_unit(whole.ravel()), _unit(detail.ravel())])


def alike(details: FloatArray) -> list[tuple[int, int, float]]:
    """Find pairs of films whose lungs are the same, whatever was cut off around them.

    Parameters
    ----------
    details : (films, SIDE * SIDE) float32
        The second of each film's two forms.

    Returns
    -------
    list of (int, int, float)
        Two positions, the first the smaller, and their correlation, at least `SAME_LUNGS_MIN`.
    """
    found = []
    for start in range(0, len(details), _BLOCK):
        scores = details[start : start + _BLOCK] @ details.T
        for row, column in np.argwhere(scores >= SAME_LUNGS_MIN).tolist():
            if start + row < column:
                found.append((start + row, column, float(scores[row, column])))
    return found


def _cut_out(pixels: FloatArray, lungs: BoolArray) -> FloatArray:
    """Return the lungs' box with its margin, (SIDE, SIDE) float32; past the film, its edge."""
    rows, columns = pixels.shape
    spans = []
    for axis, length in ((1, rows), (0, columns)):
        hits = np.flatnonzero(lungs.any(axis=axis)) / lungs.shape[1 - axis]
        low, high = hits[0], hits[-1] + 1 / lungs.shape[1 - axis]
        margin = _MARGIN * (high - low)
        spans.append(((low - margin) * length, (high + margin) * length))
    (top, bottom), (left, right) = spans
    pad = int(max(-top, -left, bottom - rows, right - columns, 0)) + 1
    padded = Image.fromarray(np.pad(pixels.astype(np.float32), pad, mode="edge"))
    box = (left + pad, top + pad, right + pad, bottom + pad)
    small = padded.resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
    return np.clip(np.asarray(small, np.float32), 0, 1)


def _unit(values: FloatArray) -> FloatArray:
    apart = values - values.mean()
    return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9), np.float32)
