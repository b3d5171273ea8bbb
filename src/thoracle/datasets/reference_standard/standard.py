"""Every X-ray of the hospital judged: reading, rule, cause, with the branch that decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thoracle.datasets.labels import COVID_19, UNKNOWN, Labels, parse_label
from thoracle.datasets.reference_standard.causes import Cause, Conflict, cause_of, microbiology_text
from thoracle.datasets.reference_standard.icd10 import dotted, meaning_of
from thoracle.datasets.reference_standard.linking import Links
from thoracle.datasets.reference_standard.plan import CodeMeaning, FlankedBy, Plan
from thoracle.datasets.reference_standard.readings import reading_of
from thoracle.datasets.reference_standard.rule import Branch, ReadXRay, branch_of, is_positive
from thoracle.datasets.reference_standard.types import (
    Admission,
    Exclusion,
    HospitalTables,
    Specimen,
    XRay,
)

_EMERGENCY_COVID = "U07"  # WHO's COVID-19 codes, which say no pneumonia by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One X-ray and what it is taken for.

    Attributes
    ----------
    admission
        None where it belongs to none, or to one of two.
    exclusion
        Why it cannot be judged or used; None where it can.
    read_positive
        What its readers say; None undecided.
    branch
        Part of the rule that decided; None where it was not applied.
    labels
        What stays possible; empty is unknown.
    codes
        The admission's pneumonia codes, with their dots.
    microbiology
        As `causes.microbiology_text`; None without an admission.
    conflict
        What contradicted what, of a positive film.
    is_by_covid_code_alone
        Whether the only pneumonia codes are U07: no code says pneumonia in words.
    depends_on_flank
        Whether the other reading of "flanked" would decide otherwise.
    """

    xray: XRay
    admission: Admission | None
    exclusion: Exclusion | None
    read_positive: bool | None
    branch: Branch | None = None
    labels: Labels = UNKNOWN
    codes: tuple[str, ...] = ()
    microbiology: str | None = None
    conflict: Conflict | None = None
    is_by_covid_code_alone: bool = False
    depends_on_flank: bool = False

    @property
    def is_positive(self) -> bool | None:
        """Pneumonia by the reference standard, None where the rule was not applied."""
        return None if self.branch is None else is_positive(self.branch)


def judge(tables: HospitalTables, links: Links, plan: Plan) -> tuple[Judged, ...]:
    """Apply the reference standard to every X-ray.

    Parameters
    ----------
    tables, links
        Checked: without problems.
    plan
        What the hospital declares.

    Returns
    -------
    tuple of Judged
        In the order of `tables.xrays`.
    """
    readings = {xray.accession: reading_of(xray, plan.readers) for xray in tables.xrays}
    stays: dict[str, list[ReadXRay]] = defaultdict(list)
    for xray in tables.xrays:
        stay, reading = links.admission_of[xray.accession], readings[xray.accession]
        if isinstance(stay, Admission) and reading is not None:
            read = ReadXRay(accession=xray.accession, taken=xray.taken, is_positive=reading)
            stays[stay.admission].append(read)
    return tuple(_judged(xray, readings, stays, links, plan) for xray in tables.xrays)


def _judged(
    xray: XRay,
    readings: Mapping[str, bool | None],
    stays: Mapping[str, Sequence[ReadXRay]],
    links: Links,
    plan: Plan,
) -> Judged:
    place, reading = links.admission_of[xray.accession], readings[xray.accession]
    stay = place if isinstance(place, Admission) else None
    exclusion = _exclusion_of(xray, place, reading, links)
    if stay is None:
        return Judged(xray=xray, admission=None, exclusion=exclusion, read_positive=reading)
    specimens = links.specimens_of.get(stay.admission, ())
    microbiology = microbiology_text(one.found for one in specimens)
    codes = links.codes_of.get(stay.admission)
    if reading is None or codes is None or stay.discharged is None:
        return Judged(
            xray=xray,
            admission=stay,
            exclusion=exclusion,
            read_positive=reading,
            microbiology=microbiology,
        )
    meanings = _pneumonia_meanings(codes, plan)
    branch, other = (
        branch_of(
            ReadXRay(accession=xray.accession, taken=xray.taken, is_positive=reading),
            stays[stay.admission],
            is_coded=bool(meanings),
            flanked_by=each,
        )
        for each in (plan.rule.flanked_by, _other(plan.rule.flanked_by))
    )
    cause = _cause(branch, meanings.values(), specimens, stay, plan)
    return Judged(
        xray=xray,
        admission=stay,
        exclusion=exclusion,
        read_positive=reading,
        branch=branch,
        labels=cause.possible,
        codes=tuple(dotted(code) for code in meanings),
        microbiology=microbiology,
        conflict=cause.conflict,
        is_by_covid_code_alone=is_positive(branch)
        and all(code.startswith(_EMERGENCY_COVID) for code in meanings),
        depends_on_flank=is_positive(branch) != is_positive(other),
    )


def _exclusion_of(
    xray: XRay, place: Admission | Exclusion, reading: bool | None, links: Links
) -> Exclusion | None:
    """Return the first reason, in the order of `Exclusion`, that bars an X-ray by itself."""
    stay = place if isinstance(place, Admission) else None
    barred = {
        Exclusion.NOT_SUSPECTED: not xray.is_suspected,
        Exclusion.LATERAL: xray.view == "L",
        Exclusion.OUTSIDE: place is Exclusion.OUTSIDE,
        Exclusion.TWO_ADMISSIONS: place is Exclusion.TWO_ADMISSIONS,
        Exclusion.NOT_DISCHARGED: stay is not None and stay.discharged is None,
        Exclusion.NOT_CODED: stay is not None and stay.admission not in links.codes_of,
        Exclusion.UNDECIDED: reading is None,
        Exclusion.NO_POSITION: xray.position is None,
    }
    return next((reason for reason, is_so in barred.items() if is_so), None)


def _pneumonia_meanings(codes: Iterable[str], plan: Plan) -> dict[str, CodeMeaning]:
    """Return the codes that say pneumonia, in the order of the codes."""
    meanings = {code: meaning_of(code, plan.codes) for code in codes}
    return {code: one for code, one in meanings.items() if one is not None and one.pneumonia}


def _cause(
    branch: Branch,
    meanings: Iterable[CodeMeaning],
    specimens: Iterable[Specimen],
    stay: Admission,
    plan: Plan,
) -> Cause:
    if not is_positive(branch):
        was_seen = branch is Branch.POSITIVE_UNCODED
        text = plan.labels.unconfirmed if was_seen else plan.labels.negative
        return Cause(possible=parse_label(text), conflict=None)
    end = stay.discharged or stay.admitted
    is_covid_possible = end.date() >= plan.cohort.covid_possible_from
    found = frozenset().union(*(one.found for one in specimens))
    return cause_of(
        [one.possible for one in meanings],
        found if is_covid_possible else found - COVID_19,
        is_covid_possible=is_covid_possible,
    )


def _other(flanked_by: FlankedBy) -> FlankedBy:
    return FlankedBy.ADJACENT if flanked_by is FlankedBy.ANY else FlankedBy.ANY
