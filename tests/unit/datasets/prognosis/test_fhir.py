"""Observations become charts: codes, units, components; what is not understood is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thoracle.datasets.prognosis.cohort import Cohort
from thoracle.datasets.prognosis.fhir import read_fhir
from thoracle.datasets.prognosis.problems import Kind
from thoracle.prognosis.variables import VARIABLES

_TAKEN = "2020-02-01T12:00:00Z"
_STAY: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "7", "gender": "male", "name": [{"family": "Nobody"}]},
    {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "subject": {"reference": "Patient/7"},
        "period": {"start": "2020-02-01T10:00:00Z", "end": "2020-02-11T10:00:00Z"},
    },
]


def _coded(code: str, value: Any = None, unit: str = "", **facts: Any) -> dict[str, Any]:
    quantity = {"value": value, "code": unit, "system": "http://unitsofmeasure.org"}
    return {
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        **({} if value is None else {"valueQuantity": quantity}),
        **facts,
    }


def _observation(code: str, value: Any = None, unit: str = "", **facts: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/7"},
        "effectiveDateTime": _TAKEN,
        **_coded(code, value, unit),
        **facts,
    }


def _read(tmp_path: Path, *observations: dict[str, Any]) -> Cohort:
    entries = [{"resource": one} for one in (*_STAY, *observations)]
    path = tmp_path / "ward.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return read_fhir(path)


def _values(cohort: Cohort) -> list[tuple[float, str, float]]:
    (chart,) = cohort.charts
    return [
        (time_h, VARIABLES[place].name, round(value, 3))
        for time_h, place, value in zip(
            chart.times_h.tolist(), chart.variables.tolist(), chart.values.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("2532-0", 301, "U/L", ("ldh", 301.0)),
        ("8310-5", 98.6, "[degF]", ("temperature", 37.0)),
        ("718-7", 13.5, "g/dL", ("hemoglobin", 135.0)),
        ("2160-0", 1.0, "mg/dL", ("creatinine", 88.4)),
        ("3094-0", 28.01, "mg/dL", ("urea", 10.0)),
        ("3091-6", 60.06, "mg/dL", ("urea", 10.0)),
        ("48065-7", 0.7, "ug/mL", ("d_dimer", 0.7)),
        ("6690-2", 7.5, "10*3/uL", ("white_cell_count", 7.5)),
        ("59408-5", 97, "%", ("spo2", 97.0)),
        ("6301-6", 1.1, "{INR}", ("inr", 1.1)),
        ("6301-6", 1.1, "", ("inr", 1.1)),
    ],
)
def test_codes_and_units_become_variables_in_their_units(
    code: str, value: float, unit: str, expected: tuple[str, float], tmp_path: Path
) -> None:
    cohort = _read(tmp_path, _observation(code, value, unit))
    ((time_h, name, found),) = _values(cohort)
    assert time_h == 2.0
    assert name == expected[0]
    assert found == pytest.approx(expected[1], rel=1e-3)
    assert cohort.problems == ()


def test_a_blood_pressure_panel_is_its_components(tmp_path: Path) -> None:
    component = [_coded("8480-6", 120, "mm[Hg]"), _coded("8462-4", 80, "mm[Hg]")]
    cohort = _read(tmp_path, _observation("85354-9", component=component))
    assert _values(cohort) == [
        (2.0, "systolic_pressure", 120.0),
        (2.0, "diastolic_pressure", 80.0),
    ]
    assert cohort.problems == ()


def test_a_value_counts_from_when_it_was_known(tmp_path: Path) -> None:
    cohort = _read(tmp_path, _observation("2532-0", 301, "U/L", issued="2020-02-01T16:00:00Z"))
    assert _values(cohort) == [(6.0, "ldh", 301.0)]


def test_a_period_counts_from_its_start_and_an_integer_is_a_value(tmp_path: Path) -> None:
    one = _observation("9269-2", effectivePeriod={"start": _TAKEN}, valueInteger=14)
    del one["effectiveDateTime"]
    assert _values(_read(tmp_path, one)) == [(2.0, "glasgow_coma_scale", 14.0)]


def test_of_several_codes_one_that_is_known_is_enough(tmp_path: Path) -> None:
    one = _observation("2532-0", 301, "U/L")
    one["code"]["coding"][:0] = [
        {"system": "urn:local", "code": "LDH1"},
        {"system": "http://loinc.org", "code": "0-0"},
    ]
    assert _values(_read(tmp_path, one)) == [(2.0, "ldh", 301.0)]


@pytest.mark.parametrize(
    ("observation", "kind", "detail"),
    [
        (_observation("2532-0", 301, "U/L", status="entered-in-error"), Kind.STATUS,
         "entered-in-error"),
        (_observation("2532-0", 301, "U/L", status="preliminary"), Kind.STATUS, "preliminary"),
        (_observation("2532-0", 301, "U/L", status=None), Kind.STATUS, "that is missing"),
        (_observation("0-0", 301, "U/L"), Kind.UNKNOWN_CODE, "LOINC 0-0"),
        ({**_observation("2532-0", 301, "U/L"), "code": {"text": "LDH"}}, Kind.UNKNOWN_CODE,
         "without LOINC"),
        (_observation("2532-0", 301, "mmol/L"), Kind.UNKNOWN_UNIT, "mmol/L"),
        (_observation("2532-0", 301, ""), Kind.UNKNOWN_UNIT, ""),
        (_observation("718-7", 135, "g/dL"), Kind.OTHER_UNIT, "g/L"),
        (_observation("2532-0", 1e9, "U/L"), Kind.IMPOSSIBLE, ""),
        (_observation("2532-0", "301", "U/L"), Kind.NOT_A_NUMBER, ""),
        (_observation("2532-0", True, "U/L"), Kind.NOT_A_NUMBER, ""),
        (_observation("2532-0", 10**400, "U/L"), Kind.NOT_A_NUMBER, ""),
        (_observation("2532-0", valueString="high"), Kind.NOT_A_NUMBER, ""),
        (_observation("2532-0", valueQuantity={"value": 5, "code": "U/L", "comparator": "<"}),
         Kind.NOT_A_NUMBER, ""),
        (_observation("2532-0", 301, "U/L", effectiveDateTime="2020-02-01"),
         Kind.NO_TIME, "date only"),
        (_observation("2532-0", 301, "U/L", effectiveDateTime="2020-02-01T12:00:00"),
         Kind.NO_TIME, "unreadable"),
        (_observation("2532-0", 301, "U/L", effectiveDateTime=None), Kind.NO_TIME, ""),
        (_observation("2532-0", 301, "U/L", effectiveDateTime="2020-01-01T12:00:00Z"),
         Kind.UNKNOWN_STAY, ""),
        (_observation("2532-0", 301, "U/L", issued="2020-03-01T12:00:00Z"),
         Kind.AFTER_OUTCOME, ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_kept_out(
    observation: dict[str, Any], kind: Kind, detail: str, tmp_path: Path
) -> None:
    cohort = _read(tmp_path, observation)
    (problem,) = cohort.problems
    assert (problem.kind, problem.detail, problem.places) == (kind, detail, (3,))
    assert cohort.charts[0].values.size == 0


def test_a_value_that_is_told_to_be_absent_is_no_problem(tmp_path: Path) -> None:
    absent = {"coding": [{"code": "not-performed"}]}
    assert _read(tmp_path, _observation("2532-0", dataAbsentReason=absent)).problems == ()


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "system", "value", "start", "end", "reference"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(["Patient", "Encounter", "Observation"]),
    st.dictionaries(
        st.sampled_from(
            ["id", "status", "subject", "encounter", "period", "code", "component", "issued",
             "valueQuantity", "valueInteger", "birthDate", "gender", "effectivePeriod",
             "hospitalization", "deceasedDateTime"]
        ),
        _JSON,
    ),
)  # fmt: skip
def test_a_resource_of_any_form_is_told_of_or_passed_over(
    tmp_path: Path, kind: str, content: dict[str, Any]
) -> None:
    cohort = _read(tmp_path, _observation("2532-0", 301, "U/L"), {**content, "resourceType": kind})
    assert "ldh" in {name for _, name, _ in _all_values(cohort)} or kind == "Encounter"


def _all_values(cohort: Cohort) -> list[tuple[float, str, float]]:
    return [
        (float(time_h), VARIABLES[place].name, float(value))
        for chart in cohort.charts
        for time_h, place, value in zip(chart.times_h, chart.variables, chart.values, strict=True)
    ]


def test_nothing_of_a_person_but_the_id_is_in_a_cohort(tmp_path: Path) -> None:
    cohort = _read(tmp_path, _observation("2532-0", 301, "U/L"))
    assert "Nobody" not in repr(cohort) + repr(cohort.charts)
    assert (cohort.charts[0].patient, cohort.charts[0].sex) == ("7", "M")
    assert cohort.sources[0].file == "ward.json"
