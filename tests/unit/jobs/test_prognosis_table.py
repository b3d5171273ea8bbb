from dataclasses import replace

import numpy as np
import pytest

from thoracle.inference.bundle import open_bundle
from thoracle.jobs.prognosis_predict import OpenedReader, read_chart
from thoracle.jobs.prognosis_table import COLUMNS, risk_rows
from thoracle.prognosis.analyze import ChartReader
from thoracle.prognosis.types import Chart


@pytest.fixture
def opened(chart_reader: ChartReader) -> OpenedReader:
    return OpenedReader(reader=chart_reader, reference=open_bundle("breathing").reference)


def _row(charts: list[Chart], at: str | None, opened: OpenedReader) -> dict[str, object]:
    (row,) = risk_rows(charts, at=at, opened=opened)
    return dict(zip(COLUMNS, row, strict=True))


def test_a_line_says_what_the_whole_reading_says(sick_chart: Chart, opened: OpenedReader) -> None:
    row = _row([sick_chart], "51", opened)
    reading = read_chart(sick_chart, index_h=51.0, opened=opened, sha256="")
    assert reading.risk is not None
    for column, risk in zip(COLUMNS[5:9], reading.risk.risk, strict=True):
        assert float(str(row[column])) == pytest.approx(risk, rel=1e-5)
    assert float(str(row["low_discharge"])) == pytest.approx(reading.risk.low[3], rel=1e-5)
    assert float(str(row["high_discharge"])) == pytest.approx(reading.risk.high[3], rel=1e-5)
    assert (row["patient"], row["index_h"]) == ("synthetic-1", "51")
    assert (row["measurements"], row["variables"]) == (8, 5)
    assert row["refusal"] == ""


def test_where_no_risk_is_told_the_line_says_why(sick_chart: Chart, opened: OpenedReader) -> None:
    row = _row([sick_chart], "1", opened)
    assert row["refusal"] == "chart-nothing-known"
    assert row["risk_discharge"] == ""


def test_of_stays_that_have_ended_no_risk_is_told(sick_chart: Chart, opened: OpenedReader) -> None:
    row = _row([sick_chart], "121", opened)
    assert (row["refusal"], row["risk_discharge"]) == ("chart-ended", "")


def test_without_a_time_each_is_read_at_its_last_measurement(
    sick_chart: Chart, opened: OpenedReader
) -> None:
    early = replace(
        sick_chart,
        times_h=sick_chart.times_h[:4],
        variables=sick_chart.variables[:4],
        values=sick_chart.values[:4],
    )
    rows = list(risk_rows([sick_chart, early], at=None, opened=opened))
    assert [row[2] for row in rows] == ["90", "26"]


def test_many_are_told_batch_by_batch_in_their_order(
    sick_chart: Chart, opened: OpenedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts = [replace(sick_chart, patient=str(one), age_years=20.0 + one) for one in range(7)]
    whole = list(risk_rows(charts, at="51", opened=opened))
    monkeypatch.setattr("thoracle.jobs.prognosis_table._BATCH", 3)
    assert list(risk_rows(iter(charts), at="51", opened=opened)) == whole
    assert [row[0] for row in whole] == [str(one) for one in range(7)]
    risks = [float(str(row[8])) for row in whole]
    assert risks == sorted(risks)
    assert list(risk_rows([], at=None, opened=opened)) == []
    assert np.unique(risks).size == 7
