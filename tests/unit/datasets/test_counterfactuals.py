"""Films without lungs, without surroundings, with a marker, of another tone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.datasets.counterfactuals import (
    QUANTILES,
    SQUARE_PX,
    border_only,
    grey_quantiles,
    lungs_blackened,
    lungs_blurred,
    lungs_only,
    of_tone,
    on_film_grid,
    sharpened,
    softened,
    squeezed,
    with_marker,
)

ROWS, COLUMNS = 120, 100


@pytest.fixture
def film() -> FloatArray:
    return np.random.default_rng(0).uniform(0.2, 0.8, (ROWS, COLUMNS)).astype(np.float32)


@pytest.fixture
def lungs() -> BoolArray:
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[30:80, 20:40] = mask[40:90, 60:80] = True
    return mask


def test_blackened_lungs_and_lungs_alone_make_up_the_film(
    film: FloatArray, lungs: BoolArray
) -> None:
    without, alone = lungs_blackened(film, lungs), lungs_only(film, lungs)
    assert not without[lungs].any()
    assert not alone[~lungs].any()
    np.testing.assert_array_equal(without + alone, film)


def test_the_border_hides_the_lungs_shape(film: FloatArray, lungs: BoolArray) -> None:
    border = border_only(film, lungs)
    assert not border[30:90, 20:80].any()
    border[30:90, 20:80] = film[30:90, 20:80]
    np.testing.assert_array_equal(border, film)
    np.testing.assert_array_equal(border_only(film, np.zeros_like(lungs)), film)


def test_blurred_lungs_keep_their_brightness_and_nothing_has_a_place(
    film: FloatArray, lungs: BoolArray
) -> None:
    film[~lungs] = 1.0  # nothing of it may get in
    film[30:45, 20:40] = 0.8
    film[45:80, 20:40] = 0.2
    blurred = lungs_blurred(film, lungs)
    np.testing.assert_array_equal(blurred[~lungs], film[~lungs])
    assert blurred[lungs].mean() == pytest.approx(film[lungs].mean(), abs=0.03)
    assert np.ptp(blurred[30:80, 20:40]) < 0.3 * np.ptp(film[30:80, 20:40])
    even = np.where(lungs, np.float32(0.4), np.float32(0.9))
    np.testing.assert_allclose(lungs_blurred(even, lungs), even, atol=1e-4)
    np.testing.assert_array_equal(lungs_blurred(film, np.zeros_like(lungs)), film)


def test_where_lungs_are_not_all_as_bright_blurring_takes_most_of_what_they_show(
    lungs: BoolArray,
) -> None:
    rng = np.random.default_rng(1)
    seen: dict[bool, list[list[float]]] = {False: [], True: []}
    for number in range(80):
        film = np.where(lungs, rng.uniform(0.1, 0.3), 0.7).astype(np.float32)
        if number % 2:
            film[50:58, 22:38] = 0.45
        patch = [one[50:58, 22:38].mean() for one in (film, lungs_blurred(film, lungs))]
        seen[number % 2 == 1].append([float(one) for one in patch])
    with_it, without = np.array(seen[True]), np.array(seen[False])
    untouched, blurred = (with_it[:, None] > without[None]).mean(axis=(0, 1))
    assert untouched == 1.0
    assert 0.5 < blurred < 0.75


@pytest.mark.parametrize("change", [lungs_blackened, border_only, lungs_blurred, lungs_only])
def test_lungs_of_another_grid_are_refused(film: FloatArray, change: object) -> None:
    with pytest.raises(ImageError, match="expected the film's own grid"):
        change(film, np.ones((8, 8), bool))  # type: ignore[operator]


@pytest.mark.parametrize("text", ["R", "PORTABLE AP"])
def test_a_marker_is_white_and_stands_in_the_corner_of_the_box(film: FloatArray, text: str) -> None:
    marked = with_marker(film, text, box=(20, 10, 120, 90))
    changed = marked != film
    rows, columns = np.nonzero(changed)
    assert marked.max() > 0.9
    assert (marked >= film).all()
    assert rows.min() >= 20
    assert rows.max() < 20 + 0.2 * 100
    assert 10 <= columns.min() < 20


def test_a_longer_text_covers_more(film: FloatArray) -> None:
    box = (0, 0, 120, 100)
    counts = [(with_marker(film, text, box=box) != film).sum() for text in ("L", "LYING")]
    assert 0 < counts[0] < counts[1]


def test_a_film_takes_the_target_s_tone_and_keeps_its_order(film: FloatArray) -> None:
    other = np.clip(film**3, 0, 1)
    matched = of_tone(film, grey_quantiles(other))
    np.testing.assert_allclose(grey_quantiles(matched), grey_quantiles(other), atol=5e-3)
    assert np.corrcoef(np.argsort(film.ravel()), np.argsort(matched.ravel()))[0, 1] > 0.9


def test_a_film_s_own_tone_leaves_it_as_it_is(film: FloatArray) -> None:
    np.testing.assert_allclose(of_tone(film, grey_quantiles(film)), film, atol=1e-4)


def test_tone_agrees_with_scikit_image(film: FloatArray) -> None:
    exposure = pytest.importorskip("skimage.exposure")
    other = np.random.default_rng(1).normal(0.5, 0.1, film.shape).clip(0, 1).astype(np.float32)
    expected = exposure.match_histograms(film, other)
    assert np.abs(of_tone(film, grey_quantiles(other)) - expected).mean() < 0.01


@given(st.floats(0, 1))
def test_a_flat_film_stays_flat(grey: float) -> None:
    flat = np.full((10, 10), grey, np.float32)
    assert np.ptp(of_tone(flat, np.linspace(0, 1, QUANTILES))) == 0


def test_sharpness_goes_down_and_up(film: FloatArray) -> None:
    spreads = [float(np.diff(one, axis=0).std()) for one in (softened(film), film, sharpened(film))]
    assert spreads[0] < spreads[1] < spreads[2]
    assert sharpened(film).min() >= 0
    assert sharpened(film).max() <= 1


def test_a_squeezed_film_is_the_square_of_kermany(film: FloatArray) -> None:
    assert squeezed(film).shape == (SQUARE_PX, SQUARE_PX)


def test_a_mask_comes_onto_the_film_s_grid() -> None:
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    found = on_film_grid(mask, rows=40, columns=20)
    assert found.shape == (40, 20)
    assert found[:18].all()
    assert not found[22:].any()


def test_no_change_changes_its_film(film: FloatArray, lungs: BoolArray) -> None:
    before = film.copy()
    for one in (
        lungs_blackened(film, lungs), border_only(film, lungs), lungs_only(film, lungs),
        with_marker(film, "R", box=(0, 0, 50, 50)), of_tone(film, np.linspace(0, 1, QUANTILES)),
        softened(film), sharpened(film), squeezed(film),
    ):  # fmt: skip
        assert one.dtype == np.float32
        np.testing.assert_array_equal(film, before)
