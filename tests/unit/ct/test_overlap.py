"""Overlap of two scans against counts by hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.ct.chest import affine_of, chest

from thoracle.ct.overlap import mirrored_along, overlap_of, resampled, to_indices
from thoracle.ct.register import Coarse


def _cube(first: int, last: int) -> Coarse:
    lungs = np.zeros((20, 20, 20), bool)
    lungs[5:15, 5:15, first:last] = True
    grey = np.where(lungs, np.float32(-0.5), np.float32(0.8))
    return Coarse(grey=grey, lungs=lungs, affine=np.diag([2.0, 3.0, 4.0, 1.0]))


def test_a_scan_lies_perfectly_over_itself() -> None:
    cube = _cube(5, 15)
    found = overlap_of(cube, cube, np.eye(4))
    assert (found.dice, found.surface_mm, found.surface_p95_mm) == (1.0, 0.0, 0.0)
    assert found.correlation == pytest.approx(1.0)


def test_a_shift_by_two_columns_is_two_columns() -> None:
    found = overlap_of(_cube(5, 15), _cube(7, 17), np.eye(4))
    assert found.dice == pytest.approx(0.8)
    assert found.surface_p95_mm == pytest.approx(4.0)
    back = np.eye(4)
    back[0, 3] = 4.0  # mm: what lay at x lies at x + 4
    assert overlap_of(_cube(5, 15), _cube(7, 17), back).dice == 1.0


def test_lungs_outside_of_the_other_scan_are_infinitely_far() -> None:
    away = np.eye(4)
    away[0, 3] = 1000.0
    found = overlap_of(_cube(5, 15), _cube(5, 15), away)
    assert (found.dice, found.surface_mm, found.correlation) == (0.0, np.inf, 0.0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_axis_of_a_mirrored_scan_is_named(axis: int) -> None:
    scan, labels = chest()
    grey = np.clip((scan.hu + 1350) / 750 - 1, -1, 1).astype(np.float32)
    cast = Coarse(grey=grey, lungs=labels > 0, affine=affine_of())
    turned = replace(
        cast,
        grey=np.flip(cast.grey, axis).copy(),
        lungs=np.flip(cast.lungs, axis).copy(),
    )
    shift = np.eye(4)
    shift[:3, 3] = turned.center_mm - cast.center_mm
    assert mirrored_along(cast, turned, (shift,)) == axis
    assert mirrored_along(cast, cast, (np.eye(4),)) is None


def test_a_label_is_looked_up_where_a_place_went() -> None:
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    one = np.diag([1.0, 1.0, 5.0, 1.0])
    right = np.eye(4)
    right[0, 3] = 1.0
    found = resampled(values, to_indices(one, right, one), (2, 3, 4), order=0, outside=255)
    assert found[:, :, :3].tolist() == values[:, :, 1:].tolist()
    assert (found[:, :, 3] == 255).all()


def test_a_later_scan_with_a_smaller_field_fits_where_it_reaches() -> None:
    scan, labels = chest()
    grey = np.clip((scan.hu + 1350) / 750 - 1, -1, 1).astype(np.float32)
    whole = Coarse(grey=grey, lungs=labels > 0, affine=affine_of())
    affine = whole.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ [6, 5, 0]
    field = (slice(None), slice(5, -5), slice(6, -6))
    narrow = Coarse(grey=grey[field].copy(), lungs=whole.lungs[field].copy(), affine=affine)
    assert overlap_of(whole, narrow, np.eye(4)).correlation == pytest.approx(1.0)
    corner = Coarse(grey=grey[:9].copy(), lungs=whole.lungs[:9].copy(), affine=whole.affine)
    assert overlap_of(whole, corner, np.eye(4)).correlation == 0.0
