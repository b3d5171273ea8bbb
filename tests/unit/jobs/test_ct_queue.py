"""Corrected masks are queued with reader and minutes, and go out as cases that training reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.arrays import ByteArray
from thoracle.core.errors import StoreError
from thoracle.datasets.ct_cases import read_case, read_cases
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.jobs import ct_queue
from thoracle.jobs.ct_corrections import Correction, keep_correction
from thoracle.jobs.ct_files import ScanGrid, scan_document, volume_nifti
from thoracle.jobs.ct_jobs import mask_files
from thoracle.jobs.ct_queue import corrected_masks, export_corrections, waiting
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.results import ResultStore, open_store
from thoracle.store.scan_types import NewMask, NewScan

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AFFINE = np.array([[1.5, 0, 0, -40], [0, 1.5, 0, 20], [0, 0, 5, -300], [0, 0, 0, 1]])
SHAPE = (4, 6, 5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultStore]:
    with open_store(tmp_path / "home", database_url=None) as opened:
        yield opened


def _labels(seed: int) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 4, SHAPE).astype(np.uint8)


def _scan(store: ResultStore, seed: int, *, patient: str | None) -> str:
    hu = np.random.default_rng(seed).integers(-1000, 1400, SHAPE).astype(np.int16)
    hu[0, 0, 0] = -1024
    scan = CtScan(
        hu=hu, spacing_mm=(5.0, 1.5, 1.5), affine=AFFINE, sha256=f"{seed:064d}",
        facts=ScanFacts(format="NIfTI", files=1),
    )  # fmt: skip
    document = scan_document(scan)
    content, _ = mask_files(_labels(0), ScanGrid.of(document))
    new = NewScan(
        file="chest.nii.gz", sha256=scan.sha256, document=document,
        volume=volume_nifti(hu, AFFINE), patient=patient,
    )  # fmt: skip
    made = NewMask(content=content, measures={})
    return store.scans.save(new, made, now=NOW + timedelta(seconds=seed))


def _correct(store: ResultStore, scan_id: str, seed: int, *, minutes: float | None = None) -> str:
    said = Correction(
        content=volume_nifti(_labels(seed), AFFINE), reader=f"reader {seed}", minutes=minutes
    )
    return keep_correction(store, scan_id, said, now=NOW + timedelta(hours=seed))[0]


def test_the_last_version_by_a_reader_counts_and_minutes_of_all_add_up(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ct_queue, "_PAGE", 1)
    first, untouched, second = (_scan(store, seed, patient=f"p{seed}") for seed in (1, 2, 3))
    _correct(store, first, 1, minutes=4.0)
    _correct(store, first, 2)
    last = _correct(store, first, 3, minutes=2.5)
    other = _correct(store, second, 4)
    one, two = corrected_masks(store)
    assert (one.scan_id, one.mask_id, one.reader) == (first, last, "reader 3")
    assert (one.minutes, one.versions, one.patient) == (6.5, 3, "p1")
    assert (two.mask_id, two.minutes, two.versions) == (other, None, 1)
    assert untouched not in {one.scan_id, two.scan_id}
    assert [each.mask_id for each in waiting((one, two), [last])] == [other]


def test_an_export_is_read_as_cases_in_hu_with_the_labels_in_their_place(
    store: ResultStore, tmp_path: Path
) -> None:
    named, nameless = _scan(store, 1, patient="Jane Doe"), _scan(store, 2, patient=None)
    mask = _correct(store, named, 5, minutes=3.0)
    _correct(store, nameless, 6)
    names = Pseudonyms(tmp_path / "home", keeps_identifiers=False)
    assert export_corrections(store, tmp_path / "out", pseudonyms=names) == 2
    assert "Jane" not in (tmp_path / "out" / "cases.csv").read_text(encoding="utf-8")
    one, two = read_cases(tmp_path / "out")
    assert (one.name, one.patient) == (mask, names.of("Jane Doe"))
    assert (one.reader, one.minutes, one.has_patient) == ("reader 5", 3.0, True)
    assert not two.has_patient
    labeled = read_case(one)
    np.testing.assert_array_equal(labeled.label_map, _labels(5))
    expected = np.random.default_rng(1).integers(-1000, 1400, SHAPE)
    expected[0, 0, 0] = -1024
    np.testing.assert_array_equal(labeled.scan.hu, expected)
    np.testing.assert_allclose(labeled.scan.affine, AFFINE)
    assert labeled.scan.has_hu


def test_an_installation_without_corrections_says_so(store: ResultStore, tmp_path: Path) -> None:
    _scan(store, 1, patient="p1")
    names = Pseudonyms(tmp_path / "home", keeps_identifiers=False)
    with pytest.raises(StoreError) as raised:
        export_corrections(store, tmp_path / "out", pseudonyms=names)
    assert raised.value.code == "corrections-none"
    assert not (tmp_path / "out").exists()
