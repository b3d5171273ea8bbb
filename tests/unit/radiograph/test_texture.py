import numpy as np
import pytest

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.imaging.resample import resize
from thoracle.radiograph.texture import REFERENCE_HEIGHT_PX, measure_film, prepare_film

Film = tuple[FloatArray, BoolArray]


@pytest.fixture
def film() -> Film:
    """A film of smooth noise and its lungs, 96 rows high."""
    coarse = np.random.default_rng(0).random((30, 32)).astype(np.float32)
    pixels = np.clip(resize(coarse, rows=150, columns=160) * 0.5 + 0.2, 0, 1)
    rows, columns = np.indices(pixels.shape)
    lungs = (np.abs(rows - 70) < 48) & (np.abs(np.abs(columns - 80) - 35) < 25)
    lungs[22] = lungs[23]
    return pixels.astype(np.float32), lungs


def test_the_lungs_are_brought_to_one_height_and_one_range_of_grey(film: Film) -> None:
    pixels, lungs = film
    prepared = prepare_film(pixels, lungs=lungs, with_wavelets=False)
    height = np.flatnonzero(lungs.any(axis=1)).size

    assert prepared.scale == pytest.approx(REFERENCE_HEIGHT_PX / height)
    assert prepared.normalized_by == "lungs"
    image = prepared.layers[""].image[0]
    inside = resize(lungs.astype(np.float32), rows=image.shape[0], columns=image.shape[1]) > 0.5
    assert np.percentile(image[inside], [1, 99]) == pytest.approx([0.0, 100.0], abs=0.5)


def test_a_films_own_brightness_and_contrast_change_nothing(film: Film) -> None:
    pixels, lungs = film
    regions = {"lungs": lungs}
    one = measure_film(pixels, regions, lungs=lungs, spacing_mm=None)[0].features
    other = measure_film(
        (pixels * np.float32(0.5) + np.float32(0.3)), regions, lungs=lungs, spacing_mm=None
    )[0].features

    for name, value in one.items():
        if name.startswith("stat_"):
            assert other[name] == pytest.approx(value, rel=1e-3, abs=1e-3), name
    assert other["ih_entropy"] == pytest.approx(one["ih_entropy"], rel=1e-2)


def test_lengths_are_of_the_film_itself_in_mm_where_its_spacing_is_known(film: Film) -> None:
    pixels, lungs = film
    regions = {"lungs": lungs}
    unknown = measure_film(pixels, regions, lungs=lungs, spacing_mm=None, with_wavelets=False)[0]
    known = measure_film(pixels, regions, lungs=lungs, spacing_mm=(0.5, 0.5), with_wavelets=False)[
        0
    ]

    assert (unknown.unit, known.unit) == ("px", "mm")
    assert unknown.features["shape_area"] == lungs.sum()
    assert known.features["shape_area"] == pytest.approx(lungs.sum() / 4)
    assert known.features["cm_contrast"] == unknown.features["cm_contrast"]


def test_all_regions_share_the_films_levels(film: Film) -> None:
    pixels, lungs = film
    dark = lungs & (pixels < np.median(pixels[lungs]))
    found = measure_film(
        pixels, {"lungs": lungs, "dark": dark}, lungs=lungs, spacing_mm=None, with_wavelets=False
    )

    assert [one.region for one in found] == ["lungs", "dark"]
    assert found[1].features["ih_max"] < found[0].features["ih_max"]


def test_four_bands_come_with_wavelets(film: Film) -> None:
    pixels, lungs = film
    names = measure_film(pixels, {"lungs": lungs}, lungs=lungs, spacing_mm=None)[0].features

    prefixes = {name[:11] for name in names if name.startswith("wavelet_")}
    assert prefixes == {"wavelet_ll_", "wavelet_lh_", "wavelet_hl_", "wavelet_hh_"}


def test_without_lungs_the_film_gives_scale_and_grey(film: Film) -> None:
    pixels, lungs = film
    for missing in (None, np.zeros_like(lungs)):
        prepared = prepare_film(pixels, lungs=missing, with_wavelets=False)
        assert prepared.normalized_by == "film"
        assert prepared.layers[""].image.shape[1] == REFERENCE_HEIGHT_PX


def test_an_empty_region_is_unknown_and_a_flat_film_does_not_fail(film: Film) -> None:
    pixels, lungs = film
    empty = measure_film(pixels, {"none": np.zeros_like(lungs)}, lungs=lungs, spacing_mm=None)[0]
    flat = measure_film(np.full_like(pixels, 0.5), {"all": lungs}, lungs=lungs, spacing_mm=None)[0]

    assert empty.pixels == 0
    assert np.isnan(list(empty.features.values())).all()
    assert flat.features["stat_var"] == pytest.approx(0.0)
