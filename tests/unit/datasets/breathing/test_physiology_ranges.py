"""The habits of breathing keep what their names say."""

import pytest

from thoracle.datasets.breathing.physiology_ranges import HABITS, Body
from thoracle.respiration.types import PATTERNS


def test_every_pattern_has_a_habit() -> None:
    assert tuple(HABITS) == PATTERNS


def test_names_of_rates_do_not_overlap() -> None:
    slow, usual, quick = (
        HABITS[name].rate_per_minute for name in ("bradypnea", "eupnea", "tachypnea")
    )
    assert slow[1] < 12.0 < usual[0] < usual[1] < 20.0 < quick[0]
    assert slow[0] >= 6.0


@pytest.mark.parametrize("name", ["biot", "cheyne_stokes", "central_apnea"])
def test_apneas_last_ten_seconds_or_more(name: str) -> None:
    habit = HABITS[name]
    assert habit.apnea_s is not None
    assert habit.apnea_s[0] >= 10.0


def test_cycles_of_cheyne_stokes_are_those_of_the_literature() -> None:
    habit = HABITS["cheyne_stokes"]
    assert habit.breathing_s is not None
    assert habit.apnea_s is not None
    assert habit.is_waxing
    assert habit.breathing_s[0] + habit.apnea_s[0] == 45.0
    assert habit.breathing_s[1] + habit.apnea_s[1] == 90.0


def test_a_dozen_sighs_an_hour() -> None:
    assert Body().sighs_per_hour == 12.0
