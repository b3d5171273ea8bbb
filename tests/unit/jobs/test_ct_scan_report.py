"""The report of a kept scan is printed by any measured version of its mask."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import StoreError
from thoracle.core.languages import ENGLISH_TEXTS
from thoracle.datasets.thorax import Thorax, scattered_lesions
from thoracle.datasets.thorax_phantom import Scanner, phantom
from thoracle.jobs import ct_files, ct_scan_report
from thoracle.jobs.ct_files import ScanGrid, scan_document, view_values, volume_nifti
from thoracle.jobs.ct_jobs import mask_files
from thoracle.jobs.ct_scan_report import scan_pdf
from thoracle.jobs.ct_tools import measures_of
from thoracle.reporting.ct_pdf import ct_pdf
from thoracle.reporting.ct_view import CtView
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask, NewScan

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOBODYS = "018f3b0e-7c00-7abc-8def-0123456789ab"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path, database_url=None) as opened:
        yield opened


def _kept(store: ResultStore) -> str:
    lesions = scattered_lesions(2, rng=np.random.default_rng(4))
    made = phantom(Thorax(lesions=lesions), Scanner(spacing_mm=(16.0, 8.0, 8.0)))
    document = scan_document(made.scan)
    bundle = {"name": "ct", "version": "1.0.0", "digest": "d" * 64}
    document["provenance"] = {"software_version": "0.1.0", "bundles": [bundle]}
    grid = ScanGrid.of(document)
    content, view = mask_files(made.segmentation.label_map, grid)
    small = view_values(made.scan.hu, grid.factor)
    new = NewScan(
        file="chest.zip",
        sha256=made.scan.sha256,
        document=document,
        volume=volume_nifti(made.scan.hu, made.scan.affine),
        view=None if grid.factor == 1 else volume_nifti(small, grid.view.affine),
    )
    measures = measures_of(made.scan, made.segmentation, ())
    return store.scans.save(new, NewMask(content=content, view=view, measures=measures), now=NOW)


@pytest.mark.parametrize("voxels_max", [24_000_000, 10_000])
def test_the_report_is_a_pdf_also_of_a_scan_with_a_view(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch, voxels_max: int
) -> None:
    monkeypatch.setattr(ct_files, "VIEW_VOXELS_MAX", voxels_max)
    scan_id = _kept(store)
    views: list[CtView] = []

    def write(view: CtView, **more: object) -> bytes:
        views.append(view)
        return ct_pdf(view, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ct_scan_report, "ct_pdf", write)
    content = scan_pdf(store, scan_id, None, language=ENGLISH_TEXTS, now=NOW)
    assert content.startswith(b"%PDF")
    assert "chest.zip" in views[0].title
    assert "8 × 8" in str(views[0]) or "16 × 8 × 8" in str(views[0])  # of the whole, not the view


def test_a_version_without_numbers_or_of_nobody_is_refused(store: ResultStore) -> None:
    scan_id = _kept(store)
    content = store.scans.mask(scan_id, store.scans.get(scan_id).masks[0].id)
    later = NOW + timedelta(seconds=1)
    mask_id = store.scans.add_mask(scan_id, NewMask(content=content, reader="bo"), now=later)
    for one, code in ((mask_id, "mask-unmeasured"), (NOBODYS, "unknown-mask")):
        with pytest.raises(StoreError) as caught:
            scan_pdf(store, scan_id, one, language=ENGLISH_TEXTS, now=NOW)
        assert caught.value.code == code


def test_a_readers_mask_is_told_as_theirs(store: ResultStore) -> None:
    kept = store.scans.get(_kept(store))
    theirs = replace(kept.masks[0], reader="bo")
    assert ct_scan_report._source(kept, theirs, b"x").file == "bo"
    bundle = ct_scan_report._source(kept, kept.masks[0], b"x").bundle
    assert bundle is not None
    assert bundle.version == "1.0.0"
