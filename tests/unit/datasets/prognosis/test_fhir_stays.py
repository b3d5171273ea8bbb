"""Stays of FHIR: encounters with their patients, and how they ended."""

import math
from typing import Any

import pytest

from thoracle.datasets.prognosis.fhir_bundle import Resource, instant
from thoracle.datasets.prognosis.fhir_stays import Encounters, encounters_of
from thoracle.datasets.prognosis.problems import Kind, Problem, Problems
from thoracle.prognosis.types import DEATH, DISCHARGE, Outcome

_START, _END = "2020-02-01T10:00:00Z", "2020-02-11T10:00:00Z"
_EXPIRED = {"dischargeDisposition": {"coding": [{"code": "exp"}]}}


def _patient(**facts: Any) -> dict[str, Any]:
    return {"id": "7", "gender": "female", "birthDate": "1950-02-01", **facts}


def _encounter(**facts: Any) -> dict[str, Any]:
    period = {"start": _START, "end": _END}
    return {"id": "e", "subject": {"reference": "Patient/7"}, "period": period, **facts}


def _read(
    *resources: tuple[str, dict[str, Any]], admitted_at: str = ""
) -> tuple[Encounters, tuple[Problem, ...]]:
    problems = Problems("ward.json")
    listed = [
        Resource(entry=entry, keys=(f"{kind}/{content['id']}",), kind=kind, content=content)
        for entry, (kind, content) in enumerate(resources, start=1)
    ]
    return encounters_of(listed, problems, admitted_at=admitted_at), problems.all


def test_an_encounter_is_a_stay_of_its_patient() -> None:
    found, problems = _read(("Encounter", _encounter()), ("Patient", _patient()))
    (one,) = found.all
    assert (one.stay.patient, one.stay.sex, one.stay.age_years) == ("7", "F", 70.0)
    assert one.stay.admitted_at == "2020-02-01T10:00:00"
    assert one.stay.outcome == Outcome(event=DISCHARGE, time_h=240.0)
    assert problems == ()


@pytest.mark.parametrize(
    ("born", "age"), [("1950", 69.6), ("1950-02", 70.0), ("", None), ("2030", None), ("x", None)]
)
def test_an_age_is_told_as_exactly_as_the_birth_date_is(born: str, age: float | None) -> None:
    found, _ = _read(("Patient", _patient(birthDate=born)), ("Encounter", _encounter()))
    years = found.all[0].stay.age_years
    assert math.isnan(years) if age is None else years == age


@pytest.mark.parametrize(
    ("patient", "encounter", "outcome"),
    [
        ({"deceasedDateTime": "2020-02-03T10:00:00Z"}, {}, (DEATH, 48.0)),
        ({"deceasedDateTime": "2020-03-03T10:00:00Z"}, {}, (DISCHARGE, 240.0)),
        ({}, {"hospitalization": _EXPIRED}, (DEATH, 240.0)),
        ({}, {"period": {"start": _START}}, None),
        (
            {"deceasedDateTime": "2020-02-03T12:00:00+02:00"},
            {"period": {"start": _START}},
            (DEATH, 48.0),
        ),
    ],
)
def test_how_a_stay_ended(
    patient: dict[str, Any], encounter: dict[str, Any], outcome: tuple[str, float] | None
) -> None:
    found, problems = _read(
        ("Patient", _patient(**patient)), ("Encounter", _encounter(**encounter))
    )
    end = found.all[0].stay.outcome
    assert (None if end is None else (end.event, end.time_h)) == outcome
    assert problems == ()


@pytest.mark.parametrize(
    ("encounter", "kind", "stays"),
    [
        ({"status": "cancelled"}, Kind.STATUS, 0),
        ({"class": {"code": "AMB"}}, Kind.UNKNOWN_STAY, 0),
        ({"subject": {"reference": "Patient/8"}}, Kind.NO_PATIENT, 0),
        ({"period": {"start": "2020-02-01"}}, Kind.NO_ADMISSION, 0),
        ({"period": {"start": _START, "end": "2020-02-11"}}, Kind.NO_OUTCOME_TIME, 1),
        ({"period": {"start": _START}, "hospitalization": _EXPIRED}, Kind.NO_OUTCOME_TIME, 1),
        ({"period": {"start": _END, "end": _START}}, Kind.OUTCOME_BEFORE_ADMISSION, 1),
    ],
)
def test_what_is_no_stay_or_not_exact_is_told(
    encounter: dict[str, Any], kind: Kind, stays: int
) -> None:
    found, problems = _read(("Patient", _patient()), ("Encounter", _encounter(**encounter)))
    assert [one.kind for one in problems] == [kind]
    assert len(found.all) == stays
    assert all(one.stay.outcome is None for one in found.all)


def test_an_observation_belongs_to_the_encounter_it_names_or_to_the_only_one_of_its_time() -> None:
    later = {"start": "2020-05-01T10:00:00Z"}
    found, _ = _read(
        ("Patient", _patient()),
        ("Encounter", _encounter()),
        ("Encounter", _encounter(id="f", period=later)),
    )
    subject = {"subject": {"reference": "Patient/7"}}
    named = {"encounter": {"reference": "Encounter/f"}}
    inside, between, after = (
        instant(f"2020-{day}T10:00:00Z") for day in ("02-02", "03-02", "05-02")
    )
    assert found.place_of(subject, inside) == 0
    assert found.place_of(subject, between) is None
    assert found.place_of(subject, after) == 1
    assert found.place_of({**subject, **named}, inside) == 1
    assert found.place_of({"encounter": {"reference": "Encounter/g"}}, inside) is None
    assert found.place_of(subject, None) is None
    assert found.place_of({}, inside) is None


def _observed(subject: str = "Patient/7", encounter: str = "") -> tuple[str, dict[str, Any]]:
    content: dict[str, Any] = {"id": "o", "subject": {"reference": subject}}
    return "Observation", content | ({"encounter": {"reference": encounter}} if encounter else {})


def test_an_admission_that_is_said_makes_a_stay_of_one_patients_observations() -> None:
    died = _patient(deceasedDateTime="2020-02-03T10:00:00Z")
    seen = _observed(), _observed(encounter="Encounter/e")
    found, problems = _read(("Patient", died), *seen, admitted_at="2020-02-01T10:00")
    (one,) = found.all
    assert (one.stay.patient, one.stay.sex, one.stay.age_years) == ("7", "F", 70.0)
    assert (one.stay.admitted_at, one.start.isoformat()) == (
        "2020-02-01T10:00",
        "2020-02-01T10:00:00+00:00",
    )
    assert one.stay.outcome == Outcome(event=DEATH, time_h=48.0)
    assert [found.place_of(content, None) for _, content in seen] == [0, 0]
    assert problems == ()


def test_a_patient_may_be_named_by_observations_alone() -> None:
    found, _ = _read(_observed(), admitted_at="2020-02-01T10:00+01:00")
    assert (found.all[0].stay.patient, found.all[0].stay.sex) == ("7", "")
    assert found.all[0].start == instant("2020-02-01T09:00:00Z")


@pytest.mark.parametrize(
    ("resources", "admitted_at"),
    [
        ([("Patient", _patient()), _observed()], ""),
        ([("Patient", _patient())], _START),
        ([_observed(), _observed("Patient/8")], _START),
        ([_observed(encounter="Encounter/e"), _observed(encounter="Encounter/f")], _START),
        ([("Patient", _patient()), ("Patient", _patient(id="8")), _observed()], _START),
        ([("Patient", _patient()), _observed("Patient/8")], _START),
    ],
)
def test_without_an_encounter_and_one_patient_there_is_no_stay(
    resources: list[tuple[str, dict[str, Any]]], admitted_at: str
) -> None:
    found, problems = _read(*resources, admitted_at=admitted_at)
    assert found.all == ()
    assert [(one.kind, one.detail) for one in problems] == [(Kind.NO_ADMISSION, "no Encounter")]


def test_an_encounter_goes_before_an_admission_that_is_said() -> None:
    found, _ = _read(
        ("Patient", _patient()), ("Encounter", _encounter()), admitted_at="2020-01-01T10:00"
    )
    assert found.all[0].stay.admitted_at == "2020-02-01T10:00:00"
