"""A model fitted to films that were themselves drawn from known parts."""

import numpy as np
import pytest

from thoracle.core.arrays import DoubleArray
from thoracle.datasets import film_fit
from thoracle.datasets.film_alignment import AlignedFilms
from thoracle.datasets.film_fit import fit_model
from thoracle.datasets.film_model import SIZE, FilmModel, FilmModelError, shipped_model

PER_FINDING = 16
FINDINGS = ("A", "B")


def _waves() -> DoubleArray:
    """Return two known parts of unit mean square, broad enough to be no texture."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    waves = np.array([np.sin(2 * np.pi * y), np.sin(2 * np.pi * x)], np.float64)
    return np.asarray(waves * np.sqrt(2))


def _films(*, hidden: bool = False) -> AlignedFilms:
    rng = np.random.default_rng(0)
    count = 2 * PER_FINDING
    findings = np.repeat([0, 1], PER_FINDING)
    weights = rng.normal(size=(count, 2)) * (0.1, 0.05)
    y, _ = np.mgrid[:SIZE, :SIZE] / SIZE
    pictures = 0.4 + 0.2 * findings[:, None, None] + np.tensordot(weights, _waves(), 1) + 0.1 * y
    pictures += rng.normal(0, 0.01, pictures.shape)
    seen = np.ones(pictures.shape, bool)
    if hidden:
        seen[::2, :, :40] = False
        pictures[~seen] = 5.0
    model = shipped_model()
    outlines = model.outline_mean + rng.normal(size=(count, 6)) @ model.outline_parts[:6]
    tones = model.tone_mean + rng.normal(size=(count, 3)) @ model.tone_parts
    return AlignedFilms(
        findings=findings,
        outlines=outlines.astype(np.float64),
        pictures=pictures.astype(np.float32),
        seen=seen,
        tones=tones.astype(np.float64),
    )


@pytest.fixture(scope="module", params=[False, True], ids=["whole films", "cut films"])
def fitted(request: pytest.FixtureRequest) -> FilmModel:
    """Return a small model; of every second of the cut films a strip was never seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film_fit, "FILMS_MIN", PER_FINDING)
        patch.setattr(film_fit, "OUTLINE_PARTS", 6)
        patch.setattr(film_fit, "PICTURE_PARTS", 2)
        patch.setattr(film_fit, "_DRAWN", 3)
        patch.setattr(film_fit, "_TEXTURE_FILMS", 6)
        films = _films(hidden=request.param)
        return fit_model(films, FINDINGS, seed=0, on_step=lambda _: None)


def test_the_means_are_those_of_each_finding(fitted: FilmModel) -> None:
    assert fitted.films == (PER_FINDING, PER_FINDING)
    apart = fitted.picture_means[1] - fitted.picture_means[0]
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2 * PER_FINDING, 2)) * (0.1, 0.05)
    shift = weights[PER_FINDING:].mean(axis=0) - weights[:PER_FINDING].mean(axis=0)
    expected = 0.2 + np.tensordot(shift, _waves(), 1)
    np.testing.assert_allclose(apart, expected, atol=0.06)


def test_the_parts_are_the_known_ones(fitted: FilmModel) -> None:
    found = fitted.picture_parts.reshape(2, -1)
    known = _waves().reshape(2, -1)
    scale = np.linalg.norm(found, axis=1)[:, None] * np.linalg.norm(known, axis=1)[None, :]
    agreement = np.abs(found @ known.T / scale)
    np.testing.assert_allclose(agreement, np.eye(2), atol=0.25)
    assert np.sqrt((found[0] ** 2).mean()) == pytest.approx(0.1, rel=0.35)


def test_weights_drawn_from_it_spread_as_the_films_do(fitted: FilmModel) -> None:
    for factor in fitted.weight_factors:
        covariance = factor @ factor.T
        pictured = np.diag(covariance)[6:8]
        np.testing.assert_allclose(pictured, 1, atol=0.7)


def test_the_texture_is_what_the_parts_leave_over(fitted: FilmModel) -> None:
    finest = fitted.texture_powers[:, :6].sum(axis=1).mean()
    # White noise of 0.01; three quarters of its power and more lie in the finest octave.
    assert 0.3e-4 < finest < 1e-4
    assert fitted.texture_powers.min() > 0


def test_the_model_can_draw(fitted: FilmModel) -> None:
    from thoracle.datasets.film_render import FilmRequest, draw_film

    film = draw_film(fitted, FilmRequest(finding="B", seed=0, number=0, size=128))
    assert np.isfinite(film.pixels).all()


def test_too_few_films_of_a_finding_are_refused() -> None:
    with pytest.raises(FilmModelError, match=r'"A" has 16 usable films, expected at least 50') as e:
        fit_model(_films(), FINDINGS, seed=0, on_step=lambda _: None)
    assert e.value.code == "film-model-too-few"


def test_each_stage_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    with pytest.raises(FilmModelError):
        fit_model(_films(), FINDINGS, seed=0, on_step=steps.append)
    assert steps == []
