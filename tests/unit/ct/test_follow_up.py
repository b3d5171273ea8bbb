"""A change is told only where it is more than noise, breath and borders can explain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest

from thoracle.ct.follow_up import (
    DAY_ZERO,
    LUNG,
    POI,
    Key,
    Measured,
    Verdict,
    Visit,
    in_order,
    step,
)
from thoracle.ct.repeatability import Repeatability

# 1.96 · √2 · 0.3608 mm = 1 mm of border: 1 ml for each 1000 mm².
KNOWN = Repeatability(
    pairs=1,
    labeled_by="nobody",
    border_mm=MappingProxyType(
        dict.fromkeys(("infection", "ground_glass", "consolidation"), 0.36077)
    ),
    lung_share=0.0036077,
)


def _visit(
    day: int,
    *,
    ill: float | None,
    lung: float | None = 5000.0,
    solid: float = 0.0,
    surface: float = 10_000.0,
    half: float | None = None,
    cut: bool = False,
    more: Mapping[Key, Measured] = MappingProxyType({}),
) -> Visit:
    def measured(value: float | None) -> Measured:
        if value is None or half is None:
            return Measured(value=value, cut=cut)
        return Measured(value=value, low=value - half, high=value + half, cut=cut)

    poi = None if ill is None or not lung else (ill + solid) * 100 / lung
    infection = None if ill is None else ill + solid
    return Visit(
        name=f"day {day}",
        day=date(2020, 3, day),
        values={
            (POI, "both"): Measured(value=poi, cut=cut),
            ("infection", "both"): measured(infection),
            ("ground_glass", "both"): measured(ill),
            ("consolidation", "both"): measured(solid),
            (LUNG, "both"): Measured(value=lung),
            **more,
        },
        surface_mm2=dict.fromkeys(("infection", "ground_glass", "consolidation"), surface),
    )


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (115.0, Verdict.GREW),
        (109.0, Verdict.NOISE),
        (100.0, Verdict.NOISE),
        (91.0, Verdict.NOISE),
        (85.0, Verdict.SHRANK),
    ],
)
def test_ten_ml_of_noise_hide_nine_ml_and_not_fifteen(later: float, verdict: Verdict) -> None:
    found = step(_visit(1, ill=100.0), _visit(5, ill=later), KNOWN)
    change = found.change("infection")
    assert change.noise == pytest.approx(10.0, rel=1e-3)
    assert change.absolute == pytest.approx(later - 100.0)
    assert change.relative_percent == pytest.approx(later - 100.0)
    assert change.verdict is verdict
    assert found.change(POI).verdict is verdict
    assert found.change(POI).noise == pytest.approx(0.2, rel=1e-3)
    assert found.days == 4


def test_test_time_variation_of_both_scans_is_added_in_squares() -> None:
    found = step(_visit(1, ill=100.0, half=10.0), _visit(5, ill=115.0, half=10.0), KNOWN)
    change = found.change("ground_glass")
    assert change.noise == pytest.approx(300**0.5, rel=1e-3)
    assert change.verdict is Verdict.NOISE


def test_a_shallower_breath_widens_ground_glass_to_one_side() -> None:
    found = step(_visit(1, ill=100.0), _visit(5, ill=90.0, lung=4000.0), KNOWN)
    assert found.breath == pytest.approx(0.8)
    change = found.change("ground_glass")
    # 90 ml, or 90 / 0.8 = 112.5 ml if the lesion would have filled with air as the lung.
    assert [change.low, change.high] == pytest.approx([-20, 22.5], abs=0.1)
    assert change.verdict is Verdict.NOISE
    # POI rose from 2 to 2.25 %, but lies at 1.8 % if nothing of it filled with air.
    assert found.change(POI).verdict is Verdict.UNKNOWN
    assert found.change(POI).why == "breath"
    assert [one.code for one in found.warnings] == ["ct-follow-up-breath"]
    assert "-20 %" in found.warnings[0].text


def test_consolidation_holds_no_air_to_lose() -> None:
    first, second = _visit(1, ill=0.0, solid=100.0), _visit(5, ill=0.0, solid=80.0, lung=3000.0)
    change = step(first, second, KNOWN).change("consolidation")
    assert change.verdict is Verdict.SHRANK
    assert [change.low, change.high] == pytest.approx([-30, -10], abs=0.1)


@pytest.mark.parametrize(
    ("first", "second", "later", "verdict"),
    [
        (False, True, 130.0, Verdict.GREW),
        (True, False, 130.0, Verdict.UNKNOWN),
        (True, False, 70.0, Verdict.SHRANK),
        (False, True, 70.0, Verdict.UNKNOWN),
        (False, True, 100.0, Verdict.UNKNOWN),
    ],
)
def test_a_cut_lesion_is_a_bound_and_tells_only_what_holds_for_a_larger_one(
    first: bool, second: bool, later: float, verdict: Verdict
) -> None:
    found = step(_visit(1, ill=100.0, cut=first), _visit(5, ill=later, cut=second), KNOWN)
    assert found.change("infection").verdict is verdict
    assert found.change("infection").why == "border"
    assert found.change(POI).verdict is Verdict.UNKNOWN
    assert "ct-follow-up-cut" in [one.code for one in found.warnings]


def test_without_lungs_there_is_no_percentage_and_nothing_to_tell() -> None:
    found = step(_visit(1, ill=None, lung=0.0), _visit(5, ill=10.0), KNOWN)
    assert found.breath is None
    change = found.change(POI)
    assert (change.absolute, change.verdict, change.why) == (None, Verdict.UNKNOWN, "undefined")


def test_a_lesion_out_of_nothing_has_no_relative_change() -> None:
    change = step(_visit(1, ill=0.0), _visit(5, ill=30.0), KNOWN).change("infection")
    assert (change.relative_percent, change.verdict) == (None, Verdict.GREW)


def test_a_region_has_more_of_the_surface_than_of_the_volume() -> None:
    right = {("infection", "right"): Measured(value=12.5), (LUNG, "right"): Measured(value=2500.0)}
    found = step(_visit(1, ill=100.0, more=right), _visit(5, ill=100.0, more=right), KNOWN)
    assert found.change("infection", "right").noise == pytest.approx(2.5, rel=1e-3)  # 1 / 8 → 1 / 4
    assert [one.region for one in found.changes][:5] == ["both"] * 5


def test_a_lung_that_is_measured_once_cannot_be_compared() -> None:
    more = {("infection", "right"): Measured(value=25.0), (LUNG, "right"): Measured(value=2500.0)}
    change = step(_visit(1, ill=100.0), _visit(5, ill=100.0, more=more), KNOWN)
    assert change.change("infection", "right").verdict is Verdict.UNKNOWN


def test_dates_give_the_order_and_one_day_keeps_the_order_given() -> None:
    first, second, third = _visit(9, ill=1.0), _visit(2, ill=2.0), _visit(9, ill=3.0)
    assert in_order([first, second, third]) == (second, first, third)
    assert "ct-follow-up-same-day" in [one.code for one in step(first, third, KNOWN).warnings]


def test_a_day_without_a_date_is_a_number() -> None:
    dated = _visit(5, ill=1.0)
    assert (dated.day_number, dated.when) == (None, str(dated.day))
    counted = replace(dated, day=DAY_ZERO + timedelta(days=5), is_dated=False)
    assert (counted.day_number, counted.when) == (5, "day 5")
