"""The word SYNTHETIC, burned into the pixels of every synthetic film."""

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.imaging.synthetic import MARK

WORD = MARK
_GLYPHS = {
    "S": ("01111", "10000", "10000", "01110", "00001", "00001", "11110"),
    "Y": ("10001", "10001", "01010", "00100", "00100", "00100", "00100"),
    "N": ("10001", "11001", "10101", "10101", "10011", "10001", "10001"),
    "T": ("11111", "00100", "00100", "00100", "00100", "00100", "00100"),
    "H": ("10001", "10001", "10001", "11111", "10001", "10001", "10001"),
    "E": ("11111", "10000", "10000", "11110", "10000", "10000", "11111"),
    "I": ("01110", "00100", "00100", "00100", "00100", "00100", "01110"),
    "C": ("01111", "10000", "10000", "10000", "10000", "10000", "01111"),
}
_MARGIN = 2  # blank dots around the word, so that it reads on any ground
_PX_PER_DOT = 300  # of the longer side: dots of 1 px up to 450 px, 2 px beyond
_GREY = 0.9


def lettering() -> BoolArray:
    """Return the word in dots of 5 × 7 a letter, (7, 53) bool."""
    letters = [np.array([[dot == "1" for dot in row] for row in _GLYPHS[one]]) for one in WORD]
    gap = np.zeros((7, 1), bool)
    return np.hstack([part for letter in letters for part in (letter, gap)][:-1])


def burn_in(pixels: FloatArray) -> FloatArray:
    """Write the word, bright on black, into the lower left corner.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1; at least 64 columns. Not modified.

    Returns
    -------
    (rows, columns) float32
        With the word.
    """
    dot = max(round(max(pixels.shape) / _PX_PER_DOT), 1)
    word = np.kron(np.pad(lettering(), _MARGIN), np.ones((dot, dot), bool))
    out = pixels.copy()
    out[-word.shape[0] :, : word.shape[1]] = np.where(word, np.float32(_GREY), np.float32(0))
    return out
