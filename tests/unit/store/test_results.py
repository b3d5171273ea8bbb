"""Saving, reading, listing and deleting: all of a result or none of it."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from thoracle.core.errors import StoreError
from thoracle.core.results import FileResult, Finding, GateKind, Status, to_json
from thoracle.store import results as module
from thoracle.store.results import ResultStore, open_store, printable
from thoracle.store.types import NewResult

UNKNOWN = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def _files_of(store: ResultStore) -> list[Path]:
    return sorted(store._root.rglob("*")) if store._root.exists() else []


def test_a_saved_result_reads_back_whole(
    store: ResultStore, full_result: FileResult, now: datetime
) -> None:
    new = NewResult(result=full_result, format="PNG", pictures={"film.png": b"film"})
    stored = store.load(store.save(new, now=now))
    assert to_json(stored.result) == to_json(full_result)
    np.testing.assert_array_equal(stored.result.maps[1].values, full_result.maps[1].values)
    assert stored.summary.created_at == now
    assert stored.summary.gate_kind is GateKind.FRONTAL_CHEST
    assert stored.summary.top_label == "COVID-19"
    assert stored.summary.format == "PNG"
    assert stored.picture_names == ("film.png",)
    assert store.picture(stored.summary.id, "film.png") == b"film"
    without = store.load(stored.summary.id, with_values=False)
    assert to_json(without.result) == to_json(full_result)
    assert without.result.maps[1].values.size == 0


def test_a_failure_is_kept_like_any_other_result(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    stored = store.load(store.save(NewResult(result=failed_result), now=now))
    assert stored.result == failed_result
    assert stored.summary.status is Status.FAILED
    assert stored.summary.gate_kind is None
    assert stored.summary.top_label is None


def test_the_list_has_the_newest_first_and_goes_on_from_any_line(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    ids = [
        store.save(NewResult(result=failed_result), now=now + timedelta(seconds=i))
        for i in range(5)
    ]
    newest_first = ids[::-1]
    assert [one.id for one in store.list_results(3)] == newest_first[:3]
    assert [one.id for one in store.list_results(3, before=newest_first[2])] == newest_first[3:]
    assert store.list_results(3, before=ids[0]) == ()


def test_a_second_look_names_the_first(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    first = store.save(NewResult(result=failed_result), now=now)
    second = store.save(NewResult(result=failed_result, parent_id=first), now=now)
    assert store.load(second).summary.parent_id == first


def test_deleting_removes_row_and_files(
    store: ResultStore, full_result: FileResult, now: datetime
) -> None:
    kept = store.save(NewResult(result=full_result, pictures={"film.png": b"1"}), now=now)
    gone = store.save(NewResult(result=full_result, pictures={"film.png": b"2"}), now=now)
    store.delete(gone)
    assert [one.id for one in store.list_results(9)] == [kept]
    assert not (store._root / gone).exists()
    assert store.picture(kept, "film.png") == b"1"
    for call in (store.delete, store.load):
        with pytest.raises(StoreError, match="found no result") as caught:
            call(gone)
        assert caught.value.code == "unknown-result"


def test_a_disk_that_refuses_leaves_neither_row_nor_files(
    store: ResultStore,
    full_result: FileResult,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(number: int) -> Callable[..., None]:
        def refuse(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        return refuse

    for number, code, said in (
        (errno.EROFS, "not-saved", r"no way to save the result of film\.png"),
        (errno.ENOSPC, "store-full", r"no room left .* Make room"),
    ):
        monkeypatch.setattr(module, "write_folder", refusing(number))
        with pytest.raises(StoreError, match=said) as caught:
            store.save(NewResult(result=full_result), now=now)
        assert caught.value.code == code
    assert store.list_results(9) == ()
    assert _files_of(store) == []


def test_a_folder_that_may_not_outlast_a_power_cut_is_taken_back(
    store: ResultStore, full_result: FileResult, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("thoracle.store.folders._sync_folder", refuse)
    with pytest.raises(StoreError, match="no way to save"):
        store.save(NewResult(result=full_result, pictures={"film.png": b"film"}), now=now)
    assert store.list_results(9) == ()
    assert _files_of(store) == []


def test_a_database_that_refuses_leaves_neither_row_nor_files(
    store: ResultStore, full_result: FileResult, now: datetime
) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE results RENAME TO elsewhere"))
    with pytest.raises(StoreError, match="no way to save"):
        store.save(NewResult(result=full_result, pictures={"film.png": b"film"}), now=now)
    assert _files_of(store) == []
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO results"))
    assert store.list_results(9) == ()


def test_a_commit_that_fails_leaves_neither_row_nor_files(
    store: ResultStore,
    full_result: FileResult,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken_commit(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(store._engine.dialect, "do_commit", broken_commit)
        with pytest.raises(StoreError, match="no way to save"):
            store.save(NewResult(result=full_result, pictures={"film.png": b"film"}), now=now)
    assert _files_of(store) == []
    assert store.list_results(9) == ()


def test_a_number_that_json_cannot_hold_is_not_half_saved(
    store: ResultStore, full_result: FileResult, now: datetime
) -> None:
    nan = Finding(label="x", logit=0.0, probability=float("nan"), threshold=0.5, is_positive=False)
    with pytest.raises(StoreError, match="no way to save"):
        store.save(NewResult(result=replace(full_result, findings=(nan,))), now=now)
    assert _files_of(store) == []


def test_a_name_from_a_strange_file_system_is_made_printable(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    named = replace(failed_result, file="a\x00b\udcff\n.png")
    stored = store.load(store.save(NewResult(result=named), now=now))
    assert stored.summary.file == stored.result.file == "a�b?�.png"
    assert printable("Tórax 1.png") == "Tórax 1.png"


def test_a_parent_that_is_no_id_is_refused_before_anything_is_written(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    with pytest.raises(StoreError, match="expected a result's id"):
        store.save(NewResult(result=failed_result, parent_id="../x"), now=now)
    assert _files_of(store) == []


def test_lost_maps_are_reported_not_invented(
    store: ResultStore, full_result: FileResult, now: datetime
) -> None:
    saved = store.save(NewResult(result=full_result), now=now)
    (store._root / saved / "maps.npz").unlink()
    with pytest.raises(StoreError, match=r"found no file maps\.npz"):
        store.load(saved)


def test_only_old_folders_without_a_row_are_leftovers(
    store: ResultStore, failed_result: FileResult, now: datetime
) -> None:
    kept = store.save(NewResult(result=failed_result, pictures={"film.png": b"1"}), now=now)
    half = store._root / f".staging-{UNKNOWN}"
    orphan = store._root / UNKNOWN
    for folder in (half, orphan):
        folder.mkdir()
        (folder / "film.png").write_bytes(b"left")
    old = datetime.now(UTC) - timedelta(days=3)
    os.utime(half, (old.timestamp(), old.timestamp()))
    assert store.remove_leftovers(older_than=old + timedelta(days=1)) == 1
    assert sorted(path.name for path in store._root.iterdir()) == sorted([kept, UNKNOWN])
    os.utime(orphan, (old.timestamp(), old.timestamp()))
    os.utime(store._root / kept, (old.timestamp(), old.timestamp()))
    assert store.remove_leftovers(older_than=old + timedelta(days=1)) == 1
    assert [path.name for path in store._root.iterdir()] == [kept]


def test_another_opening_sees_what_was_saved(
    tmp_path: Path, failed_result: FileResult, now: datetime
) -> None:
    with open_store(tmp_path, database_url=None) as first:
        saved = first.save(NewResult(result=failed_result), now=now)
    with open_store(tmp_path, database_url=None) as second:
        assert second.load(saved).result == failed_result
