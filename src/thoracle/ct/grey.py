"""What a segmentation network sees of a scan: the grey of one lung window."""

from typing import Final

import numpy as np

from thoracle.core.arrays import FloatArray

WINDOW_HU: Final = (-1350.0, 150.0)
"""Black and white of the lung window, width 1500 at center −600, of the labeled scans."""
CT_INPUT: Final = "lung window -1350 to 150 HU, -1 to 1, on a grid of its own, triangle filter"
"""How a scan becomes the network's input; a bundle made with other words is refused."""


def lung_grey(hu: FloatArray) -> FloatArray:
    """Return the grey of the lung window.

    Parameters
    ----------
    hu : (…) float32
        HU, or HU read back from the grey of the same window.

    Returns
    -------
    (…) float32
        −1 at −1350 HU and below, 1 at 150 HU and above.
    """
    low, high = WINDOW_HU
    grey = (hu - low) * np.float32(2.0 / (high - low)) - np.float32(1.0)
    return np.asarray(np.clip(grey, -1.0, 1.0), np.float32)
