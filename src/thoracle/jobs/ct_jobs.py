"""Reading CT scans as jobs: open, segment, measure, and keep all of it together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from thoracle.core.errors import StoreError
from thoracle.core.results import DISCLAIMER
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.ct.types import Segmentation
from thoracle.imaging.scan import CtScan
from thoracle.imaging.trust import Trust
from thoracle.jobs.ct_files import (
    ScanGrid,
    kept_scan,
    kept_values,
    scan_document,
    view_labels,
    view_values,
    volume_nifti,
)
from thoracle.jobs.long_work import Task
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.scan_types import NewMask, NewScan, Scan

QUANTIFY: Final = "ct_quantify"
MEASURE: Final = "ct_measure"

Measures = Mapping[str, Any]
Measure = Callable[[CtScan, Segmentation, Iterable[Segmentation]], Measures]


@dataclass(frozen=True, slots=True, kw_only=True)
class CtTools:
    """What reads a scan.

    `open` is given what a user trusts, and which Series Instance UID is meant where there are
    several; `segment` and `variants` are the network's; `measure` makes numbers, as JSON, of a
    scan, its labels and their variants; `made_by` says which bundle and runtime took part.
    """

    open: Callable[[Path, Trust, str | None], CtScan]
    segment: Callable[[CtScan], Segmentation]
    variants: Callable[[CtScan], Iterator[Segmentation]]
    measure: Measure
    made_by: Mapping[str, Any]


QUANTIFY_PARTS: Final[Mapping[str, float]] = MappingProxyType(
    {"open": 0.05, "segment": 0.2, "vary": 0.65, "keep": 0.1}
)
MEASURE_PARTS: Final[Mapping[str, float]] = MappingProxyType({"measure": 0.9, "keep": 0.1})
_HALF_AT: Final = 4  # variants; how many come is not known before the last


def trust_wishes(trust: Trust) -> dict[str, Any]:
    """Return what a user takes responsibility for as part of a job's input."""
    return {
        "assume_window": _listed(trust.assume_window),
        "slice_spacing_mm": trust.slice_spacing_mm,
        "grey_range": _listed(trust.grey_range),
    }


def trust_of(wishes: Mapping[str, Any]) -> Trust:
    """Read back what `trust_wishes` wrote."""
    return Trust(
        assume_window=_pair(wishes.get("assume_window")),
        slice_spacing_mm=wishes.get("slice_spacing_mm"),
        grey_range=_pair(wishes.get("grey_range")),
    )


def quantify(task: Task, tools: CtTools) -> None:
    """Read one uploaded scan; keep it with its mask and numbers, and end the job.

    Parameters
    ----------
    task
        Its wishes: `upload`, `file` (the upload's own name), `series_uid` where one was chosen, and
        those of `trust_wishes`.
    tools
        What reads it.
    """
    task.progress("open", 0, 1)
    path = task.store.uploads.file(task.wishes["upload"])
    scan = tools.open(path, trust_of(task.wishes), task.wishes.get("series_uid"))
    task.progress("segment", 0, 1)
    segmentation = tools.segment(scan)
    task.progress("vary", 0, 1)
    measures = tools.measure(scan, segmentation, _told(tools.variants(scan), task))
    task.progress("keep", 0, 1)
    document = {**scan_document(scan), "provenance": _provenance(scan, tools)}
    own = Pseudonyms(task.home, keeps_identifiers=settings().keep_identifiers)
    new = NewScan(
        file=task.wishes["file"],
        sha256=scan.sha256,
        document=document,
        volume=volume_nifti(scan.hu, scan.affine),
        view=_view_nifti(scan, document),
        owner=task.job.owner,
        patient=own.of(scan.facts.patient_id),
        study_date=scan.facts.study_date if settings().keep_identifiers else None,
    )
    mask = mask_files(segmentation.label_map, ScanGrid.of(document))
    made = NewMask(content=mask[0], view=mask[1], measures=measures)
    task.store.scans.save(new, made, now=task.now(), lease=task.lease)


def measure_again(task: Task, measure: Measure) -> None:
    """Measure a mask that a reader has corrected, and end the job.

    Parameters
    ----------
    task
        Its wishes: `scan` and `mask`.
    measure
        Makes the numbers; a reader's mask has no variants.

    Raises
    ------
    StoreError
        The mask is gone.
    """
    kept = task.store.scans.get(task.wishes["scan"])
    mask_id = task.wishes["mask"]
    if mask_id not in {one.id for one in kept.masks}:
        raise StoreError(
            f"found no mask {mask_id} of this scan – expected one of its versions. Load the page "
            "again.",
            code="unknown-mask",
        )
    task.progress("measure", 0, 1)
    scan = kept_scan(kept.document, kept.sha256, task.store.scans.volume(kept.id))
    labels = labels_of(kept, task.store.scans.mask(kept.id, mask_id))
    measures = measure(scan, Segmentation(label_map=labels), ())
    task.progress("keep", 0, 1)
    task.store.scans.set_measures(mask_id, measures, now=task.now(), lease=task.lease)


def mask_files(labels: "np.ndarray[Any, Any]", grid: ScanGrid) -> tuple[bytes, bytes | None]:
    """Return a mask as a NIfTI file, and its view where the grid has one."""
    view = None
    if grid.factor > 1:
        view = volume_nifti(view_labels(labels, grid.factor), grid.view.affine)
    return volume_nifti(labels, grid.affine), view


def labels_of(scan: Scan, content: bytes) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Read the labels of a kept mask."""
    return kept_values(content, ScanGrid.of(scan.document), np.dtype(np.uint8))


def _view_nifti(scan: CtScan, document: Mapping[str, Any]) -> bytes | None:
    grid = ScanGrid.of(document)
    if grid.factor == 1:
        return None
    return volume_nifti(view_values(scan.hu, grid.factor), grid.view.affine)


def _told(variants: Iterator[Segmentation], task: Task) -> Iterator[Segmentation]:
    for count, one in enumerate(variants, start=1):
        yield one
        task.progress("vary", count, count + _HALF_AT)


def _provenance(scan: CtScan, tools: CtTools) -> dict[str, Any]:
    return {
        "sha256": scan.sha256,
        "software_version": version(),
        **tools.made_by,
        "disclaimer": DISCLAIMER,
    }


def _listed(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else list(pair)


def _pair(said: Any) -> tuple[float, float] | None:
    return None if said is None else (float(said[0]), float(said[1]))
