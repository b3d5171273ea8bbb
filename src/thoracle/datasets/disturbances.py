"""What hospitals and phones do to films before they reach a program: for tests of robustness."""

import numpy as np
import scipy

from thoracle.core.arrays import FloatArray


def inverted(pixels: FloatArray) -> FloatArray:
    """Return a film with black and white exchanged."""
    return np.asarray(1.0 - pixels, dtype=np.float32)


def photographed_screen(pixels: FloatArray, *, rng: np.random.Generator) -> FloatArray:
    """Return a film as a phone sees it on a screen: tilted, before a room, with moiré and glare.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 to 1.
    rng
        Tilt, moiré and light are drawn from it.

    Returns
    -------
    (rows, columns) float32
        0 to 1, of the same size.
    """
    rows, columns = pixels.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    tilt_x, tilt_y = rng.uniform(-0.15, 0.15, 2)
    angle = np.deg2rad(rng.uniform(-5, 5))
    grow = rng.uniform(1.03, 1.22)  # the screen fills 80 to 97 % of the photograph
    depth = 1.0 + tilt_x * x + tilt_y * y
    across = grow * (x * np.cos(angle) - y * np.sin(angle)) / depth
    along = grow * (x * np.sin(angle) + y * np.cos(angle)) / depth
    places = [(along + 1) / 2 * (rows - 1), (across + 1) / 2 * (columns - 1)]
    room = float(rng.uniform(0.05, 0.6))
    seen = scipy.ndimage.map_coordinates(pixels, places, order=1, mode="constant", cval=np.nan)
    seen = np.where(np.isnan(seen), room, seen)
    turn, rate = rng.uniform(0, np.pi), rng.uniform(20, 90)
    moire = 0.04 * np.sin((x * np.cos(turn) + y * np.sin(turn)) * rate * np.pi)
    light = 1.0 + rng.uniform(-0.25, 0.25) * x + rng.uniform(-0.25, 0.25) * y
    glare = 0.35 * np.exp(-((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2) / 0.08)
    shown = 0.9 * seen * light + moire + glare * rng.uniform(0, 1)
    noisy = scipy.ndimage.gaussian_filter(shown, 0.6) + rng.normal(0, 0.015, pixels.shape)
    return np.asarray(np.clip(noisy, 0, 1), dtype=np.float32)
