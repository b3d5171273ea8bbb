"""A chest that was moved by a known amount is found where it is."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.ct.chest import affine_of, chest, error_mm, moved

from thoracle.core.errors import MissingExtraError
from thoracle.ct.register import (
    Coarse,
    RegistrationError,
    coarse_view,
    register,
    require_simpleitk,
)

SAMPLES = 4_000
FAR = (31.0, -22.0, 400.0)  # scanners put their origin where they like


@pytest.fixture(scope="module")
def earlier() -> Coarse:
    scan, labels = chest()
    return coarse_view(scan, labels > 0)


def test_a_chest_that_did_not_move_stays_where_it_is(earlier: Coarse) -> None:
    scan, labels = chest(seed=1)
    again = register(earlier, coarse_view(scan, labels > 0), samples=SAMPLES)
    assert error_mm(again.matrix, np.eye(4), labels) < 0.1
    assert again.after.dice > 0.99
    assert again.mirrored is None


def test_a_chest_that_turned_breathed_and_lies_elsewhere_is_found(earlier: Coarse) -> None:
    true = moved(turn_degrees=6.0, shift_mm=FAR, scale=0.92)
    scan, labels = chest(true, affine=affine_of(shift=FAR))
    found = register(earlier, coarse_view(scan, labels > 0), samples=SAMPLES)
    # A third of a voxel of 6 mm; the centers alone are off by more than a voxel at the ends.
    assert error_mm(found.matrix, true, labels) < 2.0
    assert found.rotation_degrees == pytest.approx(6.0, abs=1.0)
    assert found.volume_ratio == pytest.approx(0.92, abs=0.03)
    assert found.stretch[0] == pytest.approx(0.92, abs=0.03)
    assert found.after.dice > found.before.dice


def test_the_same_scans_give_the_same_matrix_to_the_last_digit(earlier: Coarse) -> None:
    scan, labels = chest(moved(turn_degrees=3.0))
    later = coarse_view(scan, labels > 0)
    once, twice = (register(earlier, later, samples=2_000) for _ in range(2))
    assert np.array_equal(once.matrix, twice.matrix)


def test_a_mirrored_scan_is_seen(earlier: Coarse) -> None:
    scan, labels = chest()
    later = coarse_view(replace(scan, hu=scan.hu[:, :, ::-1].copy()), labels[:, :, ::-1] > 0)
    assert register(earlier, later, samples=2_000).mirrored == 2


def test_a_coarse_view_averages_whole_blocks_and_keeps_their_place() -> None:
    scan, labels = chest()
    fine = replace(scan, spacing_mm=(6.0, 3.0, 2.0), affine=np.diag([2.0, 3.0, 6.0, 1.0]))
    view = coarse_view(fine, labels > 0, spacing_mm=6.0)
    assert view.grey.shape == (40, 20, 16)
    assert view.spacing_mm == (6.0, 6.0, 6.0)
    assert view.affine[:3, 3].tolist() == [2.0, 1.5, 0.0]
    block = scan.hu[7, 20:22, 15:18].mean()
    assert view.grey[7, 10, 5] == pytest.approx(np.clip((block + 1350) / 750 - 1, -1, 1), abs=1e-5)


def test_next_to_no_lungs_is_told() -> None:
    scan, labels = chest()
    with pytest.raises(RegistrationError, match="found 0 ml of lungs") as caught:
        coarse_view(scan, labels > 9)
    assert caught.value.code == "ct-registration-no-lungs"


def test_lungs_of_another_grid_are_told() -> None:
    scan, labels = chest()
    with pytest.raises(RegistrationError, match="the scan's own grid"):
        coarse_view(scan, labels[1:] > 0)


def test_without_simpleitk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(MissingExtraError, match=r"thoracle\[ct\]"):
        require_simpleitk()
