"""Anatomical noise: how strongly a film varies at each place, by size and direction of detail."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import scipy
from PIL import Image

from thoracle.core.arrays import FloatArray

OCTAVES = 6
DIRECTIONS = 6
BANDS = OCTAVES * DIRECTIONS
COARSE = 32
"""Rows and columns of a band's map of strength; anatomy's texture changes over centimeters."""
SMALLEST_POWER = 1e-7  # a thousandth of 8-bit grey's own rounding, so that a logarithm exists


@lru_cache(maxsize=16)
def octave_filters(octave: int, *, size: int, reach: int) -> FloatArray:
    """Return the transfer functions of one octave's directions.

    The squares of all octaves and directions add up to 1 at every frequency.

    Parameters
    ----------
    octave
        0 is the finest, `OCTAVES` - 1 holds all that is coarser.
    size
        Rows and columns of the picture, in pixels.
    reach
        Rows and columns of the picture at full resolution: `size` of a smaller one holds only
        the low frequencies.

    Returns
    -------
    (DIRECTIONS, size, size // 2 + 1) float32
        For `scipy.fft.rfft2`.

    References
    ----------
    Simoncelli and Freeman, The steerable pyramid, ICIP 1995: raised cosines in the logarithm of
    frequency, powers of a cosine in direction.
    """
    rows = scipy.fft.fftfreq(size)[:, None] * size / reach
    columns = scipy.fft.rfftfreq(size)[None, :] * size / reach
    depth = -np.log2(np.maximum(np.hypot(rows, columns), 1e-6) / 0.5)  # 0 at Nyquist's frequency
    angle = np.arctan2(rows, columns)
    turns = np.array(
        [
            np.abs(np.cos(angle - np.pi * k / DIRECTIONS)) ** (DIRECTIONS - 1)
            for k in range(DIRECTIONS)
        ]
    )
    turns /= np.sqrt(np.sum(turns**2, axis=0))
    finer = np.cos(np.pi / 2 * np.clip(octave - depth, 0, 1)) if octave else np.ones_like(depth)
    last = octave == OCTAVES - 1
    coarser = np.ones_like(depth) if last else np.cos(np.pi / 2 * np.clip(depth - octave, 0, 1))
    return (turns * np.where(depth < octave, finer, coarser)).astype(np.float32)


def band_powers(pictures: Iterable[FloatArray]) -> FloatArray:
    """Return the typical mean square of every band at every place over many pictures.

    Parameters
    ----------
    pictures : (size, size) float32 each
        What a model leaves unexplained, around 0.

    Returns
    -------
    (BANDS, COARSE, COARSE) float32
        In squares of the pictures' unit. Typical is the geometric mean: a cable or a letter on
        one film does not count.
    """
    logarithms = np.zeros((BANDS, COARSE, COARSE), np.float64)
    count = 0
    for count, picture in enumerate(pictures, start=1):  # noqa: B007
        logarithms += np.log(_powers_of(picture) + SMALLEST_POWER)
    powers = np.exp(logarithms / max(count, 1)).astype(np.float32)
    return np.asarray(scipy.ndimage.gaussian_filter(powers, (0, 0.7, 0.7), mode="nearest"))


def draw_texture(powers: FloatArray, rng: np.random.Generator, *, size: int) -> FloatArray:
    """Draw noise whose strength by place, size and direction of detail is the one given.

    Parameters
    ----------
    powers : (BANDS, COARSE, COARSE) float32
        From `band_powers`.
    rng
        Where the noise comes from.
    size
        Rows and columns, in pixels.

    Returns
    -------
    (size, size) float32
        Around 0.
    """
    out = np.zeros((size, size), np.float32)
    for octave in range(OCTAVES):
        strengths = np.sqrt(powers[octave * DIRECTIONS : (octave + 1) * DIRECTIONS])
        small = max(size >> max(octave - 1, 0), COARSE)  # coarse detail needs few pixels
        out += enlarge(_draw_octave(octave, strengths, rng, size=small, reach=size), size)
    return out


def enlarge(picture: FloatArray, size: int) -> FloatArray:
    """Enlarge a square picture to `size` rows and columns with a cubic filter."""
    if picture.shape[0] == size:
        return picture
    source = Image.fromarray(np.ascontiguousarray(picture, np.float32))
    return np.asarray(source.resize((size, size), Image.Resampling.BICUBIC), np.float32)


def _powers_of(picture: FloatArray) -> FloatArray:
    size = picture.shape[0]
    step = size // COARSE
    spectrum = scipy.fft.rfft2(picture)
    powers = np.empty((BANDS, COARSE, COARSE), np.float32)
    for octave in range(OCTAVES):
        for k, transfer in enumerate(octave_filters(octave, size=size, reach=size)):
            squares = scipy.fft.irfft2(spectrum * transfer, s=(size, size)) ** 2
            blocks = squares.reshape(COARSE, step, COARSE, step)
            powers[octave * DIRECTIONS + k] = blocks.mean(axis=(1, 3))
    return powers


def _draw_octave(
    octave: int, strengths: FloatArray, rng: np.random.Generator, *, size: int, reach: int
) -> FloatArray:
    filters = octave_filters(octave, size=size, reach=reach)
    spectrum = scipy.fft.rfft2(rng.standard_normal((size, size), dtype=np.float32))
    shifts = rng.integers(0, size, (DIRECTIONS, 2))
    counted = np.full(size // 2 + 1, 2.0, np.float32)  # rfft2 keeps one of two mirrored columns
    counted[[0, -1]] = 1.0
    out = np.zeros((size, size), np.float32)
    for transfer, strength, shift in zip(filters, strengths, shifts, strict=True):
        power = float((transfer**2 @ counted).sum()) / size**2
        noise = scipy.fft.irfft2(spectrum * transfer, s=(size, size))
        # One spectrum serves all directions: shifted apart, they do not agree in phase.
        noise = np.roll(noise, tuple(shift), axis=(0, 1))
        out += noise * enlarge(strength / np.float32(np.sqrt(power)), size)
    return out
