from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.languages import ENGLISH_TEXTS
from thoracle.core.results import BundleReference, Provenance
from thoracle.prognosis.analyze import ChartReader, analyze
from thoracle.prognosis.prior import LocalPrevalence, Share, local_diagnosis
from thoracle.prognosis.reading import ChartReading, Suggested
from thoracle.prognosis.types import Chart
from thoracle.prognosis.variables import place_of
from thoracle.reporting.chart_view import ChartView, chart_view


def _view(chart: Chart, reader: ChartReader, index_h: float = 51.0) -> ChartView:
    return chart_view(_read(chart, reader, index_h), ENGLISH_TEXTS)


def _read(chart: Chart, reader: ChartReader, index_h: float = 51.0) -> ChartReading:
    return analyze(chart, index_h=index_h, reader=reader, rng=np.random.default_rng(0))


def test_patient_and_time_come_first(sick_chart: Chart, chart_reader: ChartReader) -> None:
    view = _view(sick_chart, chart_reader)
    assert view.title == "Course of synthetic-1"
    assert view.about == "71 years, male; 8 measurements of 5 variables"
    assert view.known_until == (
        "Known until 2020-02-03 11:00 (day 2, 3 h after admission; admitted 2020-02-01 08:00)."
    )


def test_what_is_unknown_of_the_patient_is_said(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    unknown = replace(sick_chart, patient="", age_years=np.nan, sex="", admitted_at="")
    view = _view(unknown, chart_reader)
    assert view.title == "Course of a patient without number"
    assert view.about.startswith("age unknown, sex unknown")
    assert view.known_until == "Known until then: day 2, 3 h after admission."
    assert [one.code for one in view.warnings] == ["chart-no-age", "chart-not-used"]


def test_the_headline_is_the_risk_until_discharge_with_its_interval(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    assert reading.risk is not None
    shares = [reading.risk.risk[3], reading.risk.low[3], reading.risk.high[3]]
    risk, low, high = (f"{100 * one:.0f} %" for one in shares)
    view = chart_view(reading, ENGLISH_TEXTS)
    assert view.headline == f"Risk of death until discharge: {risk} ({low} to {high})"
    assert [row[0] for row in view.risks] == [
        "within 1 day",
        "within 3 days",
        "within 7 days",
        "until discharge",
    ]
    assert view.risks[3][1:] == (risk, f"{low}–{high}")


def test_what_drove_it_stands_with_value_flag_range_and_time(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    reading = _read(sick_chart, chart_reader)
    view = chart_view(reading, ENGLISH_TEXTS)
    (ldh,) = [row for row in view.drove if row.cells[0] == "Lactate dehydrogenase"]
    assert reading.added is not None
    (added,) = [one for one in reading.added.parts if one.name == "ldh"]
    assert ldh.cells[1:4] == ("280 → 620 U/L (3 values)", "120–250", "0 h before")
    assert ldh.cells[4] == f"{100 * added.added[3]:+.1f}"
    assert ldh.flag == "high"
    assert ldh.points == pytest.approx(100 * added.added[3])
    (sex,) = [row for row in view.drove if row.cells[0] == "Sex"]
    assert sex.cells == ("Sex", "male", "", "", "+0.0", "")
    assert len(view.drove_notes) == 3


def test_drawn_orders_are_said_to_be_drawn(sick_chart: Chart, chart_reader: ChartReader) -> None:
    reading = _read(sick_chart, chart_reader)
    assert reading.added is not None
    drawn = replace(reading, added=replace(reading.added, is_exact=False))
    assert len(chart_view(drawn, ENGLISH_TEXTS).drove_notes) == 4


def test_what_adds_least_is_told_together_so_that_the_sum_is_right(
    sick_chart: Chart, chart_reader: ChartReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thoracle.reporting.chart_view._SHOWN_PARTS", 2)
    reading = _read(sick_chart, chart_reader)
    rows = chart_view(reading, ENGLISH_TEXTS).drove
    assert len(rows) == 3
    assert rows[-1].cells[0] == "4 others together"
    assert reading.added is not None
    change = reading.added.risk[3] - reading.added.base[3]
    assert sum(row.points for row in rows) == pytest.approx(100 * change)


def test_the_rule_and_a_partial_score_are_told(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    view = _view(sick_chart, chart_reader)
    assert view.rule == "death"
    assert "LDH is 620 U/L" in view.rule_reason
    assert view.news2 == "4 to 18 points: 5 of 7 observations are not known"
    rows = {row[0]: row[1:] for row in view.news2_parts}
    assert rows["Oxygen saturation, pulse oximetry"] == ("89 %", "3")
    assert rows["Heart rate"] == ("not known", "")


def test_a_whole_score_has_its_class(sick_chart: Chart, chart_reader: ChartReader) -> None:
    vitals = {
        "respiratory_rate": 16.0,
        "spo2": 97.0,
        "supplemental_oxygen": 0.0,
        "systolic_pressure": 120.0,
        "heart_rate": 70.0,
        "consciousness": 0.0,
        "temperature": 37.0,
    }
    well = replace(
        sick_chart,
        times_h=np.zeros(7),
        variables=np.array([place_of(name) for name in vitals], np.int64),
        values=np.array([*vitals.values()]),
    )
    assert _view(well, chart_reader, 1.0).news2 == "0 points: low risk"


def test_without_vital_signs_there_is_no_score(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    assert _view(sick_chart, chart_reader, 2.0).news2 == "No vital sign is known."


def test_suggestions_say_where_their_likely_value_is_from(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    crp = Suggested(
        name="hs_crp",
        age_h=25.0,
        low=54.0,
        median=60.0,
        high=66.0,
        is_forecast=True,
        expected_change=(0.0, 0.01, 0.02, 0.03),
        information_bits=(0.0, 0.1, 0.2, 0.3),
    )
    glucose = replace(crp, name="glucose", age_h=None, is_forecast=False)
    reading = replace(_read(sick_chart, chart_reader), next_tests=(crp, glucose))
    rows = {row[0]: row[1:] for row in chart_view(reading, ENGLISH_TEXTS).suggested}
    assert rows["C-reactive protein, high sensitivity"][:2] == (
        "25 h before",
        "60 (54–66) mg/L, told of this patient",
    )
    assert rows["Glucose"][0] == "never"
    assert rows["Glucose"][1].endswith("mmol/L, as of the patients learned from")


def test_a_refusal_is_all_that_is_told_of_the_risk(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    view = _view(sick_chart, chart_reader, -1.0)
    assert view.headline == "No risk is told"
    assert view.refusal == "Nothing was measured up to then: no risk is told."
    assert (view.risks, view.drove, view.drove_notes, view.suggested) == ((), (), (), ())
    assert view.rule == "no answer"


def test_the_local_prevalence_is_told_with_all_its_numbers(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    prior = local_diagnosis(
        "COVID-19",
        0.8,
        calibrated_at=Share(value=0.5, low=0.4, high=0.6),
        local=LocalPrevalence(
            place="Porto", week="2020-W05", share=Share(value=0.1, low=0.05, high=0.2)
        ),
    )
    reading = replace(_read(sick_chart, chart_reader), prior=prior)
    said, note = chart_view(reading, ENGLISH_TEXTS).prior
    assert said == (
        "COVID-19: 80 % by the film alone becomes 31 % (12 % to 60 %) at a prevalence of 10 % "
        "(5.0 % to 20 %) in Porto, 2020-W05."
    )
    assert note.startswith("By Bayes’ rule, from the share of 50 % among the films")


def test_provenance_names_file_software_network_and_runtime(
    sick_chart: Chart, chart_reader: ChartReader
) -> None:
    made = Provenance(
        sha256="ab",
        software_version="0.1.0",
        bundles=(BundleReference(name="prognosis", version="1.0.0", digest="cd"),),
        runtime="onnxruntime",
        precision="fp32",
    )
    reading = replace(_read(sick_chart, chart_reader), provenance=made)
    assert chart_view(reading, ENGLISH_TEXTS).provenance == (
        ("Thoracle", "0.1.0"),
        ("SHA-256 of the file", "ab"),
        ("Network", "prognosis 1.0.0, SHA-256 cd"),
        ("Runtime", "onnxruntime"),
    )
