"""How far two runs of one network may differ, and how far they do."""

from collections.abc import Mapping

import numpy as np

from thoracle.core.arrays import FloatArray

PARITY = "parity.npz"
LOGIT_TOLERANCE = 1e-4
MAP_TOLERANCE = 1e-3  # of a map's maximum
FAINT = 0.01  # of the largest map: a fainter one is measured against this, not against its noise.


def differences(
    expected: Mapping[str, FloatArray], found: Mapping[str, FloatArray]
) -> tuple[float, float | None]:
    """Return the largest difference of a logit, and of a map as a share of its own maximum.

    Parameters
    ----------
    expected, found
        Outputs by name, as `Network.run` gives them: "logits", an auto-encoder's "reconstruction"
        in their place, and maps (n, classes, h, w) whose names have a "/".

    Returns
    -------
    logits, maps
        Infinite where an expected output is missing, has another shape or holds what is no
        number; `maps` is None where none is expected.
    """
    maps = [
        _difference(values, found.get(name), is_map=True)
        for name, values in expected.items()
        if "/" in name
    ]
    own = "logits" if "logits" in expected else "reconstruction"
    values = expected.get(own, np.full(0, np.nan, np.float32))
    return _difference(values, found.get(own), is_map=False), max(maps, default=None)


def _difference(expected: FloatArray, found: FloatArray | None, *, is_map: bool) -> float:
    if found is None or found.shape != expected.shape or not expected.size:
        return float("inf")
    apart = np.abs(found - expected)
    if is_map:
        peaks = np.abs(expected).max(axis=(-2, -1), keepdims=True)
        apart = apart / np.maximum(peaks, max(FAINT * float(peaks.max()), 1e-9))
    largest = float(apart.max())
    return largest if np.isfinite(largest) else float("inf")
