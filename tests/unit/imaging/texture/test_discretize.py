import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thoracle.imaging.texture.discretize import fixed_bin_number, fixed_bin_size


def test_a_range_is_cut_into_bins_and_the_highest_value_belongs_to_the_last() -> None:
    values = np.array([0.0, 2.4, 2.5, 7.5, 10.0])

    assert fixed_bin_number(values, bins=4).tolist() == [1, 1, 2, 4, 4]


def test_values_beyond_the_ends_fall_into_the_end_bins() -> None:
    values = np.array([-5.0, 0.0, 50.0, 100.0, 400.0])

    assert fixed_bin_number(values, bins=2, lowest=0.0, highest=100.0).tolist() == [1, 1, 2, 2, 2]


def test_bins_of_a_size_are_counted_from_their_lowest_value() -> None:
    values = np.array([-1050.0, -1000.0, -975.1, -975.0, 400.0])

    assert fixed_bin_size(values, size=25.0, lowest=-1000.0).tolist() == [1, 1, 1, 2, 57]


def test_a_flat_region_has_one_level_and_an_empty_one_none() -> None:
    assert fixed_bin_number(np.full(3, 7.0), bins=32).tolist() == [1, 1, 1]
    assert fixed_bin_number(np.empty(0), bins=32).size == 0
    assert fixed_bin_number(np.array([0.0, 5e-324]), bins=32).tolist() == [1, 1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(1, 64))
def test_levels_keep_the_order_and_stay_within_their_number(values: list[float], bins: int) -> None:
    ordered = np.sort(np.array(values))
    levels = fixed_bin_number(ordered, bins=bins)

    assert np.all(np.diff(levels) >= 0)
    assert levels.min() >= 1
    assert levels.max() <= bins
