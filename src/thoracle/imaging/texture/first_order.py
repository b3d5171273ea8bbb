"""Statistics of the grey values of a region, whatever their places."""

import numpy as np

from thoracle.core.arrays import DoubleArray

PERCENTS = (10.0, 25.0, 50.0, 75.0, 90.0)


def first_order(values: DoubleArray) -> dict[str, float]:
    """Return the IBSI's 18 intensity-based statistics.

    Parameters
    ----------
    values : (voxels,) float64
        Grey of a region; at least one.

    Returns
    -------
    dict
        By name, `stat_mean` to `stat_rms`; NaN where a ratio has no denominator.

    References
    ----------
    IBSI, intensity-based statistical features, UHIW.
    """
    return {
        f"stat_{name}": value
        for name, value in (
            *describe(values).items(),
            ("energy", float(values @ values)),
            ("rms", float(np.sqrt(values @ values / values.size))),
        )
    }


def describe(values: DoubleArray) -> dict[str, float]:
    """Return the statistics that values and their levels share.

    Parameters
    ----------
    values : (voxels,) float64
        At least one.

    Returns
    -------
    dict
        By name without a family, "mean" to "qcod".
    """
    ordered = np.sort(values)
    mean = float(ordered.mean())
    deviations = ordered - mean
    squares = deviations * deviations
    variance = float(squares.mean())
    skewness = ratio(float(squares @ deviations) / values.size, variance**1.5)
    kurtosis = ratio(float(squares @ squares) / values.size, variance**2) - 3.0
    p10, p25, p50, p75, p90 = (_percentile(ordered, percent) for percent in PERCENTS)
    first, last = np.searchsorted(ordered, p10, "left"), np.searchsorted(ordered, p90, "right")
    middle = ordered[first:last]
    low, high = float(ordered[0]), float(ordered[-1])
    return {
        "mean": mean,
        "var": variance,
        "skew": skewness,
        "kurt": kurtosis,
        "median": p50,
        "min": low,
        "p10": p10,
        "p90": p90,
        "max": high,
        "iqr": p75 - p25,
        "range": high - low,
        "mad": float(np.abs(deviations, out=deviations).mean()),
        "rmad": float(np.abs(middle - middle.mean()).mean()) if middle.size else float("nan"),
        "medad": float(np.abs(ordered - p50).mean()),
        "cov": ratio(float(np.sqrt(variance)), mean),
        "qcod": ratio(p75 - p25, p75 + p25),
    }


def _percentile(ordered: DoubleArray, percent: float) -> float:
    """Return a percentile of sorted values, interpolated as NumPy does by default."""
    place = (ordered.size - 1) * percent / 100.0
    before = int(place)
    after = min(before + 1, ordered.size - 1)
    share = place - before
    return float(ordered[before] * (1.0 - share) + ordered[after] * share)


def ratio(one: float, other: float) -> float:
    """Return a quotient, NaN where there is none."""
    return one / other if other else float("nan")
