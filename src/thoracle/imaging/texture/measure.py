"""All features of a region: of the image itself and of its wavelet bands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, IntArray
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.definitions import FEATURES
from thoracle.imaging.texture.discretize import fixed_bin_number, fixed_bin_size
from thoracle.imaging.texture.first_order import first_order
from thoracle.imaging.texture.glcm import glcm
from thoracle.imaging.texture.gldzm import distance_features
from thoracle.imaging.texture.glrlm import glrlm
from thoracle.imaging.texture.glszm import size_features
from thoracle.imaging.texture.histogram import intensity_histogram
from thoracle.imaging.texture.lattice import box_of, lattices
from thoracle.imaging.texture.lbp import lbp_histogram
from thoracle.imaging.texture.ngldm import dependence_features
from thoracle.imaging.texture.ngtdm import tone_features
from thoracle.imaging.texture.zones import find_zones

VOXELS_MIN = 16  # fewer have no texture worth a number: every feature is unknown.
WAVELET_PREFIX = "wavelet_"
_GREY_FAMILIES = ("stat", "ih", "cm", "rlm", "szm", "dzm", "ngl", "ngt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binning:
    """How grey values become levels.

    Either `bins` of equal width from `lowest` to `highest` (None: the region's own range), or
    bins of `bin_size` counted from `lowest`.
    """

    bins: int | None = 32
    bin_size: float | None = None
    lowest: float | None = None
    highest: float | None = None

    def levels(self, values: DoubleArray) -> IntArray:
        """Return the level of each value, from 1."""
        if self.bin_size is not None:
            lowest = float(values.min()) if self.lowest is None else self.lowest
            return fixed_bin_size(values, size=self.bin_size, lowest=lowest)
        return fixed_bin_number(
            values, bins=self.bins or 1, lowest=self.lowest, highest=self.highest
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """An image, or one band of it, and how its grey becomes levels.

    Attributes
    ----------
    image : (slices, rows, columns) float64
        Grey.
    binning
        Of this layer.
    """

    image: DoubleArray = field(repr=False)
    binning: Binning


def measure_layers(
    layers: Mapping[str, Layer], mask: BoolArray, aggregation: Aggregation
) -> dict[str, float]:
    """Return the grey and texture features of a region in every layer.

    Parameters
    ----------
    layers
        By prefix of the features' names; "" is the image itself.
    mask : (slices, rows, columns) bool
        Region True.
    aggregation
        Of directions and slices.

    Returns
    -------
    dict
        In the order of the layers and of `FEATURES`; NaN for a region of fewer than `VOXELS_MIN`
        voxels.
    """
    small = int(mask.sum()) < VOXELS_MIN
    box = None if small else box_of(mask)
    found: dict[str, float] = {}
    for prefix, layer in layers.items():
        if box is None:
            measured = dict.fromkeys(grey_feature_names(), float("nan"))
        else:
            measured = measure_grey(layer, mask, aggregation)
        found |= {f"{prefix}{name}": value for name, value in measured.items()}
        if not prefix:
            patterns = lbp_histogram(layer.image, mask & (not small))
            found |= patterns
    return found


def measure_grey(layer: Layer, mask: BoolArray, aggregation: Aggregation) -> dict[str, float]:
    """Return the features of one layer in a region that is large enough."""
    box = box_of(mask)
    inside = mask[box]
    values = np.asarray(layer.image[box][inside], np.float64)
    of_values = layer.binning.levels(values)
    levels = np.zeros(inside.shape, np.int64)
    levels[inside] = of_values
    grouped = list(lattices(levels, aggregation))
    zones = [(one, find_zones(one.lattice)) for one in grouped]
    return {
        **first_order(values),
        **intensity_histogram(of_values),
        **glcm(levels, aggregation),
        **glrlm(levels, aggregation),
        **size_features(zones),
        **distance_features(zones),
        **dependence_features(grouped),
        **tone_features(grouped),
    }


def grey_feature_names() -> tuple[str, ...]:
    """Return the names of the features that every layer has."""
    return tuple(name for name, one in FEATURES.items() if one.family in _GREY_FAMILIES)
