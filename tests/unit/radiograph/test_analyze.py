"""The whole task on one film, with tiny networks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.core.results import FileResult, Reason, Status
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.reference import REFERENCE, EmbeddingReference, save_reference
from thoracle.radiograph.analyze import Models, analyze, turned_back, with_training_warning
from thoracle.radiograph.gate import Gate
from thoracle.radiograph.lungs import LungFinder
from thoracle.radiograph.model import Classifier

Draw = Callable[..., FloatArray]
AsFilm = Callable[..., Radiograph]


def open_models(folder: Path) -> Models:
    return Models(
        gate=Gate(open_bundle(str(folder / "gate"))),
        lungs=LungFinder(open_bundle(str(folder / "lungs"))),
        classifier=Classifier(open_bundle(str(folder / "radiograph"))),
    )


@pytest.fixture(scope="module")
def models(shared_bundles: Path) -> Models:
    return open_models(shared_bundles)


def codes(analysis: Any) -> list[str]:
    return [one.code for one in analysis.warnings]


def test_a_frontal_film_is_analyzed_from_its_lungs(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    pixels = draw()
    analysis = analyze(as_film(pixels), models)
    expected = models.classifier.score(pixels, (102, -48, 282, 288), with_maps=True)
    assert analysis.gate.accepted
    assert [one.logit for one in analysis.findings] == pytest.approx(list(expected.logits))
    assert sum(one.probability for one in analysis.findings) == pytest.approx(1)
    assert len(analysis.maps) == 3 * 2 * 2
    assert {one.box for one in analysis.maps} == {(102, -48, 282, 288)}


def test_the_lung_mask_lies_on_the_films_own_grid(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    mask = analyze(as_film(draw(rows=256, columns=240)), models).lung_mask
    assert mask is not None
    assert mask.dtype == np.bool_
    assert mask.shape == (256, 240)
    assert mask[132:].all()
    assert not mask[:124].any()


def test_the_film_is_not_changed(models: Models, draw: Draw, as_film: AsFilm) -> None:
    film = as_film(draw(is_inverted=True))
    before = film.pixels.copy()
    analyze(film, models)
    np.testing.assert_array_equal(film.pixels, before)


def test_a_refused_film_has_no_findings(models: Models, draw: Draw, as_film: AsFilm) -> None:
    analysis = analyze(as_film(draw("ct", rows=200, columns=200)), models)
    assert not analysis.gate.accepted
    assert (analysis.findings, analysis.maps, analysis.lung_mask) == ((), (), None)
    assert codes(analysis) == ["low-resolution"]


def test_an_overridden_refusal_is_analyzed_and_says_so(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    analysis = analyze(as_film(draw("ct")), models, override_gate=True)
    assert not analysis.gate.accepted
    assert len(analysis.findings) == 3
    assert "gate-overridden" in codes(analysis)


def test_overriding_an_accepted_film_says_nothing(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    assert "gate-overridden" not in codes(analyze(as_film(draw()), models, override_gate=True))


def test_an_inverted_film_is_judged_bone_bright(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    pixels = draw(is_inverted=True)
    analysis = analyze(as_film(pixels), models)
    bright = 1.0 - pixels
    box = models.lungs.locate(bright).box
    expected = models.classifier.score(bright, box, with_maps=False).logits
    assert "inverted-grey" in codes(analysis)
    assert [one.logit for one in analysis.findings] == pytest.approx(list(expected))


def test_maps_are_left_out_when_they_are_not_wanted(
    models: Models, draw: Draw, as_film: AsFilm
) -> None:
    analysis = analyze(as_film(draw()), models, with_maps=False)
    assert analysis.maps == ()
    assert len(analysis.findings) == 3


def test_without_lungs_the_whole_film_is_judged_and_a_warning_says_so(
    models: Models, as_film: AsFilm
) -> None:
    film = as_film(np.full((256, 240), 0.5, np.float32))
    analysis = analyze(film, models, override_gate=True)
    assert "no-lungs" in codes(analysis)
    assert {one.box for one in analysis.maps} == {(0, 0, 256, 240)}
    assert {one.lung_share for one in analysis.maps} == {None}


@pytest.mark.parametrize(
    ("age_years", "population", "is_warned"),
    [
        (17.9, "adults", True),
        (18.0, "adults", False),
        (None, "adults", False),
        (5.0, "children and adults", False),
    ],
)
def test_a_child_is_warned_of_where_the_bundle_is_for_adults(
    bundles: Path, draw: Draw, as_film: AsFilm, age_years: float, population: str, is_warned: bool
) -> None:
    folder = bundles / "radiograph"
    write_description(folder, read_description(folder) | {"population": population})
    models = open_models(bundles)
    for kind in ("frontal_chest", "ct"):
        analysis = analyze(as_film(draw(kind), age_years=age_years), models)
        assert ("under-18" in codes(analysis)) is is_warned


@pytest.mark.parametrize(("reach", "is_warned"), [(0.01, True), (100.0, False)])
def test_a_film_far_from_the_bundles_own_is_warned_of(
    bundles: Path, draw: Draw, as_film: AsFilm, reach: float, is_warned: bool
) -> None:
    folder = bundles / "radiograph"
    reference = EmbeddingReference(
        mean=np.zeros(2, np.float32),
        whitening=np.eye(2, dtype=np.float32),
        distances=np.linspace(0, reach, 101, dtype=np.float32),
    )
    save_reference(reference, folder / REFERENCE)
    write_description(folder, read_description(folder))
    analysis = analyze(as_film(draw()), open_models(bundles))
    assert ("out-of-distribution" in codes(analysis)) is is_warned


def test_a_film_the_network_learned_from_is_warned_of_first(
    models: Models, draw: Draw, as_film: AsFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = as_film(draw(rows=256, columns=240))
    before = codes(analyze(film, models))
    assert "training-film" not in before
    monkeypatch.setattr(Classifier, "is_training_film", lambda _self, _embedding: True)
    assert codes(analyze(film, models)) == ["training-film", *before]


def test_a_kept_result_is_given_that_warning_once() -> None:
    dark = Reason(code="too-dark", text="Dark.")
    kept = FileResult(file="a", sha256="0" * 64, status=Status.ANALYZED, warnings=(dark,))
    told = with_training_warning(with_training_warning(kept))
    assert codes(told) == ["training-film", "too-dark"]


def test_what_lies_beyond_the_window_is_turned_back_as_well(draw: Draw, as_film: AsFilm) -> None:
    film = replace(as_film(draw()), beyond=draw() * 2)
    assert film.beyond is not None
    again = turned_back(film, degrees=90)
    assert again.beyond is not None
    np.testing.assert_array_equal(again.beyond, 2 * again.pixels)


def test_a_film_is_turned_back_with_its_spacing(draw: Draw, as_film: AsFilm) -> None:
    film = as_film(draw(rows=256, columns=240), pixel_spacing_mm=(0.1, 0.2))
    turned = as_film(np.rot90(film.pixels, k=-1), pixel_spacing_mm=(0.2, 0.1))
    again = turned_back(turned, degrees=90)
    np.testing.assert_array_equal(again.pixels, film.pixels)
    assert again.pixel_spacing_mm == (0.1, 0.2)


def test_a_half_turn_leaves_the_spacing_and_an_unknown_one_stays_unknown(
    draw: Draw, as_film: AsFilm
) -> None:
    assert turned_back(
        as_film(draw(), pixel_spacing_mm=(0.1, 0.2)), degrees=180
    ).pixel_spacing_mm == (0.1, 0.2)
    assert turned_back(as_film(draw()), degrees=270).pixel_spacing_mm is None
