"""What hospitals and phones do to films before they reach a program: for tests of robustness."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
import scipy
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.imaging.resample import resize, to_bytes

Disturb = Callable[[FloatArray, float, np.random.Generator], FloatArray]
"""From display grey, a strength and a source of randomness to display grey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """One thing that happens to films, at several strengths, the mildest first.

    `everyday` is the strength that a classifier must bear: what archives, portals and portable
    films show. `unit` says what a strength counts.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    everyday: float
    apply: Disturb = field(repr=False)


def compressed(pixels: FloatArray, quality: float, _rng: np.random.Generator) -> FloatArray:
    """Return a film after 8-bit JPEG of a quality, 1 to 95, as Pillow counts it."""
    stream = BytesIO()
    Image.fromarray(to_bytes(pixels)).save(stream, "JPEG", quality=round(quality))
    with Image.open(stream) as image:
        return np.asarray(image, dtype=np.float32) / np.float32(255)


def noisy(pixels: FloatArray, spread: float, rng: np.random.Generator) -> FloatArray:
    """Return a film with Gaussian noise of a standard deviation, in shares of the grey range."""
    return _clipped(pixels + spread * rng.standard_normal(pixels.shape, dtype=np.float32))


def blurred(pixels: FloatArray, share: float, _rng: np.random.Generator) -> FloatArray:
    """Return a film blurred by a standard deviation, in shares of its longer side."""
    sigma = share * max(pixels.shape)
    return _clipped(scipy.ndimage.gaussian_filter(pixels, sigma, mode="nearest"))


def tilted(pixels: FloatArray, degrees: float, rng: np.random.Generator) -> FloatArray:
    """Return a film turned by an angle to either side, black where nothing was."""
    turn = degrees * _side(rng)
    return _clipped(scipy.ndimage.rotate(pixels, turn, reshape=False, order=1, cval=0.0))


def brightened(pixels: FloatArray, shift: float, rng: np.random.Generator) -> FloatArray:
    """Return a film made lighter or darker by a share of the grey range."""
    return _clipped(pixels + shift * _side(rng))


def contrasted(pixels: FloatArray, strength: float, rng: np.random.Generator) -> FloatArray:
    """Return a film whose window is wider or narrower by the factor exp(±strength)."""
    return _clipped((pixels - 0.5) * np.exp(strength * _side(rng)) + 0.5)


def toned(pixels: FloatArray, strength: float, rng: np.random.Generator) -> FloatArray:
    """Return a film with a gamma of exp(±strength)."""
    return _clipped(np.clip(pixels, 0, 1) ** np.exp(strength * _side(rng)))


def coarsened(pixels: FloatArray, side: float, _rng: np.random.Generator) -> FloatArray:
    """Return a film whose shorter side has a number of pixels, unless it has fewer already."""
    share = min(1.0, side / min(pixels.shape))
    rows, columns = (max(1, round(length * share)) for length in pixels.shape)
    return resize(pixels, rows=rows, columns=columns)


DISTURBANCES = (
    Disturbance(
        name="jpeg", unit="quality", strengths=(90, 70, 50, 30, 10), everyday=50, apply=compressed
    ),
    Disturbance(
        name="noise", unit="share of the grey range", strengths=(0.01, 0.02, 0.04, 0.08, 0.16),
        everyday=0.02, apply=noisy,
    ),
    Disturbance(
        name="blur", unit="share of the longer side",
        strengths=(0.0015, 0.003, 0.006, 0.012, 0.024), everyday=0.003, apply=blurred,
    ),
    Disturbance(
        name="rotation", unit="degrees to either side", strengths=(2, 5, 10, 15, 20), everyday=5,
        apply=tilted,
    ),
    Disturbance(
        name="brightness", unit="share of the grey range, either way",
        strengths=(0.05, 0.1, 0.2, 0.3, 0.4), everyday=0.1, apply=brightened,
    ),
    Disturbance(
        name="contrast", unit="logarithm of the factor, either way",
        strengths=(0.1, 0.2, 0.4, 0.6, 0.8), everyday=0.2, apply=contrasted,
    ),
    Disturbance(
        name="gamma", unit="logarithm of gamma, either way", strengths=(0.1, 0.2, 0.4, 0.6, 0.8),
        everyday=0.2, apply=toned,
    ),
    Disturbance(
        name="resolution", unit="pixels of the shorter side", strengths=(224, 192, 160, 128, 96),
        everyday=192, apply=coarsened,
    ),
)  # fmt: skip
"""What an audit of robustness does to films; everyday strengths were fixed before the first run."""


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


def _side(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


def _clipped(pixels: FloatArray) -> FloatArray:
    return np.asarray(np.clip(pixels, 0, 1), dtype=np.float32)
