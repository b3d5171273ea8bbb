"""Whether near voxels are alike: Moran's I and Geary's C over all pairs, by Fourier transform."""

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray

PLACES_MAX = 16_000_000  # of the padded box: about 1 GB at work; larger regions get no value.


def spatial_autocorrelation(
    image: DoubleArray, mask: BoolArray, spacing: tuple[float, float, float]
) -> tuple[float, float]:
    """Return Moran's I and Geary's C, pairs weighted by the inverse of their distance.

    Parameters
    ----------
    image : (slices, rows, columns) float64
        Grey, cut to the region's box.
    mask : (slices, rows, columns) bool
        Region True.
    spacing
        Of slices, rows and columns, in one unit.

    Returns
    -------
    float, float
        NaN for fewer than 2 voxels, a region of one grey, or a box of more than `PLACES_MAX`.

    References
    ----------
    IBSI, N365 and NPT7. The sums over all pairs are convolutions, and so are exact.
    """
    from scipy import fft

    shape = [fft.next_fast_len(2 * side - 1, real=True) for side in mask.shape]
    number = int(mask.sum())
    values = np.where(mask, image - image[mask].mean() if number else 0.0, 0.0)
    squares = float((values**2).sum())
    if number < 2 or squares <= 0.0 or np.prod(shape) > PLACES_MAX:
        return float("nan"), float("nan")
    weights = fft.rfftn(_inverse_distances(shape, spacing))

    def around(field: DoubleArray) -> DoubleArray:
        spread = fft.irfftn(fft.rfftn(field, shape) * weights, shape)
        return np.asarray(spread[tuple(slice(side) for side in mask.shape)])

    inside = mask.astype(np.float64)
    weight = around(inside)
    total = float((weight * inside).sum())
    products = float((around(values) * values).sum())
    differences = 2.0 * float((weight * values**2).sum()) - 2.0 * products
    moran = number * products / (total * squares)
    geary = (number - 1) * differences / (2.0 * total * squares)
    return moran, geary


def _inverse_distances(shape: list[int], spacing: tuple[float, float, float]) -> DoubleArray:
    squares = np.zeros(shape)
    for axis, (side, step) in enumerate(zip(shape, spacing, strict=True)):
        places = np.arange(side)
        steps = np.minimum(places, side - places) * step
        squares += (steps**2).reshape([-1 if one == axis else 1 for one in range(3)])
    squares[0, 0, 0] = np.inf
    return np.asarray(1.0 / np.sqrt(squares))
