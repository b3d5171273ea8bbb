"""MIDDLEMORE's two-condition rule: an X-ray's reading, confirmed by the discharge code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from thoracle.datasets.reference_standard.plan import FlankedBy


class Branch(StrEnum):
    """Which part of the rule decided an X-ray."""

    POSITIVE_CODED = "read positive; the discharge code says pneumonia"
    POSITIVE_UNCODED = "read positive; no discharge code says pneumonia"
    NEGATIVE_UNCODED = "read negative; no discharge code says pneumonia"
    NEGATIVE_ALONE = (
        "read negative; the discharge code says pneumonia and no other X-ray of the admission is "
        "positive"
    )
    NEGATIVE_FLANKED = (
        "read negative; the discharge code says pneumonia and positive X-rays flank it"
    )
    NEGATIVE_BESIDE = (
        "read negative; the discharge code says pneumonia, another X-ray is positive and it is not "
        "flanked"
    )


_POSITIVE = frozenset({Branch.POSITIVE_CODED, Branch.NEGATIVE_ALONE, Branch.NEGATIVE_FLANKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadXRay:
    """What the rule needs of one X-ray of an admission; `is_positive` is as read."""

    accession: str
    taken: datetime
    is_positive: bool


def branch_of(
    xray: ReadXRay, admission: Iterable[ReadXRay], *, is_coded: bool, flanked_by: FlankedBy
) -> Branch:
    """Decide one X-ray.

    Parameters
    ----------
    xray
        The one to decide.
    admission
        All X-rays of its admission with a decided reading, itself included or not.
    is_coded
        Whether a discharge code of the admission says pneumonia.
    flanked_by
        Which positive X-rays flank it; those taken at its very time do not.

    Returns
    -------
    Branch
        `is_positive` tells what it means.

    References
    ----------
    MIDDLEMORE 2020: "An X-ray read negative whose discharge code says pneumonia stays negative
    only if (a) another X-ray of that admission is positive and (b) it is not flanked by two
    positive ones; else it is positive. An X-ray read positive needs the pneumonia code, else it is
    negative."
    """
    if xray.is_positive:
        return Branch.POSITIVE_CODED if is_coded else Branch.POSITIVE_UNCODED
    if not is_coded:
        return Branch.NEGATIVE_UNCODED
    others = [one for one in admission if one.accession != xray.accession]
    if not any(one.is_positive for one in others):
        return Branch.NEGATIVE_ALONE
    is_flanked = _is_flanked(xray.taken, others, flanked_by)
    return Branch.NEGATIVE_FLANKED if is_flanked else Branch.NEGATIVE_BESIDE


def is_positive(branch: Branch) -> bool:
    """Say what a branch decides: pneumonia or none."""
    return branch in _POSITIVE


def _is_flanked(taken: datetime, others: Sequence[ReadXRay], flanked_by: FlankedBy) -> bool:
    earlier = [one for one in others if one.taken < taken]
    later = [one for one in others if one.taken > taken]
    if flanked_by is FlankedBy.ADJACENT:
        before = max((one.taken for one in earlier), default=taken)
        after = min((one.taken for one in later), default=taken)
        earlier, later = _of_time(earlier, before), _of_time(later, after)
    return all(any(one.is_positive for one in side) for side in (earlier, later))


def _of_time(xrays: Sequence[ReadXRay], taken: datetime) -> list[ReadXRay]:
    return [one for one in xrays if one.taken == taken]
