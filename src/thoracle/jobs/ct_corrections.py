"""A reader's mask: checked, kept as a new version, and queued for its numbers."""

from dataclasses import dataclass
from datetime import datetime

from thoracle.core.errors import ImageError, StoreError
from thoracle.jobs.ct_files import ScanGrid, drawn_on_view, read_labels
from thoracle.jobs.ct_jobs import MEASURE, labels_of, mask_files
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import NewMask, Scan

MINUTES_MAX = 24 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a reader sends.

    `content` is a NIfTI file on the scan's grid or on that of its view; `parent_id` is the version
    that was drawn on, None for one that was made elsewhere; `minutes` is the time it took, None
    where nobody measured it.
    """

    content: bytes
    reader: str
    parent_id: str | None = None
    minutes: float | None = None


def keep_correction(
    store: ResultStore, scan_id: str, said: Correction, *, now: datetime
) -> tuple[str, str]:
    """Keep a reader's mask as a new version, and queue its measuring.

    Parameters
    ----------
    store
        Open.
    scan_id
        Of a kept scan.
    said
        What the reader sends.
    now
        With a time zone.

    Returns
    -------
    mask_id, job_id
        The version, and the job that measures it. A mask that does not fit the scan is an
        ImageError, and nothing is kept.
    """
    _need_minutes(said.minutes)
    scan = store.scans.get(scan_id)
    grid = ScanGrid.of(scan.document)
    labels = read_labels(said.content, [grid, grid.view])
    if labels.shape != grid.shape:
        parent = labels_of(scan, store.scans.mask(scan_id, _drawn_on(scan, said.parent_id)))
        labels = drawn_on_view(parent, labels, grid.factor)
    content, view = mask_files(labels, grid)
    new = NewMask(
        content=content,
        view=view,
        reader=said.reader,
        minutes=said.minutes,
        parent_id=said.parent_id,
    )
    mask_id = store.scans.add_mask(scan_id, new, now=now)
    wishes = {"scan": scan_id, "mask": mask_id}
    return mask_id, store.jobs.submit(MEASURE, wishes, owner=said.reader, now=now)


def _drawn_on(scan: Scan, parent_id: str | None) -> str:
    """Return the version that a view was drawn on.

    Raises
    ------
    StoreError
        It is not said, or none of this scan's: what was not touched could not be kept.
    """
    if parent_id not in {one.id for one in scan.masks} or parent_id is None:
        raise StoreError(
            f"found no mask {parent_id} of this scan – expected one of its versions. Load the "
            "page again.",
            code="unknown-mask",
        )
    return parent_id


def _need_minutes(minutes: float | None) -> None:
    """Refuse a time that nobody can have spent.

    Raises
    ------
    ImageError
        It is none.
    """
    if minutes is not None and not 0.0 <= minutes <= MINUTES_MAX:
        raise ImageError(
            f"found {minutes:g} minutes spent on the mask – expected 0 to {MINUTES_MAX:g}. Leave "
            "it out where nobody measured.",
            code="mask-minutes",
        )
