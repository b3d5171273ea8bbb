"""Which admission an X-ray, a code and a specimen belong to, and what cannot be so."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from thoracle.datasets.labels import COVID_19
from thoracle.datasets.reference_standard.icd10 import meaning_of
from thoracle.datasets.reference_standard.plan import Plan
from thoracle.datasets.reference_standard.problems import Problems
from thoracle.datasets.reference_standard.tables import ADMISSIONS, CODES, MICROBIOLOGY, XRAYS
from thoracle.datasets.reference_standard.types import (
    Admission,
    Exclusion,
    HospitalTables,
    Specimen,
    XRay,
)

_NEVER: Final = datetime(9999, 12, 31)  # noqa: DTZ001  (the end of a stay that has none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What belongs together, by accession and admission number.

    `admission_of` has the admission of each X-ray, or why it has none. `codes_of` has the plain
    codes of an admission, sorted; an admission that is not there has no code at all.
    """

    admission_of: Mapping[str, Admission | Exclusion] = field(repr=False)
    codes_of: Mapping[str, tuple[str, ...]] = field(repr=False)
    specimens_of: Mapping[str, tuple[Specimen, ...]] = field(repr=False)


def link(tables: HospitalTables, plan: Plan, problems: Problems) -> Links:
    """Join the tables by admission number, and X-rays and specimens by patient and date.

    Parameters
    ----------
    tables
        The four tables.
    plan
        How long before an admission X-rays and specimens may be, and when COVID-19 began.
    problems
        Takes what contradicts itself: dates, repeated and overlapping admissions, unknown numbers.
        Numbers are not looked for where rows of the admissions were not understood.
    """
    are_all_known = not problems.concern(ADMISSIONS)
    _check_admissions(tables, problems)
    by_number = {one.admission: one for one in tables.admissions}
    by_patient: dict[str, list[Admission]] = defaultdict(list)
    for one in tables.admissions:
        by_patient[one.patient].append(one)
    specimens: dict[str, list[Specimen]] = defaultdict(list)
    for each in sorted(tables.specimens, key=lambda each: (each.collected, sorted(each.found))):
        specimens[each.patient].append(each)
    within = _within(tables.by_day, plan)
    return Links(
        admission_of={
            xray.accession: _admission_of(xray, by_number, by_patient, within, problems)
            for xray in tables.xrays
            if are_all_known
        },
        codes_of=_codes_of(tables, by_number, plan, problems) if are_all_known else {},
        specimens_of={
            one.admission: tuple(_specimens_of(one, specimens[one.patient], plan, problems))
            for one in tables.admissions
        },
    )


def _check_admissions(tables: HospitalTables, problems: Problems) -> None:
    rows: dict[str, list[int]] = defaultdict(list)
    patients: dict[str, list[Admission]] = defaultdict(list)
    for one in tables.admissions:
        rows[one.admission].append(one.row)
        patients[one.patient].append(one)
        if one.discharged is not None and one.discharged < one.admitted:
            problems.add(
                ADMISSIONS,
                [one.row],
                found="a discharge before the admission",
                expected="the same day or later",
                action="Correct the dates; look whether day and month are exchanged",
            )
    for same in rows.values():
        if len(same) > 1:
            problems.add(
                ADMISSIONS,
                same,
                found="one admission number in several rows",
                expected="one row for each admission",
                action="Join the rows, or number the admissions",
            )
    for stays in patients.values():
        _refuse_overlaps(stays, problems)


def _refuse_overlaps(stays: list[Admission], problems: Problems) -> None:
    ordered = sorted(stays, key=lambda one: (one.admitted, one.discharged or _NEVER))
    for earlier, later in pairwise(ordered):
        if earlier.discharged is None or later.admitted < earlier.discharged:
            problems.add(
                ADMISSIONS,
                [earlier.row, later.row],
                found="two admissions of one patient at the same time",
                expected="one after the other",
                action="Join transfers into one admission",
            )


_Within = Callable[[XRay, Admission], bool]


def _within(by_day: bool, plan: Plan) -> _Within:
    before = timedelta(days=plan.cohort.days_before_admission)

    def is_within(xray: XRay, stay: Admission) -> bool:
        start, end = stay.admitted - before, stay.discharged or _NEVER
        if by_day:
            return start.date() <= xray.taken.date() <= end.date()
        return start <= xray.taken <= end

    return is_within


def _admission_of(
    xray: XRay,
    by_number: Mapping[str, Admission],
    by_patient: Mapping[str, list[Admission]],
    within: _Within,
    problems: Problems,
) -> Admission | Exclusion:
    if xray.admission is not None:
        return _named(xray, by_number.get(xray.admission), within, problems)
    fitting = [one for one in by_patient.get(xray.patient, ()) if within(xray, one)]
    if not fitting:
        return Exclusion.OUTSIDE
    return fitting[0] if len(fitting) == 1 else Exclusion.TWO_ADMISSIONS


def _named(
    xray: XRay, stay: Admission | None, within: _Within, problems: Problems
) -> Admission | Exclusion:
    """Return the admission that an X-ray names, after checking that it can be so."""
    if stay is None or stay.patient != xray.patient:
        problems.add(
            XRAYS,
            xray.rows,
            found="an admission that is not one of this patient",
            expected="an admission number of the admissions table, or an empty cell",
            action="Correct it; an empty cell is joined by date",
        )
        return Exclusion.OUTSIDE
    if not within(xray, stay):
        is_late = stay.discharged is not None and xray.taken.date() > stay.discharged.date()
        problems.add(
            XRAYS,
            xray.rows,
            found=f"an X-ray {'after the discharge' if is_late else 'before the beginning'} of the "
            "admission that it names",
            expected="one between admission and discharge",
            action="Correct the date or the admission; leave the admission empty for an outpatient",
        )
    return stay


def _codes_of(
    tables: HospitalTables, by_number: Mapping[str, Admission], plan: Plan, problems: Problems
) -> dict[str, tuple[str, ...]]:
    codes: dict[str, set[str]] = defaultdict(set)
    for one in tables.codes:
        stay = by_number.get(one.admission)
        if stay is None:
            problems.add(
                CODES,
                [one.row],
                found="a code of an admission that is not in the admissions table",
                expected="an admission number of that table",
                action="Add the admission, or remove its codes",
            )
            continue
        meaning = meaning_of(one.icd10, plan.codes)
        if meaning is not None and meaning.possible == COVID_19 and _is_too_early(stay, plan):
            _refuse_early_covid(CODES, one.row, problems)
        codes[one.admission].add(one.icd10)
    return {admission: tuple(sorted(found)) for admission, found in codes.items()}


def _is_too_early(stay: Admission, plan: Plan) -> bool:
    end = stay.discharged
    return end is not None and end.date() < plan.cohort.covid_possible_from


def _specimens_of(
    stay: Admission, specimens: Iterable[Specimen], plan: Plan, problems: Problems
) -> Iterator[Specimen]:
    start = (stay.admitted - timedelta(days=plan.microbiology.days_before_admission)).date()
    end = (stay.discharged or _NEVER).date()
    for one in specimens:
        if start <= one.collected <= end:
            if one.found == COVID_19 and one.collected < plan.cohort.covid_possible_from:
                _refuse_early_covid(MICROBIOLOGY, one.row, problems)
            yield one


def _refuse_early_covid(table: str, row: int, problems: Problems) -> None:
    problems.add(
        table,
        [row],
        found="COVID-19 before it was possible",
        expected="a date from cohort.covid_possible_from on",
        action="Correct the date, or set that day in the plan",
    )
