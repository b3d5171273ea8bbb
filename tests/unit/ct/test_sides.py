"""Right and left lung: known blocks, blocks that touch, and lungs whose volumes are known."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.ct.sides import LEFT, RIGHT, find_sides
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Scanner, phantom

MM = (2.0, 2.0, 2.0)
LUNGS_FIELD = ((-80.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))


def blocks(*, bridge: int = 0) -> ByteArray:
    """Two blocks of 20 × 20 × 12 voxels, joined by a bridge of some rows."""
    labels = np.zeros((24, 24, 40), np.uint8)
    labels[2:22, 2:22, 4:16] = 1
    labels[2:22, 2:22, 24:36] = 1
    labels[6:18, 2 : 2 + bridge, 16:24] = 1
    return labels


def test_the_first_columns_are_the_right_lung() -> None:
    labels = blocks()
    labels[5, 5, 6], labels[5, 5, 30] = 2, 3
    found = find_sides(labels, spacing_mm=MM)
    assert found is not None
    assert found.junction_mm == 0.0
    assert (found.side_map[:, :, :20][labels[:, :, :20] > 0] == RIGHT).all()
    assert (found.side_map[:, :, 20:][labels[:, :, 20:] > 0] == LEFT).all()
    assert not found.side_map[labels == 0].any()


@pytest.mark.parametrize("bridge", [1, 3, 6])
def test_blocks_that_are_joined_are_parted_in_the_bridge(bridge: int) -> None:
    labels = blocks(bridge=bridge)
    found = find_sides(labels, spacing_mm=MM)
    assert found is not None
    assert found.junction_mm == pytest.approx(bridge, abs=2.0)  # half of `bridge` voxels of 2 mm
    alone = blocks() > 0
    assert (found.side_map[:, :, :20][alone[:, :, :20]] == RIGHT).all()
    assert (found.side_map[:, :, 20:][alone[:, :, 20:]] == LEFT).all()
    halves = np.bincount(found.side_map[6:18, 2 : 2 + bridge, 16:24].ravel(), minlength=3)
    assert halves[RIGHT] == halves[LEFT]


def test_a_membrane_of_one_fine_voxel_keeps_the_lungs_apart() -> None:
    labels = np.zeros((20, 40, 81), np.uint8)
    labels[2:18, 4:36, 4:77] = 1
    labels[:, :, 40] = 0
    found = find_sides(labels, spacing_mm=(2.0, 0.7, 0.7))
    assert found is not None
    assert found.junction_mm == 0.0
    halves = np.bincount(found.side_map.ravel(), minlength=3)
    sheet = 16 * 32  # voxels; a cell is 3 wide, so 2 sheets beside the membrane may go astray
    assert abs(int(halves[RIGHT]) - int(halves[LEFT])) <= 2 * 2 * sheet


def test_small_pieces_go_to_the_nearer_lung() -> None:
    labels = blocks()
    labels[3:5, 3:5, 17] = 1
    labels[3:5, 3:5, 38] = 1
    found = find_sides(labels, spacing_mm=MM)
    assert found is not None
    assert (found.side_map[3:5, 3:5, 17] == RIGHT).all()
    assert (found.side_map[3:5, 3:5, 38] == LEFT).all()


@pytest.mark.parametrize("axis", [0, 1], ids=["above", "behind"])
def test_parts_that_do_not_lie_side_by_side_are_not_told_apart(axis: int) -> None:
    assert find_sides(np.swapaxes(blocks(), axis, 2).copy(), spacing_mm=MM) is None


def test_one_lung_alone_is_of_an_unknown_side() -> None:
    labels = blocks()
    labels[:, :, 20:] = 0
    assert find_sides(labels, spacing_mm=MM) is None


def test_nothing_has_no_sides() -> None:
    assert find_sides(np.zeros((4, 5, 6), np.uint8), spacing_mm=MM) is None


@pytest.mark.parametrize(
    ("gap", "spacing_mm"),
    [(0.99, (6.0, 1.5, 1.5)), (0.98, (3.0, 2.0, 2.0)), (1.02, (5.0, 1.5, 1.5))],
)
def test_lungs_that_touch_have_each_its_own_volume(
    gap: float, spacing_mm: tuple[float, float, float]
) -> None:
    lesions = scattered_lesions(3, rng=np.random.default_rng(4), gap=gap)
    made = phantom(
        Thorax(gap=gap, lesions=lesions), Scanner(spacing_mm=spacing_mm, field_mm=LUNGS_FIELD)
    )
    found = find_sides(made.segmentation.label_map, spacing_mm=spacing_mm)
    assert found is not None
    assert (found.junction_mm > 0.0) == (gap < 1.0)
    ml = np.bincount(found.side_map.ravel(), minlength=3) * made.scan.voxel_ml
    assert ml[RIGHT] == pytest.approx(made.volumes.lung_ml[0], rel=0.005)
    assert ml[LEFT] == pytest.approx(made.volumes.lung_ml[1], rel=0.005)


def test_seen_in_a_mirror_right_becomes_left() -> None:
    labels = blocks(bridge=3)
    labels[10, 10:14, 3] = 1  # not alike on both sides
    found, mirrored = (
        find_sides(np.ascontiguousarray(one), spacing_mm=MM) for one in (labels, labels[:, :, ::-1])
    )
    assert found is not None
    assert mirrored is not None
    swapped = np.array([0, LEFT, RIGHT])[mirrored.side_map[:, :, ::-1]]
    assert np.mean(found.side_map != swapped) < 0.001  # a tie in the bridge falls to one of them
