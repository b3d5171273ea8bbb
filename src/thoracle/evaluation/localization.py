"""How well a map finds a region that readers outlined: pointing game, pixel AUROC and AP."""

import math
from dataclasses import dataclass

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.evaluation.average_precision import average_precision
from thoracle.evaluation.roc import auroc


@dataclass(frozen=True, slots=True, kw_only=True)
class Localization:
    """What one map says of one film's region.

    `hit` is 1 where the map's highest place lies in the region, else 0 (the pointing game of
    Zhang et al., IJCV 2018), and several highest places count by their share in it; `auroc` and
    `average_precision` are over pixels, 0.5 and the region's share of the area by chance.
    """

    hit: float
    auroc: float
    average_precision: float


def localization(values: FloatArray, region: BoolArray) -> Localization:
    """Compare a map with a region.

    Parameters
    ----------
    values : (rows, columns) float32
        The map; an even one points nowhere, and everywhere equally.
    region : (rows, columns) bool
        What readers outlined.

    Returns
    -------
    Localization
        NaN throughout where the region is empty or everything.
    """
    if not region.any() or region.all():
        return Localization(hit=math.nan, auroc=math.nan, average_precision=math.nan)
    scores, inside = values.astype(np.float64).ravel(), region.ravel()
    return Localization(
        hit=float(inside[scores == scores.max()].mean()),
        auroc=auroc(scores, inside),
        average_precision=average_precision(scores, inside),
    )
