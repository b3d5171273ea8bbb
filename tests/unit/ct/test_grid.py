"""To the network's grid and back: place, mean and labels are kept."""

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.ct.grid import filter_weights, grid_of, labels_to_grid, shares_to_scan, to_grid

MODEL_MM = (5.0, 1.5, 1.5)


def _ramp(shape: tuple[int, int, int], mm: tuple[float, float, float]) -> FloatArray:
    """Return each voxel's distance in mm from the middle, summed over the axes with weights."""
    axes = [
        weight * (np.arange(side) - (side - 1) / 2) * step
        for side, step, weight in zip(shape, mm, (1.0, 2.0, 4.0), strict=True)
    ]
    return np.asarray(axes[0][:, None, None] + axes[1][:, None] + axes[2], np.float32)


def test_the_grid_covers_the_scan_and_has_its_center() -> None:
    grid = grid_of((60, 512, 400), (1.0, 0.75, 0.75), spacing_mm=MODEL_MM)
    assert grid.shape == (12, 256, 200)
    assert grid.voxel_ml == pytest.approx(0.01125)
    for axis in range(3):
        assert grid.places(axis).mean() == pytest.approx((grid.scan_shape[axis] - 1) / 2)


@pytest.mark.parametrize("mm", [(1.0, 0.7, 0.7), (6.0, 1.3672, 1.3672), (4.0, 2.1, 1.9)])
def test_a_ramp_keeps_its_values_at_the_same_place(mm: tuple[float, float, float]) -> None:
    shape = (40, 64, 72)
    grid = grid_of(shape, mm, spacing_mm=MODEL_MM)
    found = to_grid(_ramp(shape, mm), grid)
    expected = _ramp(grid.shape, MODEL_MM)
    inner = (slice(2, -2), slice(4, -4), slice(4, -4))
    # 4 a mm along the columns: 0.6 is 0.15 mm.
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.6)


def test_thin_slices_are_averaged_and_not_picked() -> None:
    values = np.zeros((50, 8, 8), np.int16)
    values[::2] = 100
    grid = grid_of((50, 8, 8), (1.0, 1.5, 1.5), spacing_mm=MODEL_MM)
    found = to_grid(values, grid)
    np.testing.assert_allclose(found[1:-1], 50, atol=3)


def test_every_row_of_a_filter_sums_to_one() -> None:
    grid = grid_of((7, 33, 512), (6.0, 1.4, 0.6), spacing_mm=MODEL_MM)
    for axis in range(3):
        np.testing.assert_allclose(filter_weights(grid, axis).sum(axis=1), 1.0, rtol=1e-5)


def test_a_label_goes_where_it_has_the_largest_share() -> None:
    label_map = np.zeros((4, 8, 8), np.uint8)
    label_map[:, :, 4:] = 3
    grid = grid_of((4, 8, 8), MODEL_MM, spacing_mm=MODEL_MM)
    np.testing.assert_array_equal(labels_to_grid(label_map, grid, labels=4), label_map)


def test_shares_on_the_scans_own_grid_come_back_as_they_are() -> None:
    rng = np.random.default_rng(0)
    label_map = rng.integers(0, 4, (5, 16, 18)).astype(np.uint8)
    shares = np.stack([np.uint8(255) * (label_map == label) for label in (1, 2, 3)])
    grid = grid_of((5, 16, 18), MODEL_MM, spacing_mm=MODEL_MM)
    np.testing.assert_array_equal(shares_to_scan(shares.astype(np.uint8), grid), label_map)


def test_between_two_network_voxels_the_larger_share_wins() -> None:
    shares = np.zeros((3, 1, 1, 2), np.uint8)
    shares[0, 0, 0] = (255, 0)
    shares[2, 0, 0] = (0, 255)
    grid = grid_of((1, 1, 8), (5.0, 1.5, 0.375), spacing_mm=MODEL_MM)
    assert shares_to_scan(shares, grid)[0, 0].tolist() == [1, 1, 1, 1, 3, 3, 3, 3]


@pytest.mark.parametrize("mm", [(1.5, 0.9, 0.9), (6.0, 1.3672, 1.3672)])
def test_a_ball_keeps_its_volume_and_place(mm: tuple[float, float, float]) -> None:
    shape = tuple(int(120 / step) for step in mm)
    far = [
        ((np.arange(side) - (side - 1) / 2) * step) ** 2
        for side, step in zip(shape, mm, strict=True)
    ]
    ball = (far[0][:, None, None] + far[1][:, None] + far[2] < 40**2).astype(np.uint8)
    grid = grid_of((shape[0], shape[1], shape[2]), mm, spacing_mm=MODEL_MM)
    share = to_grid(ball, grid)
    shares = np.zeros((3, *grid.shape), np.uint8)
    shares[0] = np.round(255 * share)
    found = shares_to_scan(shares, grid)
    overlap = 2 * int((found & ball).sum()) / (int(found.sum()) + int(ball.sum()))
    assert overlap > 0.985
    assert found.sum() == pytest.approx(int(ball.sum()), rel=0.02)


def test_a_scan_without_labels_stays_empty() -> None:
    grid = grid_of((6, 10, 10), (4.0, 2.0, 2.0), spacing_mm=MODEL_MM)
    assert not shares_to_scan(np.zeros((3, *grid.shape), np.uint8), grid).any()
