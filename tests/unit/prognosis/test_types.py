"""What passes between the steps: horizons in days, charts that cannot be changed by a step."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from thoracle.prognosis.types import (
    DEATH,
    DISCHARGE,
    EVENTS,
    HORIZONS,
    HORIZONS_DAYS,
    ICU,
    Chart,
    Outcome,
)


def _chart() -> Chart:
    return Chart(
        patient="a",
        age_years=70.0,
        sex="F",
        admitted_at="",
        times_h=np.array([1.0]),
        variables=np.array([0]),
        values=np.array([2.0]),
        outcome=Outcome(event=DEATH, time_h=5.0),
    )


def test_each_horizon_has_a_name_and_the_stay_comes_last() -> None:
    assert [name.split()[0] for name in HORIZONS[:-1]] == [str(days) for days in HORIZONS_DAYS]
    assert HORIZONS[-1] == DISCHARGE
    assert set(EVENTS) == {DEATH, ICU, DISCHARGE}


def test_a_chart_cannot_be_changed_and_its_repr_holds_no_values() -> None:
    chart = _chart()
    with pytest.raises(FrozenInstanceError):
        chart.patient = "b"  # type: ignore[misc]
    assert "2.0" not in repr(chart)
