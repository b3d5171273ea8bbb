"""A chart is told, kept and opened again; what comes later adds to it, also without a network."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.jobs.made_charts import ADMITTED, made_chart, prognosis, sent_chart

from thoracle.core.errors import ChartError, StoreError
from thoracle.jobs.chart_documents import ChartNotes, KeptOut
from thoracle.jobs.charts import (
    NO_BUNDLE,
    PrognosisReader,
    keep_chart,
    show_chart,
    tell_chart,
)
from thoracle.jobs.prognosis_predict import OpenedReader
from thoracle.prognosis.reading import reading_json
from thoracle.store.chart_types import ChartFacts, NewChart
from thoracle.store.results import ResultStore, open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def test_a_chart_is_kept_with_what_is_told_of_it(store: ResultStore) -> None:
    kept = keep_chart(store.charts, sent_chart(), prognosis(), now=NOW)
    shown = show_chart(store.charts, kept)
    assert shown.noted.chart.patient == "p-1"
    assert [one.index_h for one in shown.reading.risks] == [1.0, 26.0, 50.0]
    assert shown.reading.risk is not None
    assert shown.reading.risk.risk[3] == pytest.approx(0.51)
    facts = shown.line.facts
    assert facts.risk == pytest.approx(0.51)
    assert (facts.measurements, facts.last_h, facts.owner) == (6, 50.0, "ana")
    provenance = shown.reading.provenance
    assert provenance is not None
    assert (provenance.sha256, provenance.bundles[0].name) == ("a" * 64, "prognosis")
    again = tell_chart(shown.noted.chart, prognosis(), sha256="a" * 64)
    assert reading_json(again) == reading_json(shown.reading)


def test_a_later_upload_of_the_same_stay_adds_a_version(store: ResultStore) -> None:
    first = keep_chart(store.charts, sent_chart(), prognosis(), now=NOW)
    later = sent_chart(made_chart([(74.0, "ldh", 800.0)]))
    assert keep_chart(store.charts, later, prognosis(), now=NOW + HOUR) == first
    newest, before = show_chart(store.charts, first), show_chart(store.charts, first, version=1)
    assert (newest.version, newest.line.versions) == (2, 2)
    assert newest.noted.chart.times_h.size == 7
    assert newest.reading.risk is not None
    assert newest.reading.risk.risk[3] == pytest.approx(0.8)
    assert before.noted.chart.times_h.size == 6
    assert before.reading.risk is not None
    assert before.reading.risk.risk[3] == pytest.approx(0.51)


@pytest.mark.parametrize(
    ("patient", "admitted_at"),
    [("p-2", ADMITTED), (None, ADMITTED), ("p-1", "2026-05-01T00:00:00+00:00")],
)
def test_another_patient_or_another_stay_is_another_chart(
    store: ResultStore, patient: str | None, admitted_at: str
) -> None:
    first = keep_chart(store.charts, sent_chart(), None, now=NOW)
    other = sent_chart(made_chart(admitted_at=admitted_at), patient=patient)
    assert keep_chart(store.charts, other, None, now=NOW + HOUR) != first
    assert show_chart(store.charts, first).line.versions == 1


def test_a_chart_that_is_named_is_added_to_and_stays_its_patients(store: ResultStore) -> None:
    first = keep_chart(store.charts, sent_chart(), None, now=NOW)
    later = sent_chart(
        made_chart([(2.0, "ldh", 800.0)], admitted_at="2026-02-28T08:00:00+00:00"),
        patient=None,
        chart_id=first,
    )
    keep_chart(store.charts, later, None, now=NOW + HOUR)
    shown = show_chart(store.charts, first)
    assert shown.line.facts.patient == "p-1"
    assert shown.noted.chart.admitted_at == ADMITTED
    assert 26.0 in shown.noted.chart.times_h
    assert [(one.before, one.after) for one in shown.noted.notes.corrected] == [(420.0, 800.0)]


def test_without_a_network_the_rest_is_told_and_why_no_risk_is(store: ResultStore) -> None:
    kept = keep_chart(store.charts, sent_chart(), None, now=NOW)
    shown = show_chart(store.charts, kept)
    assert shown.reading.refusal == NO_BUNDLE
    assert shown.reading.risk is None
    assert shown.reading.rule.is_death is True
    assert "ldh" in [one.name for one in shown.reading.courses]
    assert shown.line.facts.risk is None


def test_a_chart_of_nothing_is_refused_with_what_was_wrong(store: ResultStore) -> None:
    out = KeptOut(
        kind="no time",
        variable="",
        detail="",
        rows=1,
        values=0,
        places=(2,),
        text="Row 2: no time.",
    )
    empty = sent_chart(made_chart([]), notes=ChartNotes(kept_out=(out,)))
    with pytest.raises(
        ChartError, match=r"no measurement in ward.csv .* Row 2: no time\."
    ) as caught:
        keep_chart(store.charts, empty, None, now=NOW)
    assert caught.value.code == "chart-empty"
    with pytest.raises(ChartError, match="Add one"):
        keep_chart(store.charts, sent_chart(made_chart([])), None, now=NOW)
    assert store.charts.list_charts(9) == ()


def test_what_cannot_be_read_any_more_is_told(store: ResultStore) -> None:
    facts = ChartFacts(file="a.csv", sha256="a" * 64, measurements=1, last_h=1.0, risk=None)
    kept = store.charts.save(NewChart(facts=facts, document={"schema": "x"}, reading=None), now=NOW)
    with pytest.raises(StoreError, match="a stored chart that cannot be read") as caught:
        show_chart(store.charts, kept)
    assert caught.value.code == "damaged-result"


def test_unknown_age_is_kept_unknown(store: ResultStore) -> None:
    sent = sent_chart(made_chart(age_years=math.nan, sex="", admitted_at=""))
    shown = show_chart(store.charts, keep_chart(store.charts, sent, prognosis(), now=NOW))
    assert math.isnan(shown.noted.chart.age_years)
    assert shown.reading.age_years is None
    assert "chart-no-age" in [one.code for one in shown.reading.warnings]


def test_a_network_is_opened_once_and_looked_for_again_while_there_is_none() -> None:
    found: list[OpenedReader | None] = [None, prognosis()]
    reader = PrognosisReader(lambda: found.pop(0))
    assert reader.prognosis() is None
    opened = reader.prognosis()
    assert opened is not None
    assert reader.prognosis() is opened
