"""From logits to probabilities, in NumPy alone, so that a cold start does not wait for SciPy."""

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray


def softmax(logits: FloatArray, *, temperature: float) -> DoubleArray:
    """Return calibrated probabilities of exclusive classes.

    Parameters
    ----------
    logits : (classes,) float32
        The network's own numbers.
    temperature
        From the bundle; above 1 it makes the network less sure.

    Returns
    -------
    (classes,) float64
        0 to 1, their sum 1.
    """
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)


def sigmoid(logits: FloatArray) -> FloatArray:
    """Return the probability of each logit on its own.

    Parameters
    ----------
    logits : (…) float32
        The network's own numbers.

    Returns
    -------
    (…) float32
        0 to 1; one half is a logit of 0.
    """
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits), dtype=np.float32)
