"""Who is in the cohort: of each patient the first X-ray and the last in the same position."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from thoracle.datasets.reference_standard.plan import AdmissionChoice
from thoracle.datasets.reference_standard.standard import Judged
from thoracle.datasets.reference_standard.types import Exclusion


class FirstLast(StrEnum):
    """Which film of its admission a chosen one is."""

    FIRST = "first"
    LAST = "last"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """An X-ray with its place in the cohort; None is left out, and `judged.exclusion` says why."""

    judged: Judged
    first_last: FirstLast | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBox:
    """A step of the cohort: what is left, and what was left out on the way here, with reasons."""

    title: str
    xrays: int
    patients: int
    left_out: tuple[tuple[str, int], ...] = ()


_STEPS = (
    ("X-rays in the table", ()),
    (
        "Frontal X-rays for suspected pneumonia",
        (Exclusion.NOT_SUSPECTED, Exclusion.LATERAL),
    ),
    (
        "In one coded admission",
        (
            Exclusion.OUTSIDE,
            Exclusion.TWO_ADMISSIONS,
            Exclusion.NOT_DISCHARGED,
            Exclusion.NOT_CODED,
        ),
    ),
    ("Read and of known position", (Exclusion.UNDECIDED, Exclusion.NO_POSITION)),
    ("In the admissions that count", (Exclusion.READMISSION,)),
    (
        "First and last of the admission, in one position",
        (Exclusion.OTHER_POSITION, Exclusion.IN_BETWEEN),
    ),
)


def select(judged: Sequence[Judged], admissions: AdmissionChoice) -> tuple[Selected, ...]:
    """Choose the films of the cohort.

    Of each admission the first X-ray fixes the position, and the last one in that position is
    its partner; without one the first stands alone. X-rays of one time are ordered by accession
    number.

    Parameters
    ----------
    judged
        Every X-ray.
    admissions
        Whether the first admission of a patient with a usable X-ray gives films, or all.

    Returns
    -------
    tuple of Selected
        In the order of `judged`, with the reason filled in of those that are left out here.
    """
    stays: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.exclusion is None and one.admission is not None:
            stays[one.admission.admission].append(one)
    late = _readmissions(stays.values()) if admissions is AdmissionChoice.FIRST else frozenset()
    places: dict[str, FirstLast | Exclusion] = {}
    for name, films in stays.items():
        if name in late:
            places.update(dict.fromkeys(_names(films), Exclusion.READMISSION))
        else:
            places.update(_places(films))
    return tuple(_selected(one, places.get(one.xray.accession)) for one in judged)


def flow_of(selected: Iterable[Selected]) -> tuple[FlowBox, ...]:
    """Count the cohort step by step, as STROBE's and STARD's diagrams do.

    Parameters
    ----------
    selected
        Every X-ray of the table.

    Returns
    -------
    tuple of FlowBox
        From all X-rays to those chosen; each box minus what is left out is the next.
    """
    left = list(selected)
    boxes = []
    for title, reasons in _STEPS:
        counts = Counter(one.judged.exclusion for one in left)
        left = [one for one in left if one.judged.exclusion not in reasons]
        boxes.append(
            FlowBox(
                title=title,
                xrays=len(left),
                patients=len({one.judged.xray.patient for one in left}),
                left_out=tuple((str(reason), counts[reason]) for reason in reasons),
            )
        )
    return tuple(boxes)


def _readmissions(stays: Iterable[list[Judged]]) -> frozenset[str]:
    firsts: dict[str, tuple[datetime, str]] = {}
    names: set[str] = set()
    for films in stays:
        stay = films[0].admission
        if stay is None:
            continue
        names.add(stay.admission)
        mine = (stay.admitted, stay.admission)
        firsts[stay.patient] = min(firsts.get(stay.patient, mine), mine)
    return frozenset(names - {name for _, name in firsts.values()})


def _places(films: Sequence[Judged]) -> dict[str, FirstLast | Exclusion]:
    ordered = sorted(films, key=lambda one: (one.xray.taken, one.xray.accession))
    first = ordered[0].xray
    alike = [one for one in ordered if one.xray.position is first.position]
    places: dict[str, FirstLast | Exclusion] = dict.fromkeys(
        _names(ordered), Exclusion.OTHER_POSITION
    )
    places.update(dict.fromkeys(_names(alike), Exclusion.IN_BETWEEN))
    if len(alike) == 1:
        return {**places, first.accession: FirstLast.ONLY}
    return {
        **places,
        first.accession: FirstLast.FIRST,
        alike[-1].xray.accession: FirstLast.LAST,
    }


def _names(films: Iterable[Judged]) -> list[str]:
    return [one.xray.accession for one in films]


def _selected(judged: Judged, place: FirstLast | Exclusion | None) -> Selected:
    if isinstance(place, Exclusion):
        return Selected(judged=replace(judged, exclusion=place), first_last=None)
    return Selected(judged=judged, first_last=place)
