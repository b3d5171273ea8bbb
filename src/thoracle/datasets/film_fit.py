"""Fit the film model to aligned films: means, principal components, and the noise beyond them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.datasets.film_alignment import AlignedFilms
from thoracle.datasets.film_model import SIZE, FilmModel, FilmModelError
from thoracle.datasets.film_render import draw_picture, draw_weights
from thoracle.datasets.film_texture import BANDS, COARSE, DIRECTIONS, band_powers

FILMS_MIN = 50
"""Of each finding; fewer would let a single film show through."""
OUTLINE_PARTS = 12
PICTURE_PARTS = 24
TONE_PARTS = 3
_FILL_ROUNDS = 3  # each takes what films do not show from the parts of the one before
_TEXTURE_FILMS = 80  # of each finding; noise is the same in more, and each takes long
_DRAWN = 40  # pictures without texture whose spectrum is compared with films'
_TEXTURE_MIN = 0.1  # of a film's power: no place is without noise
_COARSE_OCTAVES = 2  # details wider than a sixteenth of the film
_COARSE_SHARE = 0.1  # of their power: broad noise looks like clouds and not like anatomy
_RIDGE = 1e-3  # of a weight's variance: the covariance stays positive with few films

Step = Callable[[str], None]
"""Called with the name of each stage as it begins."""


def fit_model(
    films: AlignedFilms, findings: Sequence[str], *, seed: int, on_step: Step
) -> FilmModel:
    """Fit means, parts, the weights' Gaussian and the texture.

    Parameters
    ----------
    films
        Aligned, one of each patient.
    findings
        Names of the positions in `films.findings`.
    seed
        Of the pictures that are drawn to find out how much texture is missing.
    on_step
        Told of each stage.

    Raises
    ------
    FilmModelError
        A finding has fewer than `FILMS_MIN` films.
    """
    counts = np.bincount(films.findings, minlength=len(findings))
    if counts.min() < FILMS_MIN:
        raise FilmModelError(
            f'"{findings[int(counts.argmin())]}" has {counts.min()} usable films, expected at '
            f"least {FILMS_MIN}, so that none of them shows through. Add films to the manifest.",
            code="film-model-too-few",
        )
    on_step("outlines and tones")
    outline_mean, tone_mean = films.outlines.mean(axis=0), films.tones.mean(axis=0)
    outline_parts, outline_weights = _parts(films.outlines - outline_mean, OUTLINE_PARTS)
    tone_parts, tone_weights = _parts(films.tones - tone_mean, TONE_PARTS)
    on_step("pictures")
    filled, means, picture_parts, picture_weights = _fit_pictures(films, len(findings))
    weights = np.concatenate([outline_weights, picture_weights, tone_weights], axis=1)
    gaussians = [_gaussian(weights[films.findings == k]) for k in range(len(findings))]
    plain = FilmModel(
        findings=tuple(findings),
        films=tuple(int(count) for count in counts),
        outline_mean=outline_mean.astype(np.float32),
        outline_parts=outline_parts.astype(np.float32),
        picture_means=means,
        picture_parts=picture_parts.reshape(-1, SIZE, SIZE).astype(np.float32),
        tone_mean=tone_mean.astype(np.float32),
        tone_parts=tone_parts.astype(np.float32),
        weight_means=np.array([mean for mean, _ in gaussians], np.float32),
        weight_factors=np.array([factor for _, factor in gaussians], np.float32),
        texture_powers=np.zeros((len(findings), BANDS, COARSE, COARSE), np.float32),
    )
    on_step("texture")
    powers = [
        _missing_power(plain, k, filled[films.findings == k], seed) for k in range(len(findings))
    ]
    return replace(plain, texture_powers=np.array(powers, np.float32))


def _fit_pictures(
    films: AlignedFilms, count: int
) -> tuple[FloatArray, FloatArray, DoubleArray, DoubleArray]:
    """Return pictures with their gaps filled, means, parts and weights."""
    shown = np.array(
        [[films.seen[films.findings == k].sum(axis=0)] for k in range(count)], np.float32
    )[:, 0]
    sums = [
        (films.pictures[films.findings == k] * films.seen[films.findings == k]).sum(axis=0)
        for k in range(count)
    ]
    means = (np.array(sums) / np.maximum(shown, 1)).astype(np.float32)
    filled = np.where(films.seen, films.pictures, means[films.findings])
    for _ in range(_FILL_ROUNDS):
        means = np.array([filled[films.findings == k].mean(axis=0) for k in range(count)])
        apart = (filled - means[films.findings]).reshape(len(filled), -1)
        parts, weights = _parts(apart, PICTURE_PARTS)
        for k, of_film in enumerate(weights.astype(np.float32)):
            whole = means[films.findings[k]] + (of_film @ parts).reshape(SIZE, SIZE)
            filled[k] = np.where(films.seen[k], films.pictures[k], whole)
    return filled, means, parts, weights


def _parts(apart: np.ndarray, count: int) -> tuple[np.ndarray, DoubleArray]:
    """Return the principal components of rows around 0, scaled to their deviation, and weights."""
    gram = (apart @ apart.T).astype(np.float64)
    last = len(apart) - 1
    _, vectors = scipy.linalg.eigh(gram, subset_by_index=[last - count + 1, last])
    vectors = vectors[:, ::-1]
    signs = np.where(vectors[np.abs(vectors).argmax(axis=0), range(count)] < 0, -1.0, 1.0)
    weights = vectors * signs * np.sqrt(len(apart))
    return (weights.T.astype(apart.dtype) @ apart) / len(apart), weights


def _gaussian(weights: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Return mean and Cholesky factor of the weights of one finding."""
    covariance = np.cov(weights.T)
    covariance += _RIDGE * np.diag(np.diag(covariance))
    return weights.mean(axis=0), scipy.linalg.cholesky(covariance, lower=True)


def _missing_power(model: FilmModel, index: int, pictures: FloatArray, seed: int) -> FloatArray:
    """Return the texture that makes drawn pictures vary as much as films do."""
    rng = np.random.default_rng([seed, index])
    drawn = (
        draw_picture(model, index, draw_weights(model, index, rng), rng, with_texture=False)
        for _ in range(_DRAWN)
    )
    wanted = band_powers(pictures[:_TEXTURE_FILMS])
    missing = np.maximum(wanted - band_powers(drawn), _TEXTURE_MIN * wanted)
    missing[-_COARSE_OCTAVES * DIRECTIONS :] *= _COARSE_SHARE
    return np.asarray(missing, np.float32)
