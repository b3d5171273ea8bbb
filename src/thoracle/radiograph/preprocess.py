"""What each network sees of a film: the same NumPy code in training and in serving."""

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.imaging.resample import Box, crop_mirrored, equalize, resize, stretch
from thoracle.radiograph.pieces import fill_holes, label_pieces

LUNG_MARGIN = 0.2  # of the lungs' height and width: opacities that hide lung are not cut off.
MARGIN_SHARE = 1 / 14  # of the classifier's side, on each side: 16 pixels of 224.
LOW_PERCENT, HIGH_PERCENT = 0.5, 99.5
_SQUEEZED = "squeezed to a square, triangle filter"
_TONED = f"{LOW_PERCENT:g}-{HIGH_PERCENT:g} percentiles to 0-1"
GATE_INPUT = f"whole film {_SQUEEZED}, {_TONED}"
LUNG_INPUT = f"whole film {_SQUEEZED}, ranked"
CLASSIFIER_INPUT = (
    f"lung box with {LUNG_MARGIN:.0%} on each side, mirrored past the film, {_SQUEEZED}, {_TONED} "
    f"over {MARGIN_SHARE:.1%} more on each side"
)
INPUT_FORMS = {
    "gate": GATE_INPUT,
    "lungs": LUNG_INPUT,
    "classifier": CLASSIFIER_INPUT,
    "anomaly": CLASSIFIER_INPUT,
    "severity": CLASSIFIER_INPUT,
}
"""What a bundle of a task must say of its input: a text changes with what it describes."""
SMALLEST_LUNG_SHARE = 0.02  # of the film; a smaller blob is noise, real lungs cover 15 to 45 %.


def gate_input(pixels: FloatArray, *, size: int) -> FloatArray:
    """Return the whole film, squeezed to a square and stretched to its own 0.5–99.5 percentiles.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    size
        Side of the square, in pixels.

    Returns
    -------
    (size, size) float32
        0 to 1.
    """
    return _toned(resize(pixels, rows=size, columns=size))


def lung_input(pixels: FloatArray, *, size: int) -> FloatArray:
    """Return the whole film, squeezed to a square, ranked, and centered on 0 (-1 to 1).

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    size
        Side of the square, in pixels.

    Returns
    -------
    (size, size) float32
        -1 to 1.
    """
    return equalize(resize(pixels, rows=size, columns=size)) * 2.0 - 1.0


def clean_lung_mask(probability: FloatArray) -> BoolArray:
    """Keep the two largest pieces of a lung probability map above one half, holes filled.

    Parameters
    ----------
    probability : (rows, columns) float32
        0 to 1.

    Returns
    -------
    (rows, columns) bool
        All False when no piece is larger than `SMALLEST_LUNG_SHARE` of the map.
    """
    pieces = label_pieces(probability > 0.5)
    mask = np.zeros(probability.shape, dtype=bool)
    if not pieces.any():
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    for piece in np.argsort(sizes)[::-1][:2]:
        if sizes[piece] >= SMALLEST_LUNG_SHARE * probability.size:
            mask |= pieces == piece
    return fill_holes(mask)


def lung_box(mask: BoolArray, *, rows: int, columns: int) -> Box | None:
    """Return the lungs' box with its margin on a film's own grid.

    Parameters
    ----------
    mask : (rows, columns) bool
        Lungs on any grid that covers the whole film.
    rows, columns
        Size of the film, in pixels.

    Returns
    -------
    (top, left, bottom, right)
        In pixels of the film, past its edge where the margin reaches there; None without lungs.
    """
    if not mask.any():
        return None
    row_hits, column_hits = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = row_hits[0] / mask.shape[0], (row_hits[-1] + 1) / mask.shape[0]
    left, right = column_hits[0] / mask.shape[1], (column_hits[-1] + 1) / mask.shape[1]
    return scale_box(
        (
            round(top * rows),
            round(left * columns),
            max(round(bottom * rows), round(top * rows) + 1),
            max(round(right * columns), round(left * columns) + 1),
        ),
        factor=1.0 + 2.0 * LUNG_MARGIN,
    )


def scale_box(box: Box, *, factor: float) -> Box:
    """Grow a box about its center by a factor.

    Parameters
    ----------
    box
        (top, left, bottom, right) in pixels.
    factor
        Of height and width; 1 leaves the box as it is.

    Returns
    -------
    (top, left, bottom, right)
        In whole pixels; it may reach past the film.
    """
    top, left, bottom, right = box
    grow_rows = (bottom - top) * (factor - 1.0) / 2.0
    grow_columns = (right - left) * (factor - 1.0) / 2.0
    return (
        round(top - grow_rows),
        round(left - grow_columns),
        round(bottom + grow_rows),
        round(right + grow_columns),
    )


def classifier_input(pixels: FloatArray, box: Box, *, size: int) -> FloatArray:
    """Return the lungs' box, squeezed to a square: the middle of `wide_classifier_input`.

    Squeezing aligns lungs of all builds and removes the aspect ratio, which tells collections
    apart.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    box
        What `lung_box` returned.
    size
        Side of the square, in pixels.

    Returns
    -------
    (size, size) float32
        0 to 1.
    """
    margin = classifier_margin(size)
    wide = wide_classifier_input(pixels, box, size=size)
    return np.ascontiguousarray(wide[margin:-margin, margin:-margin])


def wide_classifier_input(pixels: FloatArray, box: Box, *, size: int) -> FloatArray:
    """Return what training varies: the lungs' box and a margin on each side, for shift and zoom.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    box
        What `lung_box` returned.
    size
        Side of the square that the classifier sees, in pixels; at least 8.

    Returns
    -------
    (side, side) float32
        0 to 1 from its own 0.5 to its 99.5 percentile; side is size and two margins.
    """
    side = size + 2 * classifier_margin(size)
    wide = crop_mirrored(pixels, scale_box(box, factor=side / size))
    return _toned(resize(wide, rows=side, columns=side))


def classifier_margin(size: int) -> int:
    """Return how many pixels training sees beyond each side of the classifier's square."""
    return round(size * MARGIN_SHARE)


def _toned(pixels: FloatArray) -> FloatArray:
    return stretch(pixels, low_percent=LOW_PERCENT, high_percent=HIGH_PERCENT)
