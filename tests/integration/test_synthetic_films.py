"""Synthetic films before the shipped networks: accepted, and an opacity is felt where it lies."""

from dataclasses import dataclass, replace
from statistics import mean

import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.results import Analysis
from thoracle.datasets.film_model import shipped_model
from thoracle.datasets.film_opacity import draw_opacity, insert_opacity
from thoracle.datasets.film_render import FilmRequest, SyntheticFilm, draw_film
from thoracle.datasets.labels import COVID_19_FINDING, NO_FINDING, OTHER_LUNG_OPACITY
from thoracle.imaging.resample import Box, crop, resize
from thoracle.imaging.types import Radiograph
from thoracle.jobs.analyze import load_models
from thoracle.radiograph.analyze import Models, analyze

FILMS = 12
MOST = 10
"""Of twelve: with a coin, that many or more come in two of a hundred."""
RADIUS, STRENGTH = 0.12, 0.7  # the largest and densest opacity that is ever drawn


UNFIT = pytest.mark.xfail(
    strict=True,
    reason="The film model draws in ranks of grey; the classifier reads percentiles since 1.2.0. "
    "On real films an opacity raises the probability; the model is to be fitted anew.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One film without and with an opacity, and what was said of both."""

    film: SyntheticFilm
    place: Box
    plain: Analysis
    opaque: Analysis


def _analyzed(pixels: FloatArray, models: Models) -> Analysis:
    film = Radiograph(pixels=pixels, sha256="", format="PNG", bits=8, is_synthetic=True)
    return analyze(film, models, override_gate=True)


def _box_around(mask: BoolArray) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Return films without a finding, each also with one dense opacity in a lung."""
    models, drawn = load_models(), []
    for seed in range(FILMS):
        request = FilmRequest(finding=NO_FINDING, seed=seed, number=0, size=512)
        film = draw_film(shipped_model(), request)
        rng = np.random.default_rng(seed)
        place = draw_opacity(film.pixels, film.lungs, rng)
        place = replace(place, radius=RADIUS, strength=STRENGTH)
        pixels, mask = insert_opacity(film.pixels, film.lungs, place, rng)
        drawn.append(
            Pair(
                film=film,
                place=_box_around(mask),
                plain=_analyzed(film.pixels, models),
                opaque=_analyzed(pixels, models),
            )
        )
    return drawn


def _excess(analysis: Analysis, pair: Pair, layer: str, weights: dict[str, float]) -> float:
    """Return by how much a sum of Grad-CAM maps is higher at the opacity than in the lungs."""
    maps = [one for one in analysis.maps if (one.layer, one.method) == (layer, "gradcam")]
    summed = sum((weights[one.label] * one.values for one in maps), np.float32(0))
    box = maps[0].box
    on_film = resize(np.asarray(summed, np.float32), rows=box[2] - box[0], columns=box[3] - box[1])
    top, left, bottom, right = pair.place
    square = np.zeros(pair.film.lungs.shape, np.float32)
    square[top:bottom, left:right] = 1
    here = crop(square, box) > 0
    lungs = crop(pair.film.lungs.astype(np.float32), box) > 0
    return float(on_film[here].mean() - on_film[lungs].mean())


def _layers(pairs: list[Pair]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.layer for one in pairs[0].plain.maps))


def test_the_gate_accepts_synthetic_films(pairs: list[Pair]) -> None:
    assert sum(pair.plain.gate.accepted for pair in pairs) >= FILMS - 1
    assert sum(pair.opaque.gate.accepted for pair in pairs) >= FILMS - 1


@UNFIT
def test_an_opacity_makes_a_film_more_probably_abnormal(pairs: list[Pair]) -> None:
    def normal(analysis: Analysis) -> float:
        (found,) = [one for one in analysis.findings if one.label == NO_FINDING]
        return found.probability

    rises = [normal(pair.plain) - normal(pair.opaque) for pair in pairs]
    assert sum(rise > 0 for rise in rises) > FILMS / 2, rises
    assert mean(rises) > 0.01, rises


@UNFIT
def test_what_an_opacity_changes_in_the_last_map_lies_where_it_lies(pairs: list[Pair]) -> None:
    last = _layers(pairs)[0]
    against_normal = {NO_FINDING: -1.0, OTHER_LUNG_OPACITY: 0.5, COVID_19_FINDING: 0.5}
    changes = [
        _excess(pair.opaque, pair, last, against_normal)
        - _excess(pair.plain, pair, last, against_normal)
        for pair in pairs
    ]
    assert sum(change > 0 for change in changes) >= MOST, changes


@UNFIT
def test_the_earlier_maps_of_the_abnormal_findings_are_higher_at_the_opacity(
    pairs: list[Pair],
) -> None:
    earlier = _layers(pairs)[1]
    abnormal = {NO_FINDING: 0.0, OTHER_LUNG_OPACITY: 1.0, COVID_19_FINDING: 1.0}
    excesses = [_excess(pair.opaque, pair, earlier, abnormal) for pair in pairs]
    assert sum(excess > 0 for excess in excesses) >= MOST, excesses
    without = [_excess(pair.plain, pair, earlier, abnormal) for pair in pairs]
    assert sum(excess > 0 for excess in without) <= FILMS / 2, without
