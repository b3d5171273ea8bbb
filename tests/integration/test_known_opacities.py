"""Opacities of known place before the shipped networks, in synthetic and in real films."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import Analysis
from thoracle.datasets.film import Population
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_opacity import draw_opacity, insert_opacity
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import COVID_19_FINDING, NO_FINDING, OTHER_LUNG_OPACITY
from thoracle.datasets.readers import nih
from thoracle.imaging.decode import decode_trusted_film
from thoracle.imaging.resample import Box, crop, resize
from thoracle.imaging.types import Radiograph
from thoracle.jobs.analyze import load_models
from thoracle.radiograph.analyze import Models, analyze

FILMS = 12
MOST = 10
"""Of twelve: with a coin, that many or more come in two of a hundred."""
RADIUS, STRENGTH = 0.12, 0.7  # the largest and densest opacity that is ever drawn
UNFELT = pytest.mark.xfail(
    strict=True,
    reason="radiograph 1.3.0 saw few inserted opacities in training: it seldom feels one dense "
    "opacity in a normal film, synthetic or real. docs/explanation/limits.md says so.",
)
AGAINST_NORMAL = {NO_FINDING: -1.0, OTHER_LUNG_OPACITY: 0.5, COVID_19_FINDING: 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One film without and with an opacity, and what was said of both."""

    lungs: BoolArray
    place: Box
    plain: Analysis
    opaque: Analysis


def _synthetic() -> Iterator[tuple[FloatArray, BoolArray]]:
    for seed in range(FILMS):
        request = FilmRequest(finding=NO_FINDING, seed=seed, number=0, size=512)
        film = draw_film(shipped_model(), request)
        yield film.pixels, film.lungs


def _real(folder: Path, models: Models) -> Iterator[tuple[FloatArray, BoolArray]]:
    """Yield adults of NIH without a finding; the network may have been trained on some."""
    films = [
        film
        for film in nih.read(folder)
        if film.finding == NO_FINDING and film.population is Population.ADULT and is_frontal(film)
    ]
    for film in films[:: len(films) // FILMS][:FILMS]:
        pixels = decode_trusted_film(Path(film.path)).pixels
        mask = models.lungs.find(pixels).astype(np.float32)
        yield pixels, resize(mask, rows=pixels.shape[0], columns=pixels.shape[1]) > 0.5


@pytest.fixture(scope="module", params=["synthetic", "real"])
def pairs(request: pytest.FixtureRequest) -> list[Pair]:
    """Return films without a finding, each also with one dense opacity in a lung."""
    models = load_models()
    if request.param == "real":
        films = _real(request.getfixturevalue("data_folder") / "cxr" / "nih", models)
    else:
        films = _synthetic()
    return [_pair(pixels, lungs, models, seed=seed) for seed, (pixels, lungs) in enumerate(films)]


def _pair(pixels: FloatArray, lungs: BoolArray, models: Models, *, seed: int) -> Pair:
    rng = np.random.default_rng(seed)
    place = replace(draw_opacity(pixels, lungs, rng), radius=RADIUS, strength=STRENGTH)
    opaque, mask = insert_opacity(pixels, lungs, place, rng)
    plain, changed = _analyzed(pixels, models), _analyzed(opaque, models)
    return Pair(lungs=lungs, place=_box_around(mask), plain=plain, opaque=changed)


def _analyzed(pixels: FloatArray, models: Models) -> Analysis:
    film = Radiograph(pixels=pixels, sha256="", format="PNG", bits=8)
    return analyze(film, models, override_gate=True)


def _box_around(mask: BoolArray) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _probability(analysis: Analysis, label: str) -> float:
    (found,) = [one for one in analysis.findings if one.label == label]
    return found.probability


def _excess(analysis: Analysis, pair: Pair, layer: str) -> float:
    """Return by how much the map of abnormal against normal is higher at the opacity."""
    maps = [one for one in analysis.maps if (one.layer, one.method) == (layer, "gradcam")]
    summed = sum((AGAINST_NORMAL[one.label] * one.values for one in maps), np.float32(0))
    box = maps[0].box
    on_film = resize(np.asarray(summed, np.float32), rows=box[2] - box[0], columns=box[3] - box[1])
    top, left, bottom, right = pair.place
    square = np.zeros(pair.lungs.shape, np.float32)
    square[top:bottom, left:right] = 1
    here = crop(square, box) > 0
    lungs = crop(pair.lungs.astype(np.float32), box) > 0
    return float(on_film[here].mean() - on_film[lungs].mean())


def _changes(pairs: list[Pair], layer: int) -> list[float]:
    names = tuple(dict.fromkeys(one.layer for one in pairs[0].plain.maps))
    return [
        _excess(pair.opaque, pair, names[layer]) - _excess(pair.plain, pair, names[layer])
        for pair in pairs
    ]


def test_the_gate_accepts_them(pairs: list[Pair]) -> None:
    assert sum(pair.plain.gate.accepted for pair in pairs) >= FILMS - 1
    assert sum(pair.opaque.gate.accepted for pair in pairs) >= FILMS - 1


@UNFELT
def test_an_opacity_makes_a_film_more_probably_abnormal(pairs: list[Pair]) -> None:
    rises = [
        _probability(pair.plain, NO_FINDING) - _probability(pair.opaque, NO_FINDING)
        for pair in pairs
    ]
    assert sum(rise > 0 for rise in rises) >= MOST, rises
    assert mean(rises) > 0.01, rises


@UNFELT
def test_what_an_opacity_changes_in_the_last_map_lies_where_it_lies(pairs: list[Pair]) -> None:
    changes = _changes(pairs, 0)
    assert sum(change > 0 for change in changes) >= MOST, changes


@UNFELT
def test_what_it_changes_in_the_earlier_map_lies_there_too(pairs: list[Pair]) -> None:
    changes = _changes(pairs, 1)
    assert sum(change > 0 for change in changes) >= MOST, changes
