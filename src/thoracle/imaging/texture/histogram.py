"""Statistics of the grey levels of a region: its histogram, whatever the places."""

import numpy as np

from thoracle.core.arrays import IntArray
from thoracle.imaging.texture.first_order import describe


def intensity_histogram(levels: IntArray) -> dict[str, float]:
    """Return the IBSI's 23 features of the intensity histogram.

    Parameters
    ----------
    levels : (voxels,) int64
        From 1; at least one.

    Returns
    -------
    dict
        By name, `ih_mean` to `ih_min_grad_g`; gradients are NaN for a single level.

    References
    ----------
    IBSI, intensity histogram features, ZVCW.
    """
    occurring = np.bincount(levels)[1:]
    counts = occurring.astype(np.float64)
    grades = np.arange(1, counts.size + 1)
    shares = counts / levels.size
    told = describe(np.repeat(grades.astype(np.float64), occurring))
    present = shares[shares > 0]
    tops = grades[counts == counts.max()]
    found = {
        **told,
        "mode": float(tops[np.argmin(np.abs(tops - told["mean"]))]),
        "entropy": float(-(present @ np.log2(present))),
        "uniformity": float(shares @ shares),
    }
    nothing = float("nan")
    found |= dict.fromkeys(("max_grad", "max_grad_g", "min_grad", "min_grad_g"), nothing)
    if counts.size > 1:
        slope = np.gradient(counts)
        found["max_grad"], found["max_grad_g"] = float(slope.max()), float(slope.argmax() + 1)
        found["min_grad"], found["min_grad_g"] = float(slope.min()), float(slope.argmin() + 1)
    return {f"ih_{name}": value for name, value in found.items()}
