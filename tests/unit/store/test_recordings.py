"""A recording's row and traces are kept together, found again as they were, and deleted whole."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from thoracle.core.errors import StoreError
from thoracle.store.recording_types import NewRecording, RecordingFacts
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import Search

SECOND = timedelta(seconds=1)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"
FACTS = RecordingFacts(
    file="noite_1.csv",
    sha256="a" * 64,
    sensor="belt",
    rate_hz=25.6,
    duration_s=1234.5,
    breaths_per_minute=14.25,
    apneas=3,
    pattern="cheyne_stokes",
    owner="ana",
    patient="p-1",
)
NEW = NewRecording(facts=FACTS, document={"schema": "x", "windows": [0.1]}, traces=b"NPZ")


def _folders(tmp_path: Path) -> list[str]:
    root = tmp_path / "recordings"
    return sorted(one.name for one in root.iterdir()) if root.is_dir() else []


def test_a_recording_comes_back_as_it_was(store: ResultStore, now: datetime) -> None:
    kept = store.recordings.get(store.recordings.save(NEW, now=now))
    assert kept.line.facts == FACTS
    assert kept.line.created_at == now
    assert kept.document == NEW.document
    assert store.recordings.traces(kept.line.id) == b"NPZ"


def test_what_was_not_told_stays_unknown(store: ResultStore, now: datetime) -> None:
    facts = replace(FACTS, breaths_per_minute=None, pattern=None, owner=None, patient=None)
    kept = store.recordings.get(store.recordings.save(replace(NEW, facts=facts), now=now))
    assert kept.line.facts == facts


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["b.csv", "noite_1.csv"]),
        (Search(text="NOITE_"), ["noite_1.csv"]),
        (Search(owner="rui"), ["b.csv"]),
        (Search(patient="p-1"), ["noite_1.csv"]),
        (Search(finding="COVID-19"), []),
        (Search(batch_id="b"), []),
    ],
)
def test_recordings_are_searched_newest_first(
    store: ResultStore, now: datetime, search: Search, found: list[str]
) -> None:
    other = replace(FACTS, file="b.csv", owner="rui", patient=None)
    store.recordings.save(NEW, now=now)
    store.recordings.save(replace(NEW, facts=other), now=now + SECOND)
    listed = store.recordings.list_recordings(9, search=search)
    assert [one.facts.file for one in listed] == found


def test_days_and_pages_narrow_the_list(store: ResultStore, now: datetime) -> None:
    first, second = (store.recordings.save(NEW, now=now + place * SECOND) for place in (0, 1))
    older = store.recordings.list_recordings(9, before=second)
    assert [one.id for one in older] == [first]
    since = store.recordings.list_recordings(9, search=Search(since=now + SECOND))
    assert [one.id for one in since] == [second]


def test_a_recording_is_deleted_with_its_traces(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    kept = store.recordings.save(NEW, now=now)
    assert _folders(tmp_path) == [kept]
    store.recordings.delete(kept)
    assert _folders(tmp_path) == []
    for act in (store.recordings.get, store.recordings.delete):
        with pytest.raises(StoreError, match="found no recording") as caught:
            act(kept)
        assert caught.value.code == "unknown-recording"
    with pytest.raises(StoreError):
        store.recordings.get(NOBODYS)


def test_old_recordings_go_with_the_other_results(store: ResultStore, now: datetime) -> None:
    store.recordings.save(NEW, now=now)
    young = store.recordings.save(NEW, now=now + 2 * SECOND)
    assert store.delete_older(now + SECOND) == 1
    assert [one.id for one in store.recordings.list_recordings(9)] == [young]


def test_folders_without_a_row_are_removed(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    kept = store.recordings.save(NEW, now=now)
    (tmp_path / "recordings" / NOBODYS).mkdir()
    assert store.remove_leftovers(older_than=datetime.max.replace(tzinfo=now.tzinfo)) == 1
    assert _folders(tmp_path) == [kept]


def test_a_row_that_cannot_be_written_leaves_no_traces(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    # PostgreSQL's driver writes the JSON itself, and raises over it what Python does.
    with pytest.raises((StoreError, ValueError)):
        store.recordings.save(replace(NEW, document={"x": float("nan")}), now=now)
    assert _folders(tmp_path) == []
    assert store.recordings.list_recordings(9) == ()


def test_recordings_are_part_of_a_dump(store: ResultStore, now: datetime, tmp_path: Path) -> None:
    kept = store.recordings.save(NEW, now=now)
    with open_store(tmp_path / "other", database_url=None) as other:
        assert other.load_rows(store.dump_rows()) == 1
        assert other.recordings.get(kept) == store.recordings.get(kept)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_of_the_version_before_gets_the_table_and_keeps_its_rows(
    kind: str, tmp_path: Path, now: datetime, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    if kind == "postgresql":
        url = str(request.getfixturevalue("emptied_postgresql"))
    with open_store(tmp_path, database_url=url) as before:
        before.users.add("ana", "hash", now=now)
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("recordings", "charts", "chart_versions"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with open_store(tmp_path, database_url=url) as after:
        assert [one.name for one in after.users.users()] == ["ana"]
        kept = after.recordings.save(NEW, now=now)
        assert after.recordings.get(kept).line.facts == FACTS
        columns: list[Any] = inspect(engine).get_columns("recordings")
        assert {one["name"] for one in columns if not one["nullable"]} == {
            *("id", "created_at", "file", "sha256", "sensor", "rate_hz", "duration_s", "apneas"),
            "document",
        }
    engine.dispose()
