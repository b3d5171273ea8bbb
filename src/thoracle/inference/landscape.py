"""Where training films lie for a bundle's network: numbers, no pictures, to place a film among."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thoracle.core.arrays import BoolArray, ByteArray, FloatArray, IntArray
from thoracle.inference.reference import EmbeddingReference

LANDSCAPE = "landscape.npz"
AGE_UNKNOWN = 255
YEARS = 10
"""Width of an age band: an exact age is nobody's business here."""
NEIGHBORS = 10
SAME_FILM = 0.5
"""A film nearer than that, in spreads, is a training film or a copy: others lie several away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """Training films as points, and what is known of each.

    Attributes
    ----------
    points : (films, components) float32
        Embeddings less the mean, along the reference's directions, divided by their spread.
    spread_out : (films, 3) float32
        The same films by t-SNE, which keeps neighbors together and distances not at all.
    finding : (films,) uint8
        Index into `findings`.
    source : (films,) uint8
        Index into `sources`, the collections.
    age : (films,) uint8
        Whole bands of `YEARS` years; `AGE_UNKNOWN` where it is unknown.
    is_missed : (films,) bool
        The likeliest finding is another than the film's.
    """

    points: FloatArray = field(repr=False)
    spread_out: FloatArray = field(repr=False)
    finding: ByteArray = field(repr=False)
    source: ByteArray = field(repr=False)
    age: ByteArray = field(repr=False)
    is_missed: BoolArray = field(repr=False)
    findings: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one film lies among the training films.

    Attributes
    ----------
    principal : (3,) float32
        From `principal`.
    spread_out : (3,) float32
        The mean of its neighbors there, the nearer counting more: t-SNE itself places no new film.
    neighbors : (count,) int64
        Training films, the nearest first.
    distances : (count,) float32
        To them, in spreads.
    """

    principal: FloatArray
    spread_out: FloatArray
    neighbors: IntArray
    distances: FloatArray

    @property
    def is_training_film(self) -> bool:
        """Whether the film itself, or a copy of it, is among the training films."""
        return bool(self.distances.size and self.distances[0] < SAME_FILM)


def principal(points: FloatArray, reference: EmbeddingReference) -> FloatArray:
    """Return points along the three directions of largest variance, no longer divided by spread.

    Parameters
    ----------
    points : (films, components) float32
        As `Landscape.points`.
    reference
        Whose directions they are; each is divided by its spread.

    Returns
    -------
    (films, 3) float32
        In the embedding's unit; 0 where there are fewer directions.
    """
    shown = np.zeros((len(points), 3), np.float32)
    spread = 1.0 / np.linalg.norm(reference.whitening[:, :3], axis=0)
    shown[:, : len(spread)] = points[:, :3] * spread
    return shown


def place(landscape: Landscape, reference: EmbeddingReference, embedding: FloatArray) -> Place:
    """Place one film among the training films.

    Parameters
    ----------
    landscape, reference
        Of the bundle that made the embedding.
    embedding : (channels,) float32
        Of the film.

    Returns
    -------
    Place
        With its `NEIGHBORS` nearest films, or all where there are fewer.
    """
    point = ((embedding - reference.mean) @ reference.whitening).astype(np.float32)
    distances = np.linalg.norm(landscape.points - point, axis=1)
    nearest = np.argsort(distances, kind="stable")[:NEIGHBORS]
    weight = 1.0 / np.maximum(distances[nearest], 1e-6)
    spread_out = (landscape.spread_out[nearest] * weight[:, np.newaxis]).sum(axis=0) / weight.sum()
    return Place(
        principal=principal(point[np.newaxis], reference)[0],
        spread_out=spread_out.astype(np.float32),
        neighbors=nearest,
        distances=distances[nearest].astype(np.float32),
    )


def save_landscape(landscape: Landscape, path: Path) -> None:
    """Write a landscape as NPZ, without pickle."""
    np.savez_compressed(
        path,
        points=landscape.points.astype(np.float16),
        spread_out=landscape.spread_out.astype(np.float16),
        finding=landscape.finding,
        source=landscape.source,
        age=landscape.age,
        is_missed=landscape.is_missed,
        findings=np.array(landscape.findings),
        sources=np.array(landscape.sources),
    )


def load_landscape(path: Path) -> Landscape:
    """Read what `save_landscape` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return Landscape(
            points=arrays["points"].astype(np.float32),
            spread_out=arrays["spread_out"].astype(np.float32),
            finding=arrays["finding"],
            source=arrays["source"],
            age=arrays["age"],
            is_missed=arrays["is_missed"],
            findings=tuple(arrays["findings"].tolist()),
            sources=tuple(arrays["sources"].tolist()),
        )
