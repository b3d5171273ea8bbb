import numpy as np
import pytest
import pywt

from thoracle.imaging.texture.wavelets import WAVELET, wavelet_bands


def test_a_slice_has_four_bands_and_a_volume_eight_each_as_large_as_the_image() -> None:
    image = np.random.default_rng(0).normal(size=(6, 7, 9))
    flat, deep = (wavelet_bands(image, is_volume=one) for one in (False, True))

    assert list(flat) == ["LL", "LH", "HL", "HH"]
    assert len(deep) == 8
    assert {one.shape for one in (*flat.values(), *deep.values())} == {image.shape}


def test_a_flat_image_is_all_coarse() -> None:
    bands = wavelet_bands(np.full((1, 8, 8), 3.0), is_volume=False)

    assert bands["LL"] == pytest.approx(np.full((1, 8, 8), 6.0))  # √2 along each axis
    assert bands["HH"] == pytest.approx(0.0, abs=1e-12)


def test_the_first_letter_is_that_of_the_columns() -> None:
    stripes = np.broadcast_to(np.arange(16) % 2.0, (1, 16, 16))
    bands = wavelet_bands(stripes, is_volume=False)

    assert np.abs(bands["HL"]).max() > 0.5
    assert np.abs(bands["LH"]).max() == pytest.approx(0.0, abs=1e-12)


def test_an_impulse_shows_the_filters_taps() -> None:
    image = np.zeros((1, 1, 21))
    image[0, 0, 10] = 1.0
    band = wavelet_bands(image, is_volume=False)["HL"][0, 0]
    taps = np.array(pywt.Wavelet(WAVELET).dec_hi)

    # Along the flat axis the low pass multiplies by the sum of its taps, √2.
    assert sorted(band[np.abs(band) > 1e-12]) == pytest.approx(sorted(taps * np.sqrt(2.0)))
