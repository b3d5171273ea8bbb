"""Pairs of films that may be near-duplicates, out of all pairs, by low-resolution descriptors."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from thoracle.core.arrays import FloatArray, IntArray

DESCRIPTOR_SIZE = 32
COMPONENTS = 128
CROP_STEPS = (0.0, 0.075, 0.15)
"""Shares cut from each side of the larger film, so that crops of up to 15 % are found."""
CENTER_CUT = 0.075
"""Share cut from every side of the smaller film, for two different crops of one original."""
CROPS = tuple(product(CROP_STEPS, repeat=4))  # top, bottom, left, right
_FILMS_PER_COMPONENT = 4  # fewer, and components are differences between copies
_SPREAD_MIN = 0.01  # of the first component's spread; the 128th of real films has 0.04
_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a query film lies in a gallery film, both measured from 0 to 1 along each axis.

    A point at (v, u) of the query, mirrored first where `is_flipped`, lies at
    (scale_y v + shift_y, scale_x u + shift_x) of the gallery film.
    """

    scale_y: float
    shift_y: float
    scale_x: float
    shift_x: float
    is_flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Two films that look alike at low resolution; `query` lies inside `gallery`."""

    query: int
    gallery: int
    score: float
    placement: Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptors:
    """Unit vectors: of every film's whole, center and mirror image, and of its 81 crops.

    Attributes
    ----------
    queries : (3, films, components) float32
    gallery : (crops, films, components) float32
    """

    queries: FloatArray
    gallery: FloatArray


def describe(thumbnails: FloatArray) -> Descriptors:
    """Compute whitened low-resolution descriptors.

    Whitening takes out what all films share (a bright middle, dark lungs), so that two
    films are alike only by what is their own.

    Parameters
    ----------
    thumbnails : (films, rows, columns) float32
        0 to 1, at least two films.
    """
    whole = _vectors(thumbnails, (0.0, 0.0, 0.0, 0.0))
    mean, basis = _whitening(whole)
    cut = (CENTER_CUT,) * 4
    queries = np.stack(
        [
            _project(vectors, mean, basis)
            for vectors in (
                whole,
                _vectors(thumbnails, cut),
                _vectors(thumbnails[:, :, ::-1], (0.0, 0.0, 0.0, 0.0)),
            )
        ]
    )
    gallery = np.stack([_project(_vectors(thumbnails, crop), mean, basis) for crop in CROPS])
    return Descriptors(queries=queries, gallery=gallery)


def find_candidates(
    descriptors: Descriptors,
    *,
    neighbors: int,
    score_min: float,
    on_step: Callable[[], None],
) -> list[Candidate]:
    """Return each film's nearest films with a score of at least `score_min`, each pair once.

    Parameters
    ----------
    descriptors
        From `describe`.
    neighbors
        How many films are kept per film.
    score_min
        Smallest cosine, -1 to 1.
    on_step
        Called after every block of 512 films.
    """
    count = descriptors.queries.shape[1]
    best: dict[tuple[int, int], tuple[float, int, int]] = {}
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        scores = _block_scores(descriptors, start, stop)
        for query, gallery, score in _nearest(scores, start, neighbors, score_min):
            pair = (min(query, gallery), max(query, gallery))
            if pair not in best or score > best[pair][0]:
                best[pair] = (score, query, gallery)
        on_step()
    return [
        _placed(descriptors, query, gallery, score)
        for _, (score, query, gallery) in sorted(best.items())
    ]


def blocks(films: int) -> int:
    """Return how many steps `find_candidates` reports."""
    return -(-films // _BLOCK)


def _block_scores(descriptors: Descriptors, start: int, stop: int) -> FloatArray:
    """Best cosine over variants and crops of each query of a block with every film."""
    _, count, width = descriptors.queries.shape
    queries = descriptors.queries[:, start:stop].reshape(-1, width)
    best = np.full((stop - start, count), -1.0, np.float32)
    product_ = np.empty((len(queries), count), np.float32)
    for crop in descriptors.gallery:
        np.matmul(queries, crop.T, out=product_)
        for variant in product_.reshape(3, stop - start, count):
            np.maximum(best, variant, out=best)
    rows = np.arange(stop - start)
    best[rows, rows + start] = -np.inf  # no film is its own neighbor
    return best


def _nearest(
    scores: FloatArray, start: int, neighbors: int, score_min: float
) -> list[tuple[int, int, float]]:
    kept = min(neighbors, scores.shape[1])
    columns: IntArray = np.argpartition(-scores, kept - 1, axis=1)[:, :kept]
    values = np.take_along_axis(scores, columns, axis=1)
    rows, ranks = np.nonzero(values >= score_min)
    return [
        (int(row) + start, int(columns[row, rank]), float(values[row, rank]))
        for row, rank in zip(rows, ranks, strict=True)
    ]


def _placed(descriptors: Descriptors, query: int, gallery: int, score: float) -> Candidate:
    cosines = descriptors.gallery[:, gallery] @ descriptors.queries[:, query].T
    crop, variant = np.unravel_index(int(cosines.argmax()), cosines.shape)
    top, bottom, left, right = CROPS[int(crop)]
    cut = CENTER_CUT if variant == 1 else 0.0
    scale_y = (1 - top - bottom) / (1 - 2 * cut)
    scale_x = (1 - left - right) / (1 - 2 * cut)
    placement = Placement(
        scale_y=scale_y,
        shift_y=top - scale_y * cut,
        scale_x=scale_x,
        shift_x=left - scale_x * cut,
        is_flipped=bool(variant == 2),
    )
    return Candidate(query=query, gallery=gallery, score=score, placement=placement)


def _vectors(thumbnails: FloatArray, crop: tuple[float, ...]) -> FloatArray:
    """Crop, resize by area to 32 × 32, and bring to zero mean and unit length."""
    top, bottom, left, right = crop
    rows = _area_matrix(thumbnails.shape[1], top, bottom)
    columns = _area_matrix(thumbnails.shape[2], left, right)
    small = np.asarray(rows @ thumbnails @ columns.T, np.float32).reshape(len(thumbnails), -1)
    return _unit(small - small.mean(axis=1, keepdims=True))


def _area_matrix(size: int, first_cut: float, last_cut: float) -> FloatArray:
    """Return (32, size): each row averages one of 32 equal parts of what the cuts leave."""
    edges = np.linspace(first_cut * size, (1 - last_cut) * size, DESCRIPTOR_SIZE + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = np.clip(overlap, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _whitening(vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean and a basis that scales each principal component to equal spread."""
    mean = np.asarray(vectors.mean(axis=0), np.float32)
    centered = vectors - mean
    _, lengths, axes = np.linalg.svd(centered, full_matrices=False)
    kept = min(COMPONENTS, max(len(vectors) // _FILMS_PER_COMPONENT, 1))
    spread = lengths[:kept] / np.sqrt(len(vectors))
    spread = np.maximum(spread, max(_SPREAD_MIN * float(spread[0]), 1e-6))  # 1e-6: all flat
    return mean, np.asarray((axes[:kept] / spread[:, None]).T, np.float32)


def _project(vectors: FloatArray, mean: FloatArray, basis: FloatArray) -> FloatArray:
    return _unit(np.asarray((vectors - mean) @ basis, np.float32))


def _unit(vectors: FloatArray) -> FloatArray:
    length = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.maximum(length, 1e-6), np.float32)
