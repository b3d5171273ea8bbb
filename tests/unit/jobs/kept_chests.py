"""The small chest as a kept scan, for tests of comparisons."""

from datetime import datetime

from thoracle.core.arrays import ByteArray
from thoracle.ct.types import Segmentation
from thoracle.imaging.scan import CtScan
from thoracle.jobs.ct_files import ScanGrid, scan_document, volume_nifti
from thoracle.jobs.ct_jobs import mask_files
from thoracle.jobs.ct_tools import measures_of
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import NewMask, NewScan


def keep_chest(
    store: ResultStore,
    made: tuple[CtScan, ByteArray],
    now: datetime,
    *,
    patient: str | None = "p-1",
    study_date: str | None = None,
    measured: bool = True,
) -> str:
    """Keep a chest with the mask and numbers that are true of it."""
    scan, labels = made
    document = scan_document(scan)
    document["provenance"] = {
        "software_version": "0.1.0",
        "bundles": [{"name": "ct", "version": "1.0.0", "digest": "d" * 64}],
    }
    new = NewScan(
        file=f"chest-{scan.sha256[-2:]}.zip",
        sha256=scan.sha256,
        document=document,
        volume=volume_nifti(scan.hu, scan.affine),
        patient=patient,
        study_date=study_date,
    )
    measures = measures_of(scan, Segmentation(label_map=labels), ()) if measured else None
    content, view = mask_files(labels, ScanGrid.of(document))
    return store.scans.save(new, NewMask(content=content, view=view, measures=measures), now=now)
