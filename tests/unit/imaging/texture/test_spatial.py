import numpy as np
import pytest

from thoracle.imaging.texture import spatial
from thoracle.imaging.texture.spatial import spatial_autocorrelation

SPACING = (2.0, 1.0, 0.5)


def _by_pairs(image: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    places = np.argwhere(mask) * SPACING
    values = image[mask] - image[mask].mean()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    weights = np.divide(1.0, apart, out=np.zeros_like(apart), where=apart > 0)
    number, squares = len(values), (values**2).sum()
    moran = number * (weights * np.outer(values, values)).sum() / weights.sum() / squares
    steps = (values[:, None] - values[None]) ** 2
    return moran, (number - 1) * (weights * steps).sum() / (2 * weights.sum() * squares)


def test_the_transform_gives_what_summing_all_pairs_gives() -> None:
    generator = np.random.default_rng(0)
    image, mask = generator.normal(size=(4, 6, 5)), generator.random((4, 6, 5)) < 0.6

    assert spatial_autocorrelation(image, mask, SPACING) == pytest.approx(_by_pairs(image, mask))


def test_what_has_no_answer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    flat, mask = np.ones((2, 2, 2)), np.ones((2, 2, 2), bool)
    one = np.zeros((2, 2, 2), bool)
    one[0, 0, 0] = True

    assert np.isnan(spatial_autocorrelation(flat, mask, SPACING)).all()
    assert np.isnan(spatial_autocorrelation(flat, one, SPACING)).all()
    monkeypatch.setattr(spatial, "PLACES_MAX", 3)
    assert np.isnan(spatial_autocorrelation(np.arange(8.0).reshape(2, 2, 2), mask, SPACING)).all()
