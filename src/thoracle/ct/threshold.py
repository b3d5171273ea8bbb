"""Altered lung by thresholds alone: candidates for a study where nothing better labels a scan."""

from typing import Final

import numpy as np
from scipy import ndimage

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray
from thoracle.ct.grid import Spacing
from thoracle.ct.lungs import AIR_HU, keep_lungs, search_box
from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, LUNG

METHOD: Final = "thresholds"
"""What results call labels that were found this way."""
GLASS_HU: Final = -700.0
SOLID_HU: Final = -200.0
"""Healthy lung lies near −850, soft tissue near 50: ground glass between, by rule of thumb."""
CLOSE_MM: Final = 12.0  # altered lung at the wall is bridged as far as this.
VESSEL_MM: Final = 3.0  # what is thinner than twice this is taken for vessels and walls.
PIECE_MIN_ML: Final = 0.5


def threshold_labels(hu: FloatArray, *, spacing_mm: Spacing) -> ByteArray:
    """Label lungs and what is denser in them, by thresholds.

    Parameters
    ----------
    hu : (slices, rows, columns) float32
        On a grid of about 5 × 1.5 × 1.5 mm.
    spacing_mm
        Of that grid.

    Returns
    -------
    (slices, rows, columns) uint8
        As in `Segmentation`. Wide vessels, the lung's root and blurred diaphragm are called
        altered, and consolidation that reaches the wall is missed: for a study, not for measures.
    """
    lungs = _lungs(hu, spacing_mm)
    dense = np.zeros(hu.shape, bool)
    disk = _disk(VESSEL_MM, spacing_mm)
    for index in np.flatnonzero(lungs.any(axis=(1, 2))):
        dense[index] = ndimage.binary_opening(lungs[index] & (hu[index] > GLASS_HU), disk)
    dense = _large(dense, spacing_mm)
    label_map = np.where(lungs, np.uint8(LUNG), np.uint8(BACKGROUND))
    label_map[dense] = GROUND_GLASS
    label_map[dense & (hu > SOLID_HU)] = CONSOLIDATION
    return np.asarray(label_map, np.uint8)


def _lungs(hu: FloatArray, spacing_mm: Spacing) -> BoolArray:
    """Return air inside the body, in parts as large as lungs, closed slice by slice."""
    box = search_box(hu, spacing_mm=spacing_mm)
    parts, _count = ndimage.label(hu <= AIR_HU)
    sides = (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1])
    outside = np.unique(np.concatenate([one.ravel() for one in sides]))
    inside = np.zeros(hu.shape, np.uint8)
    inside[box] = ((parts[box] > 0) & ~np.isin(parts[box], outside)).astype(np.uint8)
    air = keep_lungs(inside, spacing_mm=spacing_mm) == LUNG
    disk = _disk(CLOSE_MM, spacing_mm)
    edge = disk.shape[0] // 2
    closed = np.zeros(hu.shape, bool)
    for index in np.flatnonzero(air.any(axis=(1, 2))):
        wide = ndimage.binary_closing(np.pad(air[index], edge), disk)[edge:-edge, edge:-edge]
        closed[index] = ndimage.binary_fill_holes(wide)
    return closed


def _large(mask: BoolArray, spacing_mm: Spacing) -> BoolArray:
    parts, count = ndimage.label(mask)
    sizes = np.bincount(parts.ravel(), minlength=count + 1) * float(np.prod(spacing_mm)) / 1000.0
    sizes[0] = 0.0
    return np.asarray((sizes >= PIECE_MIN_ML)[parts], np.bool_)


def _disk(radius_mm: float, spacing_mm: Spacing) -> BoolArray:
    reach = [int(radius_mm / mm) for mm in spacing_mm[1:]]
    rows, columns = np.ogrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    away = np.hypot(rows * spacing_mm[1], columns * spacing_mm[2])
    return np.asarray(away <= radius_mm, np.bool_)
