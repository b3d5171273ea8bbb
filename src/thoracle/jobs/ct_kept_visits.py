"""Which kept scans are to be compared, when they were made, and all of it as a comparison needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from thoracle.core.errors import StoreError
from thoracle.core.results import BundleReference, Reason
from thoracle.ct.course import SeenScan
from thoracle.ct.follow_up import DAY_ZERO, Visit
from thoracle.ct.measures import measures_from_json
from thoracle.ct.repeatability import LESIONS, amounts
from thoracle.ct.transitions import Labeled
from thoracle.jobs.ct_files import kept_scan
from thoracle.jobs.ct_jobs import labels_of
from thoracle.jobs.ct_visits import FollowUpError, values_of
from thoracle.store.comparison_types import ComparedScan
from thoracle.store.results import ResultStore
from thoracle.store.scan_types import Mask, Scan

DAYS_MAX: Final = 36_500
"""Most days that are counted: a hundred years."""

_NUMBER: Final = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One kept scan that is to be compared.

    `mask_id` is the version that counts, None for the newest with numbers. `when` is the day it was
    made: a date as 2020-03-31, or its number counted from any day, as "5"; None takes the study
    date that is kept.
    """

    scan_id: str
    mask_id: str | None = None
    when: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Wanted":
        """Read it back from a job's input."""
        return cls(scan_id=said["scan"], mask_id=said["mask"], when=said["when"])

    def as_input(self) -> dict[str, Any]:
        """Return it as part of a job's input."""
        return {"scan": self.scan_id, "mask": self.mask_id, "when": self.when}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVisit:
    """One kept scan with its numbers, and which it is.

    `bundle` drew the mask; it is None where a reader did.
    """

    seen: SeenScan
    compared: ComparedScan
    bundle: BundleReference | None


def checked(
    store: ResultStore, wanted: Sequence[Wanted], *, keeps_dates: bool
) -> tuple[Wanted, ...]:
    """Say which version of each mask counts, and on which day each scan was made.

    Parameters
    ----------
    store
        Open.
    wanted
        As somebody asks for it.
    keeps_dates
        Whether this installation may keep dates (setting keep_identifiers); else days are counted.

    Returns
    -------
    tuple of Wanted
        With nothing left open. A scan or mask that is not there is a StoreError.

    Raises
    ------
    FollowUpError
        A scan has no day, or is named twice.
    """
    if len({one.scan_id for one in wanted}) != len(wanted):
        raise FollowUpError(
            "found one scan twice – expected two scans or more. Name each once.",
            code="ct-compare-twice",
        )
    found = []
    for one in wanted:
        scan = store.scans.get(one.scan_id)
        mask = _mask(scan, one.mask_id)
        when = (one.when or "").strip() or _kept_date(scan)
        found.append(Wanted(scan_id=scan.id, mask_id=mask.id, when=when))
    _need_days([one.when for one in found], keeps_dates=keeps_dates, given=wanted)
    return tuple(found)


def kept_visit(store: ResultStore, wanted: Wanted) -> KeptVisit:
    """Open a kept scan as a comparison needs it: no network is asked again.

    Parameters
    ----------
    store
        Open.
    wanted
        From `checked`.

    Returns
    -------
    KeptVisit
        The scan with its labels and numbers.
    """
    kept = store.scans.get(wanted.scan_id)
    mask = _mask(kept, wanted.mask_id)
    scan = kept_scan(kept.document, kept.sha256, store.scans.volume(kept.id))
    # The pseudonym stands for the Patient ID: two of them speak against one patient as well.
    scan = replace(scan, facts=replace(scan.facts, patient_id=kept.patient))
    labels = labels_of(kept, store.scans.mask(kept.id, mask.id))
    measures = measures_from_json(mask.measures or {})
    found = amounts(labels, scan.spacing_mm)
    bundle = _bundle(kept, mask)
    day, is_dated = _day(wanted.when or "")
    seen = SeenScan(
        visit=Visit(
            name=kept.file,
            day=day,
            values=dict(values_of(measures)),
            surface_mm2={name: found[name].surface_mm2 for name in LESIONS},
            varied=measures.variants > 0,
            is_dated=is_dated,
        ),
        labeled=Labeled(scan=scan, label_map=labels),
        labeled_by=_labeled_by(mask, bundle),
        assumptions=(*scan.assumptions, *_other_date(kept, wanted)),
        warnings=(*scan.warnings, *measures.warnings),
    )
    return KeptVisit(
        seen=seen, compared=ComparedScan(scan_id=kept.id, mask_id=mask.id), bundle=bundle
    )


def _mask(scan: Scan, mask_id: str | None) -> Mask:
    """Return the version that counts.

    Raises
    ------
    StoreError
        There is none, or its numbers are not known yet.
    """
    found = scan.newest
    if mask_id is not None:
        found = next((one for one in scan.masks if one.id == mask_id), None)
        if found is None:
            raise StoreError(
                f"found no mask {mask_id} of this scan – expected one of its versions. Load the "
                "page again.",
                code="unknown-mask",
            )
    if found is None or found.measures is None:
        raise StoreError(
            "found a mask without numbers – expected one that was measured. Wait until its job is "
            "done.",
            code="mask-unmeasured",
        )
    return found


def _need_days(days: Sequence[str | None], *, keeps_dates: bool, given: Sequence[Wanted]) -> None:
    """Refuse scans whose days are missing, of two kinds, or may not be kept.

    Raises
    ------
    FollowUpError
        They are.
    """
    kinds = {None if one is None else _day(one)[1] for one in days}
    if len(kinds) != 1 or None in kinds:
        raise FollowUpError(
            "found scans without a day, or dates beside numbers – expected the same for each scan, "
            "since their order is never guessed. Give a day for all of them.",
            code="ct-compare-no-date",
        )
    is_said = any(one.when and _NUMBER.fullmatch(one.when.strip()) is None for one in given)
    if is_said and not keeps_dates:
        raise FollowUpError(
            "found a date – expected the number of the day, since dates name a patient and are "
            "kept only with the setting keep_identifiers. Count from the first scan: 0, then 5.",
            code="ct-compare-date",
        )


def _day(said: str) -> tuple[date, bool]:
    """Read a date, or a number of days.

    Raises
    ------
    FollowUpError
        It is neither.
    """
    text = said.strip()
    if _NUMBER.fullmatch(text) and int(text) <= DAYS_MAX:
        return DAY_ZERO + timedelta(days=int(text)), False
    try:
        return date.fromisoformat(text), True
    except ValueError as error:
        raise FollowUpError(
            f"found the day {text[:32]} – expected a date as 2020-03-31, or a number of days up to "
            f"{DAYS_MAX}. Write it again.",
            code="ct-compare-date",
        ) from error


def _kept_date(scan: Scan) -> str | None:
    said = scan.study_date or ""
    return f"{said[:4]}-{said[4:6]}-{said[6:]}" if len(said) == 8 and said.isdigit() else None


def _other_date(scan: Scan, wanted: Wanted) -> tuple[Reason, ...]:
    filed = _kept_date(scan)
    if filed is None or wanted.when == filed or _NUMBER.fullmatch(wanted.when or ""):
        return ()
    text = f"{scan.file} is taken to be of {wanted.when}; its files say {filed}."
    return (Reason(code="ct-compare-other-date", text=text),)


def _bundle(scan: Scan, mask: Mask) -> BundleReference | None:
    known = scan.document["provenance"].get("bundles", ())
    return BundleReference(**known[0]) if mask.reader is None and known else None


def _labeled_by(mask: Mask, bundle: BundleReference | None) -> str:
    if bundle is not None:
        return f"{bundle.name} {bundle.version}"
    return mask.reader or "given labels"
