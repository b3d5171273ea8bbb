"""PNG bytes."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.encode import png_bytes

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(hnp.arrays(np.uint8, SHAPES) | hnp.arrays(np.uint16, SHAPES), st.booleans())
def test_grey_comes_back_exactly(pixels: NDArray[Any], fast: bool) -> None:
    film = decode(png_bytes(pixels, fast=fast), limits=DecodeLimits(pixels_max=1000))
    peak = np.iinfo(pixels.dtype).max
    np.testing.assert_array_equal(np.rint(film.pixels.astype(float) * peak), pixels)


@given(hnp.arrays(np.bool_, SHAPES))
def test_a_mask_comes_back_exactly(mask: NDArray[np.bool_]) -> None:
    film = decode(png_bytes(mask), limits=DecodeLimits(pixels_max=1000))
    np.testing.assert_array_equal(film.pixels, mask.astype(float))
    assert film.bits == 1


@pytest.mark.parametrize("fast", [False, True])
def test_color_comes_back_exactly(fast: bool) -> None:
    rgb = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(png_bytes(rgb, fast=fast)))), rgb)


def test_the_same_pixels_give_the_same_bytes(grey16: NDArray[np.uint16]) -> None:
    assert png_bytes(grey16) == png_bytes(grey16.copy())
    assert png_bytes(grey16[::1]) == png_bytes(np.asfortranarray(grey16))


@pytest.mark.parametrize("fast", [False, True])
def test_text_is_written_in_order(fast: bool) -> None:
    text = {"Comment": "SYNTHETIC", "Title": "a"}
    content = png_bytes(np.zeros((2, 2), np.uint8), fast=fast, text=text)
    with Image.open(BytesIO(content)) as image:
        assert image.info == {"Comment": "SYNTHETIC", "Title": "a"}
    assert content.index(b"Comment") < content.index(b"Title")


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 3), np.uint16),
        np.zeros((0, 2), np.uint8),
        np.zeros(4, np.uint8),
    ],
)
def test_other_arrays_are_refused(wrong: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="expected \\(rows, columns\\) of uint8") as error:
        png_bytes(wrong)
    assert error.value.code == "image-encode"
