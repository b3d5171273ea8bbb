"""HU of compartments: against NumPy on the same voxels."""

import numpy as np
import pytest

from thoracle.ct.density import (
    by_compartment,
    count_hu,
    histogram_ml,
    mean_hu,
    percentile_hu,
    spread_hu,
)
from thoracle.ct.measures import HISTOGRAM_HU
from thoracle.ct.sides import LEFT, RIGHT, Sides

RNG = np.random.default_rng(6)
LABELS = RNG.integers(0, 4, (5, 6, 8)).astype(np.uint8)
HU = RNG.integers(-1200, 500, LABELS.shape).astype(np.int16)
SIDES = Sides(
    side_map=((LABELS > 0) * np.where(np.arange(8) < 4, RIGHT, LEFT)).astype(np.uint8),
    junction_mm=0.0,
)
CHOSEN = {
    ("both", "all"): LABELS > 0,
    ("right", "lung"): (LABELS == 1) & (SIDES.side_map == RIGHT),
    ("left", "ground_glass"): (LABELS == 2) & (SIDES.side_map == LEFT),
    ("both", "consolidation"): LABELS == 3,
}


@pytest.mark.parametrize("name", CHOSEN, ids="-".join)
def test_mean_spread_and_percentiles_are_those_of_the_voxels(name: tuple[str, str]) -> None:
    found = {
        (side, compartment): voxels
        for side, compartment, voxels in by_compartment(
            count_hu(HU, LABELS, SIDES), knows_sides=True
        )
    }
    values = HU[CHOSEN[name]].astype(float)
    assert mean_hu(found[name]) == pytest.approx(values.mean())
    assert spread_hu(found[name]) == pytest.approx(values.std())
    for percent in (5.0, 50.0, 95.0):
        assert percentile_hu(found[name], percent) == np.percentile(
            values, percent, method="inverted_cdf"
        )


def test_the_histogram_holds_all_voxels_those_beyond_it_too() -> None:
    counts = count_hu(HU, LABELS, None)
    (_, _, voxels), *_ = by_compartment(counts, knows_sides=False)
    found = histogram_ml(voxels, voxel_ml=0.5)
    start, end, width = HISTOGRAM_HU
    edges = [-np.inf, *range(start, end + 1, width), np.inf]
    expected = np.histogram(HU[LABELS > 0].astype(float), edges)[0] * 0.5
    np.testing.assert_allclose(found, expected)
    assert found[0] > 0.0
    assert found[-1] > 0.0


def test_nothing_has_no_mean() -> None:
    counts = count_hu(HU, np.zeros_like(LABELS), None)
    (_, _, voxels), *_ = by_compartment(counts, knows_sides=False)
    assert mean_hu(voxels) is None
    assert spread_hu(voxels) is None
    assert percentile_hu(voxels, 50.0) is None


def test_without_sides_only_both_are_told() -> None:
    counts = count_hu(HU, LABELS, None)
    assert [side for side, _, _ in by_compartment(counts, knows_sides=False)] == ["both"] * 4
