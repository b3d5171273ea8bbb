"""Undecimated wavelet filters: an image in bands of coarse and fine, each as large as itself."""

from itertools import product
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray

WAVELET = "coif1"
BOUNDARY: Final = "mirror"
"""Past the edge: d c b | a b c d | c b a, as SciPy calls it; the IBSI 2 asks to say which."""


def wavelet_bands(
    image: DoubleArray, *, wavelet: str = WAVELET, is_volume: bool
) -> dict[str, DoubleArray]:
    """Filter an image with a low and a high pass along each axis, without leaving pixels out.

    Parameters
    ----------
    image : (slices, rows, columns) float64
        Grey.
    wavelet
        As PyWavelets names it.
    is_volume
        Whether slices are filtered across too.

    Returns
    -------
    dict
        By letters, column first, as in the IBSI 2: "LL" to "HH", or "LLL" to "HHH"; each
        (slices, rows, columns) float64, at the first level.

    References
    ----------
    IBSI 2, separable wavelets, 25BO; one level, undecimated.
    """
    import pywt

    chosen = pywt.Wavelet(wavelet)
    passes = {"L": np.asarray(chosen.dec_lo), "H": np.asarray(chosen.dec_hi)}
    axes = (2, 1, 0) if is_volume else (2, 1)
    bands = {"": image}
    for axis in axes:
        bands = {
            name + letter: _along(band, passes[letter], axis)
            for (name, band), letter in product(bands.items(), "LH")
        }
    return bands


def _along(image: DoubleArray, weights: DoubleArray, axis: int) -> DoubleArray:
    from scipy.ndimage import convolve1d

    return np.asarray(convolve1d(image, weights, axis=axis, mode=BOUNDARY))
