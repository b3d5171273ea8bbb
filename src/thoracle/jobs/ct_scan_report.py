"""The printed report of a kept scan, by one version of its mask."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from thoracle.core.errors import StoreError
from thoracle.core.files import sha256_of
from thoracle.core.languages import Language
from thoracle.core.results import BundleReference
from thoracle.ct.measures import measures_from_json
from thoracle.ct.types import Segmentation
from thoracle.jobs.ct_files import ScanGrid, described_scan, kept_values
from thoracle.reporting.ct_pdf import ct_pdf
from thoracle.reporting.ct_pictures import ct_pictures
from thoracle.reporting.ct_view import LabelSource, MeasuredScan, ct_view
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import Mask, Scan

_HU: Final = np.dtype("<i2")
_LABEL: Final = np.dtype(np.uint8)


def scan_pdf(
    store: ResultStore, scan_id: str, mask_id: str | None, *, language: Language, now: datetime
) -> bytes:
    """Write the report of a kept scan.

    Parameters
    ----------
    store
        Open.
    scan_id
        Of a kept scan.
    mask_id
        Which version of its mask; None takes the newest whose numbers are known.
    language
        Of the report.
    now
        The time that stands in it.

    Returns
    -------
    bytes
        A PDF. Its pictures are of the scan's view, so that no whole scan is in memory; its numbers
        are those that were measured on the whole.

    Raises
    ------
    StoreError
        There is no such mask, or it is not measured yet.
    """
    kept = store.scans.get(scan_id)
    mask = kept.newest if mask_id is None else _version(kept, mask_id)
    if mask is None or mask.measures is None:
        raise StoreError(
            "found a mask without numbers – expected one that was measured. Wait until its job is "
            "done.",
            code="mask-unmeasured",
        )
    grid = ScanGrid.of(kept.document)
    nothing = np.broadcast_to(np.int16(0), grid.shape)  # tables need the grid, not the voxels
    whole = described_scan(kept.document, kept.sha256, nothing)
    content = store.scans.mask(scan_id, mask.id, as_view=True)
    found = MeasuredScan(
        file=kept.file,
        scan=whole,
        labels=_source(kept, mask, content),
        measures=measures_from_json(mask.measures),
        software_version=str(kept.document["provenance"]["software_version"]),
    )
    slices, rows, columns = whole.spacing_mm
    seen = replace(
        whole,
        hu=kept_values(store.scans.volume(scan_id, as_view=True), grid.view, _HU),
        spacing_mm=(slices, rows * grid.factor, columns * grid.factor),
        affine=grid.view.affine,
    )
    labels = Segmentation(label_map=kept_values(content, grid.view, _LABEL))
    return ct_pdf(
        ct_view(found, made_at=now, language=language),
        pictures=ct_pictures(seen, labels, language=language),
        shape=grid.view.shape,
        language=language,
    )


def _version(scan: Scan, mask_id: str) -> Mask:
    """Return one version of a mask.

    Raises
    ------
    StoreError
        There is none.
    """
    for one in scan.masks:
        if one.id == mask_id:
            return one
    raise StoreError(
        f"found no mask {mask_id} of this scan – expected one of its versions. Load the page "
        "again.",
        code="unknown-mask",
    )


def _source(scan: Scan, mask: Mask, content: bytes) -> LabelSource:
    bundles = scan.document["provenance"].get("bundles", ())
    if mask.reader is None and bundles:
        return LabelSource(bundle=BundleReference(**bundles[0]))
    return LabelSource(file=mask.reader or "", sha256=sha256_of(content))
