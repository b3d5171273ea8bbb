"""Places that are shown lie in altered or in healthy lung, and know how deep."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.ct.candidates import PATCH_PX, cut_patches, edge_distances, find_candidates
from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LUNG

SPACING_MM = (5.0, 1.5, 1.5)


@pytest.fixture
def label_map() -> ByteArray:
    """A lung of 144 × 144 mm in two slices, with a square of 18 mm altered in the first."""
    labels = np.zeros((3, 140, 140), np.uint8)
    labels[:2, 20:116, 20:116] = LUNG
    labels[0, 24:36, 24:36] = GROUND_GLASS
    labels[0, 26:28, 26:28] = CONSOLIDATION
    return labels


def test_the_altered_square_gives_one_candidate_in_its_middle(label_map: ByteArray) -> None:
    found = find_candidates(label_map, spacing_mm=SPACING_MM)
    (altered,) = [one for one in found if one.is_altered]
    assert altered.place[0] == 0
    assert np.hypot(altered.place[1] - 29.5, altered.place[2] - 29.5) < 1.0
    assert altered.area_cm2 == pytest.approx(1.8**2)
    assert altered.region == 1


def test_healthy_patches_show_nothing_altered(label_map: ByteArray) -> None:
    found = find_candidates(label_map, spacing_mm=SPACING_MM)
    healthy = [one for one in found if not one.is_altered]
    assert {one.place[0] for one in healthy} == {0, 1}
    assert sum(one.place[0] == 1 for one in healthy) == 16  # 144 mm hold four cells each way
    half = PATCH_PX // 2
    for one in healthy:
        index, row, column = one.place
        window = label_map[index, max(0, row - half) : row + half, max(0, column - half) :]
        assert (window[:, : column + half - max(0, column - half)] == LUNG).any()
        assert window[:, : column + half - max(0, column - half)].max() == LUNG


def test_less_than_a_square_centimeter_is_no_candidate(label_map: ByteArray) -> None:
    label_map[label_map > LUNG] = LUNG
    label_map[1, 60:66, 60:66] = GROUND_GLASS  # 0.81 cm²
    found = find_candidates(label_map, spacing_mm=SPACING_MM)
    assert not any(one.is_altered for one in found)


def test_no_lung_has_no_candidates() -> None:
    assert find_candidates(np.zeros((2, 20, 20), np.uint8), spacing_mm=SPACING_MM) == ()


def test_the_distance_is_relative_to_the_rectangle_around_the_lungs() -> None:
    lung = np.zeros((60, 60), bool)
    lung[10:41, 10:51] = True  # 31 × 41 pixels
    lung[25, 45] = False  # a vessel is no edge
    deep = edge_distances(lung, spacing_mm=(2.0, 1.0))
    assert deep[25, 30] == pytest.approx(21.0 / np.hypot(62.0, 41.0))
    assert deep[10, 30] == pytest.approx(2.0 / np.hypot(62.0, 41.0))
    assert deep[5, 5] == 0.0
    assert edge_distances(np.zeros((4, 4), bool), spacing_mm=(1.0, 1.0)).max() == 0.0


def test_a_patch_shows_its_place_and_air_beyond_the_scan(label_map: ByteArray) -> None:
    found = [one for one in find_candidates(label_map, spacing_mm=SPACING_MM) if one.is_altered]
    hu = np.full(label_map.shape, 150.0, np.float32)
    hu[0, found[0].place[1], found[0].place[2]] = -600.0
    patches = cut_patches(hu, found)
    assert patches.shape == (1, 2, PATCH_PX, PATCH_PX)
    assert patches[0, 0, PATCH_PX // 2, PATCH_PX // 2] == pytest.approx(0.0)
    assert patches[0, 0, -1, -1] == 1.0
    assert (patches[0, 1] == np.float32(found[0].edge_distance)).all()
    near = cut_patches(hu[:, 20:60, 20:60], [type(found[0])(
        place=(0, 3, 39), region=1, area_cm2=2.0, edge_distance=0.1
    )])  # fmt: skip
    assert (near[0, 0, :21] == -1.0).all()
    assert near[0, 0, 21, 0] == 1.0
    assert (near[0, 0, :, 25:] == -1.0).all()
    assert near[0, 0, 30, 24] == 1.0
