"""Verification of candidate pairs: fine alignment, then correlation of what is not shared pose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.datasets.candidates import Candidate, Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One size of the pyramid.

    `detail_pixels` is the scale above which structure counts as pose, not identity;
    a pair whose correlation stays below `score_min` is not taken to the next level.
    """

    pixels: int
    steps: int
    detail_pixels: float
    score_min: float
    batch: int


LEVELS = (
    Level(pixels=32, steps=8, detail_pixels=1.25, score_min=0.6, batch=256),
    Level(pixels=64, steps=6, detail_pixels=2.0, score_min=0.55, batch=64),
    Level(pixels=128, steps=3, detail_pixels=2.5, score_min=-1.0, batch=16),
)
OVERLAP_MIN = 0.6
"""Share of the query that must lie inside the gallery film."""
_DAMPING = 1e-3  # of the normal equations' trace; they are near singular on empty films
_STEP_MAX = 0.03  # of the film's side per step: farther the linearization does not hold
_NOISE = 0.02  # contrast, 0 to 1, below which there is only noise to be seen
_CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyramid:
    """Detail images at the sizes of `LEVELS`: local mean taken out, local contrast evened."""

    levels: tuple[FloatArray, ...]


def detail_pyramid(thumbnails: FloatArray) -> Pyramid:
    """Compute detail images, each (films, pixels, pixels) float32, from (films, 128, 128)."""
    levels = []
    for level in LEVELS:
        pixels = level.pixels
        factor = thumbnails.shape[1] // pixels
        small = thumbnails.reshape(len(thumbnails), pixels, factor, pixels, factor).mean((2, 4))
        levels.append(_detail(small, level.detail_pixels))
    return Pyramid(levels=tuple(levels))


def verify(
    pyramid: Pyramid, candidates: Sequence[Candidate], *, on_step: Callable[[int], None]
) -> FloatArray:
    """Align each candidate pair and correlate its detail, coarse to fine.

    Parameters
    ----------
    pyramid
        Detail of all films.
    candidates
        Pairs and the place where to start.
    on_step
        Called with the number of pairs decided since the last call.

    Returns
    -------
    (candidates,) float32
        Zero-mean normalized correlation over the overlap at 128 pixels, -1 to 1. A pair
        that a coarser level rules out, or whose overlap is below 60 %, gets -1.
    """
    scores = np.full(len(candidates), -1.0, np.float32)
    places = np.array([_numbers(one.placement) for one in candidates]).reshape(-1, 4)
    left = np.arange(len(candidates))
    for level, detail in zip(LEVELS, pyramid.levels, strict=True):
        kept: list[IntArray] = []
        for start in range(0, len(left), level.batch):
            part = left[start : start + level.batch]
            batch = [candidates[int(one)] for one in part]
            places[part], found = _verify_batch(detail, batch, places[part], level)
            is_kept = (found >= level.score_min) & (_overlap(places[part]) >= OVERLAP_MIN)
            kept.append(part[is_kept])
            scores[part] = np.where(is_kept, found, -1)
            on_step(len(part) if level is LEVELS[-1] else int((~is_kept).sum()))
        left = np.concatenate(kept) if kept else left
    return scores


def _verify_batch(
    detail: FloatArray, batch: Sequence[Candidate], places: DoubleArray, level: Level
) -> tuple[DoubleArray, DoubleArray]:
    queries = detail[[one.query for one in batch]]
    flipped = np.array([one.placement.is_flipped for one in batch])
    queries[flipped] = queries[flipped][:, :, ::-1]
    galleries = detail[[one.gallery for one in batch]]
    return _refine(queries, galleries, places, level.steps)


def _refine(
    queries: FloatArray, galleries: FloatArray, places: DoubleArray, steps: int
) -> tuple[DoubleArray, DoubleArray]:
    """Take Gauss-Newton steps towards the largest correlation; keep each pair's best place."""
    best_places, best = places, np.full(len(places), -1.0)
    for step in range(steps + 1):
        warped, weights = _warp(galleries, places)
        score, residual, norm = _correlate(queries, warped, weights)
        better = score > best
        best = np.where(better, score, best)
        best_places = np.where(better[:, None], places, best_places)
        if step < steps:
            places = places + _step(warped, weights, residual, norm, places)
    return best_places, best


def _warp(galleries: FloatArray, places: DoubleArray) -> tuple[FloatArray, FloatArray]:
    """Sample the galleries where the query's pixels lie; weight 0 outside."""
    pixels = galleries.shape[1]
    centers = (np.arange(pixels) + 0.5) / pixels
    grid = np.arange(pixels, dtype=np.float32)
    matrices, inside = [], []
    for scale, shift in ((places[:, 0], places[:, 1]), (places[:, 2], places[:, 3])):
        where = scale[:, None] * centers + shift[:, None]
        inside.append(((where > 0) & (where < 1)).astype(np.float32))
        position = (where * pixels - 0.5).astype(np.float32)
        matrices.append(np.clip(1 - np.abs(position[:, :, None] - grid), 0, None))
    warped = matrices[0] @ galleries @ matrices[1].transpose(0, 2, 1)
    return warped, inside[0][:, :, None] * inside[1][:, None, :]


def _correlate(
    queries: FloatArray, warped: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the correlation, what is left of the query, and the warped image's length."""
    total = np.maximum(weights.sum((1, 2), keepdims=True), 1)
    q = (queries - (queries * weights).sum((1, 2), keepdims=True) / total) * weights
    w = (warped - (warped * weights).sum((1, 2), keepdims=True) / total) * weights
    q_length = np.sqrt((q * q).sum((1, 2), keepdims=True)) + np.float32(1e-6)
    w_length = np.sqrt((w * w).sum((1, 2), keepdims=True)) + np.float32(1e-6)
    q /= q_length
    w /= w_length
    score = (q * w).sum((1, 2))
    return score, q - w, w_length


def _step(
    warped: FloatArray,
    weights: FloatArray,
    residual: FloatArray,
    norm: FloatArray,
    places: DoubleArray,
) -> DoubleArray:
    """Solve for the change of scale and shift that explains what is left, at most 3 %."""
    pixels = warped.shape[1]
    centers = ((np.arange(pixels) + 0.5) / pixels).astype(np.float32)
    scales = places.astype(np.float32)[:, :, None, None]
    slope_y, slope_x = np.gradient(warped, axis=(1, 2))
    slope_y = slope_y * (weights * (pixels / norm / scales[:, 0]))
    slope_x = slope_x * (weights * (pixels / norm / scales[:, 2]))
    parts = np.stack([slope_y * centers[:, None], slope_y, slope_x * centers, slope_x], axis=1)
    parts = parts.reshape(len(warped), 4, -1)
    normal = (parts @ parts.transpose(0, 2, 1)).astype(np.float64)
    trace = np.trace(normal, axis1=1, axis2=2)[:, None, None]
    normal += np.eye(4) * (_DAMPING * trace + 1e-9)
    right = (parts @ residual.reshape(len(warped), -1, 1)).astype(np.float64)
    return np.clip(np.linalg.solve(normal, right)[:, :, 0], -_STEP_MAX, _STEP_MAX)


def _overlap(places: DoubleArray) -> DoubleArray:
    """Share of the query's area that lies inside the gallery film."""
    share = np.ones(len(places))
    for scale, shift in ((places[:, 0], places[:, 1]), (places[:, 2], places[:, 3])):
        first = np.clip(-shift / scale, 0, 1)
        last = np.clip((1 - shift) / scale, 0, 1)
        share = share * (last - first)
    return share


def _numbers(placement: Placement) -> tuple[float, float, float, float]:
    return placement.scale_y, placement.shift_y, placement.scale_x, placement.shift_x


def _detail(images: FloatArray, sigma: float) -> FloatArray:
    detail = np.empty(images.shape, np.float32)
    for start in range(0, len(images), _CHUNK):  # in pieces, to keep the peak of memory low
        part = images[start : start + _CHUNK].astype(np.float32)
        part -= scipy.ndimage.gaussian_filter(part, (0, sigma, sigma))
        spread = np.sqrt(scipy.ndimage.gaussian_filter(part**2, (0, 2 * sigma, 2 * sigma)))
        detail[start : start + _CHUNK] = part / (spread + _NOISE)
    return detail
