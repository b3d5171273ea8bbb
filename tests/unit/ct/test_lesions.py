"""Lesions: how pieces are joined, which count, and the form of balls that are known."""

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.ct.lesions import describe, find_pieces
from thoracle.ct.measures import Lesion as Measured
from thoracle.ct.regions import tally
from thoracle.ct.sides import find_sides
from thoracle.datasets.thorax import Thorax
from thoracle.datasets.thorax_phantom import Phantom, Scanner, phantom
from thoracle.datasets.thorax_shapes import Lesion

FIELD = ((-80.0, 170.0), (-100.0, 100.0), (-140.0, 140.0))


def lesions_of(made: Phantom) -> tuple[Measured, ...]:
    """Measure the lesions of a phantom."""
    labels: ByteArray = made.segmentation.label_map
    sides = find_sides(labels, spacing_mm=made.scan.spacing_mm)
    counted = tally(labels, sides, spacing_mm=made.scan.spacing_mm)
    return describe(find_pieces(labels), made.scan, labels, sides=sides, counted=counted)


def test_voxels_that_share_a_corner_are_one_piece_and_both_labels_are() -> None:
    labels = np.ones((4, 4, 4), np.uint8)
    labels[0, 0, 0], labels[1, 1, 1], labels[3, 3, 3] = 2, 3, 2
    assert sorted(find_pieces(labels).voxels.tolist()) == [0, 1, 2]


def test_pieces_below_a_tenth_of_a_ml_do_not_count() -> None:
    labels = np.ones((6, 6, 40), np.uint8)
    labels[0, 0, 0:9] = 2
    labels[0, 0, 20:30] = 2
    pieces = find_pieces(labels)
    assert pieces.voxels[pieces.counted(0.01)].tolist() == [10]
    assert pieces.voxels[pieces.counted(0.1)].tolist() == [10, 9]


def test_a_ball_has_its_volume_its_diameter_its_place_and_is_nearly_round() -> None:
    ball = Lesion(center_mm=(-20.4, 20.7, -79.5), half_mm=(18.0, 18.0, 18.0), core=0.5)
    (found,) = lesions_of(
        phantom(Thorax(lesions=(ball,)), Scanner(spacing_mm=(2.0, 2.0, 2.0), field_mm=FIELD))
    )
    assert found.volume_ml == pytest.approx(ball.volume_ml, rel=0.02)
    assert found.consolidation_ml == pytest.approx(ball.consolidation_ml, rel=0.05)
    assert found.mesh_ml == pytest.approx(ball.volume_ml, rel=0.02)
    assert found.diameter_mm == pytest.approx(36.0, abs=2.0)
    assert found.center_mm == pytest.approx((-79.5, 20.7, -20.4), abs=0.3)  # left, back, head
    assert 0.88 < found.sphericity < 1.0  # the mesh keeps the voxels' steps
    area_cm2 = np.pi * 36.0**2 / 100.0
    assert found.surface_cm2 == pytest.approx(area_cm2, rel=0.12)
    assert found.region == "right_lower"
    assert not found.touches_edge


def test_lesions_are_told_with_side_and_third_the_largest_first() -> None:
    places = {"left_upper": (120.0, 0.0, 70.0), "right_middle": (45.0, 0.0, -75.0)}
    sizes = {"left_upper": 12.0, "right_middle": 16.0}
    thorax = Thorax(
        lesions=tuple(
            Lesion(center_mm=place, half_mm=(sizes[name],) * 3) for name, place in places.items()
        )
    )
    found = lesions_of(phantom(thorax, Scanner(spacing_mm=(5.0, 3.0, 3.0), field_mm=FIELD)))
    assert [one.region for one in found] == ["right_middle", "left_upper"]
    assert [one.number for one in found] == [1, 2]
    low, high = (-80.0 + 5.0 * (one + 0.5) for one in found[1].slices)
    assert (low, high) == pytest.approx((108.0, 132.0), abs=5.0)


def test_a_lesion_at_the_end_of_the_scan_says_so() -> None:
    ball = Lesion(center_mm=(0.0, 0.0, 75.0), half_mm=(15.0, 15.0, 15.0))
    cut = ((0.0, 100.0), *FIELD[1:])
    (found,) = lesions_of(
        phantom(Thorax(lesions=(ball,)), Scanner(spacing_mm=(5.0, 3.0, 3.0), field_mm=cut))
    )
    assert found.touches_edge
    assert found.volume_ml == pytest.approx(ball.volume_ml / 2, rel=0.03)
