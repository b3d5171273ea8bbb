"""A chart comes back from JSON as it was; a later one adds to it and says what it replaces."""

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.problems import Kind, Problem
from thoracle.jobs.chart_documents import (
    ChartNotes,
    Correction,
    KeptOut,
    NotedChart,
    chart_from_json,
    chart_json,
    hours_between,
    joined,
    measurements_csv,
)
from thoracle.prognosis.types import DEATH, Chart, Outcome
from thoracle.prognosis.variables import place_of

ADMITTED = "2026-02-27T08:00:00"
Row = tuple[float, str, float]


def _chart(rows: Sequence[Row], **facts: object) -> Chart:
    given = {"patient": "p-1", "age_years": 64.0, "sex": "F", "admitted_at": ADMITTED} | facts
    return Chart(
        times_h=np.array([one[0] for one in rows], np.float64),
        variables=np.array([place_of(one[1]) for one in rows], np.int64),
        values=np.array([one[2] for one in rows], np.float64),
        **{"outcome": None, **given},  # type: ignore[arg-type]
    )


def _rows(chart: Chart) -> list[tuple[float, int, float]]:
    columns = (chart.times_h.tolist(), chart.variables.tolist(), chart.values.tolist())
    return list(zip(*columns, strict=True))


def _later(rows: Sequence[Row], **facts: object) -> NotedChart:
    return NotedChart(chart=_chart(rows, **facts))


FIRST = _chart([(0.5, "ldh", 250.0), (24.0, "ldh", 300.0), (24.0, "hs_crp", 40.0)])


def test_a_chart_comes_back_as_it_was() -> None:
    problem = Problem(
        kind=Kind.IMPOSSIBLE,
        source="a.csv",
        variable="ldh",
        detail="",
        rows=1,
        values=1,
        places=(3,),
    )
    notes = ChartNotes(
        kept_out=(KeptOut.of(problem),),
        corrected=(Correction(name="ldh", time_h=0.5, before=1.0, after=250.0),),
    )
    chart = replace(FIRST, outcome=Outcome(event=DEATH, time_h=99.0))
    document = json.loads(json.dumps(chart_json(NotedChart(chart=chart, notes=notes))))
    assert document["measurements"][0] == {"time_h": 0.5, "variable": "ldh", "value": 250.0}
    assert "p-1" not in str(document)
    again = chart_from_json(document, patient="p-1")
    assert again.notes == notes
    assert _rows(again.chart) == _rows(chart)
    assert (again.chart.outcome, again.chart.patient) == (chart.outcome, "p-1")
    assert "found" in again.notes.kept_out[0].text


def test_what_is_unknown_is_null_and_comes_back_unknown() -> None:
    document = chart_json(NotedChart(chart=_chart([], age_years=math.nan, sex="", admitted_at="")))
    assert document["age_years"] is None
    assert math.isnan(chart_from_json(document, patient="").chart.age_years)


def test_another_document_is_refused() -> None:
    with pytest.raises(ValueError, match="thoracle breathing 1"):
        chart_from_json({"schema": "thoracle breathing 1"}, patient="")


def test_measurements_are_written_with_their_units() -> None:
    rows = list(csv.DictReader(measurements_csv(FIRST).splitlines()))
    assert rows[0] == {"time_h": "0.5", "variable": "ldh", "value": "250.0", "unit": "U/L"}
    assert [one["variable"] for one in rows] == ["ldh", "ldh", "hs_crp"]


def test_a_later_chart_adds_in_order_of_time() -> None:
    made = joined(FIRST, _later([(48.0, "ldh", 400.0), (-2.0, "spo2", 91.0), (0.5, "ldh", 250.0)]))
    assert made.chart.times_h.tolist() == [-2.0, 0.5, 24.0, 24.0, 48.0]
    assert made.chart.values.tolist()[-1] == 400.0
    assert made.notes.corrected == ()
    assert FIRST.times_h.size == 3  # what was known stays as it was


def test_a_value_of_the_same_time_that_differs_is_replaced_and_told() -> None:
    made = joined(FIRST, _later([(24.0001, "ldh", 310.0)]))  # the same second
    assert made.notes.corrected == (Correction(name="ldh", time_h=24.0, before=300.0, after=310.0),)
    assert 310.0 in made.chart.values
    assert 300.0 not in made.chart.values
    assert made.chart.times_h.tolist() == FIRST.times_h.tolist()


def test_times_count_from_the_admission_of_the_earlier_chart() -> None:
    outcome = Outcome(event=DEATH, time_h=10.0)
    later = _later([(1.0, "ldh", 5.0)], admitted_at="2026-02-28T08:00:00", outcome=outcome)
    made = joined(FIRST, later)
    assert made.chart.times_h.tolist() == [0.5, 24.0, 24.0, 25.0]
    assert made.chart.outcome == Outcome(event=DEATH, time_h=34.0)
    assert made.chart.admitted_at == ADMITTED
    unsaid = joined(FIRST, _later([(1.0, "ldh", 5.0)], admitted_at=""))
    assert unsaid.chart.times_h.tolist() == [0.5, 1.0, 24.0, 24.0]


def test_an_admission_that_only_the_later_chart_knows_cannot_be_counted_from() -> None:
    with pytest.raises(ChartError, match="a chart that does not know its own"):
        joined(_chart([], admitted_at=""), _later([(1.0, "ldh", 5.0)]))


@pytest.mark.parametrize(
    ("second", "hours"),
    [
        ("2026-02-28T08:00:00", 24.0),
        ("2026-02-28T08:00:00Z", 24.0),
        ("2026-02-28T08:00:00+02:00", 22.0),
    ],
)
def test_where_one_time_has_a_zone_the_other_is_in_utc(second: str, hours: float) -> None:
    assert hours_between(ADMITTED, second) == hours
    assert hours_between(second, ADMITTED) == -hours


def test_times_that_cannot_be_compared_are_told() -> None:
    with pytest.raises(ChartError, match="expected two times of ISO 8601") as caught:
        hours_between(ADMITTED, "yesterday")
    assert caught.value.code == "chart-admission"


def test_age_and_sex_are_filled_in_and_corrections_of_them_told() -> None:
    unknown = _chart([], age_years=math.nan, sex="")
    filled = joined(unknown, _later([], age_years=50.0, sex="M"))
    assert (filled.chart.age_years, filled.chart.sex) == (50.0, "M")
    assert filled.notes.corrected == ()
    kept = joined(FIRST, _later([], age_years=math.nan, sex=""))
    assert (kept.chart.age_years, kept.chart.sex) == (64.0, "F")
    changed = joined(FIRST, _later([], age_years=65.0, sex="M")).notes.corrected
    assert [(one.name, one.before, one.after) for one in changed] == [
        ("age_years", 64.0, 65.0),
        ("sex", "F", "M"),
    ]
