"""Stays of FHIR R4: encounters of patients, with age, sex and how they ended."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from thoracle.datasets.prognosis.cells import hours_between
from thoracle.datasets.prognosis.checks import Stay
from thoracle.datasets.prognosis.fhir_bundle import (
    Resource,
    instant,
    referred,
    table_of,
    tables_of,
    text_of,
)
from thoracle.datasets.prognosis.problems import NO_ENCOUNTER, Kind, Problems
from thoracle.prognosis.types import DEATH, DISCHARGE, FEMALE, MALE, Outcome

_SEXES: Final[Mapping[str, str]] = {"female": FEMALE, "male": MALE}  # AdministrativeGender
_EXPIRED: Final = "exp"  # terminology.hl7.org/CodeSystem/discharge-disposition
_NEVER_BEGAN: Final = frozenset({"planned", "cancelled", "entered-in-error"})  # EncounterStatus
_NO_STAYS: Final = frozenset({"AMB", "VR", "HH", "FLD"})  # v3 ActEncounterCode: no bed in hospital
_DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """A stay with what places observations in it."""

    keys: tuple[str, ...]
    patient: str
    start: datetime
    end: datetime | None
    stay: Stay

    def holds(self, when: datetime) -> bool:
        """Say whether an instant lies in the stay."""
        return self.start <= when and (self.end is None or when <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounters:
    """Every stay, and where each is by the keys of its encounter and of its patient.

    `is_said` is true where the only stay was said beside the resources: everything belongs to it.
    """

    all: tuple[Encounter, ...] = field(repr=False)
    by_key: Mapping[str, int] = field(repr=False)
    by_patient: Mapping[str, tuple[int, ...]] = field(repr=False)
    is_said: bool = False

    def place_of(self, observation: Mapping[str, Any], when: datetime | None) -> int | None:
        """Return the stay of an observation: the one it names, or the only one of its time.

        Parameters
        ----------
        observation
            A resource.
        when
            Its time; needed where it names no encounter.
        """
        named = referred(observation, "encounter")
        if self.is_said:
            return 0
        if named:
            return self.by_key.get(named)
        own = self.by_patient.get(referred(observation, "subject"), ())
        held = [place for place in own if when is not None and self.all[place].holds(when)]
        return held[0] if len(held) == 1 else None


def encounters_of(
    resources: Iterable[Resource], problems: Problems, *, admitted_at: str = ""
) -> Encounters:
    """Return the stays that resources tell of.

    Parameters
    ----------
    resources
        Patients, encounters and observations; others are passed over.
    problems
        Told of encounters that never began, that are no stay in hospital, without an exact start,
        or without a patient; and of resources without any encounter.
    admitted_at
        ISO 8601, in UTC without a time zone: makes a stay of observations of one patient, and of
        one encounter at most, where there is no Encounter. "" where nobody says it.
    """
    people, found, seen = _grouped(resources)
    if not found:
        said = _said(people, seen, admitted_at) if admitted_at and seen else None
        if said is not None:
            return Encounters(all=(said,), by_key={}, by_patient={}, is_said=True)
        problems.add(Kind.NO_ADMISSION, (), detail=NO_ENCOUNTER)
    read = (_encounter(one, people, problems) for one in found)
    return _by_keys(tuple(each for each in read if each is not None), people)


def _grouped(
    resources: Iterable[Resource],
) -> tuple[dict[str, Resource], list[Resource], set[tuple[str, str]]]:
    """Return patients by key, encounters, and the patients and encounters of observations."""
    people: dict[str, Resource] = {}
    found: list[Resource] = []
    seen: set[tuple[str, str]] = set()
    for one in resources:
        if one.kind == "Patient":
            people.update(dict.fromkeys(one.keys, one))
        elif one.kind == "Encounter":
            found.append(one)
        elif one.kind == "Observation":
            seen.add((referred(one.content, "subject"), referred(one.content, "encounter")))
    return people, found, seen


def _said(
    people: Mapping[str, Resource], seen: Set[tuple[str, str]], admitted_at: str
) -> Encounter | None:
    """Return the stay that was said of one patient, None where there are others."""
    subjects, encounters = ({key for key in keys if key} for keys in zip(*seen, strict=True))
    patients = {one.entry: one for one in people.values()}
    if max(len(subjects), len(encounters), len(patients)) > 1:
        return None
    subject = next(iter(subjects), "")
    if subject and patients and subject not in people:
        return None
    patient = next((one.content for one in patients.values()), {})
    start = datetime.fromisoformat(admitted_at)
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    died = instant(patient.get("deceasedDateTime"))
    outcome = None
    if died is not None and died >= start:
        outcome = Outcome(event=DEATH, time_h=hours_between(start, died))
    stay = Stay(**_facts(patient, subject, start.date()), admitted_at=admitted_at, outcome=outcome)
    return Encounter(keys=(), patient=subject, start=start, end=None, stay=stay)


def _by_keys(kept: tuple[Encounter, ...], people: Mapping[str, Resource]) -> Encounters:
    by_patient: dict[str, tuple[int, ...]] = {}
    for place, each in enumerate(kept):
        for key in people[each.patient].keys:
            by_patient[key] = (*by_patient.get(key, ()), place)
    by_key = {key: place for place, each in enumerate(kept) for key in each.keys}
    return Encounters(all=kept, by_key=by_key, by_patient=by_patient)


def _encounter(
    one: Resource, patients: Mapping[str, Resource], problems: Problems
) -> Encounter | None:
    status = text_of(one.content.get("status"))
    subject = referred(one.content, "subject")
    period = table_of(one.content.get("period"))
    start = instant(period.get("start"))
    if status in _NEVER_BEGAN:
        problems.add(Kind.STATUS, [one.entry], detail=status)
    elif text_of(table_of(one.content.get("class")).get("code")) in _NO_STAYS:
        problems.add(Kind.UNKNOWN_STAY, [one.entry])
    elif subject not in patients:
        problems.add(Kind.NO_PATIENT, [one.entry])
    elif start is None:
        problems.add(Kind.NO_ADMISSION, [one.entry])
    else:
        return _placed(one, start, patients[subject].content, problems)
    return None


def _placed(
    one: Resource, start: datetime, patient: Mapping[str, Any], problems: Problems
) -> Encounter:
    end = instant(table_of(one.content.get("period")).get("end"))
    subject = referred(one.content, "subject")
    outcome = _outcome(one, patient, (start, end), problems)
    stay = Stay(
        **_facts(patient, subject, start.date()),
        admitted_at=start.replace(tzinfo=None).isoformat(),
        outcome=outcome,
    )
    return Encounter(keys=one.keys, patient=subject, start=start, end=end, stay=stay)


def _facts(patient: Mapping[str, Any], subject: str, on: date) -> dict[str, Any]:
    """Return pseudonym, age and sex of whom a stay is."""
    return {
        "patient": text_of(patient.get("id")) or subject.removeprefix("Patient/"),
        "age_years": _age_years(text_of(patient.get("birthDate")), on),
        "sex": _SEXES.get(text_of(patient.get("gender")), ""),
    }


def _age_years(born: str, on: date) -> float:
    """Return an age; a year or a month alone counts as its middle."""
    middle = {4: "-07-01", 7: "-15"}.get(len(born), "")
    try:
        days = (on - date.fromisoformat(born + middle)).days
    except ValueError:
        return float("nan")
    return round(days / _DAYS_PER_YEAR, 1) if days >= 0 else float("nan")


def _outcome(
    one: Resource,
    patient: Mapping[str, Any],
    period: tuple[datetime, datetime | None],
    problems: Problems,
) -> Outcome | None:
    """Return how a stay ended, None while it is not over or nobody can say when."""
    start, end = period
    died = instant(patient.get("deceasedDateTime"))
    if died is not None and died >= start and (end is None or died <= end):
        return Outcome(event=DEATH, time_h=hours_between(start, died))
    is_expired = _is_expired(one.content)
    if end is None:
        if is_expired or table_of(one.content.get("period")).get("end"):
            problems.add(Kind.NO_OUTCOME_TIME, [one.entry])
        return None
    if end < start:
        problems.add(Kind.OUTCOME_BEFORE_ADMISSION, [one.entry])
        return None
    return Outcome(event=DEATH if is_expired else DISCHARGE, time_h=hours_between(start, end))


def _is_expired(encounter: Mapping[str, Any]) -> bool:
    left = table_of(table_of(encounter.get("hospitalization")).get("dischargeDisposition"))
    return any(text_of(one.get("code")) == _EXPIRED for one in tables_of(left.get("coding")))
