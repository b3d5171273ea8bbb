"""Zones are measured as they lie on film, mirrored ones in each other's place."""

from pathlib import Path

import numpy as np
import pytest
import torch

from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.readers.severity import ReaderScores
from thoracle.radiograph.preprocess import classifier_margin
from thoracle.radiograph.severity import zone_masks
from thoracle.train.films import FilmArrays
from thoracle.train.tables import TrainingData
from thoracle.train.zone_table import (
    METHODS,
    measure,
    severity_films,
    shown_film,
    targets_of,
)

SIZE = 64
MARGIN = classifier_margin(SIZE)
SIDE = SIZE + 2 * MARGIN


def film(name: str, **facts: object) -> Film:
    return Film(path=name, view="PA", **({"source": "cohen"} | facts))  # type: ignore[arg-type]


@pytest.fixture
def data() -> TrainingData:
    films = (
        film("scored.png", patient="p"),
        film("lateral.png", patient="p"),
        *(
            film(f"n{i}.png", source="nih", label="normal", population=Population.ADULT)
            for i in range(4)
        ),
        film("child.png", source="nih", label="normal", population=Population.CHILD),
    )
    splits = {one.path: "train" for one in films} | {"n1.png": "tune", "n3.png": "tune"}
    manifest = Manifest(films=films, root=Path())
    return TrainingData(manifest=manifest, splits=splits, cache=Path())


@pytest.fixture
def arrays() -> FilmArrays:
    """The first film is bright in zone A only, the others are black."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[MARGIN + 4 : -MARGIN - 4, MARGIN + 4 : -MARGIN - 4] = True
    films = np.zeros((7, SIDE, SIDE), np.uint8)
    films[0][zone_masks(mask)[0]] = 255
    masks = np.repeat(mask[None].astype(np.uint8) * 255, 7, axis=0)
    return FilmArrays(films=films, masks=masks)


def scores_of(one: Film) -> tuple[ReaderScores, ...]:
    zones = np.array([[3.0, 0, 0, 0, 0, 0], [2.0, 0, 0, 0, 0, 0]])
    return (ReaderScores(film=one, zones=zones, extent=3.0, opacity=float("nan")),)


def test_a_bright_zone_is_measured_in_its_place_and_mirrored_in_the_other_lung(
    data: TrainingData, arrays: FilmArrays
) -> None:
    made = measure(
        data,
        arrays,
        scores_of(data.manifest.films[0]),
        features=lambda films: torch.nn.functional.avg_pool2d(films, 4),
        size=SIZE,
        normals=9,
    )
    assert tuple(made) == METHODS
    deep = made["network"].inputs[0, :, :, 0]  # (2, 6)
    assert deep[0].argmax() == 0
    assert deep[1].argmax() == 3
    assert deep[0, 0] > 0.5
    assert deep[0, 1:].max() < -0.5
    level = made["grey level"].inputs[0, 0, :, 0]
    assert level[0] > 0.9
    assert level[1:].max() < 0.1


def test_normal_films_are_adults_of_the_split_that_was_learned_from(
    data: TrainingData, arrays: FilmArrays
) -> None:
    scores = scores_of(data.manifest.films[0])

    def normals(count: int) -> int:
        made = measure(data, arrays, scores, features=lambda films: films, size=SIZE, normals=count)
        return len(made["network"].normals)

    assert normals(9) == 2  # n0 and n2
    assert normals(1) == 1
    assert normals(0) == 0


def test_targets_are_zones_and_the_mean_of_both_lungs() -> None:
    zones, extent, opacity = targets_of(scores_of(film("scored.png")))
    assert zones.values.tolist() == [[2.5, 0, 0, 0, 0, 0]]
    assert extent.values.tolist() == [[1.5]]
    assert np.isnan(opacity.values).all()
    assert (zones.highest, extent.highest, opacity.highest) == (3, 4, 3)
    inputs = np.arange(12.0).reshape(1, 6, 2)
    assert zones.inputs(inputs).shape == (1, 6, 2)
    assert extent.inputs(inputs).tolist() == [[[5, 6]]]


def test_a_film_is_shown_without_its_margin(arrays: FilmArrays) -> None:
    shown = shown_film(arrays, 0, size=SIZE)
    inner = arrays.films[0, MARGIN:-MARGIN, MARGIN:-MARGIN] / 255 * 2 - 1
    np.testing.assert_allclose(shown.film, inner, atol=1e-6)
    assert shown.zones.any(axis=(1, 2)).all()


def test_films_for_the_comparison_are_of_the_tune_split(
    data: TrainingData, arrays: FilmArrays
) -> None:
    films = severity_films(data, arrays, size=SIZE, count=5)
    assert films.shape == (5, 1, SIZE, SIZE)
    assert (films == -1).all()  # the tune films are the black ones
