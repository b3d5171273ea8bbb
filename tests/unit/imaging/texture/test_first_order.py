import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from thoracle.imaging.texture.first_order import describe, first_order, ratio

VALUES = np.random.default_rng(1).gamma(2.0, size=501)


def test_moments_and_percentiles_are_those_of_scipy() -> None:
    found = first_order(VALUES)

    assert found["stat_mean"] == pytest.approx(VALUES.mean())
    assert found["stat_var"] == pytest.approx(VALUES.var())
    assert found["stat_skew"] == pytest.approx(stats.skew(VALUES))
    assert found["stat_kurt"] == pytest.approx(stats.kurtosis(VALUES))
    assert found["stat_p10"] == pytest.approx(np.percentile(VALUES, 10))
    assert found["stat_iqr"] == pytest.approx(stats.iqr(VALUES))
    assert found["stat_medad"] == pytest.approx(np.abs(VALUES - np.median(VALUES)).mean())
    assert found["stat_energy"] == pytest.approx((VALUES**2).sum())
    assert found["stat_rms"] == pytest.approx(np.sqrt((VALUES**2).mean()))


def test_the_robust_deviation_leaves_the_ends_out() -> None:
    values = np.array([-1e6, *range(1, 20), 1e6])
    middle = np.arange(1.0, 20.0)[1:-1]

    assert describe(values)["rmad"] == pytest.approx(np.abs(middle - middle.mean()).mean())


def test_what_a_flat_region_does_not_have_is_unknown_and_not_0() -> None:
    found = describe(np.zeros(5))

    assert found["var"] == 0.0
    assert np.isnan([found["skew"], found["kurt"], found["cov"], found["qcod"]]).all()
    assert np.isnan(ratio(1.0, 0.0))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60), st.floats(0, 100))
def test_percentiles_are_numpys(values: list[float], shift: float) -> None:
    array = np.array(values) + shift
    p25, p75 = np.percentile(array, [25, 75])

    assert describe(array)["iqr"] == pytest.approx(p75 - p25, abs=1e-9)
    assert describe(array)["median"] == pytest.approx(np.median(array), abs=1e-9)
