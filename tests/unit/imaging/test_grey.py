"""The one grey rule."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.grey import color_share, to_grey

RGB8 = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
    elements=st.integers(0, 255),
)


@pytest.mark.parametrize(
    ("color", "luma"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((9, 9, 9), 9)]
)
def test_primary_colors_have_the_luma_of_bt_601(color: tuple[int, int, int], luma: int) -> None:
    assert to_grey(np.full((1, 1, 3), color, np.uint8))[0, 0] == luma


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_equal_channels_keep_exactly_their_value(kind: type[np.generic]) -> None:
    grey: NDArray[Any] = np.arange(256).reshape(16, 16).astype(kind)
    if kind == np.uint16:
        grey *= 257
    rgb = np.stack([grey] * 3, axis=-1)
    np.testing.assert_array_equal(to_grey(rgb), grey)
    assert to_grey(rgb).dtype == kind


def test_sixteen_bits_agree_with_exact_arithmetic_at_the_top_of_the_range() -> None:
    rgb = np.array([[[65535, 65535, 65535], [65535, 0, 1]]], np.uint16)
    assert to_grey(rgb).tolist() == [[65535, (65535 * 19595 + 7471 + 32768) // 65536]]


def test_the_weights_of_16_bits_are_those_of_the_standard_in_65536ths() -> None:
    rgb = np.eye(3, dtype=np.uint16).reshape(1, 3, 3) * np.uint16(65535)
    # 0.299, 0.587 and 0.114 of 65536, of which white's 65535 loses less than one.
    assert to_grey(rgb).tolist() == [[19595, 38469, 7471]]


@given(RGB8)
def test_eight_bits_agree_with_pillow(rgb: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(to_grey(rgb), np.asarray(Image.fromarray(rgb).convert("L")))


@given(RGB8)
def test_every_depth_follows_the_same_rule(rgb: NDArray[np.uint8]) -> None:
    eight = to_grey(rgb).astype(float)
    sixteen = to_grey(rgb.astype(np.uint16) * np.uint16(257)).astype(float) / 257
    real = to_grey(rgb.astype(np.float32)).astype(float)
    np.testing.assert_allclose(sixteen, real, atol=0.01)
    np.testing.assert_allclose(eight, real, atol=0.51)


def test_the_color_share_counts_pixels_whose_channels_differ_by_more_than_16_of_255() -> None:
    rgb = np.full((10, 10, 3), 100, np.uint8)
    rgb[:, :5, 0] = 116  # not more than 16
    rgb[:2, :, 2] = 130
    assert color_share(rgb) == pytest.approx(0.2)
    assert color_share(rgb.astype(np.uint16) * np.uint16(257)) == pytest.approx(0.2)
    assert color_share((rgb / 255).astype(np.float32) * np.float32(0.999)) == pytest.approx(0.2)


def test_a_grey_picture_has_no_color() -> None:
    assert color_share(np.full((4, 4, 3), 77, np.uint8)) == 0.0


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.int32)],
)
def test_anything_but_rgb_is_refused(wrong: NDArray[Any]) -> None:
    with pytest.raises(ImageError, match="expected \\(rows, columns, 3\\)"):
        to_grey(wrong)
    with pytest.raises(ImageError, match="expected \\(rows, columns, 3\\)"):
        color_share(wrong)
