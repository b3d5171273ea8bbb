"""Noise of known size for windows of a signal, and scaling them to 0…1."""

import numpy as np

from thoracle.core.arrays import DoubleArray


def noise_for(clean: DoubleArray, normal: DoubleArray, snr_db: float) -> DoubleArray:
    """Return normal noise so far below each window's mean square.

    Parameters
    ----------
    clean : (windows, samples) float64
        Without noise.
    normal : (windows, samples) float64
        Standard normal.
    snr_db
        Mean square of the window to that of the noise expected, in dB.

    Returns
    -------
    (windows, samples) float64
        `normal` times each window's size of noise.
    """
    power = np.einsum("ws,ws->w", clean, clean) / clean.shape[1]
    noise: DoubleArray = normal * np.sqrt(power * 10.0 ** (-snr_db / 10.0))[:, None]
    return noise


def rescale(values: DoubleArray, low: DoubleArray, high: DoubleArray) -> None:
    """Map, in place, `low` of each window onto 0 and `high` onto 1.

    Parameters
    ----------
    values : (windows, samples) float64
        Overwritten; NaN stays NaN.
    low, high : (windows,) float64
        Of each window; where both are equal, `low` becomes 0 and nothing is stretched.
    """
    values -= low[:, None]
    values *= 1.0 / np.where(high > low, high - low, 1.0)[:, None]


def colored(white: DoubleArray, slope: DoubleArray) -> DoubleArray:
    """Color white noise: its power falls with frequency f as 1/f to the power of `slope`.

    Parameters
    ----------
    white : (windows, samples) float64
        Standard normal.
    slope : (windows,) float64
        0 stays white, 1 is pink, 2 is that of a random walk.

    Returns
    -------
    (windows, samples) float64
        Of mean 0 and standard deviation 1 in each window.

    References
    ----------
    Timmer and König 1995, On generating power law noise, Astron Astrophys 300:707–710.
    """
    spectrum = np.fft.rfft(white, axis=1)
    frequency = np.arange(spectrum.shape[1], dtype=np.float64)
    frequency[0] = 1.0
    spectrum *= np.exp(np.multiply.outer(-0.5 * slope, np.log(frequency)))
    spectrum[:, 0] = 0.0
    made: DoubleArray = np.fft.irfft(spectrum, white.shape[1], axis=1)
    made /= made.std(axis=1, keepdims=True)
    return made
