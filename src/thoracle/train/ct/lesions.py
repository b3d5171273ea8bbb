"""Draw ground glass and consolidation into crops: five patients' lesions are too few to learn from.

A lesion is an ellipsoid whose surface is roughened by smooth noise. Ground glass adds grey to the
lung, so that vessels show through it; consolidation replaces the lung by soft tissue.

References
----------
Yao et al., Label-free segmentation of COVID-19 lesions in lung CT, IEEE TMI 2021, learn from drawn
lesions alone. The numbers below are chosen to cover what the glossary of Hansell et al., Radiology
2008, calls by these names; they were not fitted to any scan.
"""

from typing import Final

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, ByteArray, DoubleArray, FloatArray, IntArray
from thoracle.ct.grey import WINDOW_HU
from thoracle.ct.types import BACKGROUND, CONSOLIDATION, GROUND_GLASS, LUNG

LESIONS_MAX: Final = 4
RADIUS_MM: Final = (5.0, 45.0)
STRETCH: Final = (0.6, 1.6)  # of each half axis.
ROUGHNESS: Final = 0.45  # of the surface, in half axes.
EDGE_MM: Final = (1.0, 10.0)  # over which a lesion fades into the lung.
GROUND_GLASS_HU: Final = (90.0, 420.0)  # above the lung around it.
SOFT_TISSUE_HU: Final = (-120.0, 60.0)
BRIGHTEST_HU: Final = 60.0  # of ground glass and the vessels in it.
GRAIN: Final = 0.25  # of ground glass: its unevenness.
TRIES: Final = 6
"""Middles drawn for a lesion at the rim, of which the outermost is taken."""
AT_RIM: Final = 0.6  # of all: COVID-19 lies under the pleura more often than not.
GLASS_ONLY: Final = 0.55
BOTH: Final = 0.3  # consolidation inside ground glass; the rest is consolidation alone.

_SPAN_HU: Final = WINDOW_HU[1] - WINDOW_HU[0]
_BRIGHTEST: Final = (BRIGHTEST_HU - WINDOW_HU[0]) / _SPAN_HU


def draw_lesions(
    grey: FloatArray,
    label_map: ByteArray,
    *,
    spacing_mm: tuple[float, float, float],
    rng: np.random.Generator,
) -> tuple[FloatArray, ByteArray]:
    """Return a crop with one to four more lesions in its lungs.

    Parameters
    ----------
    grey : (slices, rows, columns) float32
        0 to 1 over the lung window.
    label_map : (slices, rows, columns) uint8
        As in `Segmentation`.
    spacing_mm
        Of slices, rows and columns.
    rng
        Source of randomness.

    Returns
    -------
    grey, label_map
        New arrays. Nothing changes outside of the lungs; a crop without lung stays as it is.
    """
    grey, label_map = grey.copy(), label_map.copy()
    lung = np.argwhere(label_map == LUNG)
    if not len(lung):
        return grey, label_map
    rim_mm = scipy.ndimage.distance_transform_edt(label_map != BACKGROUND, spacing_mm)
    for _ in range(rng.integers(1, LESIONS_MAX + 1)):
        middles = lung[rng.integers(len(lung), size=TRIES if rng.random() < AT_RIM else 1)]
        middle = middles[np.argmin(rim_mm[tuple(middles.T)])]
        _draw_one(grey, label_map, middle, spacing_mm=spacing_mm, rng=rng)
    return grey, label_map


def _draw_one(
    grey: FloatArray,
    label_map: ByteArray,
    middle: IntArray,
    *,
    spacing_mm: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    """Draw one lesion into arrays that the caller owns."""
    steps = np.array(spacing_mm)
    radius_mm = float(np.exp(rng.uniform(*np.log(RADIUS_MM))))
    axes_mm = radius_mm * rng.uniform(*STRETCH, 3)
    reach = np.ceil(axes_mm * (1.0 + 2.0 * ROUGHNESS) / steps).astype(int) + 1
    first = np.maximum(middle - reach, 0)
    last = np.minimum(middle + reach + 1, grey.shape)
    box = tuple(slice(int(low), int(high)) for low, high in zip(first, last, strict=True))
    shape = tuple(int(one) for one in last - first)
    places = np.meshgrid(
        *((np.arange(a, b) - m) * s for a, b, m, s in zip(first, last, middle, steps, strict=True)),
        indexing="ij",
    )
    away = np.sqrt(sum((one / axis) ** 2 for one, axis in zip(places, axes_mm, strict=True)))
    inside = 1.0 - away + ROUGHNESS * _noise(shape, radius_mm * rng.uniform(0.15, 0.5) / steps, rng)
    cover = _cover(inside, radius_mm / rng.uniform(*EDGE_MM))
    in_lung = label_map[box] != BACKGROUND
    kind = rng.random()
    if kind < GLASS_ONLY + BOTH:
        _add_glass(grey[box], label_map[box], cover * in_lung, rng)
    if kind >= GLASS_ONLY:
        deeper = rng.uniform(0.15, 0.5) if kind < GLASS_ONLY + BOTH else 0.0
        core = _cover(inside - deeper, radius_mm / rng.uniform(*EDGE_MM))
        _add_tissue(grey[box], label_map[box], core * in_lung, rng)


def _add_glass(
    grey: FloatArray, label_map: ByteArray, cover: FloatArray, rng: np.random.Generator
) -> None:
    more = rng.uniform(*GROUND_GLASS_HU) / _SPAN_HU
    grain = 1.0 + GRAIN * _noise(grey.shape, np.full(3, 0.8), rng)
    np.copyto(grey, np.maximum(grey, np.minimum(grey + cover * more * grain, _BRIGHTEST)))
    label_map[(cover > 0.5) & (label_map == LUNG)] = GROUND_GLASS


def _add_tissue(
    grey: FloatArray, label_map: ByteArray, cover: FloatArray, rng: np.random.Generator
) -> None:
    tissue = (rng.uniform(*SOFT_TISSUE_HU) - WINDOW_HU[0]) / _SPAN_HU
    np.copyto(grey, np.maximum(grey, grey + cover * (tissue - grey)))
    is_inside: BoolArray = cover > 0.5
    label_map[is_inside] = CONSOLIDATION


def _cover(inside: FloatArray, sharpness: float) -> FloatArray:
    return np.asarray(np.clip(0.5 + inside * sharpness, 0.0, 1.0), np.float32)


def _noise(shape: tuple[int, ...], width_px: DoubleArray, rng: np.random.Generator) -> FloatArray:
    """Return smooth noise of mean 0 and standard deviation 1 over the box."""
    white = rng.standard_normal(shape, dtype=np.float32)
    smooth = scipy.ndimage.gaussian_filter(white, width_px, mode="reflect", truncate=2.0)
    spread = float(smooth.std())
    return np.asarray((smooth - smooth.mean()) / max(spread, 1e-6), np.float32)
