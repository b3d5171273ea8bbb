"""The last value is the last known one: later ones are not looked at."""

import numpy as np

from thoracle.prognosis.last_values import last_value
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of


def _chart() -> Chart:
    return Chart(
        patient="p",
        age_years=60.0,
        sex="F",
        admitted_at="",
        times_h=np.array([0.0, 5.0, 5.0, 9.0]),
        variables=np.array([place_of(name) for name in ("ldh", "ldh", "hs_crp", "ldh")]),
        values=np.array([200.0, 300.0, 10.0, 400.0]),
        outcome=None,
    )


def test_the_value_at_the_index_time_itself_is_known_and_a_later_one_is_not() -> None:
    found = last_value(_chart(), 5.0, "ldh")
    assert (found.value, found.time_h, found.is_known) == (300.0, 5.0, True)
    assert last_value(_chart(), 8.999, "ldh").value == 300.0
    assert last_value(_chart(), 9.0, "ldh").value == 400.0


def test_of_several_at_one_time_the_last_counts_and_other_variables_do_not() -> None:
    assert last_value(_chart(), 6.0, "hs_crp").value == 10.0


def test_what_was_never_measured_is_unknown_not_0() -> None:
    found = last_value(_chart(), 4.0, "hs_crp")
    assert not found.is_known
    assert np.isnan(found.value)
    assert np.isnan(found.time_h)
