"""A reader's mask is kept as a new version and queued for its numbers, or refused whole."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import ImageError, StoreError, ThoracleError
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.jobs import ct_files
from thoracle.jobs.ct_corrections import Correction, keep_correction
from thoracle.jobs.ct_files import scan_document, view_labels, volume_nifti
from thoracle.jobs.ct_jobs import MEASURE, labels_of, mask_files
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask, NewScan, Scan

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
LABELS = np.random.default_rng(3).integers(0, 4, (3, 6, 8)).astype(np.uint8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _kept(store: ResultStore) -> Scan:
    scan = CtScan(
        hu=np.zeros(LABELS.shape, np.int16),
        spacing_mm=(6.0, 1.0, 1.0),
        affine=np.diag([1.0, 1.0, 6.0, 1.0]),
        sha256="a" * 64,
        facts=ScanFacts(format="NIfTI", files=1),
    )
    document = scan_document(scan)
    new = NewScan(file="a", sha256="a" * 64, document=document, volume=b"")
    content, view = mask_files(LABELS, ct_files.ScanGrid.of(document))
    made = NewMask(content=content, view=view, measures={})
    return store.scans.get(store.scans.save(new, made, now=NOW))


def _labels(store: ResultStore, scan: Scan, mask_id: str) -> Any:
    return labels_of(scan, store.scans.mask(scan.id, mask_id))


def test_a_mask_becomes_a_version_with_reader_minutes_and_parent(store: ResultStore) -> None:
    scan = _kept(store)
    drawn = LABELS.copy()
    drawn[1, 2, 3] = (drawn[1, 2, 3] + 1) % 4
    content = volume_nifti(drawn, ct_files.ScanGrid.of(scan.document).affine)
    said = Correction(content=content, reader="bo", parent_id=scan.masks[0].id, minutes=2.5)
    mask_id, job_id = keep_correction(store, scan.id, said, now=LATER)
    version = store.scans.get(scan.id).masks[1]
    assert (version.id, version.reader, version.minutes) == (mask_id, "bo", 2.5)
    assert version.parent_id == scan.masks[0].id
    assert version.measures is None
    assert np.array_equal(_labels(store, scan, mask_id), drawn)
    job = store.jobs.get(job_id)
    assert (job.kind, job.input, job.owner) == (MEASURE, {"scan": scan.id, "mask": mask_id}, "bo")


def test_what_is_drawn_on_a_view_keeps_the_detail_around_it(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_files, "VIEW_VOXELS_MAX", 40)
    scan = _kept(store)
    grid = ct_files.ScanGrid.of(scan.document)
    assert grid.factor == 2
    drawn = view_labels(LABELS, 2)
    drawn[0, 0, 0] = (drawn[0, 0, 0] + 1) % 4
    content = volume_nifti(drawn, grid.view.affine)
    said = Correction(content=content, reader="bo", parent_id=scan.masks[0].id)
    mask_id, _ = keep_correction(store, scan.id, said, now=LATER)
    new = _labels(store, scan, mask_id)
    assert (new[0, :2, :2] == drawn[0, 0, 0]).all()
    untouched = np.ones(LABELS.shape, bool)
    untouched[0, :2, :2] = False
    assert np.array_equal(new[untouched], LABELS[untouched])
    with pytest.raises(StoreError) as caught:
        keep_correction(store, scan.id, Correction(content=content, reader="bo"), now=LATER)
    assert caught.value.code == "unknown-mask"


@pytest.mark.parametrize(
    ("content", "minutes", "kind"),
    [(b"no mask", None, ImageError), (None, -1.0, ImageError), (None, 1e9, ImageError)],
)
def test_what_does_not_fit_keeps_nothing(
    store: ResultStore, content: bytes | None, minutes: float | None, kind: type[ThoracleError]
) -> None:
    scan = _kept(store)
    whole = store.scans.mask(scan.id, scan.masks[0].id)
    said = Correction(content=whole if content is None else content, reader="bo", minutes=minutes)
    with pytest.raises(kind):
        keep_correction(store, scan.id, said, now=LATER)
    assert len(store.scans.get(scan.id).masks) == 1
    assert store.jobs.list_jobs(9) == ()
