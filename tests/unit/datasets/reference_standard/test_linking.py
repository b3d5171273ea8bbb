"""Which admission an X-ray belongs to, and what cannot be so."""

from dataclasses import replace
from typing import Any

import pytest

from thoracle.datasets.reference_standard.plan import default_plan
from thoracle.datasets.reference_standard.types import Admission, Exclusion


def _place(hospital: Any, **rows: Any) -> str:
    made = hospital(**rows)
    found = made.links().admission_of["X1"]
    assert made.problems.all == ()
    return found.admission if isinstance(found, Admission) else str(found)


@pytest.mark.parametrize(
    ("sentence", "taken", "admission"),
    [
        ("on the day of admission", "2021-01-01", "A"),
        ("on the day of discharge", "2021-01-09", "A"),
        ("the day before", "2020-12-31", Exclusion.OUTSIDE),
        ("the day after discharge", "2021-01-10", Exclusion.OUTSIDE),
    ],
)
def test_an_xray_is_joined_by_patient_and_day(
    hospital: Any, sentence: str, taken: str, admission: str
) -> None:
    assert _place(hospital, xrays=[{"taken": taken}]) == admission, sentence


def test_with_times_the_hour_counts(hospital: Any) -> None:
    stay = {"admitted": "2021-01-01T12:00", "discharged": "2021-01-09T12:00"}
    early, late = [{"taken": "2021-01-01T11:59"}], [{"taken": "2021-01-09T12:00"}]
    assert _place(hospital, xrays=early, admissions=[stay]) == Exclusion.OUTSIDE
    assert _place(hospital, xrays=late, admissions=[stay]) == "A"


def test_the_emergency_department_counts_where_the_plan_says_so(hospital: Any) -> None:
    plan = default_plan()
    plan = replace(plan, cohort=replace(plan.cohort, days_before_admission=1))
    assert _place(hospital, plan=plan, xrays=[{"taken": "2020-12-31"}]) == "A"


def test_another_patients_admission_does_not_count(hospital: Any) -> None:
    assert _place(hospital, xrays=[{"patient": "Q"}]) == Exclusion.OUTSIDE


def test_a_stay_that_has_not_ended_takes_later_xrays(hospital: Any) -> None:
    assert _place(hospital, xrays=[{"taken": "2021-05-01"}], admissions=[{"discharged": ""}]) == "A"


def test_the_day_between_two_admissions_belongs_to_neither_unless_it_is_named(
    hospital: Any,
) -> None:
    stays = [{}, {"admission": "B", "admitted": "2021-01-09", "discharged": "2021-01-12"}]
    day = {"taken": "2021-01-09"}
    assert _place(hospital, xrays=[day], admissions=stays) == Exclusion.TWO_ADMISSIONS
    assert _place(hospital, xrays=[{**day, "admission": "B"}], admissions=stays) == "B"


@pytest.mark.parametrize(
    ("sentence", "rows", "expected"),
    [
        (
            "a discharge before the admission",
            {"admissions": [{"discharged": "2020-12-01"}]},
            "admissions, row 2: found a discharge before the admission",
        ),
        (
            "one admission number twice",
            {"admissions": [{}, {"patient": "Q"}]},
            "admissions, rows 2, 3: found one admission number in several rows",
        ),
        (
            "overlapping admissions",
            {"admissions": [{}, {"admission": "B", "admitted": "2021-01-05"}]},
            "admissions, rows 2, 3: found two admissions of one patient at the same time",
        ),
        (
            "an admission after one that has not ended",
            {
                "admissions": [
                    {"discharged": ""},
                    {"admission": "B", "admitted": "2021-03-05", "discharged": "2021-03-06"},
                ]
            },
            "admissions, rows 2, 3: found two admissions of one patient at the same time",
        ),
        (
            "an X-ray after the discharge of the admission that it names",
            {"xrays": [{"admission": "A", "taken": "2021-01-10"}]},
            "xrays, row 2: found an X-ray after the discharge",
        ),
        (
            "an X-ray before the admission that it names",
            {"xrays": [{"admission": "A", "taken": "2020-12-10"}]},
            "xrays, row 2: found an X-ray before the beginning",
        ),
        (
            "an X-ray that names another patient's admission",
            {"xrays": [{"admission": "A", "patient": "Q"}]},
            "xrays, row 2: found an admission that is not one of this patient",
        ),
        (
            "an X-ray that names no admission of the table",
            {"xrays": [{"admission": "Z"}]},
            "xrays, row 2: found an admission that is not one of this patient",
        ),
        (
            "a code of no admission of the table",
            {"codes": [{"admission": "Z"}]},
            "codes, row 2: found a code of an admission that is not in the admissions table",
        ),
        (
            "a COVID-19 code before COVID-19",
            {
                "admissions": [{"admitted": "2019-05-01", "discharged": "2019-05-03"}],
                "codes": [{"code": "U07.1"}],
            },
            "codes, row 2: found COVID-19 before it was possible",
        ),
        (
            "a SARS-CoV-2 specimen before COVID-19",
            {
                "admissions": [{"admitted": "2019-05-01", "discharged": "2019-05-03"}],
                "microbiology": [{"organism": "SARS-CoV-2", "collected": "2019-05-01"}],
            },
            "microbiology, row 2: found COVID-19 before it was possible",
        ),
    ],
)
def test_every_contradiction_between_tables_has_its_rows(
    hospital: Any, sentence: str, rows: dict[str, Any], expected: str
) -> None:
    (said,) = hospital(**rows).said()
    assert said.startswith(expected), sentence


@pytest.mark.parametrize(
    ("collected", "count"),
    [("2020-12-29", 0), ("2020-12-30", 1), ("2021-01-09", 1), ("2021-01-10", 0)],
)
def test_specimens_count_from_two_days_before_admission_to_discharge(
    hospital: Any, collected: str, count: int
) -> None:
    links = hospital(microbiology=[{"collected": collected}]).links()
    assert len(links.specimens_of["A"]) == count


def test_the_codes_of_an_admission_are_each_kept_once(hospital: Any) -> None:
    codes = [{"code": "J18.9"}, {"code": "j189 *"}, {"code": "I50.0"}]
    assert hospital(codes=codes).links().codes_of == {"A": ("I500", "J189")}
