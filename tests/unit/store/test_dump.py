"""Rows go out as lines and come back the same, into an empty store and whole."""

from datetime import datetime
from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, to_json
from thoracle.store.results import ResultStore, open_store
from thoracle.store.types import Mark, MarkKind, NewReading, NewResult


@pytest.fixture
def filled(store: ResultStore, full_result: FileResult, now: datetime) -> ResultStore:
    kept = store.save(NewResult(result=full_result, owner="ana", risk=0.5), now=now)
    marks = (Mark(kind=MarkKind.BOX, points=((0.0, 0.1), (0.2, 0.3))),)
    store.readings.save(kept, NewReading(reader="ana", agrees=True, marks=marks), now=now)
    store.users.add("ana", "hash", now=now)
    return store


def test_everything_comes_back_as_it_was(filled: ResultStore, tmp_path: Path) -> None:
    lines = list(filled.dump_rows())
    with open_store(tmp_path / "other", database_url=None) as other:
        assert other.load_rows(lines) == 3
        assert other.list_results(9) == filled.list_results(9)
        assert other.readings.everything() == filled.readings.everything()
        assert other.users.users() == filled.users.users()
        assert list(other.dump_rows()) == lines


def test_a_store_that_holds_anything_is_left_alone(filled: ResultStore) -> None:
    lines = list(filled.dump_rows())
    with pytest.raises(StoreError, match="expected an empty store") as caught:
        filled.load_rows(lines)
    assert caught.value.code == "store-not-empty"
    assert len(filled.list_results(9)) == 1


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda lines: lines[1:], "backup-revision"),
        (lambda _: [], "backup-revision"),
        (lambda lines: [*lines, "{"], "damaged-backup"),
        (lambda lines: [*lines, '{"table": "other", "row": {}}'], "damaged-backup"),
        (lambda lines: [*lines, lines[1]], "damaged-backup"),
        (lambda lines: [*lines, "[]"], "damaged-backup"),
    ],
)
def test_a_damaged_dump_restores_nothing(
    filled: ResultStore, tmp_path: Path, damage: object, code: str
) -> None:
    lines = damage(list(filled.dump_rows()))  # type: ignore[operator]
    with open_store(tmp_path / "other", database_url=None) as other:
        with pytest.raises(StoreError) as caught:
            other.load_rows(lines)
        assert caught.value.code == code
        assert other.list_results(9) == ()


def test_a_result_comes_back_with_its_whole_document(
    filled: ResultStore, full_result: FileResult
) -> None:
    assert str(to_json(full_result)["sha256"]) in "\n".join(filled.dump_rows())
