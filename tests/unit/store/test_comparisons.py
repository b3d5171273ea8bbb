"""A comparison, its files and the end of its job are kept together, and go with either scan."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.store.comparison_types import ComparedScan, NewComparison
from thoracle.store.job_types import JobState, LeaseLostError
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask, NewScan

SECOND = timedelta(seconds=1)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"


def _scan(store: ResultStore, now: datetime) -> ComparedScan:
    new = NewScan(file="a.zip", sha256="a" * 64, document={}, volume=b"volume", patient="p-1")
    scan_id = store.scans.save(new, NewMask(content=b"mask"), now=now)
    return ComparedScan(scan_id=scan_id, mask_id=store.scans.get(scan_id).masks[0].id)


@pytest.fixture
def new(store: ResultStore, now: datetime) -> NewComparison:
    return NewComparison(
        scans=(_scan(store, now), _scan(store, now + SECOND)),
        document={"steps": [1]},
        files={"report-en.pdf": b"%PDF", "step-1-slice-2.png": b"PNG"},
        owner="ana",
        patient="p-1",
    )


def _folders(tmp_path: Path) -> list[str]:
    root = tmp_path / "comparisons"
    return sorted(one.name for one in root.iterdir()) if root.is_dir() else []


def test_a_comparison_comes_back_with_its_scans_in_order(
    store: ResultStore, new: NewComparison, now: datetime
) -> None:
    kept = store.comparisons.get(store.comparisons.save(new, now=now))
    assert (kept.owner, kept.patient, kept.created_at) == ("ana", "p-1", now)
    assert (kept.scans, kept.document) == (new.scans, {"steps": [1]})
    assert store.comparisons.file(kept.id, "report-en.pdf") == b"%PDF"
    with pytest.raises(StoreError, match="expected lower-case letters"):
        store.comparisons.file(kept.id, "../thoracle.sqlite3")


def test_a_patients_comparisons_are_listed_newest_first(
    store: ResultStore, new: NewComparison, now: datetime
) -> None:
    first = store.comparisons.save(new, now=now)
    second = store.comparisons.save(new, now=now + SECOND)
    store.comparisons.save(replace(new, patient=None), now=now + 2 * SECOND)
    listed = store.comparisons.list_comparisons(9, patient="p-1")
    assert [one.id for one in listed] == [second, first]
    assert listed[0].scans == new.scans
    assert [one.id for one in store.comparisons.list_comparisons(9, before=second)] == [first]
    assert store.comparisons.list_comparisons(9, patient="p-2") == ()


def test_comparison_and_end_of_its_job_are_one(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    job_id = store.jobs.submit("ct_compare", {}, owner=None, now=now)
    claimed = store.jobs.claim(["ct_compare"], worker="one", now=now)
    assert claimed is not None
    kept = store.comparisons.save(new, now=now, lease=claimed.lease)
    assert (store.jobs.get(job_id).state, store.jobs.get(job_id).result_id) == (JobState.DONE, kept)
    with pytest.raises(LeaseLostError):
        store.comparisons.save(new, now=now + SECOND, lease=claimed.lease)
    assert [one.id for one in store.comparisons.list_comparisons(9)] == [kept]
    assert _folders(tmp_path) == [kept]


def test_it_goes_with_either_scan_its_job_and_files_too(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    store.jobs.submit("ct_compare", {}, owner=None, now=now)
    claimed = store.jobs.claim(["ct_compare"], worker="one", now=now)
    assert claimed is not None
    kept = store.comparisons.save(new, now=now, lease=claimed.lease)
    others = replace(new, scans=(_scan(store, now), _scan(store, now)))
    other = store.comparisons.save(others, now=now + SECOND)
    store.scans.delete(new.scans[1].scan_id)
    with pytest.raises(StoreError, match="found no comparison") as caught:
        store.comparisons.get(kept)
    assert caught.value.code == "unknown-comparison"
    assert store.jobs.list_jobs(9) == ()
    assert _folders(tmp_path) == [other]
    assert store.scans.get(new.scans[0].scan_id).file == "a.zip"


def test_a_scan_that_goes_meanwhile_takes_the_comparison_with_it(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    store.scans.delete(new.scans[0].scan_id)
    with pytest.raises(StoreError, match="found no scan") as caught:
        store.comparisons.save(new, now=now)
    assert caught.value.code == "unknown-scan"
    assert (store.comparisons.list_comparisons(9), _folders(tmp_path)) == ((), [])


def test_one_is_deleted_alone_and_once(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    kept = store.comparisons.save(new, now=now)
    store.comparisons.delete(kept)
    assert _folders(tmp_path) == []
    assert len(store.scans.list_scans(9)) == 2
    with pytest.raises(StoreError, match="found no comparison"):
        store.comparisons.delete(kept)


def test_old_ones_go_with_all_that_is_old(
    store: ResultStore, new: NewComparison, now: datetime
) -> None:
    store.comparisons.save(new, now=now - timedelta(days=9))
    young = store.comparisons.save(new, now=now)
    assert store.delete_older(now - timedelta(days=1)) == 1
    assert [one.id for one in store.comparisons.list_comparisons(9)] == [young]


def test_folders_without_a_row_go(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    kept = store.comparisons.save(new, now=now)
    left = tmp_path / "comparisons" / NOBODYS
    left.mkdir()
    for one in (left, tmp_path / "comparisons" / kept):
        os.utime(one, (0, 0))
    assert store.remove_leftovers(older_than=now) == 1
    assert _folders(tmp_path) == [kept]


def test_rows_come_back_from_a_backup(
    store: ResultStore, new: NewComparison, now: datetime, tmp_path: Path
) -> None:
    kept = store.comparisons.save(new, now=now)
    with open_store(tmp_path / "other", database_url=None) as other:
        other.load_rows(store.dump_rows())
        assert other.comparisons.get(kept) == store.comparisons.get(kept)
