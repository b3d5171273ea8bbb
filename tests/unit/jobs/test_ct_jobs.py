"""A scan is read, measured and kept in one job; a corrected mask is measured in another."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import ImageError, StoreError
from thoracle.core.settings import settings
from thoracle.ct.types import Segmentation
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.imaging.trust import Trust
from thoracle.jobs import ct_files
from thoracle.jobs.ct_jobs import (
    MEASURE,
    QUANTIFY,
    CtTools,
    labels_of,
    measure_again,
    quantify,
    trust_of,
    trust_wishes,
)
from thoracle.jobs.long_work import Task
from thoracle.store.job_types import JobState, LeaseLostError
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TRUST = Trust(assume_window=(-1350.0, 150.0), slice_spacing_mm=-6.0)
HU = np.arange(3 * 4 * 6, dtype=np.int16).reshape(3, 4, 6)
LABELS = (HU % 4).astype(np.uint8)


def _measure(
    scan: CtScan, segmentation: Segmentation, variants: Iterable[Segmentation]
) -> dict[str, Any]:
    infected = int((segmentation.label_map > 1).sum())
    return {"infected": infected, "first_hu": int(scan.hu[0, 0, 0]), "variants": len([*variants])}


@pytest.fixture
def opened() -> list[tuple[str, Trust]]:
    return []


@pytest.fixture
def tools(opened: list[tuple[str, Trust]]) -> CtTools:
    def read(path: Path, trust: Trust, _: str | None) -> CtScan:
        opened.append((path.name, trust))
        facts = ScanFacts(format="DICOM", files=3, patient_id="Doe", study_date="20200229")
        return CtScan(
            hu=HU, spacing_mm=(6.0, 1.0, 1.0), affine=np.eye(4), sha256="a" * 64, facts=facts
        )

    return CtTools(
        open=read,
        segment=lambda _: Segmentation(label_map=LABELS),
        variants=lambda _: iter([Segmentation(label_map=LABELS)] * 2),
        measure=_measure,
        made_by={"bundles": [{"name": "ct", "version": "1", "digest": "d"}]},
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultStore]:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path))
    settings.cache_clear()
    with open_store(tmp_path, database_url=None) as opened_store:
        yield opened_store


def _submit(store: ResultStore) -> str:
    upload_id = store.uploads.begin(now=NOW)
    part = store.uploads.folder(upload_id) / "part"
    part.write_bytes(b"PK")
    store.uploads.name(upload_id, part, "scan.zip")
    wishes = {"upload": upload_id, "file": "chest.zip", **trust_wishes(TRUST)}
    return store.jobs.submit(QUANTIFY, json.loads(json.dumps(wishes)), owner="ana", now=NOW)


def _task(store: ResultStore, tmp_path: Path, *, at: datetime = NOW) -> Task:
    claimed = store.jobs.claim([QUANTIFY, MEASURE], worker="w", now=at)
    assert claimed is not None
    return Task(
        store=store,
        home=tmp_path,
        job=claimed.job,
        lease=claimed.lease,
        progress=lambda stage, *_: store.jobs.report(claimed.lease, stage=stage, progress=0.0),
        now=lambda: at,
    )


def test_a_scan_is_kept_with_its_mask_its_numbers_and_where_they_come_from(
    store: ResultStore, tools: CtTools, opened: list[tuple[str, Trust]], tmp_path: Path
) -> None:
    job_id = _submit(store)
    quantify(_task(store, tmp_path), tools)
    assert opened == [("scan.zip", TRUST)]
    job = store.jobs.get(job_id)
    assert job.state is JobState.DONE
    assert job.result_id is not None
    scan = store.scans.get(job.result_id)
    assert (scan.file, scan.owner, scan.sha256) == ("chest.zip", "ana", "a" * 64)
    assert scan.patient is not None
    assert scan.patient.startswith("p-")
    assert scan.study_date is None
    assert "Doe" not in str(scan.document)
    assert scan.document["provenance"]["bundles"][0]["name"] == "ct"
    (mask,) = scan.masks
    expected = {"infected": int((LABELS > 1).sum()), "first_hu": 0, "variants": 2}
    assert (mask.reader, mask.measures) == (None, expected)
    assert np.array_equal(labels_of(scan, store.scans.mask(scan.id, mask.id)), LABELS)


def test_the_patient_and_the_date_are_kept_where_the_setting_says_so(
    store: ResultStore, tools: CtTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_KEEP_IDENTIFIERS", "true")
    settings.cache_clear()
    _submit(store)
    quantify(_task(store, tmp_path), tools)
    (scan,) = store.scans.list_scans(9)
    assert (scan.patient, scan.study_date) == ("Doe", "20200229")


def test_a_large_scan_gets_views(
    store: ResultStore, tools: CtTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_files, "VIEW_VOXELS_MAX", 20)
    _submit(store)
    quantify(_task(store, tmp_path), tools)
    (scan,) = store.scans.list_scans(9)
    assert scan.document["view_factor"] == 2
    assert store.scans.volume(scan.id) != store.scans.volume(scan.id, as_view=True)
    mask = scan.masks[0].id
    assert store.scans.mask(scan.id, mask) != store.scans.mask(scan.id, mask, as_view=True)


def test_a_series_that_cannot_be_trusted_keeps_nothing(
    store: ResultStore, tools: CtTools, tmp_path: Path
) -> None:
    def refuse(*_: object) -> CtScan:
        raise ImageError("found no HU – expected them.", code="scan-not-hu")

    job_id = _submit(store)
    with pytest.raises(ImageError):
        quantify(_task(store, tmp_path), replace(tools, open=refuse))
    assert store.scans.list_scans(9) == ()
    assert store.uploads.file(store.jobs.get(job_id).input["upload"]).exists()


def test_a_stalled_worker_keeps_nothing(store: ResultStore, tools: CtTools, tmp_path: Path) -> None:
    job_id = _submit(store)
    stalled = _task(store, tmp_path)
    newer = _task(store, tmp_path, at=NOW + timedelta(minutes=5))
    quantify(newer, tools)
    with pytest.raises(LeaseLostError):
        quantify(stalled, tools)
    assert [one.id for one in store.scans.list_scans(9)] == [store.jobs.get(job_id).result_id]


def test_a_corrected_mask_is_measured_on_the_kept_scan(
    store: ResultStore, tools: CtTools, tmp_path: Path
) -> None:
    _submit(store)
    quantify(_task(store, tmp_path), tools)
    (scan,) = store.scans.list_scans(9)
    empty = ct_files.volume_nifti(np.zeros_like(LABELS), np.eye(4))
    later = NOW + timedelta(seconds=1)
    mask_id = store.scans.add_mask(scan.id, NewMask(content=empty, reader="bo"), now=later)
    wishes = {"scan": scan.id, "mask": mask_id}
    job_id = store.jobs.submit(MEASURE, wishes, owner="bo", now=later)
    measure_again(_task(store, tmp_path, at=later), _measure)
    newest = store.scans.get(scan.id).newest
    assert newest is not None
    expected = {"infected": 0, "first_hu": 0, "variants": 0}
    assert (newest.id, newest.measures) == (mask_id, expected)
    assert store.jobs.get(job_id).result_id == scan.id


def test_a_mask_that_is_gone_is_an_answer(
    store: ResultStore, tools: CtTools, tmp_path: Path
) -> None:
    _submit(store)
    quantify(_task(store, tmp_path), tools)
    (scan,) = store.scans.list_scans(9)
    wishes = {"scan": scan.id, "mask": scan.id}
    store.jobs.submit(MEASURE, wishes, owner="bo", now=NOW)
    with pytest.raises(StoreError) as caught:
        measure_again(_task(store, tmp_path), _measure)
    assert caught.value.code == "unknown-mask"


@pytest.mark.parametrize("trust", [Trust(), TRUST, Trust(grey_range=(0.0, 4095.0))])
def test_what_a_user_is_responsible_for_survives_the_job(trust: Trust) -> None:
    assert trust_of(json.loads(json.dumps(trust_wishes(trust)))) == trust
