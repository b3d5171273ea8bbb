"""What readers' zones are learned from: features of a network, and plain greys, zone by zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import torch
from torch import Tensor

from thoracle.core.arrays import DoubleArray, FloatArray, IntArray
from thoracle.datasets.film import Film, Population
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import NO_FINDING
from thoracle.datasets.readers.severity import ReaderScores
from thoracle.radiograph.severity import (
    LUNG_MAX,
    MIRRORED,
    OUTPUTS,
    SeverityInput,
    zone_masks,
    zone_weights,
)
from thoracle.train.augment import as_served
from thoracle.train.films import FilmArrays
from thoracle.train.modules import CLASSIFIER_INNER_SHARE
from thoracle.train.tables import TrainingData

METHODS: Final = ("network", "mean", "grey level", "grey statistics")
GREYS: Final = (-0.4, -0.2, 0.0, 0.2, 0.4)
"""Levels above which a zone's share is measured, of a film from -1 to 1."""
NORMAL_SOURCE: Final = "nih"
_GREY_LEVEL: Final = 5  # which of the grey statistics is the share above 0

Features = Callable[[Tensor], Tensor]
"""From films (n, 1, side, side), -1 to 1, to what a network says of places, (n, channels, h, w)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneTable:
    """Films with what is measured in their zones, and what readers say.

    Attributes
    ----------
    scores
        One for each film.
    groups : (films,) int64
        Films of one patient, and near-duplicates, share a number.
    inputs : (films, 2, 6, features) float64
        As it is, and mirrored left to right with the zones exchanged.
    normals : (normals, 2, 6, features) float64
        Of films without a finding, which count as 0 everywhere.
    """

    scores: tuple[ReaderScores, ...]
    groups: IntArray
    inputs: DoubleArray = field(repr=False)
    normals: DoubleArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One score: of zones, or of both lungs together, as the sum of both.

    `values` is (films, parts) float64, NaN where unknown: six zones, or the mean of both lungs.
    """

    name: str
    values: DoubleArray
    highest: float

    def inputs(self, zones: DoubleArray) -> DoubleArray:
        """Return what a part is judged by, (…, parts, features) from (…, 6, features)."""
        return zones if self.values.shape[1] > 1 else zones.mean(axis=-2, keepdims=True)


def targets_of(scores: tuple[ReaderScores, ...]) -> tuple[Target, ...]:
    """Return the three scores to learn; extent and opacity as the mean of both lungs."""
    zones = np.stack([one.mean_zones for one in scores])
    extent = np.array([[one.extent / 2.0] for one in scores])
    opacity = np.array([[one.opacity / 2.0] for one in scores])
    values = dict(zip(OUTPUTS, (zones, extent, opacity), strict=True))
    return tuple(
        Target(name=name, values=one, highest=LUNG_MAX[name]) for name, one in values.items()
    )


def measure(
    data: TrainingData,
    arrays: FilmArrays,
    scores: tuple[ReaderScores, ...],
    *,
    features: Features,
    size: int,
    normals: int,
) -> Mapping[str, ZoneTable]:
    """Measure scored and normal films once for every method.

    Parameters
    ----------
    data, arrays
        All films, and all frontal ones cut to their lungs.
    scores
        Of the films to learn from.
    features, size
        Of the network, and the side of its film.
    normals
        How many films without a finding count as 0.

    Returns
    -------
    mapping of method to ZoneTable
        In the order of `METHODS`.
    """
    frontal = [film.path for film in data.manifest.films if is_frontal(film)]
    wanted = [one.film for one in scores] + _normals(data, normals)
    films = [shown_film(arrays, frontal.index(one.path), size=size) for one in wanted]
    deep = np.stack([_features(features, one) for one in films])
    grey = np.stack([_grey_statistics(one) for one in films])
    names = [data.group_of(one.film) for one in scores]
    groups = np.unique(names, return_inverse=True)[1].astype(np.int64)

    def table(inputs: DoubleArray) -> ZoneTable:
        return ZoneTable(
            scores=scores,
            groups=groups,
            inputs=inputs[: len(scores)],
            normals=inputs[len(scores) :],
        )

    only = grey[..., _GREY_LEVEL : _GREY_LEVEL + 1]
    tables = (table(deep), table(np.zeros_like(only)), table(only), table(grey))
    return MappingProxyType(dict(zip(METHODS, tables, strict=True)))


def _normals(data: TrainingData, count: int) -> list[Film]:
    """Return films of adults without a finding, in the split that the backbone learned from."""
    found = [
        film
        for film in data.manifest.films
        if film.source == NORMAL_SOURCE
        and film.finding == NO_FINDING
        and film.population is Population.ADULT
        and data.split_of(film) == "train"
    ]
    return found[:count]


def shown_film(arrays: FilmArrays, row: int, *, size: int) -> SeverityInput:
    """Return one film as serving shows it, and its zones."""
    both = np.stack([arrays.films[row], arrays.masks[row]])[:, None].astype(np.float32) / 255.0
    share = CLASSIFIER_INNER_SHARE
    film, mask = as_served(torch.from_numpy(both), size=size, inner_share=share).numpy()[:, 0]
    return SeverityInput(film=film, zones=zone_masks(mask > 0.0))


def _mirrored(shown: SeverityInput) -> SeverityInput:
    zones = shown.zones[list(MIRRORED), :, ::-1]
    return SeverityInput(film=np.ascontiguousarray(shown.film[:, ::-1]), zones=zones)


def _features(features: Features, shown: SeverityInput) -> DoubleArray:
    """Return what the backbone says in each zone, as it is and mirrored, (2, 6, channels)."""
    rows = []
    for one in (shown, _mirrored(shown)):
        with torch.no_grad():
            maps = features(torch.from_numpy(one.film)[None, None]).float().numpy()[0]
        weights = zone_weights(one.zones, side=maps.shape[-1])
        rows.append(np.einsum("zhw,chw->zc", weights, maps))
    return np.stack(rows).astype(np.float64)


def _grey_statistics(shown: SeverityInput) -> DoubleArray:
    """Return mean, spread, gradient and shares above `GREYS` of each zone, (2, 6, 8)."""
    across, along = np.gradient(shown.film)
    planes: list[FloatArray] = [shown.film, shown.film**2, np.hypot(across, along)]
    planes += [(shown.film > level).astype(np.float32) for level in GREYS]
    means = np.array([[plane[zone].mean() for plane in planes] for zone in shown.zones])
    means[:, 1] = np.sqrt(np.maximum(means[:, 1] - means[:, 0] ** 2, 0.0))
    return np.stack([means, means[list(MIRRORED)]]).astype(np.float64)


def severity_films(data: TrainingData, arrays: FilmArrays, *, size: int, count: int) -> FloatArray:
    """Return some tune films as the network sees them, (n, 1, size, size) float32."""
    frontal = [film for film in data.manifest.films if is_frontal(film)]
    tune = [row for row, film in enumerate(frontal) if data.split_of(film) == "tune"]
    chosen = [tune[int(place)] for place in np.linspace(0, len(tune) - 1, count)]
    return np.stack([shown_film(arrays, row, size=size).film[None] for row in chosen])
