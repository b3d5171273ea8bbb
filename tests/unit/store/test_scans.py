"""A scan, its masks and the end of its job are kept together or not at all."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from thoracle.core.errors import StoreError
from thoracle.store.faults import FullStoreError
from thoracle.store.job_types import Claim, JobState, LeaseLostError
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import NewMask, NewScan
from thoracle.store.scans import mask_name

SCAN = NewScan(
    file="a.zip",
    sha256="a" * 64,
    document={"spacing_mm": [6.0, 1.0, 1.0]},
    volume=b"volume",
    owner="ana",
    patient="p-1",
)
MASK = NewMask(content=b"network", measures={"poi_percent": 1.5})
SECOND = timedelta(seconds=1)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"


def _folders(tmp_path: Path) -> list[Path]:
    root = tmp_path / "scans"
    return sorted(root.iterdir()) if root.is_dir() else []


def _claim(store: ResultStore, now: datetime, worker: str = "one") -> Claim:
    claimed = store.jobs.claim(["ct_quantify"], worker=worker, now=now)
    assert claimed is not None
    return claimed


def test_a_scan_comes_back_with_its_mask(store: ResultStore, now: datetime) -> None:
    scan_id = store.scans.save(SCAN, MASK, now=now)
    scan = store.scans.get(scan_id)
    assert (scan.file, scan.owner, scan.patient, scan.study_date) == ("a.zip", "ana", "p-1", None)
    assert scan.document == {"spacing_mm": [6.0, 1.0, 1.0]}
    (mask,) = scan.masks
    assert (mask.reader, mask.minutes, mask.parent_id) == (None, None, None)
    assert mask.measures == {"poi_percent": 1.5}
    assert store.scans.volume(scan_id) == b"volume"
    assert store.scans.mask(scan_id, mask.id) == b"network"


def test_a_viewer_gets_the_smaller_copy_where_there_is_one(
    store: ResultStore, now: datetime
) -> None:
    whole = store.scans.save(SCAN, MASK, now=now)
    mask = store.scans.get(whole).masks[0].id
    assert store.scans.volume(whole, as_view=True) == b"volume"
    assert store.scans.mask(whole, mask, as_view=True) == b"network"
    large = store.scans.save(replace(SCAN, view=b"v"), replace(MASK, view=b"m"), now=now + SECOND)
    mask = store.scans.get(large).masks[0].id
    assert store.scans.volume(large) == b"volume"
    assert store.scans.volume(large, as_view=True) == b"v"
    assert store.scans.mask(large, mask, as_view=True) == b"m"


def test_scan_mask_and_end_of_the_job_are_one(store: ResultStore, now: datetime) -> None:
    job_id = store.jobs.submit("ct_quantify", {}, owner=None, now=now)
    claimed = _claim(store, now)
    scan_id = store.scans.save(SCAN, MASK, now=now, lease=claimed.lease)
    job = store.jobs.get(job_id)
    assert (job.state, job.result_id) == (JobState.DONE, scan_id)


def test_a_stalled_worker_keeps_no_second_scan(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    job_id = store.jobs.submit("ct_quantify", {}, owner=None, now=now)
    stalled = _claim(store, now)
    newer = _claim(store, now + timedelta(minutes=5), worker="two")
    kept = store.scans.save(SCAN, MASK, now=now, lease=newer.lease)
    with pytest.raises(LeaseLostError):
        store.scans.save(SCAN, MASK, now=now, lease=stalled.lease)
    assert [one.id for one in store.scans.list_scans(9)] == [kept]
    assert [one.name for one in _folders(tmp_path)] == [kept]
    assert store.jobs.get(job_id).result_id == kept


def test_a_reader_adds_versions_that_come_in_order(store: ResultStore, now: datetime) -> None:
    scan_id = store.scans.save(SCAN, MASK, now=now)
    first = store.scans.get(scan_id).masks[0]
    new = NewMask(content=b"drawn", reader="bo", minutes=4.5, parent_id=first.id)
    second = store.scans.add_mask(scan_id, new, now=now + timedelta(minutes=5))
    scan = store.scans.get(scan_id)
    assert [one.id for one in scan.masks] == [first.id, second]
    drawn = scan.masks[1]
    assert (drawn.reader, drawn.minutes, drawn.parent_id) == ("bo", 4.5, first.id)
    assert store.scans.mask(scan_id, second) == b"drawn"
    assert scan.newest == first  # until the numbers of the new one are known


def test_numbers_of_a_version_come_with_the_end_of_their_job(
    store: ResultStore, now: datetime
) -> None:
    scan_id = store.scans.save(SCAN, MASK, now=now)
    mask_id = store.scans.add_mask(scan_id, NewMask(content=b"drawn"), now=now + SECOND)
    job_id = store.jobs.submit("ct_quantify", {}, owner=None, now=now)
    stalled = _claim(store, now)
    newer = _claim(store, now + timedelta(minutes=5))
    with pytest.raises(LeaseLostError):
        store.scans.set_measures(mask_id, {"poi_percent": 9}, now=now, lease=stalled.lease)
    assert store.scans.get(scan_id).masks[1].measures is None
    store.scans.set_measures(mask_id, {"poi_percent": 2}, now=now, lease=newer.lease)
    newest = store.scans.get(scan_id).newest
    assert newest is not None
    assert (newest.id, newest.measures) == (mask_id, {"poi_percent": 2})
    assert store.jobs.get(job_id).result_id == scan_id


def test_a_version_of_nothing_is_refused(store: ResultStore, now: datetime, tmp_path: Path) -> None:
    scan_id = store.scans.save(SCAN, MASK, now=now)
    with pytest.raises(StoreError) as caught:
        store.scans.add_mask(scan_id, NewMask(content=b"x", parent_id=NOBODYS), now=now)
    assert caught.value.code == "unknown-mask"
    with pytest.raises(StoreError) as caught:
        store.scans.add_mask(NOBODYS, NewMask(content=b"x"), now=now)
    assert caught.value.code == "unknown-scan"
    assert len(_folders(tmp_path)) == 1


def test_scans_are_listed_newest_first_and_by_patient(store: ResultStore, now: datetime) -> None:
    first = store.scans.save(SCAN, MASK, now=now)
    other = NewScan(file="b.zip", sha256="b" * 64, document={}, volume=b"")
    second = store.scans.save(other, MASK, now=now + timedelta(seconds=1))
    assert [one.id for one in store.scans.list_scans(9)] == [second, first]
    assert [one.id for one in store.scans.list_scans(9, before=second)] == [first]
    assert [one.id for one in store.scans.list_scans(1)] == [second]
    assert store.scans.list_scans(9, only_corrected=True) == ()
    store.scans.add_mask(first, NewMask(content=b"drawn", reader="bo"), now=now)
    assert [one.id for one in store.scans.list_scans(9, only_corrected=True)] == [first]
    (mine,) = store.scans.list_scans(9, patient="p-1")
    assert mine.id == first
    assert mine.newest is not None


def test_deleting_takes_volume_masks_and_jobs(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    job_id = store.jobs.submit("ct_quantify", {}, owner=None, now=now)
    scan_id = store.scans.save(SCAN, MASK, now=now, lease=_claim(store, now).lease)
    mask_id = store.scans.get(scan_id).masks[0].id
    store.scans.delete(scan_id)
    assert _folders(tmp_path) == []
    for ask in (
        lambda: store.scans.get(scan_id),
        lambda: store.scans.delete(scan_id),
        lambda: store.scans.volume(scan_id),
        lambda: store.scans.mask(scan_id, mask_id),
        lambda: store.jobs.get(job_id),
    ):
        with pytest.raises(StoreError):
            ask()


def test_results_and_scans_are_kept_equally_long(store: ResultStore, now: datetime) -> None:
    store.scans.save(SCAN, MASK, now=now)
    young = store.scans.save(SCAN, MASK, now=now + timedelta(days=2))
    assert store.delete_older(now + timedelta(days=1)) == 1
    assert [one.id for one in store.scans.list_scans(9)] == [young]


def test_folders_that_a_killed_process_left_go_when_they_are_old(
    store: ResultStore, now: datetime, tmp_path: Path
) -> None:
    kept = store.scans.save(SCAN, MASK, now=now)
    left = tmp_path / "scans" / NOBODYS
    left.mkdir()
    for one in (left, tmp_path / "scans" / kept):
        os.utime(one, (0, 0))
    assert store.remove_leftovers(older_than=now) == 1
    assert [one.name for one in _folders(tmp_path)] == [kept]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (OSError(28, "No space left on device"), FullStoreError),
        (OSError(13, "Permission denied"), StoreError),
        (OperationalError("", {}, Exception()), StoreError),
    ],
)
def test_what_cannot_be_kept_is_said_and_leaves_nothing(
    store: ResultStore,
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    expected: type[StoreError],
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr("thoracle.store.scans.write_folder", refuse)
    with pytest.raises(expected):
        store.scans.save(SCAN, MASK, now=now)
    assert store.scans.list_scans(9) == ()
    assert _folders(tmp_path) == []


def test_a_file_is_named_by_its_mask() -> None:
    assert mask_name(NOBODYS) == f"mask-{NOBODYS}.nii.gz"
