"""Air beside the body is no lung, however grey; a lung that the picture cuts is one."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray, FloatArray
from thoracle.ct.outside import drop_side_air, find_side_air


@pytest.fixture
def chest() -> tuple[FloatArray, ByteArray]:
    """A round body in air of −900 HU, two lungs, and their labels."""
    rows, columns = np.mgrid[:70, :100]
    body = ((rows - 35) / 26) ** 2 + ((columns - 50) / 40) ** 2 < 1
    hu = np.full((20, 70, 100), -900.0, np.float32)
    hu[:, body] = 40
    label_map = np.zeros(hu.shape, np.uint8)
    label_map[3:17, 24:46, 22:44] = 1
    label_map[3:17, 24:46, 56:78] = 1
    hu[label_map == 1] = -850
    return hu, label_map


def test_labels_in_air_beside_the_body_go(chest: tuple[FloatArray, ByteArray]) -> None:
    hu, lungs = chest
    wrong = lungs.copy()
    wrong[5:15, 2:15, 2:20] = 1
    wrong[5:15, 55:68, 80:98] = 2
    np.testing.assert_array_equal(drop_side_air(wrong, find_side_air(hu)), lungs)


def test_lungs_inside_the_body_stay(chest: tuple[FloatArray, ByteArray]) -> None:
    hu, lungs = chest
    lungs[5:8, 30:34, 30:34] = 3
    hu[5:8, 30:34, 30:34] = 20
    np.testing.assert_array_equal(drop_side_air(lungs, find_side_air(hu)), lungs)


def test_a_lung_that_the_picture_cuts_stays(chest: tuple[FloatArray, ByteArray]) -> None:
    hu, lungs = chest[0][:, :, 30:], chest[1][:, :, 30:]
    air = find_side_air(hu)
    assert (air.parts[:, 24:46, 0] > 0).any()  # the lung itself reaches the side
    np.testing.assert_array_equal(drop_side_air(lungs, air), lungs)


def test_a_cut_lung_that_joins_padding_loses_nothing_of_its_own(
    chest: tuple[FloatArray, ByteArray],
) -> None:
    hu, lungs = chest
    hu[:, :, :30] = -1024  # padding that looks like air
    lungs[:, :, :30] = 0
    wrong = lungs.copy()
    wrong[6:9, 28:40, 26:30] = 1  # a little of the padding was called lung
    kept = drop_side_air(wrong, find_side_air(hu))
    assert (kept[lungs == 1] == 1).all()
    assert not kept[:, :, :30].any()


def test_a_box_of_the_grid_holds_the_same(chest: tuple[FloatArray, ByteArray]) -> None:
    hu, lungs = chest
    lungs[5:15, 2:15, 2:20] = 1
    box = (slice(2, 18), slice(1, 60), slice(1, 90))
    whole = drop_side_air(lungs, find_side_air(hu))[box]
    np.testing.assert_array_equal(drop_side_air(lungs[box], find_side_air(hu).within(box)), whole)


def test_without_a_body_nothing_is_called_lung() -> None:
    hu = np.full((4, 20, 20), -1000.0, np.float32)
    label_map = np.ones(hu.shape, np.uint8)
    assert not drop_side_air(label_map, find_side_air(hu)).any()
