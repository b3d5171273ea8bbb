"""Pictures of slices: where right and the head are, colors, and pixels that are square in mm."""

import io

import numpy as np
from PIL import Image
from tests.unit.reporting.ct_case import BALL, MARKED, case, empty_case

from thoracle.core.arrays import ByteArray
from thoracle.ct.types import Segmentation
from thoracle.reporting.ct_pictures import COLORS, SHEET_COLUMNS, ct_pictures


def opened(png: bytes) -> ByteArray:
    return np.asarray(Image.open(io.BytesIO(png)))


def colored(picture: ByteArray) -> tuple[float, float]:
    """Return where, 0 to 1 from the top and from the left, color is."""
    pixels = picture.astype(int)
    blue = pixels[..., 2] - pixels[..., 0] > 40  # ground glass is sky blue
    rows, columns = np.nonzero(blue)
    return float(rows.mean() / picture.shape[0]), float(columns.mean() / picture.shape[1])


def test_the_patients_right_is_on_the_left_and_the_head_above() -> None:
    one = case()
    made = ct_pictures(one.found.scan, one.segmentation)
    assert colored(opened(made.axial[1]))[1] < 0.45  # the ball lies in the right lung
    down, across = colored(opened(made.coronal[1]))
    assert across < 0.45
    assert 0.3 < down < 0.6  # and a little above the middle of its height


def test_the_front_is_above_in_an_axial_picture() -> None:
    one = case()
    labels = one.segmentation.label_map.copy()
    labels[labels > 1] = 1
    front = np.argwhere(labels)[:, 1].min()
    part = labels[:, front : front + 8]
    part[part > 0] = 2
    made = ct_pictures(one.found.scan, Segmentation(label_map=labels))
    assert colored(opened(made.axial[1]))[0] < 0.35


def test_the_richest_slice_and_row_are_shown() -> None:
    one = case()
    made = ct_pictures(one.found.scan, one.segmentation)
    height = one.found.scan.affine @ [0, made.coronal_index, made.axial_index, 1]
    assert abs(height[2] - BALL.center_mm[0]) <= 10.0
    assert abs(height[1] - BALL.center_mm[1]) <= 5.0


def test_labels_are_over_one_picture_and_not_over_the_other() -> None:
    one = case()
    plain, labeled = (opened(png) for png in ct_pictures(one.found.scan, one.segmentation).axial)
    assert plain.shape == labeled.shape
    spread = plain.max(axis=2).astype(int) - plain.min(axis=2)
    assert spread.max() == 0  # grey
    assert (labeled.max(axis=2).astype(int) - labeled.min(axis=2)).max() > 60
    assert len(COLORS) == 2


def test_pixels_are_square_in_mm() -> None:
    one = case()
    picture = opened(ct_pictures(one.found.scan, one.segmentation).coronal[0])
    labels = one.segmentation.label_map
    slices, _, columns = (np.ptp(np.flatnonzero(labels.any(axis=axes))) for axes in (
        (1, 2), (0, 2), (0, 1),
    ))  # fmt: skip
    tall, wide = slices * 10.0 + 40.0, columns * 5.0 + 40.0
    assert abs(picture.shape[0] / picture.shape[1] - tall / wide) < 0.1


def test_a_scan_without_lungs_has_pictures_too() -> None:
    one = empty_case()
    made = ct_pictures(one.found.scan, one.segmentation)
    assert made.axial_index == one.shape[0] // 2
    assert opened(made.sheet).shape[1] % SHEET_COLUMNS == 0


def test_letters_are_of_the_language() -> None:
    one = case()
    english = ct_pictures(one.found.scan, one.segmentation)
    other = ct_pictures(one.found.scan, one.segmentation, language=MARKED)
    assert english.axial[0] != other.axial[0]
