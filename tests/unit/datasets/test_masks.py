"""Lung masks are read by the decoder that reads films."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.datasets.masks import read_mask

MASK = np.array([[0, 255, 255], [0, 0, 255]], np.uint8)


@pytest.mark.parametrize("kind", ["8 bits", "1 bit", "16 bits", "palette"])
def test_what_is_bright_is_lung_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    pictures = {
        "8 bits": Image.fromarray(MASK),
        "1 bit": Image.fromarray(MASK > 0),
        "16 bits": Image.fromarray(MASK.astype(np.uint16) * 257),
        "palette": Image.fromarray(MASK).convert("P"),
    }
    pictures[kind].save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), MASK > 0)


def test_middle_grey_is_not_lung(tmp_path: Path) -> None:
    Image.fromarray(np.array([[127, 128]], np.uint8)).save(tmp_path / "mask.png")
    assert read_mask(tmp_path / "mask.png").tolist() == [[False, True]]


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"no readable file at .*mask\.png"):
        read_mask(tmp_path / "mask.png")
