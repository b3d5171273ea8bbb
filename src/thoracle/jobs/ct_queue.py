"""The corrected CT masks of an installation: which there are, and as a folder to learn from."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from thoracle.core.errors import BundleError, StoreError
from thoracle.core.files import write_atomically
from thoracle.datasets.ct_cases import CASES, GREY, HU, CtCase
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.pseudonyms import Pseudonyms
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import Scan

COLUMNS: Final = ("case", "patient", "unit", "reader", "minutes")
_PAGE: Final = 100  # scans asked of the store at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedMask:
    """The newest version of a scan's mask that a reader made.

    `minutes` is what all readers spent on the scan, None where nobody measured it; `versions` is
    how many they made.
    """

    scan_id: str
    mask_id: str
    patient: str | None
    reader: str
    minutes: float | None
    versions: int
    created_at: datetime


def corrected_masks(store: ResultStore) -> tuple[CorrectedMask, ...]:
    """Return the corrected mask of each scan that has one, the oldest scan first.

    Parameters
    ----------
    store
        Open.

    Returns
    -------
    tuple of CorrectedMask
        Of several readers the last one counts; every version stays in the store.
    """
    return tuple(reversed([_newest(scan) for scan in _corrected_scans(store)]))


def waiting(masks: Sequence[CorrectedMask], learned: Sequence[str]) -> tuple[CorrectedMask, ...]:
    """Return the corrected masks that a network has not learned from.

    Parameters
    ----------
    masks
        From `corrected_masks`.
    learned
        Names of the cases that it learned from, as its bundle says.
    """
    return tuple(one for one in masks if one.mask_id not in learned)


def learned_cases(bundle: Bundle) -> tuple[str, ...]:
    """Return the names of the scans that a bundle learned from, as its description says."""
    told = bundle.training.get("cases", "")
    return tuple(one.strip() for one in told.split(",") if one.strip())


def learned_by(name: str) -> tuple[str, ...]:
    """Return the scans that the bundle in use learned from; none where there is no such bundle."""
    try:
        return learned_cases(open_bundle(name))
    except BundleError:
        return ()


def export_corrections(store: ResultStore, folder: Path, *, pseudonyms: Pseudonyms) -> int:
    """Write corrected masks with their scans as labeled cases that training reads.

    Parameters
    ----------
    store
        Open.
    folder
        Gets `cases.csv`, last of all, and two NIfTI files to a case: the scan in HU and its mask.
    pseudonyms
        Of this installation, which keep no identifiers: what a network learned from stands in its
        bundle, and a bundle may be passed on.

    Returns
    -------
    int
        How many cases.

    Raises
    ------
    StoreError
        No mask was ever corrected.
    """
    masks = corrected_masks(store)
    if not masks:
        raise StoreError(
            "found no corrected mask in this installation – expected some to learn from. Correct "
            "masks on the scans' pages, or give a folder with --corrections.",
            code="corrections-none",
        )
    cases = []
    for one in masks:
        case = CtCase(
            name=one.mask_id,
            patient=pseudonyms.of(one.patient) or "",
            image=folder / f"{one.mask_id}_image.nii.gz",
            labels=folder / f"{one.mask_id}_labels.nii.gz",
            is_hu=True,
            reader=one.reader,
            minutes=one.minutes,
        )
        write_atomically(case.image, store.scans.volume(one.scan_id))
        write_atomically(case.labels, store.scans.mask(one.scan_id, one.mask_id))
        cases.append(case)
    write_cases(cases, folder)
    return len(cases)


def write_cases(cases: Sequence[CtCase], folder: Path) -> None:
    """Write the table of a folder of labeled scans, as `read_cases` reads it.

    Parameters
    ----------
    cases
        Their files lie in the folder.
    folder
        Gets `cases.csv`.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(
        (
            one.name,
            one.patient if one.has_patient else "",
            HU if one.is_hu else GREY,
            one.reader or "",
            "" if one.minutes is None else f"{one.minutes:g}",
        )
        for one in cases
    )
    write_atomically(folder / CASES, text.getvalue().encode("utf-8"))


def _corrected_scans(store: ResultStore) -> Iterator[Scan]:
    """Yield the scans of which a reader made a mask, the newest first."""
    page = store.scans.list_scans(_PAGE, only_corrected=True)
    while page:
        yield from page
        page = store.scans.list_scans(_PAGE, before=page[-1].id, only_corrected=True)


def _newest(scan: Scan) -> CorrectedMask:
    versions = [one for one in scan.masks if one.reader is not None]
    last = versions[-1]
    spent = [one.minutes for one in versions if one.minutes is not None]
    return CorrectedMask(
        scan_id=scan.id,
        mask_id=last.id,
        patient=scan.patient,
        reader=last.reader or "",
        minutes=sum(spent) if spent else None,
        versions=len(versions),
        created_at=last.created_at,
    )
