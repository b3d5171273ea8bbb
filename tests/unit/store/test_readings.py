"""Readings are kept with reader and time, several for each result, and go with it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult
from thoracle.store.readings import COMMENT_LENGTH
from thoracle.store.results import ResultStore
from thoracle.store.types import Mark, MarkKind, NewReading, NewResult

UNKNOWN = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
BOX = Mark(kind=MarkKind.BOX, points=((0.1, 0.2), (0.4, 0.5)))
STROKE = Mark(kind=MarkKind.STROKE, points=((0.1, 0.1), (0.2, 0.2), (0.3, 0.1)))


@pytest.fixture
def kept(store: ResultStore, full_result: FileResult, now: datetime) -> str:
    return store.save(NewResult(result=full_result), now=now)


def test_a_reading_comes_back_as_it_was_said(store: ResultStore, kept: str, now: datetime) -> None:
    new = NewReading(
        reader="ana", agrees=False, finding="Edema", comment="Kerley B", marks=(BOX, STROKE)
    )
    reading_id = store.readings.save(kept, new, now=now)
    (found,) = store.readings.of_results([kept])
    assert found.id == reading_id
    assert (found.reader, found.agrees, found.finding) == ("ana", False, "Edema")
    assert found.comment == "Kerley B"
    assert found.marks == (BOX, STROKE)
    assert found.created_at == now


def test_several_readers_may_say_something_in_their_order(
    store: ResultStore, kept: str, now: datetime
) -> None:
    for place, name in enumerate(("ana", "rui", "ana")):
        new = NewReading(reader=name, agrees=None, comment="x" * 9999)
        store.readings.save(kept, new, now=now + timedelta(seconds=place))
    found = store.readings.everything()
    assert [one.reader for one in found] == ["ana", "rui", "ana"]
    assert {len(one.comment) for one in found} == {COMMENT_LENGTH}


def test_a_deleted_result_takes_its_readings_along(
    store: ResultStore, kept: str, full_result: FileResult, now: datetime
) -> None:
    other = store.save(NewResult(result=full_result), now=now)
    for one in (kept, other):
        store.readings.save(one, NewReading(reader="ana"), now=now)
    store.delete(kept)
    assert [one.result_id for one in store.readings.everything()] == [other]


def test_a_reading_of_nothing_is_an_error(store: ResultStore, now: datetime) -> None:
    with pytest.raises(StoreError, match="found no result") as caught:
        store.readings.save(UNKNOWN, NewReading(reader="ana"), now=now)
    assert caught.value.code == "unknown-result"


def test_a_database_that_refuses_is_told(store: ResultStore, kept: str, now: datetime) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE readings RENAME TO elsewhere"))
    with pytest.raises(StoreError, match="no way to save the reading") as caught:
        store.readings.save(kept, NewReading(reader="ana"), now=now)
    assert caught.value.code == "not-saved"
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO readings"))
