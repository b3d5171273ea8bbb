"""Camera orientation undone."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from thoracle.imaging.orientation import set_upright


def test_a_film_photographed_sideways_is_set_upright() -> None:
    stored = np.array([[1, 2], [3, 4], [5, 6]])  # Orientation 6: its right side is the top.
    assert set_upright(stored, orientation=6).tolist() == [[5, 3, 1], [6, 4, 2]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_agrees_with_pillow(orientation: int, grey8: NDArray[np.uint8]) -> None:
    image = Image.fromarray(grey8)
    exif = image.getexif()
    exif[0x0112] = orientation
    stream = BytesIO()
    image.save(stream, "PNG", exif=exif)
    expected = ImageOps.exif_transpose(Image.open(BytesIO(stream.getvalue())))
    found = set_upright(grey8, orientation=orientation)
    np.testing.assert_array_equal(found, np.asarray(expected))
    assert found.flags.c_contiguous


@pytest.mark.parametrize("orientation", [0, 9, -3])
def test_an_unknown_orientation_leaves_the_picture_alone(
    orientation: int, grey8: NDArray[np.uint8]
) -> None:
    np.testing.assert_array_equal(set_upright(grey8, orientation=orientation), grey8)


def test_color_keeps_its_channels() -> None:
    rgb = np.arange(24).reshape(2, 4, 3)
    assert set_upright(rgb, orientation=8).shape == (4, 2, 3)
