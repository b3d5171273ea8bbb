"""Days, values and risks stand where they belong, small risks can be seen, nothing leaves."""

from dataclasses import replace

import pytest

from thoracle.prognosis.reading import Course, Forecast, RiskPoint
from thoracle.reporting.chart_plot import (
    Frame,
    Heights,
    Hours,
    bar,
    course_plot,
    hours_of,
    risk_plot,
)

FRAME = Frame(left=10.0, top=20.0, width=100.0, height=50.0)
HOURS = Hours(start_h=0.0, end_h=100.0, frame=FRAME)
LDH = Course(
    name="ldh",
    title="LDH",
    unit="U/L",
    kind="laboratory",
    reference_low=100.0,
    reference_high=200.0,
    times_h=(0.0, 50.0),
    values=(150.0, 300.0),
)


def _point(index_h: float, risk: float, *, spread: float = 0.01) -> RiskPoint:
    return RiskPoint(
        index_h=index_h, risk=(0.0, risk), low=(0.0, risk - spread), high=(0.0, risk + spread)
    )


def test_a_frame_ends_where_its_sides_say() -> None:
    assert (FRAME.right, FRAME.bottom) == (110.0, 70.0)


def test_hours_and_values_stand_in_proportion() -> None:
    assert [HOURS.x(one) for one in (0.0, 25.0, 100.0)] == [10.0, 35.0, 110.0]
    heights = Heights(low=0.0, high=10.0, frame=FRAME)
    assert [heights.y(one) for one in (0.0, 5.0, 10.0, 99.0)] == [70.0, 45.0, 20.0, 20.0]
    assert HOURS.holds(100.0)
    assert not HOURS.holds(-1.0)


def test_days_are_whole_counted_from_admission_and_never_too_many() -> None:
    days = Hours(start_h=-30.0, end_h=50.0, frame=FRAME).ticks()
    assert [one.value for one in days] == [-1.0, 0.0, 1.0, 2.0]
    for length_h in (24.0, 500.0, 9_000.0, 80_000.0):
        shown = Hours(start_h=0.0, end_h=length_h, frame=FRAME).ticks()
        assert 1 < len(shown) <= 13
        assert shown[0].value == 0.0


def test_a_range_begins_with_admission_or_before_it_and_lasts_a_day_at_least() -> None:
    assert hours_of([], FRAME).holds(0.0)
    short = hours_of([2.0], FRAME)
    assert short.end_h - short.start_h > 24.0
    assert hours_of([-10.0, 60.0], FRAME).holds(-10.0)


def test_a_small_risk_gets_an_axis_of_its_own_size() -> None:
    small, large = (risk_plot([_point(0.0, risk)], 1, HOURS, FRAME) for risk in (0.05, 0.6))
    assert [one.value for one in small.ticks] == pytest.approx([0, 0.025, 0.05, 0.075, 0.1])
    assert large.ticks[-1].value == 1.0
    assert small.points[0].y == 45.0


def test_risks_are_joined_and_lie_inside_their_band() -> None:
    plot = risk_plot([_point(0.0, 0.2), _point(50.0, 0.4)], 1, HOURS, FRAME)
    assert plot.path == "M10 50L60 30"
    assert plot.band.count("L") == 3
    assert plot.band.endswith("Z")
    assert all(one.high_y < one.y < one.low_y for one in plot.points)
    assert risk_plot([_point(0.0, 0.2)], 1, HOURS, FRAME).path == ""
    assert risk_plot([], 1, HOURS, FRAME).points == ()


def test_values_stand_over_the_usual_range_and_are_marked_outside_it() -> None:
    plot = course_plot(LDH, (), HOURS, index_h=50.0)
    assert [one.is_outside for one in plot.points] == [False, True]
    assert plot.path.startswith("M10 ")
    assert plot.usual_top is not None
    assert plot.usual_height is not None
    inside, outside = plot.points
    assert plot.usual_top < inside.y < plot.usual_top + plot.usual_height
    assert outside.y < plot.usual_top
    assert (plot.low, plot.high) == (84.0, 316.0)


def test_a_value_below_the_usual_range_is_marked_and_its_limits_are_not() -> None:
    low = replace(LDH, times_h=(0.0, 1.0, 2.0), values=(99.0, 100.0, 200.0))
    plot = course_plot(low, (), HOURS, index_h=2.0)
    assert [one.is_outside for one in plot.points] == [True, False, False]


@pytest.mark.parametrize(("low", "high"), [(None, 200.0), (100.0, None), (None, None)])
def test_a_usual_range_may_have_one_limit_or_none(low: float | None, high: float | None) -> None:
    course = Course(
        name="hs_crp",
        title="CRP",
        unit="mg/L",
        kind="laboratory",
        reference_low=low,
        reference_high=high,
        times_h=(1.0,),
        values=(0.0,),
    )
    plot = course_plot(course, (), HOURS, index_h=1.0)
    assert (plot.usual_height is None) == (low is None and high is None)
    assert plot.low == 0.0  # a quantity that is not negative has no axis below 0
    assert plot.path == ""


def test_an_axis_ends_where_values_cannot_be() -> None:
    share = replace(LDH, name="neutrophil_percent", values=(30.0, 99.0), reference_high=75.0)
    plot = course_plot(replace(share, reference_low=40.0), (), HOURS, index_h=50.0)
    assert [plot.low, plot.high] == pytest.approx([24.48, 100.0])
    beyond = Forecast(name="neutrophil_percent", in_days=1, low=90.0, median=99.0, high=103.0)
    assert course_plot(share, (beyond,), HOURS, index_h=50.0).high == 103.0


def test_what_is_given_or_not_has_an_axis_from_no_to_yes() -> None:
    given = replace(LDH, name="supplemental_oxygen", values=(1.0, 1.0))
    plain = replace(given, reference_low=None, reference_high=None)
    plot = course_plot(plain, (), HOURS, index_h=50.0)
    assert (plot.low, plot.high) == (0.0, 1.0)


def test_limits_of_the_usual_range_have_numbers_where_there_is_room() -> None:
    tall = replace(FRAME, height=100.0)
    hours = replace(HOURS, frame=tall)
    plot = course_plot(LDH, (), hours, index_h=50.0)
    assert [one.value for one in plot.limits] == [200.0]  # 100 stands at the lower edge
    wide = replace(LDH, values=(20.0, 400.0))
    limits = course_plot(wide, (), hours, index_h=50.0).limits
    assert [one.value for one in limits] == [200.0, 100.0]
    near = replace(wide, reference_low=190.0)
    assert [one.value for one in course_plot(near, (), hours, index_h=50.0).limits] == [200.0]


def test_a_forecast_counts_from_the_index_time_and_fits_in() -> None:
    told = Forecast(name="ldh", in_days=1, low=250.0, median=320.0, high=500.0)
    (placed,) = course_plot(LDH, (told,), HOURS, index_h=60.0).forecasts
    assert placed.x == HOURS.x(84.0)
    assert FRAME.top < placed.high_y < placed.y < placed.low_y < FRAME.bottom


def test_a_bar_grows_to_the_side_of_its_sign() -> None:
    assert bar(1.0, 1.0, 200.0) == (100.0, 100.0)
    assert bar(-0.25, 1.0, 200.0) == (75.0, 25.0)
    assert bar(0.0, 0.0, 200.0) == (100.0, 0.0)
