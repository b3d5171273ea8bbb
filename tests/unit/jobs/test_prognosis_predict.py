import math
from dataclasses import replace

import numpy as np
import pytest

from thoracle.core.errors import ChartError
from thoracle.core.results import Reason
from thoracle.core.version import version
from thoracle.datasets.prognosis.simulated import simulate_cohort
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.prognosis_predict import (
    OpenedReader,
    _origin,
    has_ended,
    index_of,
    read_chart,
    the_patient,
)
from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.reading import reading_json
from thoracle.prognosis.types import Chart, Outcome
from thoracle.prognosis.variables import VARIABLES


@pytest.fixture
def opened(chart_reader: ChartReader) -> OpenedReader:
    return OpenedReader(reader=chart_reader, reference=open_bundle("breathing").reference)


def test_a_reading_says_what_made_it(sick_chart: Chart, opened: OpenedReader) -> None:
    reading = read_chart(sick_chart, index_h=51.0, opened=opened, sha256="ab" * 32)
    made = reading.provenance
    assert made is not None
    assert made.sha256 == "ab" * 32
    assert made.software_version == version()
    assert made.bundles == (opened.reference,)
    assert made.runtime.startswith("onnxruntime")


def test_of_whom_the_networks_learned_is_told_beside_every_risk() -> None:
    shipped = OpenedReader.open()
    assert shipped.origin is not None
    training = open_bundle("prognosis").training
    assert f"{training['patients']} patients of one cohort (wuhan)" in shipped.origin.text
    assert _origin({**training, "calibrated_patients": "80", "calibrated_on": "north"}) == Reason(
        code="chart-learned-elsewhere",
        text=(
            f"The networks learned from {training['patients']} patients of one cohort (wuhan), and "
            "their risks were calibrated to 80 patients of north: they hold for patients like "
            "those."
        ),
    )
    assert _origin({"cohort": "wuhan"}) is None


def test_the_origin_is_the_last_warning_and_none_where_no_risk_is_told(
    sick_chart: Chart, opened: OpenedReader
) -> None:
    origin = Reason(code="chart-learned-elsewhere", text="Elsewhere.")
    told = replace(opened, origin=origin)
    assert read_chart(sick_chart, index_h=51.0, opened=told, sha256="").warnings[-1] == origin
    assert read_chart(sick_chart, index_h=130.0, opened=told, sha256="").warnings == ()


def test_the_same_chart_always_gives_the_same_numbers(
    sick_chart: Chart, opened: OpenedReader
) -> None:
    first, second = (
        reading_json(read_chart(sick_chart, index_h=60.0, opened=opened, sha256=""))
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("event", "index_h", "ended"),
    [
        ("death", 120.0, False),
        ("death", 120.1, True),
        ("discharge", 121.0, True),
        ("icu", 121.0, False),
    ],
)
def test_a_stay_that_has_ended_is_known_by_its_outcome_alone(
    sick_chart: Chart, event: str, index_h: float, ended: bool
) -> None:
    chart = replace(sick_chart, outcome=Outcome(event=event, time_h=120.0))
    assert has_ended(chart, index_h, "death") is ended
    assert not has_ended(replace(chart, outcome=None), index_h, "death")
    assert has_ended(chart, index_h, event) is (index_h > 120.0)


def test_after_the_end_of_a_stay_no_risk_is_told(sick_chart: Chart, opened: OpenedReader) -> None:
    reading = read_chart(sick_chart, index_h=130.0, opened=opened, sha256="")
    assert reading.refusal is not None
    assert reading.refusal.code == "chart-ended"
    assert (reading.risk, reading.added, reading.attention) == (None, None, None)
    assert (reading.forecasts, reading.next_tests) == ((), ())
    assert len(reading.courses) == 5


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (None, 90.0),
        ("48", 48.0),
        ("-1.5", -1.5),
        ("2020-02-03T08:00", 48.0),
        ("2020-02-01", -8.0),
    ],
)
def test_index_times_are_hours_or_dates_and_now_is_the_last_measurement(
    sick_chart: Chart, at: str | None, hours: float
) -> None:
    assert index_of(sick_chart, at) == hours


def test_now_of_an_empty_chart_is_admission(sick_chart: Chart) -> None:
    nothing = replace(sick_chart, times_h=np.empty(0))
    assert index_of(nothing, None) == 0.0


@pytest.mark.parametrize("at", ["soon", "nan", "inf", "2 d"])
def test_what_is_no_time_is_refused(sick_chart: Chart, at: str) -> None:
    with pytest.raises(ChartError, match=f"found '{at}' as the index time") as caught:
        index_of(sick_chart, at)
    assert caught.value.code == "chart-at"


def test_a_date_needs_a_time_of_admission(sick_chart: Chart) -> None:
    with pytest.raises(ChartError, match="Give hours since admission instead"):
        index_of(replace(sick_chart, admitted_at=""), "2020-02-03T08:00")


def test_a_date_without_a_zone_is_in_utc_where_the_admission_has_one(sick_chart: Chart) -> None:
    zoned = replace(sick_chart, admitted_at="2020-02-01T08:00:00+01:00")
    assert index_of(zoned, "2020-02-03T08:00") == 49.0


def test_of_several_stays_the_last_is_read(sick_chart: Chart) -> None:
    later = replace(sick_chart, admitted_at="2021-01-01", age_years=72.0)
    undated = replace(sick_chart, admitted_at="")
    assert the_patient([later, sick_chart, undated], "synthetic-1") is later


def test_an_unknown_patient_is_said_to_be_one(sick_chart: Chart) -> None:
    with pytest.raises(ChartError, match="found no patient 'other' among 1 stays") as caught:
        the_patient([sick_chart], "other")
    assert caught.value.code == "chart-patient"


def test_a_reading_has_no_nan_that_json_could_not_hold(
    sick_chart: Chart, opened: OpenedReader
) -> None:
    unknown = replace(sick_chart, age_years=math.nan)
    assert read_chart(unknown, index_h=51.0, opened=opened, sha256="").age_years is None


def test_the_shipped_bundle_reads_a_simulated_patient() -> None:
    (chart,) = simulate_cohort(1, rng=np.random.default_rng(4)).charts
    opened = OpenedReader.open()
    reading = read_chart(chart, index_h=36.0, opened=opened, sha256="")
    assert reading.event == "death"
    assert reading.added is not None
    assert reading.risk is not None
    assert reading.attention is not None
    total = np.sum([one.added for one in reading.added.parts], axis=0)
    np.testing.assert_allclose(reading.added.base + total, reading.added.risk, atol=1e-9)
    assert reading.added.risk == pytest.approx(reading.risk.risk, abs=1e-6)
    assert list(reading.risk.risk) == sorted(reading.risk.risk)
    assert sum(reading.attention.days) == pytest.approx(1, abs=1e-5)
    names = {VARIABLES[place].name for place in opened.reader.learned.places.tolist()}
    assert {one.name for one in reading.added.parts} - {"age", "sex"} <= names
    assert reading.next_tests
    assert all(one.low <= one.median <= one.high for one in reading.next_tests)
    assert "chart-not-used" in {one.code for one in reading.warnings}
