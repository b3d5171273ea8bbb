"""A chart grows by versions: none is overwritten, all go together, and stays are told apart."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from thoracle.core.errors import StoreError
from thoracle.store.chart_types import ChartFacts, NewChart
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import Search

SECOND = timedelta(seconds=1)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"
FACTS = ChartFacts(
    file="dia_1.csv",
    sha256="a" * 64,
    measurements=12,
    last_h=26.5,
    risk=0.125,
    admitted_at="2026-02-27T08:00:00+00:00",
    owner="ana",
    patient="p-1",
)
NEW = NewChart(facts=FACTS, document={"measurements": [[0.5, "ldh", 251.0]]}, reading={"x": [0.1]})
LATER = NewChart(
    facts=replace(FACTS, file="dia_2.csv", measurements=15, last_h=50.0, risk=None, owner="rui"),
    document={"measurements": []},
    reading=None,
)


def test_a_chart_comes_back_as_it_was(store: ResultStore, now: datetime) -> None:
    kept = store.charts.get(store.charts.save(NEW, now=now))
    assert kept.line.facts == FACTS
    assert (kept.line.created_at, kept.line.changed_at) == (now, now)
    assert (kept.version, kept.line.versions) == (1, 1)
    assert (kept.document, kept.reading) == (NEW.document, NEW.reading)
    (first,) = kept.history
    assert (first.sender, first.file, first.measurements) == ("ana", "dia_1.csv", 12)


def test_what_was_not_told_stays_unknown(store: ResultStore, now: datetime) -> None:
    facts = ChartFacts(file="a.csv", sha256="b" * 64, measurements=0, last_h=None, risk=None)
    kept = store.charts.get(
        store.charts.save(NewChart(facts=facts, document={}, reading=None), now=now)
    )
    assert kept.line.facts == facts
    assert kept.reading is None


def test_a_newer_version_is_shown_and_the_older_stays_as_it_was(
    store: ResultStore, now: datetime
) -> None:
    chart = store.charts.save(NEW, now=now)
    assert store.charts.add(chart, LATER, after=1, now=now + SECOND) == 2
    newest, first = store.charts.get(chart), store.charts.get(chart, version=1)
    assert (newest.version, newest.document, newest.reading) == (2, LATER.document, None)
    assert (first.version, first.document, first.reading) == (1, NEW.document, NEW.reading)
    assert newest.line.facts == replace(LATER.facts, owner="ana")  # who sent the first version
    assert (newest.line.created_at, newest.line.changed_at) == (now, now + SECOND)
    assert [one.sender for one in newest.history] == ["ana", "rui"]
    assert newest.history == first.history


def test_of_two_who_add_at_once_the_second_is_told(store: ResultStore, now: datetime) -> None:
    chart = store.charts.save(NEW, now=now)
    store.charts.add(chart, LATER, after=1, now=now)
    with pytest.raises(StoreError, match="added to this chart meanwhile") as caught:
        store.charts.add(chart, NEW, after=1, now=now)
    assert caught.value.code == "chart-changed"
    assert store.charts.get(chart).document == LATER.document


def test_a_chart_or_a_version_that_is_not_there_is_said(store: ResultStore, now: datetime) -> None:
    chart = store.charts.save(NEW, now=now)
    with pytest.raises(StoreError, match="no version 2 of this chart – expected 1 to 1"):
        store.charts.get(chart, version=2)
    for act in (
        lambda: store.charts.get(NOBODYS),
        lambda: store.charts.delete(NOBODYS),
        lambda: store.charts.add(NOBODYS, NEW, after=1, now=now),
    ):
        with pytest.raises(StoreError, match="found no chart") as caught:
            act()
        assert caught.value.code == "unknown-chart"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["b.csv", "dia_1.csv"]),
        (Search(text="DIA_"), ["dia_1.csv"]),
        (Search(owner="rui"), ["b.csv"]),
        (Search(patient="p-1"), ["dia_1.csv"]),
        (Search(finding="COVID-19"), []),
    ],
)
def test_charts_are_searched_newest_first(
    store: ResultStore, now: datetime, search: Search, found: list[str]
) -> None:
    other = replace(FACTS, file="b.csv", owner="rui", patient=None)
    store.charts.save(NEW, now=now)
    second = store.charts.save(replace(NEW, facts=other), now=now + SECOND)
    listed = store.charts.list_charts(9, search=search)
    assert [one.facts.file for one in listed] == found
    assert all(one.id < second for one in store.charts.list_charts(9, before=second))


def test_stays_are_told_apart_by_patient_and_admission(store: ResultStore, now: datetime) -> None:
    first = store.charts.save(NEW, now=now)
    undated = store.charts.save(replace(NEW, facts=replace(FACTS, admitted_at="")), now=now)
    found = store.charts.of_stay("p-1", FACTS.admitted_at)
    assert found is not None
    assert found.id == first
    found = store.charts.of_stay("p-1", "")
    assert found is not None
    assert found.id == undated
    assert store.charts.of_stay("p-2", FACTS.admitted_at) is None
    assert store.charts.of_stay("p-1", "2025-01-01") is None


def test_a_chart_is_deleted_with_all_its_versions(store: ResultStore, now: datetime) -> None:
    chart = store.charts.save(NEW, now=now)
    store.charts.add(chart, LATER, after=1, now=now)
    store.charts.delete(chart)
    assert len(list(store.dump_rows())) == 1  # the revision alone
    with pytest.raises(StoreError):
        store.charts.get(chart)


def test_a_chart_that_grows_does_not_grow_old(store: ResultStore, now: datetime) -> None:
    old, grown = (store.charts.save(NEW, now=now) for _ in range(2))
    store.charts.add(grown, LATER, after=1, now=now + 2 * SECOND)
    assert store.delete_older(now + SECOND) == 1
    assert [one.id for one in store.charts.list_charts(9)] == [grown]
    with pytest.raises(StoreError):
        store.charts.get(old)


def test_a_version_that_cannot_be_written_leaves_the_chart_as_it_was(
    store: ResultStore, now: datetime
) -> None:
    broken = replace(LATER, document={"x": float("nan")})
    chart = store.charts.save(NEW, now=now)
    # PostgreSQL's driver writes the JSON itself, and raises over it what Python does.
    with pytest.raises((StoreError, ValueError)):
        store.charts.add(chart, broken, after=1, now=now)
    with pytest.raises((StoreError, ValueError)):
        store.charts.save(broken, now=now)
    assert store.charts.get(chart).document == NEW.document
    assert [one.id for one in store.charts.list_charts(9)] == [chart]


def test_charts_are_part_of_a_dump(store: ResultStore, now: datetime, tmp_path: Path) -> None:
    chart = store.charts.save(NEW, now=now)
    store.charts.add(chart, LATER, after=1, now=now + SECOND)
    with open_store(tmp_path / "other", database_url=None) as other:
        assert other.load_rows(store.dump_rows()) == 3
        for version in (1, 2):
            kept = other.charts.get(chart, version=version)
            assert kept == store.charts.get(chart, version=version)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_of_the_version_before_gets_the_tables_and_keeps_its_rows(
    kind: str, tmp_path: Path, now: datetime, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    if kind == "postgresql":
        url = str(request.getfixturevalue("emptied_postgresql"))
    with open_store(tmp_path, database_url=url) as before:
        before.users.add("ana", "hash", now=now)
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("charts", "chart_versions"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    with open_store(tmp_path, database_url=url) as after:
        assert [one.name for one in after.users.users()] == ["ana"]
        kept = after.charts.save(NEW, now=now)
        assert after.charts.get(kept).line.facts == FACTS
        columns: list[Any] = inspect(engine).get_columns("charts")
        assert {one["name"] for one in columns if one["nullable"]} == {
            *("last_h", "risk", "owner", "patient")
        }
    engine.dispose()
