"""Texture of the regions of a film, at one scale and in one grey for all films."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.imaging.resample import resize
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.flat_shape import flat_shape
from thoracle.imaging.texture.measure import WAVELET_PREFIX, Binning, Layer, measure_layers
from thoracle.imaging.texture.wavelets import wavelet_bands
from thoracle.radiograph.regions import LUNGS

REFERENCE_HEIGHT_PX: Final = 192
"""Height of both lungs after resampling: films differ in pixels a lung, texture must not."""

GREY_PERCENTS: Final = (1.0, 99.0)
GREY_TOP: Final = 100.0
BINS: Final = 32
FILM_AGGREGATION: Final = Aggregation.MERGED_2D


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A film at the common scale and grey.

    Attributes
    ----------
    layers
        The film, and its wavelet bands where asked for, by prefix of the features' names.
    scale
        Pixels here to a pixel of the film.
    normalized_by
        Whose 1st and 99th percentile became 0 and 100: "lungs", or "film" where there are none.
    """

    layers: Mapping[str, Layer] = field(repr=False)
    scale: float
    normalized_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionTexture:
    """The features of one region.

    Attributes
    ----------
    region
        Its name.
    pixels
        Its size at the common scale; 0 for an empty region.
    unit
        Of its lengths: "mm", or "px" of the film where its spacing is unknown.
    features
        By name; NaN where unknown, and everywhere in a region that is too small.
    """

    region: str
    pixels: int
    unit: str
    features: dict[str, float] = field(repr=False)


def measure_film(
    pixels: FloatArray,
    regions: Mapping[str, BoolArray],
    *,
    lungs: BoolArray | None,
    spacing_mm: tuple[float, float] | None,
    with_wavelets: bool = True,
) -> tuple[RegionTexture, ...]:
    """Measure texture and shape of regions of one film.

    Pure. The film is resampled so that the lungs are `REFERENCE_HEIGHT_PX` high; its grey is
    arbitrary, so the 1st and 99th percentile inside the lungs become 0 and 100, and what lies
    between becomes `BINS` levels, the same for all regions of the film. A wavelet band gets its
    levels alike.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    regions
        By name, each (rows, columns) bool on the film.
    lungs : (rows, columns) bool or None
        Give scale and grey; None or empty: the film does.
    spacing_mm
        Of rows and columns; None where the file does not say.
    with_wavelets
        Whether the four bands are measured too.

    Returns
    -------
    tuple of RegionTexture
        In the order of the regions.
    """
    prepared = prepare_film(pixels, lungs=lungs, with_wavelets=with_wavelets)
    found = []
    for name, region in regions.items():
        mask = _resampled(region, next(iter(prepared.layers.values())).image.shape[1:])
        features = flat_shape(region, spacing=spacing_mm or (1.0, 1.0))
        features |= measure_layers(prepared.layers, mask[None], FILM_AGGREGATION)
        found.append(
            RegionTexture(
                region=name,
                pixels=int(mask.sum()),
                unit="px" if spacing_mm is None else "mm",
                features=features,
            )
        )
    return tuple(found)


def prepare_film(pixels: FloatArray, *, lungs: BoolArray | None, with_wavelets: bool) -> Prepared:
    """Bring a film to the common scale and grey, and filter it; see `measure_film`."""
    rows, columns = pixels.shape
    has_lungs = lungs is not None and bool(lungs.any())
    hits = np.flatnonzero(lungs.any(axis=1)) if has_lungs and lungs is not None else None
    height = rows if hits is None else int(hits[-1] - hits[0]) + 1
    scale = REFERENCE_HEIGHT_PX / height
    size = (max(1, round(rows * scale)), max(1, round(columns * scale)))
    grey = resize(pixels, rows=size[0], columns=size[1]).astype(np.float64)
    within = np.ones(size, bool) if lungs is None or hits is None else _resampled(lungs, size)
    low, high = _ends(grey, within)
    span = high - low if high > low else 1.0
    image = ((grey - low) * (GREY_TOP / span))[None]
    layers = {"": Layer(image=image, binning=_binning(0.0, GREY_TOP))}
    if with_wavelets:
        for name, band in wavelet_bands(image, is_volume=False).items():
            prefix = f"{WAVELET_PREFIX}{name.lower()}_"
            layers[prefix] = Layer(image=band, binning=_binning(*_ends(band[0], within)))
    return Prepared(layers=layers, scale=scale, normalized_by=LUNGS if has_lungs else "film")


def _binning(low: float, high: float) -> Binning:
    return Binning(bins=BINS, lowest=low, highest=high)


def _ends(grey: DoubleArray, within: BoolArray) -> tuple[float, float]:
    low, high = np.percentile(grey[within], GREY_PERCENTS)
    return float(low), float(high)


def _resampled(mask: BoolArray, size: tuple[int, ...]) -> BoolArray:
    return resize(mask.astype(np.float32), rows=size[0], columns=size[1]) > 0.5
