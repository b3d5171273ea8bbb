"""Draw a synthetic film from the model: outline, picture, bones, noise, tone, and the mark."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.datasets.film_anatomy import draw_bones, draw_build, draw_vessels
from thoracle.datasets.film_lettering import burn_in
from thoracle.datasets.film_model import SIZE, FilmModel, FilmModelError
from thoracle.datasets.film_opacity import Opacity, draw_opacity, insert_opacity
from thoracle.datasets.film_shape import FRAME, fill_outline, warp
from thoracle.datasets.film_texture import DIRECTIONS, draw_texture, enlarge
from thoracle.imaging.resample import equalize

SIZE_RANGE = (128, 1024)
"""Smallest and largest longer side, in pixels; beyond, the model has no detail to give."""
LUNG_HEIGHT_MM = 270.0  # adults at full inspiration; only Pixel Spacing is made from it
_WEIGHT_LIMIT = 2.0  # standard deviations: rarer bodies come out distorted
_WEIGHT_SCALE = 0.8  # of the deviation; chosen by eye, a little tamer than films are
_BONE_STRENGTH = 0.125  # in ranks of grey, over the darkest lung
_VESSEL_STRENGTH = 0.075
_BACKGROUND = 0.25  # rank of grey outside the lungs below which air is seen: it has no texture
_RANK_SHARE = 0.7  # how far the histogram is made exactly a film's: 1 would strain a dull one
_KEPT_PERCENT = (0.2, 99.9)  # of the pixels; the rest goes black or white, as letters do on films
_FINE_DECAY = 0.5  # strength of each octave finer than the model, as films' spectra fall


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRequest:
    """What to draw: the same request gives the same film.

    Attributes
    ----------
    finding
        Whose statistics to draw from.
    seed, number
        Film `number` of a series does not depend on how many there are.
    size
        Longer side, in pixels, within `SIZE_RANGE`.
    with_opacity
        Whether to put in an opacity of known place.
    """

    finding: str
    seed: int
    number: int
    size: int
    with_opacity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticFilm:
    """A film of nobody.

    Attributes
    ----------
    request
        What was asked for.
    pixels : (rows, columns) float32
        Display grey, 0 to 1, SYNTHETIC burned into the lower left corner.
    lungs : (rows, columns) bool
        The lungs that the film was drawn around.
    opacity, opacity_mask : (rows, columns) bool
        What was put in, None when nothing was.
    pixel_spacing_mm
        Of rows and columns alike.
    """

    request: FilmRequest
    pixels: FloatArray = field(repr=False)
    lungs: BoolArray = field(repr=False)
    opacity: Opacity | None
    opacity_mask: BoolArray | None = field(repr=False)
    pixel_spacing_mm: float


def draw_film(model: FilmModel, request: FilmRequest) -> SyntheticFilm:
    """Draw one film.

    Parameters
    ----------
    model
        Usually `film_model.shipped_model()`.
    request
        Finding, seed and size.

    Raises
    ------
    FilmModelError
        The size is out of range, or the model does not know the finding.
    """
    if not SIZE_RANGE[0] <= request.size <= SIZE_RANGE[1]:
        raise FilmModelError(
            f"A film of {request.size} px was asked for, expected {SIZE_RANGE[0]} to "
            f"{SIZE_RANGE[1]} on its longer side. Choose a size within.",
            code="film-size",
        )
    index = model.finding_index(request.finding)
    rng = np.random.default_rng([request.seed, request.number, index])
    weights = draw_weights(model, index, rng)
    picture = draw_picture(model, index, weights, rng)
    outline, rows, columns = _outline_of(model, weights, request.size)
    film = _carry(picture, outline, _mean_points(model), rows=rows, columns=columns)
    film += _finer(model.texture_powers[index], film, rng)
    pixels = _toned(model, weights, film)
    lungs = fill_outline(outline, rows=rows, columns=columns)
    opacity, mask = None, None
    if request.with_opacity:
        opacity = draw_opacity(pixels, lungs, rng)
        pixels, mask = insert_opacity(pixels, lungs, opacity, rng)
    height = np.count_nonzero(lungs.any(axis=1))
    return SyntheticFilm(
        request=request,
        pixels=burn_in(pixels),
        lungs=lungs,
        opacity=opacity,
        opacity_mask=mask,
        pixel_spacing_mm=LUNG_HEIGHT_MM / height,
    )


def draw_weights(model: FilmModel, index: int, rng: np.random.Generator) -> FloatArray:
    """Draw the weights of all parts from a finding's Gaussian, cut at two standard deviations."""
    count = model.weight_means.shape[1]
    free = rng.standard_normal(4 * count)  # of which fewer than one in twenty falls away
    free = free[np.abs(free) <= _WEIGHT_LIMIT][:count].astype(np.float32)
    return np.asarray(
        model.weight_means[index] + _WEIGHT_SCALE * (model.weight_factors[index] @ free)
    )


def draw_picture(
    model: FilmModel,
    index: int,
    weights: FloatArray,
    rng: np.random.Generator,
    *,
    with_texture: bool = True,
) -> FloatArray:
    """Draw the ranked picture on the mean outline.

    Parameters
    ----------
    model, index
        The model and the position of the finding.
    weights : (parts,) float32
        From `draw_weights`.
    rng
        Draws bones, vessels and texture.
    with_texture
        False leaves out the texture, which the fit has yet to find.

    Returns
    -------
    (SIZE, SIZE) float32
        About 0 to 1.
    """
    first = len(model.outline_parts)
    of_picture = weights[first : first + len(model.picture_parts)]
    picture = model.picture_means[index] + np.tensordot(of_picture, model.picture_parts, axes=1)
    calm = scipy.ndimage.uniform_filter(picture, 7)
    inside = _lung_share(_mean_points(model).tobytes())
    present = np.clip(calm / _BACKGROUND, 0.15, 1.0)
    present += (1 - present) * inside
    bones = _BONE_STRENGTH * draw_bones(draw_build(rng), rng, size=SIZE)
    bones += _VESSEL_STRENGTH * draw_vessels(rng, size=SIZE)
    detail = bones * np.clip(1.25 - calm, 0.25, 1.25)  # dense tissue hides what lies behind it
    if with_texture:
        detail += draw_texture(model.texture_powers[index], rng, size=SIZE)
    return np.asarray(picture + present * detail, np.float32)


def _mean_points(model: FilmModel) -> DoubleArray:
    return model.outline_mean[:-1].reshape(-1, 2).astype(np.float64)


@lru_cache(maxsize=2)
def _lung_share(points: bytes) -> FloatArray:
    """Return the softened lungs of an outline, (SIZE, SIZE) float32, 0 to 1."""
    outline = np.frombuffer(points, np.float64).reshape(-1, 2)
    lungs = fill_outline(outline, rows=SIZE, columns=SIZE).astype(np.float32)
    return np.asarray(scipy.ndimage.gaussian_filter(lungs, 5))


def _outline_of(model: FilmModel, weights: FloatArray, size: int) -> tuple[DoubleArray, int, int]:
    values = model.outline_mean + weights[: len(model.outline_parts)] @ model.outline_parts
    ratio = float(np.exp(values[-1])) * (FRAME[2] - FRAME[0]) / (FRAME[3] - FRAME[1])
    rows, columns = round(size * min(ratio, 1.0)), round(size / max(ratio, 1.0))
    return values[:-1].reshape(-1, 2).astype(np.float64), rows, columns


def _carry(
    picture: FloatArray, outline: DoubleArray, mean: DoubleArray, *, rows: int, columns: int
) -> FloatArray:
    """Carry a picture from the mean outline onto another."""
    where = warp(outline, mean, rows=rows, columns=columns)
    for axis in (0, 1):
        where[axis] -= FRAME[axis]
        where[axis] *= SIZE / (FRAME[axis + 2] - FRAME[axis])
        where[axis] -= 0.5
    return np.asarray(scipy.ndimage.map_coordinates(picture, where, order=3, mode="nearest"))


def _finer(powers: FloatArray, film: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw the detail that a film larger than the model shows beyond the model's own."""
    rows, columns = film.shape
    out = np.zeros_like(film)
    size, decay = 2 * SIZE, _FINE_DECAY
    strength = np.sqrt(powers[:DIRECTIONS].sum(axis=0))
    while size <= max(rows, columns):
        noise = rng.standard_normal((size, size), dtype=np.float32)
        noise -= scipy.ndimage.uniform_filter(noise, 3)
        layer = noise * enlarge(strength, size) * np.float32(decay)
        out += enlarge(layer, max(rows, columns))[:rows, :columns]
        size, decay = 2 * size, decay * _FINE_DECAY
    return out


def _toned(model: FilmModel, weights: FloatArray, film: FloatArray) -> FloatArray:
    """Turn ranks into display grey, 0 to 1."""
    of_tone = weights[len(weights) - len(model.tone_parts) :]
    curve = np.maximum.accumulate(model.tone_mean + of_tone @ model.tone_parts)
    ranks = equalize(np.clip(film / 2 + 0.25, 0, 1))  # room for what noise brings beyond 0 and 1
    values = (1 - _RANK_SHARE) * film + _RANK_SHARE * ranks
    grey = np.interp(values, np.linspace(0, 1, len(curve)), curve)
    low, high = np.percentile(grey, _KEPT_PERCENT)
    shown = np.clip((grey - low) / max(high - low, 1e-3), 0, 1)
    return np.asarray(shown, np.float32)
