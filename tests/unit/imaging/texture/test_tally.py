import numpy as np
import pytest

from thoracle.imaging.texture.tally import MEASURES, measure_tallies, tally


def test_things_are_counted_by_level_and_by_the_sizes_that_occur() -> None:
    found = tally(np.array([1, 2, 2, 2]), np.array([7, 3, 3, 7]), group=0, voxels=20)

    assert found.sizes.tolist() == [3, 7]
    assert found.counts.tolist() == [[0, 1], [2, 1]]


def test_measures_by_hand() -> None:
    found = measure_tallies([tally(np.array([1, 2]), np.array([1, 2]), group=0, voxels=3)])

    assert found["low"] == pytest.approx((1 + 1 / 4) / 2)
    assert found["high"] == pytest.approx(2.5)
    assert found["low_high"] == pytest.approx((1 + 4 / 4) / 2)
    assert found["high_high"] == pytest.approx((1 + 16) / 2)
    assert found["grey_nu"] == pytest.approx(1.0)
    assert found["grey_nu_norm"] == pytest.approx(0.5)
    assert found["share"] == pytest.approx(2 / 3)
    assert found["grey_var"] == pytest.approx(0.25)
    assert found["size_entr"] == pytest.approx(1.0)
    assert found["size_energy"] == pytest.approx(0.5)


def test_tallies_of_one_group_are_summed_and_groups_averaged() -> None:
    one = tally(np.array([1]), np.array([1]), group=0, voxels=1)
    other = tally(np.array([3]), np.array([5]), group=0, voxels=5)
    apart = tally(np.array([3]), np.array([5]), group=1, voxels=5)

    assert measure_tallies([one, other])["high"] == pytest.approx((1 + 25) / 2)
    assert measure_tallies([one, other])["share"] == pytest.approx(2 / 6)
    assert measure_tallies([one, apart])["share"] == pytest.approx((1 + 0.2) / 2)


def test_nothing_measures_nothing() -> None:
    empty = tally(np.empty(0, np.int64), np.empty(0, np.int64), group=0, voxels=0)

    for found in (measure_tallies([]), measure_tallies([empty])):
        assert list(found) == list(MEASURES)
        assert np.isnan(list(found.values())).all()
