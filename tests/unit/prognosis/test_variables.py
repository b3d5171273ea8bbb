"""Variables: one order, one meaning for each name and code, units that convert rightly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import ChartError
from thoracle.prognosis.variables import (
    KINDS,
    LABORATORY,
    PLACES,
    VARIABLES,
    Variable,
    place_coded,
    place_named,
    place_of,
    plain,
    unit_of,
)


def _variable(name: str) -> Variable:
    return VARIABLES[place_of(name)]


def _converted(name: str, unit: str, value: float) -> float:
    found = unit_of(_variable(name), unit)
    assert found is not None
    return float(found.converted(np.array([value]))[0])


def test_the_wuhan_values_come_first_and_keep_their_places() -> None:
    assert all(one.kind == LABORATORY for one in VARIABLES[:74])
    places = {"hs_troponin_i": 0, "lymphocyte_percent": 44, "ldh": 53, "hs_crp": 66}
    assert {name: place_of(name) for name in places} == places
    assert place_of("creatinine") == 73
    assert place_of("temperature") == 74


def test_no_name_and_no_code_means_two_things() -> None:
    names = [
        plain(name) for one in VARIABLES for name in {plain(n) for n in (one.name, *one.names)}
    ]
    codes = [code for one in VARIABLES for code in one.loinc]
    assert len(PLACES) == len(VARIABLES)
    assert len(set(names)) == len(names)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("one", VARIABLES, ids=lambda one: one.name)
def test_reference_ranges_lie_within_plausible_ones(one: Variable) -> None:
    assert one.kind in KINDS
    assert one.low < one.high
    ends = [one.reference_low, one.reference_high]
    assert all(math.isnan(end) or one.low <= end <= one.high for end in ends)
    assert not ends[0] > ends[1]
    assert one.units[0].name == one.unit
    assert one.source


@pytest.mark.parametrize(
    ("name", "unit", "value", "expected"),
    [
        ("temperature", "°F", 98.6, 37.0),
        ("temperature", "[degF]", 212, 100.0),
        ("hemoglobin", "g/dL", 13.5, 135.0),
        ("creatinine", "mg/dL", 1.0, 88.4),
        ("glucose", "mg/dL", 180.16, 10.0),
        ("total_bilirubin", "mg/dL", 1.0, 17.1),
        ("urea", "mg/dL urea nitrogen", 28.01, 10.0),
        ("urea", "mg/dL urea", 60.06, 10.0),
        ("hs_crp", "mg/dL", 5.2, 52.0),
        ("ldh", "ukat/L", 4.0, 240.0),
        ("platelet_count", "10*3/uL", 200, 200.0),
        ("white_cell_count", "/uL", 7500, 7.5),
        ("d_dimer", "ng/mL{FEU}", 500, 0.5),
        ("systolic_pressure", "mm[Hg]", 120, 120.0),
        ("hematocrit", "{fraction}", 0.4, 40.0),
    ],
)
def test_units_convert(name: str, unit: str, value: float, expected: float) -> None:
    assert _converted(name, unit, value) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "unit", "same"),
    [
        ("hemoglobin", "g/dl", "g/dL"),
        ("creatinine", "mg/dl", "mg/dL"),
        ("urea", "mg/dl urea", "mg/dL urea"),
        ("sodium", "mmol/l", "mmol/L"),
        ("ldh", "u/l", "U/L"),
        ("ldh", "UI/l", "U/L"),
        ("ferritin", "ug/L", "µg/L"),
        ("ferritin", "μg/l", "µg/L"),  # Greek mu instead of the micro sign
        ("platelet_count", "10⁹/l", "10⁹/L"),
        ("platelet_count", "10*9/l", "10⁹/L"),
        ("platelet_count", "10^3/µl", "10⁹/L"),
        ("platelet_count", "/ul", "/µL"),
        ("d_dimer", "mg/l FEU", "mg/L FEU"),
        ("d_dimer", "ng/ml{FEU}", "ng/mL FEU"),
    ],
)
def test_liters_units_and_micro_are_read_as_people_write_them(
    name: str, unit: str, same: str
) -> None:
    found = unit_of(_variable(name), unit)
    assert found is not None
    assert found.name == same


@pytest.mark.parametrize("one", VARIABLES, ids=lambda one: one.name)
def test_no_two_units_of_a_variable_are_taken_for_each_other(one: Variable) -> None:
    tried = [unit.name.replace("L", "l").replace("µ", "u").replace("U", "u") for unit in one.units]
    assert [unit_of(one, each) for each in tried] == [*one.units]


def test_grams_are_not_taken_for_giga() -> None:
    assert unit_of(_variable("white_cell_count"), "g/l") is None


def test_a_unit_that_could_mean_two_things_is_not_guessed() -> None:
    assert unit_of(_variable("urea"), "mg/dL") is None
    assert unit_of(_variable("d_dimer"), "mg/L") is None
    assert _variable("urea").qualifiers["3094-0"] == "urea nitrogen"


def test_a_unit_of_something_else_is_none() -> None:
    assert unit_of(_variable("ldh"), "mmol/L") is None


def test_a_variable_is_found_by_other_names_and_codes() -> None:
    assert place_named("Lactate dehydrogenase") == place_of("ldh")
    assert place_named("  HS_CRP") == place_of("hs_crp")
    assert place_named("(%) Lymphocyte") == place_of("lymphocyte_percent")
    assert place_named("shoe size") is None
    assert place_coded("8310-5") == place_of("temperature")
    assert place_coded("0-0") is None


def test_an_unknown_variable_is_refused_by_name() -> None:
    with pytest.raises(ChartError, match='found the variable "ldhh" – expected a name that'):
        place_of("ldhh")


@given(st.floats(-1e6, 1e6))
def test_its_own_unit_changes_nothing(value: float) -> None:
    assert all(one.units[0].converted(np.array([value]))[0] == value for one in VARIABLES)
